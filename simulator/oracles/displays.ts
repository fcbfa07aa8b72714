import * as Instant from "#core/Instant.ts"
import type { Shown } from "../Displays.ts"
import type { TrueSession, Truth } from "../Truth.ts"
import { CostSoFar } from "./CostSoFar.ts"
import type { BookedCdr, Evidence } from "./Evidence.ts"
import { match } from "./match.ts"
import { type Context, Findings, type Oracle, siteZone } from "./Oracle.ts"
import { knowledgeOf, owedFor } from "./owed.ts"
import type { OcpiTariff } from "./SlowRater.ts"

/** What the operator promises about displays. */
export interface DisplayRecord {
  /** After the CMS has taken an end in, the display shows what the charge came to within so long. */
  readonly finalWithinMs: number
  /** A figure that comes is of no less than what the CMS had taken in so long before. */
  readonly freshWithinMs: number
  /** Figures of one charge come no oftener. */
  readonly everyMs: number
  /** Since when the CMS knows what a station's display can do, by the true clock; undefined where it never heard. */
  readonly knownSinceMs: (stationId: string) => number | undefined
}

type Fail = (expected: string, found: string, sentence: string) => void

/**
 * What a driver sees is true: where a charge stands, by the readings told until then, and at its end what he is billed.
 */
export const displays: Oracle = {
  name: "displays",
  title: "Displays show what a charge costs so far, and at its end its bill",
  misses:
    "Figures by tariffs whose prices depend on a threshold of energy or on the power (the final one is held to the bill all " +
    "the same), running figures of charges with a wrong meter or clock, the words of a price text, and bills that are " +
    "corrected after a driver saw them.",
  checks: (truth, evidence, context) => {
    const found = new Findings()
    if (context.displays === undefined) found.blind("nobody watched the displays")
    else if (truth.displays.isFull) found.blind("more was shown than could be kept")
    else judgeAll(truth, context, context.displays, cdrsBySession(truth, evidence), found)
    if (evidence.cdrs === null || evidence.transactions === null) found.blind()
    return found.outcome()
  }
}

type Bills = (session: TrueSession) => Pick<Seen, "bills" | "findings">

const cdrsBySession = (truth: Truth, evidence: Evidence): Bills => {
  const { bySession, cdrsOf } = match(truth, evidence)
  return ({ id }) => {
    const transaction = bySession.get(id)
    return { bills: cdrsOf.get(transaction?.id ?? "") ?? [], findings: transaction?.findings ?? null }
  }
}

const judgeAll = (truth: Truth, context: Context, record: DisplayRecord, billsOf: Bills, found: Findings): void => {
  const endedAtMs = new Map<string, number>()
  for (const { kind, sessionId, atMs } of truth.acknowledgements) if (kind === "end") endedAtMs.set(sessionId, atMs)
  const byWire = new Map<string, TrueSession>()
  const byId = new Map<string, Array<Shown>>()
  for (const session of truth.sessions) byWire.set(`${session.stationId}|${session.ocppTransactionId}`, session)
  for (const shown of truth.displays.shown) {
    found.check()
    const { stationId, wireId } = shown
    const fail: Fail = (expected, is, sentence) =>
      found.fail({ stationId, sessionId: shown.sessionId, transactionId: wireId, expected, found: is, sentence })
    if (!shown.hasDisplay) fail("nothing", wordsOf(shown), "A station without a display was told a cost.")
    if (shown.by === "SetUserPrice") {
      judgePrice(shown, truth, endedAtMs, fail)
      continue
    }
    const session = shown.sessionId === null ? byWire.get(`${stationId}|${wireId}`) : truth.session(shown.sessionId)
    if (session === undefined || shown.atMs < session.trueStartedAtMs) {
      fail("a charge of this station", wordsOf(shown), "A display was told of a charge that is not its own.")
      continue
    }
    const others = byId.get(session.id)
    if (others === undefined) byId.set(session.id, [shown])
    else others.push(shown)
  }
  for (const session of truth.sessions) {
    const shown = byId.get(session.id) ?? []
    // At a station that has a display something was told of each of its sessions.
    if (truth.displays.tellingsOf(session.id).length === 0) continue
    found.check()
    const heardAtMs = endedAtMs.get(session.id)
    new Driver({ session, shown, heardAtMs, ...billsOf(session), truth, context, record, found }).judge()
  }
}

const wordsOf = ({ by, amount, text }: Shown): string => `${by} ${amount ?? text ?? "without a figure"}`

