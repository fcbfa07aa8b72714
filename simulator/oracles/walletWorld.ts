import type { TrueSession, Truth } from "../Truth.ts"
import type { BookedCdr, Evidence } from "./Evidence.ts"
import { endOfCharging } from "./growth.ts"
import { match, stepsOf } from "./match.ts"
import type { Context } from "./Oracle.ts"
import { type PrepaidRecord, wholeHeard } from "./prepaid.ts"
import { slowRange } from "./SlowRater.ts"

/** A session with what its bills come to. */
export interface Billed {
  readonly session: TrueSession
  readonly transactionId: string | null
  readonly minor: bigint
  readonly wh: number
  /** The least and the most that they have come to at any time: an operator may have corrected them. */
  readonly ever: {
    readonly firstMinor: bigint
    readonly leastMinor: bigint
    readonly mostMinor: bigint
    readonly leastWh: number
    readonly mostWh: number
  }
}

/** From an end to the bill: its last message, and the wait for those that do not come. */
export const settledWithinMs = 20 * 60_000
/** A question and its answer. */
export const questionMs = 2 * 60_000

/** What the oracle of wallets knows: sessions with their bills by who pays them, and when each was heard of. */
export class World {
  readonly byDriver = new Map<string, Array<Billed>>()
  readonly byToken = new Map<string, Array<Billed>>()
  readonly evidence: Evidence
  readonly context: Context
  readonly prepaid: PrepaidRecord
  readonly truth: Truth
  readonly ends: ReadonlyMap<string, number>

  constructor(truth: Truth, evidence: Evidence, context: Context, prepaid: PrepaidRecord) {
    this.truth = truth
    this.evidence = evidence
    this.context = context
    this.prepaid = prepaid
    this.ends = wholeHeard(truth)
    const { bySession, cdrsOf } = match(truth, evidence)
    for (const session of truth.sessions) {
      if (session.tokenUid === null) continue
      const transactionId = bySession.get(session.id)?.id ?? null
      const cdrs = transactionId === null ? [] : (cdrsOf.get(transactionId) ?? [])
      const minor = cdrs.reduce((sum, { grossMinor }) => sum + grossMinor, 0n)
      const wh = cdrs.reduce((sum, { credit, energyWh }) => sum + (credit ? -energyWh : energyWh), 0)
      const billed = { session, transactionId, minor, wh, ever: everBilled(cdrs) }
      push(this.byToken, session.tokenUid, billed)
      const driverId = context.tokens.get(session.tokenUid)?.driverId ?? null
      if (driverId !== null) push(this.byDriver, driverId, billed)
    }
  }

  /** The most that a charge may come to after its end should have come: what flows in that while, and its car's standing there. */
  overshootOf({ session }: Billed): { readonly minor: bigint; readonly wh: number } {
    const overshootMs = this.prepaid.promise.overshootMs(session)
    const energyWh = Math.ceil((session.maxPowerW * overshootMs) / 3_600_000)
    const [tariff] = this.context.tariffsOf(session.stationId)
    const parkedMs = Math.max(0, (session.trueEndedAtMs ?? this.context.atMs) - endOfCharging(session))
    const price = slowRange(tariff!, { energyWh, durationMs: overshootMs + parkedMs, parkedMs })
    return { minor: price.most.grossMinor, wh: energyWh }
  }
}

const everBilled = (cdrs: ReadonlyArray<BookedCdr>): Billed["ever"] => {
  const steps = stepsOf(cdrs)
  const [{ minor, wh } = { minor: 0n, wh: 0 }] = steps
  return steps.reduce(
    (ever, step) => ({
      firstMinor: minor,
      leastMinor: step.minor < ever.leastMinor ? step.minor : ever.leastMinor,
      mostMinor: step.minor > ever.mostMinor ? step.minor : ever.mostMinor,
      leastWh: Math.min(ever.leastWh, step.wh),
      mostWh: Math.max(ever.mostWh, step.wh)
    }),
    { firstMinor: minor, leastMinor: minor, mostMinor: minor, leastWh: wh, mostWh: wh }
  )
}

const push = (lists: Map<string, Array<Billed>>, key: string, billed: Billed): void => {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [billed])
  else list.push(billed)
}

export const sum = <A>(items: Iterable<A>, part: (item: A) => bigint): bigint => {
  let total = 0n
  for (const item of items) total += part(item)
  return total
}

/** What reminders cost that were written to a driver by then: a wallet in arrears owes it beside its charges. */
export const feesOf = ({ evidence }: World, driverId: string, untilMs: number): bigint =>
  sum(evidence.owing ?? [], ({ of, steps }) =>
    of.kind === "wallet" && of.id === driverId
      ? sum(steps, ({ feeMinor, atMs }) => (atMs <= untilMs ? feeMinor : 0n))
      : 0n
  )
