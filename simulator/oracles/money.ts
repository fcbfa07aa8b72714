import type { TrueSession } from "../Truth.ts"
import { checkCorrections } from "./corrections.ts"
import type { BookedCdr, Evidence } from "./Evidence.ts"
import { match, standing } from "./match.ts"
import { type Context, Findings, type Oracle, siteZone } from "./Oracle.ts"
import { isMeterWrong, knowledgeOf, mayTurn, owedFor, trueWh } from "./owed.ts"
import { judgeReceivables } from "./receivables.ts"
import { isWithin, type OcpiTariff, type Price, type PriceRange, parkedMsOf, slowRange } from "./SlowRater.ts"

/**
 * What stands in CDRs is the tariff times true energy and true time, by a rater of its own, once for every session that
 * is owed for and never otherwise; the ledger balances entry by entry and in total, and says what the CDRs say.
 */
export const money: Oracle = {
  name: "money",
  title: "Every session is billed once, at its tariff, and the ledger balances",
  misses:
    "A tariff that the operator meant differently, where between its bounds a bill lies when prices depend on when the " +
    "energy was used, on the power or on who is in a group, the split of a total over lines, and money that changes hands " +
    "outside of CDRs and ledger.",
  checks: (truth, evidence, context) => {
    const found = new Findings()
    if (evidence.transactions === null || evidence.cdrs === null) found.blind()
    else {
      const { bySession, cdrsOf, sessionsOf } = match(truth, evidence)
      for (const session of truth.sessions) {
        const transaction = bySession.get(session.id)
        const cdrs = transaction === undefined ? [] : (cdrsOf.get(transaction.id) ?? [])
        found.check()
        judge(session, transaction?.id ?? null, cdrs, context, found)
      }
      for (const cdr of evidence.cdrs) {
        if (sessionsOf.has(cdr.transactionId)) continue
        found.fail({
          stationId: cdr.stationId,
          sessionId: null,
          transactionId: cdr.transactionId,
          expected: "no bill",
          found: amount(cdr),
          sentence: `CDR ${cdr.id} bills a session that never was.`
        })
      }
    }
    judgeLedger(evidence, found)
    judgeReceivables(evidence, context, found)
    if (context.corrections !== undefined) checkCorrections(context.corrections, evidence, found)
    return found.outcome()
  }
}

const amount = ({ grossMinor, currency }: { readonly grossMinor: bigint; readonly currency: string }): string =>
  `${grossMinor} minor units of ${currency}`

const bill = ({ netMinor, taxMinor, grossMinor, currency }: Price): string =>
  `${grossMinor} (net ${netMinor}, tax ${taxMinor}) minor units of ${currency}`

/** What is owed, or between what and what where the tariff's prices depend on more than quantities. */
const bills = ({ least, most }: PriceRange): string =>
  least === most ? bill(least) : `between ${bill(least)} and ${bill(most)}`

/** What a subscription takes off; how much that must be is for the oracle of subscriptions to say. */
const includedIn = (cdrs: ReadonlyArray<BookedCdr>, { subscribers }: Context): Included =>
  (subscribers === undefined ? undefined : cdrs.findLast(({ credit }) => !credit)?.included) ?? nothingIncluded

type Included = Pick<NonNullable<BookedCdr["included"]>, "energyMilliWh" | "chargingMs">

const nothingIncluded: Included = { energyMilliWh: 0, chargingMs: 0 }

/** The price of a session as it truly was, less what of it is included. */
export const priceOf = (
  session: TrueSession,
  tariff: OcpiTariff,
  timeZone: string = siteZone,
  included: Included = nothingIncluded
): PriceRange =>
  slowRange(tariff, {
    energyWh: trueWh(session)! - included.energyMilliWh / 1000,
    durationMs: session.endedAtMs! - session.startedAtMs - included.chargingMs,
    parkedMs: parkedMsOf(session.states, session.endedAtMs!),
    timeline: {
      startedAtMs: session.startedAtMs,
      endedAtMs: session.endedAtMs!,
      states: session.states,
      timeZone
    }
  })