/** Prices are told to whom they are for: somebody who charges there, for all that the CMS has heard. */
const judgePrice = (
  { stationId, tokenUid, atMs, text }: Shown,
  { sessions }: Truth,
  endedAtMs: ReadonlyMap<string, number>,
  fail: Fail
): void => {
  const isThere = sessions.some(
    (it) =>
      it.stationId === stationId &&
      it.tokenUid === tokenUid &&
      it.trueStartedAtMs <= atMs &&
      atMs <= (endedAtMs.get(it.id) ?? atMs) + underWayMs
  )
  if (!isThere)
    fail("the card of a charge that runs there", `${tokenUid}`, "A display greeted a card that charges elsewhere.")
  if (text === null || text.trim() === "") fail("prices", "nothing", "A display was told prices without any.")
}

/** For so long a message may be under way. */
const underWayMs = 30_000
/** So soon is answered what was told over a connection that stands. */
const promptMs = 5_000

interface Seen {
  readonly session: TrueSession
  readonly shown: ReadonlyArray<Shown>
  /** When the CMS had taken its end in; undefined where it never did. */
  readonly heardAtMs: number | undefined
  readonly bills: ReadonlyArray<BookedCdr>
  /** Null where the CMS does not tell. */
  readonly findings: ReadonlyArray<string> | null
  readonly truth: Truth
  readonly context: Context
  readonly record: DisplayRecord
  readonly found: Findings
}

/** One charge as its driver saw it. */
class Driver {
  private readonly seen: Seen

  constructor(seen: Seen) {
    this.seen = seen
  }

  judge(): void {
    const { session, shown, context, bills } = this.seen
    const owed = owedFor(session, context)
    if (owed._tag === "Free") {
      // A station that prices by itself does not know who owes.
      const dear = shown.find(({ amount, by }) => amount !== 0 && by !== "own")
      if (dear !== undefined) this.fail("nothing to pay", wordsOf(dear), `A cost was shown although ${owed.why}.`)
      return
    }
    this.judgeOrder()
    if (owed._tag === "Unsure" || session.lies.length > 0) return
    const { tariff } = owed
    const timeZone = context.timeZoneOf?.(session.stationId) ?? siteZone
    const cost = CostSoFar.of(tariff, session, this.seen.truth.displays.tellingsOf(session.id), timeZone)
    if (cost !== undefined) {
      for (const it of shown) if (!it.isFinal) this.judgeRunning(it, cost)
      if (session.faults.length === 0) this.judgeFreshness(cost)
    }
    if (bills.length > 0) this.judgeAgainstBill(tariff)
    this.judgeFinal()
  }

  /** What is seen last is what it came to. */
  private judgeOrder(): void {
    const { shown } = this.seen
    const final = shown.findIndex(({ isFinal }) => isFinal)
    const after = final < 0 ? undefined : shown.slice(final).find(({ isFinal }) => !isFinal)
    if (after !== undefined)
      this.fail("the final figure last", wordsOf(after), "A display went back from the final cost to a running one.")
  }

  /** It is the price of what the station had told: of nothing old, and of nothing that it kept to itself. */
  private judgeRunning(shown: Shown, cost: CostSoFar): void {
    const { record } = this.seen
    const isOwn = shown.by === "own"
    // One more may have been taken in whose answer is still under way; a station tells one after the other. What it reckons
    // by itself is of all that it told.
    const to = isOwn ? cost.toldBy(shown.atMs) : Math.min(cost.heardBy(shown.atMs) + 1, cost.count)
    const from = Math.max(1, isOwn ? to - 1 : cost.heardBy(shown.atMs - record.freshWithinMs))
    const asked: Array<string> = []
    for (let told = from; told <= to; told++) {
      const { meter } = shown
      if (meter !== null && (meter.atMs !== cost.atMs(told) || meter.registerWh !== cost.registerWh(told))) continue
      if (cost.isShownAs(shown.amount, told)) return
      asked.push(cost.text(told))
    }
    if (asked.length > 0)
      this.fail(asked.join(" or "), wordsOf(shown), "A running cost is not the tariff's price of what was measured.")
    else
      this.fail(
        `one of ${from} to ${to} messages`,
        `${wordsOf(shown)} of ${shown.meter?.registerWh} Wh`,
        "A running cost names a reading that its station had not told, or long before."
      )
  }

