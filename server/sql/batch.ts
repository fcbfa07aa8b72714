import type { Cdr, CdrJson } from "#core/billing/Cdr.ts"
import type { AnsweredBoot, Connector, Variable } from "#core/station/Station.ts"
import { orderForMs } from "#core/transaction/ChargeOrder.ts"
import type { Bound } from "../postgres/Database.ts"
import type { Debit, StoredSample, TransactionRow, Unit } from "../record/Unit.ts"
import { integers, Rows, texts } from "./columns.ts"
import { EntryRows } from "./entryRows.ts"
import * as statement from "./statements.ts"

/**
 * One commit: the statements for a batch of units, one for each table that it touches. What is replaced is replaced once,
 * by the batch's last word; what is added is added as it comes.
 */
export class Batch {
  private readonly stations: Array<string> = []
  private readonly epochs: Array<number> = []
  private readonly epochOf = new Map<string, number>()
  private readonly boots = new Map<string, AnsweredBoot>()
  private readonly presences = new Map<string, NonNullable<Unit["presence"]>>()
  private readonly seen = new Map<string, number>()
  private readonly connectors = new Map<string, { readonly stationId: string; readonly connector: Connector }>()
  private readonly variables = new Map<string, { readonly stationId: string; readonly variable: Variable }>()
  private readonly transactions = new Map<string, TransactionRow>()
  /** Transactions that something is added to. */
  private readonly named = new Set<string>()
  private readonly facts = new Rows(statement.insertFacts, ["text", "number", "text"])
  private readonly samples = new Rows(statement.insertSamples, statement.sampleKinds)
  private readonly cdrs = new Rows(statement.insertCdrs, statement.cdrKinds)
  private readonly entries = new EntryRows()
  private readonly debits = new Rows(statement.settleCharges, statement.debitKinds)
  private readonly oldOrders = new Rows(statement.deleteOldOrders, ["text", "instant"])
  private readonly orders = new Rows(statement.upsertOrders, statement.orderKinds)
  private readonly ordersDone = new Rows(statement.deleteOrders, ["text", "number", "text"])

  constructor(units: ReadonlyArray<Unit>) {
    for (const unit of units) this.add(unit)
  }

  /** In the order in which they must run. `node` is this process's. */
  statements(node: number): ReadonlyArray<Bound> {
    const known: Array<string> = []
    for (const id of this.named) if (!this.transactions.has(id)) known.push(id)
    const params = [node, texts(this.stations), integers(this.epochs), texts(known)]
    const all: Array<Bound> = [{ sql: statement.enter, params }]
    for (const rows of [this.bootRows(), this.connectedRows(), this.disconnectedRows(), this.seenRows()])
      push(all, rows)
    for (const rows of [this.connectorRows(), this.variableRows(), this.transactionRows()]) push(all, rows)
    for (const rows of [this.facts, this.samples, this.cdrs]) push(all, rows)
    all.push(...this.entries.statements())
    for (const rows of [this.debits, this.oldOrders, this.orders, this.ordersDone]) push(all, rows)
    return all
  }

  private add(unit: Unit): void {
    const { stationId, epoch } = unit
    if (epoch !== null && this.epochOf.get(stationId) !== epoch) {
      this.epochOf.set(stationId, epoch)
      this.stations.push(stationId)
      this.epochs.push(epoch)
    }
    if (unit.boot !== undefined) this.boots.set(stationId, unit.boot)
    if (unit.presence !== undefined) this.presences.set(stationId, unit.presence)
    if (unit.lastSeenAtMs !== undefined) this.see(stationId, unit.lastSeenAtMs)
    if (unit.presence !== undefined && "connectedAtMs" in unit.presence) {
      this.see(stationId, unit.presence.connectedAtMs)
    }
    for (const connector of unit.connectors ?? []) {
      this.connectors.set(`${stationId}\0${connector.evseId}\0${connector.connectorId}`, { stationId, connector })
    }
    for (const variable of unit.variables ?? []) {
      const key = `${stationId}\0${variable.component}\0${variable.variable}\0${variable.instance}`
      this.variables.set(key, { stationId, variable })
    }
    if (unit.samples !== undefined) for (const sample of unit.samples) this.sample(sample)
    if (unit.transactions !== undefined) for (const row of unit.transactions) this.transaction(row)
    if (unit.facts !== undefined) {
      for (const { transactionId, seq, fact } of unit.facts) {
        this.named.add(transactionId)
        this.facts.add(transactionId, seq, JSON.stringify(fact))
      }
    }
    if (unit.cdrs !== undefined) for (const cdr of unit.cdrs) this.cdr(cdr)
    if (unit.entries !== undefined) for (const entry of unit.entries) this.entries.add(entry)
    if (unit.debits !== undefined) for (const debit of unit.debits) this.debit(debit)
    for (const { evseId, tokenUid, limit, askedAtMs } of unit.orders ?? []) {
      this.oldOrders.add(stationId, askedAtMs - orderForMs)
      this.orders.add(stationId, evseId, tokenUid, limit.maxWh, limit.maxMs, limit.maxMinor, askedAtMs)
    }
    for (const { evseId, tokenUid } of unit.ordersDone ?? []) this.ordersDone.add(stationId, evseId, tokenUid)
  }