/** What stands of a transaction's CDRs: issued less credited. */
const sumOf = (cdrs: ReadonlyArray<BookedCdr>): Price => {
  const total = { currency: cdrs[0]?.currency ?? "", netMinor: 0n, taxMinor: 0n, grossMinor: 0n }
  for (const cdr of cdrs) {
    total.netMinor += cdr.netMinor
    total.taxMinor += cdr.taxMinor
    total.grossMinor += cdr.grossMinor
  }
  return total
}

const judge = (
  session: TrueSession,
  transactionId: string | null,
  cdrs: ReadonlyArray<BookedCdr>,
  context: Context,
  found: Findings
): void => {
  const fail = (expected: string, is: string, sentence: string) =>
    found.fail({ stationId: session.stationId, sessionId: session.id, transactionId, expected, found: is, sentence })
  const count = standing(cdrs)
  const owed = owedFor(session, context)
  if (owed._tag === "Free" || session.endedAtMs === null) {
    if (count === 0 && sumOf(cdrs).grossMinor === 0n) return
    const why = owed._tag === "Free" ? owed.why : "it is still running"
    fail("no bill", `${count} CDRs, ${amount(sumOf(cdrs))}`, `A session was billed although ${why}.`)
    return
  }
  const isWhole = knowledgeOf(session) === "whole"
  if (count !== 1) {
    // What the CMS may not have heard of, or has not heard the end of, may be unbilled; twice is wrong always.
    // One that began with the plug may have lost its card together with its end.
    const isCardUnheard = session.states[0]?.state === "EVConnected" && !isWhole
    const mayBeNone =
      owed._tag === "Unsure" ||
      knowledgeOf(session) === "nothing" ||
      session.endKnowledge === "queued" ||
      session.lies.includes("messages") ||
      isCardUnheard
    if (count === 0 && mayBeNone) return
    fail("1 CDR standing", `${count}`, count === 0 ? "A session was never billed." : "A session was billed twice.")
    return
  }
  if (isWhole && owed._tag === "Owed" && !isMeterWrong(session)) {
    const price = priceOf(session, owed.tariff, context.timeZoneOf?.(session.stationId), includedIn(cdrs, context))
    const sum = sumOf(cdrs)
    if (isWithin(price, sum)) return
    fail(bills(price), bill(sum), `The bill differs from the tariff's price: ${difference(session, cdrs)}.`)
    return
  }
  // Whose start was lost may have charged anywhere at its station, for all that a CMS knows.
  const mayBeAnother = session.lies.includes("clock") || !session.startAcknowledged || mayTurn(session, context)
  const tariffs = mayBeAnother ? context.tariffsOf(session.stationId) : owed.tariff === undefined ? [] : [owed.tariff]
  judgePart(session, cdrs, tariffs, context.atMs, fail)
}

/** Which of the quantities is the odd one, for whoever has to find the cause. */
const difference = (session: TrueSession, cdrs: ReadonlyArray<BookedCdr>): string => {
  const last = cdrs.findLast((cdr) => !cdr.credit)
  if (last === undefined) return "there is no CDR"
  const truths: ReadonlyArray<readonly [string, number, number]> = [
    ["energy in Wh", trueWh(session)!, last.energyWh],
    ["start in ms", session.startedAtMs, last.startAtMs],
    ["duration in ms", session.endedAtMs! - session.startedAtMs, last.durationMs],
    ["parking in ms", parkedMsOf(session.states, session.endedAtMs!), last.parkingMs]
  ]
  const odd = truths.filter(([, expected, is]) => expected !== is)
  if (odd.length === 0) return "the quantities are right and the price is not"
  return odd.map(([name, expected, is]) => `${name} ${is} instead of ${expected}`).join(", ")
}

/**
 * The CMS knows a part only, or was told something else: its CDR must be the price of the quantities it tells, at one of
 * the tariffs that may have held, and the time no longer than the session lasted, by the station's clock or the true one, or
 * than its meter was told while its end was not.
 */