  /**
   * A message that comes after the least interval is followed by its figure: over a connection that stands, and once the
   * CMS knows the display.
   */
  private judgeFreshness(cost: CostSoFar): void {
    const { session, shown, record, context } = this.seen
    const { deaths = [] } = context.wire
    const knownSinceMs = record.knownSinceMs(session.stationId)
    if (knownSinceMs === undefined || session.trueStartedAtMs < knownSinceMs) return
    for (let told = 1; told <= cost.count; told++) {
      if (!cost.isPrompt(Math.max(1, told - 1), told, promptMs) || !cost.isAlone(told, record.everyMs + promptMs))
        continue
      const byMs = cost.heardAtMs(told)! + promptMs
      if (session.trueEndedAtMs !== null && session.trueEndedAtMs < byMs) return
      if (deaths.some((atMs) => atMs >= cost.heardAtMs(told)! - promptMs && atMs <= byMs)) continue
      const last = shown.findLast(({ atMs, isFinal }) => !isFinal && atMs <= byMs)
      const most = Math.min(cost.heardBy(byMs) + 1, cost.count)
      const isThere = Array.from({ length: most - told + 1 }, (_, index) => told + index).some((since) =>
        cost.isShownAs(last?.amount ?? null, since)
      )
      if (isThere) continue
      const is = last === undefined ? "nothing" : wordsOf(last)
      this.fail(`${cost.text(told)} at least`, is, `A display fell behind its charge: ${Instant.format(byMs)}.`)
      return
    }
  }

  /** No running figure is above the bill, but for a begun step of time that a parked session does not pay. */
  private judgeAgainstBill(tariff: OcpiTariff): void {
    const { session, shown, bills } = this.seen
    if (knowledgeOf(session) !== "whole") return
    const most = bills.reduce((sum, { grossMinor }) => sum + grossMinor, 0n) + stepMinor(tariff)
    const dear = shown.find(({ isFinal, amount }) => !isFinal && amount !== null && minorOf(amount) > most)
    if (dear !== undefined) this.fail(`at most ${most} minor units`, wordsOf(dear), "A running cost is above the bill.")
  }

  private judgeFinal(): void {
    const { session, shown, bills, record, heardAtMs } = this.seen
    const last = shown.findLast(({ isFinal }) => isFinal)
    if (last === undefined) {
      const knownSinceMs = record.knownSinceMs(session.stationId)
      const isKnown = knownSinceMs !== undefined && session.trueStartedAtMs >= knownSinceMs
      if (isKnown && knowledgeOf(session) === "whole" && heardAtMs !== undefined)
        this.fail("what it came to", "nothing", "A display never showed the final cost of a charge.")
      return
    }
    // One that was corrected later was right when it was shown.
    const isBill = (amount: number | null): boolean =>
      amount !== null && bills.some(({ credit, grossMinor }) => !credit && minorOf(amount) === grossMinor)
    if (!isBill(last.amount)) {
      const expected = bills.filter(({ credit }) => !credit).map(({ grossMinor }) => `${grossMinor} minor units`)
      this.fail(expected.join(" or ") || "a bill", wordsOf(last), "The final cost on a display is not the bill.")
    }
    if (last.by === "own") this.judgeMismatch(isBill(last.amount))
    const first = shown.find(({ isFinal }) => isFinal)!
    if (heardAtMs !== undefined && first.atMs > heardAtMs + record.finalWithinMs) {
      const lateS = Math.round((first.atMs - heardAtMs) / 1000)
      this.fail(`within ${record.finalWithinMs / 1000} s`, `after ${lateS} s`, "A display showed the final cost late.")
    }
  }

  /** A station's own figure that is not the bill is a finding, and one that is is none. */
  private judgeMismatch(isBill: boolean): void {
    const { findings, session } = this.seen
    if (findings === null || session.endKnowledge !== "reported") return
    const isFound = findings.includes("cost-mismatch")
    if (isFound !== isBill) return
    const [expected, is] = isBill ? ["no finding", "cost-mismatch"] : ["cost-mismatch", "no finding"]
    this.fail(expected, is, "The finding about a station's own cost does not say whether that is the bill.")
  }

  private fail(expected: string, is: string, sentence: string): void {
    const { session, found } = this.seen
    found.fail({
      stationId: session.stationId,
      sessionId: session.id,
      transactionId: session.ocppTransactionId,
      expected,
      found: is,
      sentence
    })
  }
}

/** Minor units of what is written in units, as far as two digits go. */
const minorOf = (amount: number): bigint => BigInt(Math.round(amount * 100))

/** The most that one step of time costs, taxes included, with the rounding of a sum. */
const stepMinor = ({ elements }: OcpiTariff): bigint => {
  const steps = elements.flatMap(({ price_components: parts }) =>
    parts
      .filter(({ type }) => type === "TIME")
      .map(({ price, vat = 0, step_size = 0 }) => (Number(price) * 100 * step_size * (1 + vat / 100)) / 3600)
  )
  return BigInt(Math.ceil(Math.max(0, ...steps)))
}