  private see(stationId: string, atMs: number): void {
    const known = this.seen.get(stationId)
    if (known === undefined || known < atMs) this.seen.set(stationId, atMs)
  }

  private transaction(row: TransactionRow): void {
    const known = this.transactions.get(row.id)
    if (known === undefined || known.version <= row.version) this.transactions.set(row.id, row)
  }

  private sample({ transactionId, seq, part, receivedAtMs, sample }: StoredSample): void {
    this.named.add(transactionId)
    this.samples.add(
      transactionId,
      seq,
      part,
      sample.atMs,
      receivedAtMs,
      sample.context,
      sample.registerWh,
      sample.powerW,
      sample.currentMa,
      sample.voltageMv,
      sample.socPercent,
      sample.seqNo,
      sample.extra === null ? null : JSON.stringify(sample.extra)
    )
  }

  private cdr(cdr: Cdr): void {
    this.named.add(cdr.transactionId)
    this.cdrs.add(
      cdr.id,
      cdr.transactionId,
      cdr.stationId,
      cdr.driverId,
      cdr.currency,
      String(cdr.grossMinor),
      cdr.energyWh,
      cdr.creditReferenceId,
      cdr.issuedAtMs,
      JSON.stringify(documentOf(cdr))
    )
  }

  private debit(debit: Debit): void {
    this.debits.add(
      debit.key,
      debit.transactionId,
      debit.tokenUid,
      debit.driverId,
      debit.currency,
      debit.startedAtMs,
      debit.accepted ? "yes" : "no",
      String(debit.owedMinor),
      debit.energyWh,
      debit.revision,
      debit.atMs
    )
  }

  private bootRows(): Rows {
    const rows = new Rows(statement.upsertBoots, ["text", "text", "text", "text", "text", "text", "instant", "text"])
    for (const [stationId, boot] of this.boots) {
      const { vendor, model, serialNumber, firmwareVersion, reason, atMs, answered } = boot
      rows.add(stationId, vendor, model, serialNumber, firmwareVersion, reason, atMs, answered)
    }
    return rows
  }

  private connectedRows(): Rows {
    const rows = new Rows(statement.upsertConnected, ["text", "text", "instant", "text"])
    for (const [stationId, presence] of this.presences) {
      if ("disconnectedAtMs" in presence) continue
      rows.add(stationId, presence.dialect, presence.connectedAtMs, presence.remoteAddress)
    }
    return rows
  }

  private disconnectedRows(): Rows {
    const rows = new Rows(statement.upsertDisconnected, ["text", "instant"])
    for (const [stationId, presence] of this.presences) {
      if ("disconnectedAtMs" in presence) rows.add(stationId, presence.disconnectedAtMs)
    }
    return rows
  }

  private seenRows(): Rows {
    const rows = new Rows(statement.upsertSeen, ["text", "instant"])
    for (const [stationId, atMs] of this.seen) rows.add(stationId, atMs)
    return rows
  }

  private connectorRows(): Rows {
    const rows = new Rows(statement.upsertConnectors, statement.connectorKinds)
    for (const { stationId, connector } of this.connectors.values()) {
      const { evseId, connectorId, status, errorCode, info, statusAtMs } = connector
      rows.add(stationId, evseId, connectorId, status, errorCode, info, statusAtMs)
    }
    return rows
  }

  private variableRows(): Rows {
    const rows = new Rows(statement.upsertVariables, ["text", "text", "text", "text", "text", "text"])
    for (const { stationId, variable } of this.variables.values()) {
      rows.add(stationId, variable.component, variable.variable, variable.instance, variable.value, variable.mutability)
    }
    return rows
  }

  private transactionRows(): Rows {
    const rows = new Rows(statement.upsertTransactions, statement.transactionKinds)
    for (const row of this.transactions.values()) {
      rows.add(
        row.id,
        row.stationId,
        row.dialect,
        row.ocppId,
        row.startKey,
        row.evseId,
        row.connectorId,
        row.tariff?.id,
        row.tariff?.version,
        row.timeZone,
        row.status,
        row.startedAtMs,
        row.endedAtMs,
        row.token?.uid,
        row.token?.type,
        row.driverId,
        row.authorization,
        row.stopReason,
        row.energyWh,
        JSON.stringify(row.findings),
        row.cdrId,
        row.settleAtMs,
        row.version,
        row.tariff === null || row.tariff.groups.length === 0 ? null : JSON.stringify(row.tariff.groups)
      )
    }
    return rows
  }
}

const push = (all: Array<Bound>, rows: Rows): void => {
  if (!rows.isEmpty) all.push(rows.statement())
}

/** What encodeCdr makes of it, without the schema's walk: this is on the path of every stop. */
const documentOf = (cdr: Cdr): CdrJson => ({
  ...cdr,
  lines: cdr.lines.map((line) => ({
    ...line,
    netMinor: String(line.netMinor),
    taxMinor: String(line.taxMinor)
  })),
  taxes: cdr.taxes.map((tax) => ({ ...tax, netMinor: String(tax.netMinor), taxMinor: String(tax.taxMinor) })),
  netMinor: String(cdr.netMinor),
  taxMinor: String(cdr.taxMinor),
  grossMinor: String(cdr.grossMinor)
})