const judgePart = (
  session: TrueSession,
  cdrs: ReadonlyArray<BookedCdr>,
  tariffs: ReadonlyArray<OcpiTariff>,
  atMs: number,
  fail: (expected: string, found: string, sentence: string) => void
): void => {
  const last = cdrs.findLast((cdr) => !cdr.credit)
  if (last === undefined || tariffs.length === 0) return
  const { energyWh, durationMs, parkingMs } = last
  const prices = tariffs.map((tariff) => slowRange(tariff, { energyWh, durationMs, parkedMs: parkingMs }))
  const sum = sumOf(cdrs)
  if (!prices.some((price) => isWithin(price, sum))) {
    const expected = prices.map(bills).join(" or ")
    fail(expected, bill(sum), "The bill is not the tariff's price of the quantities that it names.")
    return
  }
  /** An instant that no CMS believes is replaced by that of receipt, which may be as late as anything. */
  function receiptMs(): number {
    const isAbsurd = (atMs: number, trueAtMs: number): boolean => Math.abs(atMs - trueAtMs) > 20 * 3_600_000
    const some =
      isAbsurd(session.startedAtMs, session.trueStartedAtMs) || isAbsurd(session.endedAtMs!, session.trueEndedAtMs!)
    return some ? atMs - session.trueStartedAtMs : 0
  }
  const trueMs = session.trueEndedAtMs! - session.trueStartedAtMs
  const claimedMs = Math.max(session.endedAtMs!, session.readBehindAtMs ?? 0) - session.startedAtMs
  // Told under the wrong name, the next thing heard of the same car may be taken for its end.
  const thereMs = session.lies.includes("messages") ? (session.unpluggedAtMs ?? atMs) - session.startedAtMs : 0
  const mostMs = session.lies.includes("clock")
    ? Math.max(claimedMs, trueMs, receiptMs())
    : Math.max(claimedMs, thereMs)
  if (durationMs > mostMs)
    fail(`at most ${mostMs} ms`, `${durationMs} ms`, "More time was billed than the session lasted.")
}

const judgeLedger = (evidence: Evidence, found: Findings): void => {
  const { entries, cdrs } = evidence
  if (entries === null || cdrs === null) {
    found.blind("the ledger of this CMS cannot be seen")
    return
  }
  const fail = (transactionId: string | null, expected: string, is: string, sentence: string) =>
    found.fail({ stationId: null, sessionId: null, transactionId, expected, found: is, sentence })
  const receivables = new Map<string, bigint>()
  const bySource = new Map<string, number>()
  for (const { id, currency, postings, sourceId, sourceKind = "cdr" } of entries) {
    found.check()
    const isBill = sourceKind === "cdr"
    let sum = 0n
    for (const { account, amountMinor } of postings) {
      sum += amountMinor
      if (isBill && account.startsWith("receivable:"))
        receivables.set(currency, (receivables.get(currency) ?? 0n) + amountMinor)
    }
    if (sum !== 0n) fail(null, "0", `${sum}`, `Ledger entry ${id} does not sum to zero.`)
    if (isBill) bySource.set(sourceId, (bySource.get(sourceId) ?? 0) + 1)
  }
  const billed = new Map<string, bigint>()
  for (const cdr of cdrs) {
    billed.set(cdr.currency, (billed.get(cdr.currency) ?? 0n) + cdr.grossMinor)
    const count = bySource.get(cdr.id) ?? 0
    if (count !== 1) fail(cdr.transactionId, "1 ledger entry", `${count}`, `CDR ${cdr.id} is not booked exactly once.`)
  }
  for (const currency of new Set([...receivables.keys(), ...billed.keys()])) {
    const [owed, total] = [receivables.get(currency) ?? 0n, billed.get(currency) ?? 0n]
    if (owed !== total) fail(null, `${total}`, `${owed}`, `Receivables in ${currency} differ from the CDRs' total.`)
  }
  const known = new Set(cdrs.map(({ id }) => id))
  for (const sourceId of bySource.keys()) {
    if (!known.has(sourceId)) fail(null, "a CDR", "none", `A ledger entry was made for ${sourceId}, which is no CDR.`)
  }
}
