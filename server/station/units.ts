import type { Cdr } from "#core/billing/Cdr.ts"
import type { Entry } from "#core/billing/Ledger.ts"
import { type Assessment, beginAtMs } from "#core/transaction/assess.ts"
import { isOpen, type Transaction, type TransactionFact } from "#core/transaction/Transaction.ts"
import { chargeKeyOf } from "#core/wallet/Charge.ts"
import type { Debit, StoredFact, StoredSample, TransactionRow, Unit } from "../record/Unit.ts"
import type { Planned } from "./Planned.ts"

/** How long an incomplete transaction may wait for its missing messages before it is settled with what there is. */
export const settleGraceMs = 15 * 60_000

/** What a settlement adds to the books: the CDR, or the credit of an older one and the CDR that replaces it. */
export interface Settlement {
  readonly cdrs: ReadonlyArray<Cdr>
  readonly entries: ReadonlyArray<Entry>
}

/**
 * Whether these facts show on the transaction's page. Readings alone do not, and cost no row of it, until it is settled: what
 * comes behind that may change what was found and no bill, and nobody turns the page after it.
 */
const changesPage = (before: Transaction, facts: ReadonlyArray<TransactionFact>): boolean =>
  before.factCount === 0 ||
  before.settled !== null ||
  facts.some(
    (fact) =>
      fact._tag === "Started" ||
      fact._tag === "Authorized" ||
      fact._tag === "Ended" ||
      fact._tag === "Closed" ||
      fact._tag === "Corrected" ||
      fact._tag === "Settled"
  )

/** What is known of a transaction once it is over. */
interface Over {
  readonly assessment: Assessment | null
  readonly settlement: Settlement | null
  /** Its bill is still to be made, or to be made anew. */
  readonly isWaiting: boolean
}

/** The page of a transaction as it stands. */
export const pageOf = (
  transaction: Transaction,
  { assessment, isWaiting }: Pick<Over, "assessment" | "isWaiting">,
  nowMs: number
): TransactionRow => {
  const { authorized, ended, closed, settled } = transaction
  return {
    id: transaction.id,
    stationId: transaction.stationId,
    dialect: transaction.dialect,
    ocppId: transaction.ocppId,
    startKey: transaction.startKey,
    evseId: transaction.evseId,
    connectorId: transaction.connectorId,
    tariff: transaction.tariff,
    timeZone: transaction.timeZone,
    status: ended !== null ? "Ended" : closed !== null ? "Closed" : "Open",
    startedAtMs: beginAtMs(transaction),
    endedAtMs: isOpen(transaction) ? null : (assessment?.endedAtMs ?? ended?.atMs ?? closed?.atMs ?? null),
    token: authorized?.token ?? null,
    driverId: authorized?.driverId ?? null,
    authorization: authorized?.status ?? null,
    stopReason: ended?.reason ?? null,
    energyWh: assessment?.measurement.energyWh ?? null,
    findings: assessment?.findings ?? [],
    cdrId: settled?.cdrId ?? null,
    settleAtMs: isWaiting ? nowMs + settleGraceMs : null,
    version: transaction.factCount
  }
}

/** The unit that writes one transaction's step: `facts`, which took it from `before` to `after`. */
export const unitOf = (
  epoch: number | null,
  before: Transaction,
  facts: ReadonlyArray<TransactionFact>,
  after: Transaction,
  over: Over,
  receivedAtMs: number
): Unit => {
  const { id: transactionId, stationId, evseId } = before
  const stored: Array<StoredFact> = []
  const samples: Array<StoredSample> = []
  let seq = before.factCount
  for (const fact of facts) {
    if (fact._tag === "Sampled") {
      for (let part = 0; part < fact.samples.length; part++) {
        samples.push({ transactionId, stationId, evseId, seq, part, receivedAtMs, sample: fact.samples[part]! })
      }
    } else {
      stored.push({ transactionId, seq, fact })
    }
    seq++
  }
  const unit: { -readonly [K in keyof Unit]: Unit[K] } = { stationId, epoch }
  if (stored.length > 0) unit.facts = stored
  if (samples.length > 0) unit.samples = samples
  if (changesPage(before, facts)) unit.transactions = [pageOf(after, over, receivedAtMs)]
  if (over.settlement !== null) {
    unit.cdrs = over.settlement.cdrs
    unit.entries = over.settlement.entries
    if (after.authorized?.limited === true) unit.debits = [debitOf(after, over.settlement, receivedAtMs)]
  }
  return unit
}

/** What the bills of a charge on a limited token come to now. */
const debitOf = (after: Transaction, { cdrs }: Settlement, atMs: number): Debit => {
  const { token, driverId, status } = after.authorized!
  const standing = cdrs.findLast(({ credit }) => !credit)
  return {
    key: chargeKeyOf(after, token.uid),
    transactionId: after.id,
    tokenUid: token.uid,
    driverId,
    currency: standing?.currency ?? null,
    startedAtMs: beginAtMs(after),
    accepted: status === "Accepted",
    owedMinor: standing?.grossMinor ?? 0n,
    energyWh: standing?.energyWh ?? 0,
    revision: after.settled!.revision,
    atMs
  }
}

/** Several steps of one station in one commit: a start and the closing of what it supersedes. */
export const together = (units: ReadonlyArray<Unit>): Unit => {
  if (units.length === 1) return units[0]!
  return {
    ...units[0]!,
    connectors: units.flatMap((unit) => unit.connectors ?? []),
    facts: units.flatMap((unit) => unit.facts ?? []),
    samples: units.flatMap((unit) => unit.samples ?? []),
    transactions: units.flatMap((unit) => unit.transactions ?? []),
    cdrs: units.flatMap((unit) => unit.cdrs ?? []),
    entries: units.flatMap((unit) => unit.entries ?? []),
    debits: units.flatMap((unit) => unit.debits ?? []),
    ordersDone: units.flatMap((unit) => unit.ordersDone ?? [])
  }
}

interface PlannedStep extends Pick<Over, "isWaiting"> {
  readonly epoch: number
  readonly before: Transaction
  readonly nowMs: number
}

/** A step at an instant, and what came of its facts: what is to be written, and what then is true. */
export const plannedOf = (
  { epoch, before, nowMs, isWaiting }: PlannedStep,
  facts: ReadonlyArray<TransactionFact>,
  after: Transaction,
  assessment: Assessment | null,
  settlement: Settlement | null
): Planned => {
  const unit = unitOf(epoch, before, facts, after, { assessment, settlement, isWaiting }, nowMs)
  return { before, facts, after, unit, cdrs: settlement?.cdrs ?? [] }
}
