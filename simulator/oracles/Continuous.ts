import type { TrueSession } from "../Truth.ts"
import type { Commit } from "./Commit.ts"
import type { BookedCdr } from "./Evidence.ts"
import { priceOf } from "./money.ts"
import { type Context, Findings, type Outcome } from "./Oracle.ts"
import { mostWh, owedFor } from "./owed.ts"
import type { SessionIndex } from "./SessionIndex.ts"
import { type OcpiTariff, slowRange } from "./SlowRater.ts"

/** What is known while a run lasts. */
export type CourseContext = Pick<Context, "tokens" | "tariffsOf" | "timeZoneOf" | "isPriceTurning" | "corrections">

interface Standing {
  /** When the first bill was made; null before. */
  billedAtMs: number | null
  energyWh: number
  grossMinor: bigint
  count: number
}

/** Well within the grace that a CMS gives messages that are still under way. */
const atOnceMs = 5 * 60_000

/**
 * Holds the laws of energy and money against every CDR at the moment it is issued: nobody is billed who does not owe,
 * nothing before the end, never twice, never more than was delivered or than it costs. Too little may still be
 * corrected, so that is left to the end of the run.
 *
 * Would miss: what only the whole shows, a missing bill above all.
 */
export class Continuous {
  private readonly sessions: SessionIndex
  private readonly context: CourseContext
  private readonly energyFindings = new Findings()
  private readonly moneyFindings = new Findings()
  private readonly standing = new Map<string, Standing>()
  /** When a transaction's end was first in the books. */
  private readonly endedAtMs = new Map<string, number>()

  constructor(sessions: SessionIndex, context: CourseContext) {
    this.sessions = sessions
    this.context = context
  }

  /** A CDR counts with the page of the transaction that it bills, which is written with it. */
  committed({ cdrs, transactions }: Commit, atMs: number): void {
    for (const { id, status } of transactions) {
      if (status === "Ended" && !this.endedAtMs.has(id)) this.endedAtMs.set(id, atMs)
    }
    for (const cdr of cdrs) {
      const page = transactions.find(({ id }) => id === cdr.transactionId)
      if (page !== undefined) this.issued(cdr, page.ocppId, page.evseId, atMs)
    }
  }

  private issued(cdr: BookedCdr, ocppId: string, evseId: number | null, atMs: number): void {
    this.energyFindings.check()
    this.moneyFindings.check()
    const session = this.sessionOf(cdr, ocppId, evseId)
    const standing = this.take(cdr)
    // A CDR of no session is told at the end, by the oracle of identity too.
    if (session === undefined) return
    if (cdr.credit) {
      this.takenBack(cdr, session, standing)
      return
    }
    standing.billedAtMs ??= atMs
    const fail = (findings: Findings, expected: string, found: string, sentence: string) =>
      findings.fail({
        stationId: cdr.stationId,
        sessionId: session.id,
        transactionId: cdr.transactionId,
        expected,
        found,
        sentence: `${sentence} (CDR ${cdr.id}, when it was issued)`
      })
    const gross = `${standing.grossMinor} minor units`
    if (session.endedAtMs === null) {
      // By a clock that was turned back the car came before the connector was free; the bill is corrected at its end.
      if (this.sessions.isTurnedBack(session.stationId) || this.sessions.isGivenUp(session)) return
      fail(this.moneyFindings, "no bill before the end", gross, "A session was billed while it was running.")
      return
    }
    const owed = owedFor(session, { ...this.context, atMs } as Context)
    if (owed._tag === "Free") {
      fail(this.moneyFindings, "no bill", gross, `A session was billed although ${owed.why}.`)
      return
    }
    if (standing.count > 1)
      fail(this.moneyFindings, "1 CDR standing", `${standing.count}`, "A session was billed twice.")
    const most = mostWh(session)
    if (standing.energyWh > most) {
      fail(this.energyFindings, `at most ${most} Wh`, `${standing.energyWh} Wh`, "More was billed than was delivered.")
    }
    // What a lying meter or clock may cost is judged with the findings, at the end.
    if (owed.tariff === undefined || session.lies.length > 0) return
    const grossMinor = mostMinor(session, owed.tariff, this.context.timeZoneOf?.(session.stationId))
    if (standing.grossMinor > grossMinor) {
      fail(this.moneyFindings, `at most ${grossMinor} minor units`, gross, "More was billed than it costs.")
    }
  }

  /**
   * In 2.x the numbers of the messages say whether all were told. Who bills at once has seen them all, and has nothing to
   * take back; who misses some waits, and may have to.
   */
  private takenBack(cdr: BookedCdr, session: TrueSession, { billedAtMs }: Standing): void {
    if (this.context.corrections?.latestOf(session) !== undefined) return
    const endedAtMs = this.endedAtMs.get(cdr.transactionId)
    const isHonest = session.dialect !== "1.6" && session.lies.length === 0 && session.faults.length === 0
    if (!isHonest || billedAtMs === null || endedAtMs === undefined) return
    // What was closed may be billed without an end.
    if (billedAtMs < endedAtMs || billedAtMs - endedAtMs > atOnceMs) return
    this.moneyFindings.fail({
      stationId: cdr.stationId,
      sessionId: session.id,
      transactionId: cdr.transactionId,
      expected: "no bill before every message was there, or the grace over",
      found: `a bill ${Math.round((billedAtMs - endedAtMs) / 1000)} s after the end, taken back later`,
      sentence: "A session was billed before all of it was told."
    })
  }

  outcomes(): { readonly energy: Outcome; readonly money: Outcome } {
    return { energy: this.energyFindings.outcome(), money: this.moneyFindings.outcome() }
  }

  private take({ transactionId, credit, energyWh, grossMinor }: BookedCdr): Standing {
    let standing = this.standing.get(transactionId)
    if (standing === undefined) {
      standing = { billedAtMs: null, energyWh: 0, grossMinor: 0n, count: 0 }
      this.standing.set(transactionId, standing)
    }
    standing.energyWh += credit ? -energyWh : energyWh
    standing.grossMinor += grossMinor
    standing.count += credit ? -1 : 1
    return standing
  }

  private sessionOf(cdr: BookedCdr, ocppId: string, evseId: number | null): TrueSession | undefined {
    const { sessions } = this
    const { stationId, startAtMs } = cdr
    const begun = () => (evseId === null ? undefined : sessions.begunAt(stationId, evseId, startAtMs))
    return sessions.named(stationId, ocppId) ?? begun()
  }
}

/**
 * The most that a first bill may ask. What the car did may be told later than the end: in 1.6 by StatusNotification beside
 * the transaction, in 2.x by a station that empties its memory from the top. Until then the CMS must take the car for
 * parked or for charging, and corrects itself; the one costs a parking rate, the other a step of time.
 */
const mostMinor = (session: TrueSession, tariff: OcpiTariff, timeZone: string | undefined): bigint => {
  const durationMs = session.endedAtMs! - session.startedAtMs
  const { grossMinor } = priceOf(session, tariff, timeZone).most
  return mostParked(durationMs, tariff).reduce((most, parkedMs) => {
    const price = slowRange(tariff, { energyWh: mostWh(session), durationMs, parkedMs }).most
    return price.grossMinor > most ? price.grossMinor : most
  }, grossMinor)
}

/** Where a bill can be dearest: nothing parked, one step begun, the last step just begun, everything parked. */
const mostParked = (durationMs: number, { elements }: OcpiTariff): ReadonlyArray<number> => {
  const parking = elements.flatMap(({ price_components: parts }) => parts.filter(({ type }) => type === "PARKING_TIME"))
  const lastSteps = parking
    .map(({ step_size = 0 }) => step_size * 1000)
    .filter((stepMs) => stepMs > 0)
    .map((stepMs) => Math.floor((durationMs - 1) / stepMs) * stepMs + 1)
  return [0, 1, ...lastSteps, durationMs].filter((parkedMs) => parkedMs >= 0 && parkedMs <= durationMs)
}
