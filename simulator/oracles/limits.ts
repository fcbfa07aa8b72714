import type { TrueSession, Truth } from "../Truth.ts"
import { shownAtMs } from "./begun.ts"
import type { BookedCdr } from "./Evidence.ts"
import { endOfCharging, minorIn, whIn } from "./growth.ts"
import { match } from "./match.ts"
import { type Context, Findings, type Oracle } from "./Oracle.ts"
import { trueWh } from "./owed.ts"
import { wasInHand } from "./prepaid.ts"
import type { TrueLimit, TrueWish, WishRecord } from "./wishes.ts"

/**
 * A charge ends where its driver wanted it to: not noticeably beyond, and not noticeably before when nobody else had a
 * reason to end it.
 */
export const limits: Oracle = {
  name: "limits",
  title: "Charges with a limit of energy, time or money end there",
  misses:
    "Charges that the CMS had no say in: begun offline, under a fault, or whose order or change was not answered; how much " +
    "of a difference within its bound could have been spared; and early ends of charges that a wallet or a hold bounds too.",
  checks: (truth, evidence, context) => {
    const found = new Findings()
    if (context.wishes === undefined) {
      found.blind("nobody wanted a limit")
      return found.outcome()
    }
    const { bySession, cdrsOf } = match(truth, evidence)
    for (const wish of context.wishes.wishes) {
      const session = chargeOf(wish, context.wishes.wishes, truth)
      if (session === undefined || !wasInHand(session) || session.endKnowledge !== "reported") continue
      const limit = standing(wish)
      if (limit === undefined || Object.values(limit).every((it) => it === null)) continue
      const transactionId = bySession.get(session.id)?.id ?? null
      const bills = transactionId === null ? [] : (cdrsOf.get(transactionId) ?? [])
      const charge = new Charge(session, bills, wish, context)
      found.check()
      const fail = (expected: string, is: string, sentence: string) =>
        found.fail({
          stationId: session.stationId,
          sessionId: session.id,
          transactionId,
          expected,
          found: is,
          sentence
        })
      judgeBeyond(charge, limit, fail)
      if (charge.hasNoOtherReason && !truth.wasGivenUp(session)) judgeShort(charge, limit, fail)
    }
    return found.outcome()
  }
}

type Fail = (expected: string, is: string, sentence: string) => void

/** For how long an order is good. */
const orderForMs = 15 * 60_000

/**
 * The charge that an order was for: the first of its token there, unless another order came before it. One that began with
 * the plug is its token's from when that was shown, so that an order may be for what runs already.
 */
const chargeOf = (wish: TrueWish, wishes: ReadonlyArray<TrueWish>, { sessions }: Truth): TrueSession | undefined => {
  const isThere = (it: Pick<TrueWish, "stationId" | "evseId" | "tokenUid">, session: TrueSession) =>
    session.stationId === it.stationId && session.evseId === it.evseId && session.tokenUid === it.tokenUid
  const session = sessions.find((it) => isThere(wish, it) && shownAtMs(it) >= wish.orderedAtMs)
  if (session === undefined || shownAtMs(session) > wish.orderedAtMs + orderForMs) return undefined
  const isOvertaken = wishes.some(
    (it) => isThere(it, session) && it.orderedAtMs > wish.orderedAtMs && it.orderedAtMs <= shownAtMs(session)
  )
  return isOvertaken ? undefined : session
}

/** The limit that holds in the end; undefined where nobody knows. */
const standing = ({ accepted, limit, changes }: TrueWish): TrueLimit | undefined => {
  if (accepted !== true || changes.some((change) => change.accepted !== true)) return undefined
  return changes.at(-1)?.limit ?? limit
}

/** A charge with a limit, and what of it its limits are held against. */
class Charge {
  readonly session: TrueSession
  readonly wh: number
  readonly ms: number
  readonly minor: bigint
  /** While its car stood there when it was stopped already: what that costs no stop from afar can end. */
  readonly parkedMs: number
  /** Since its start, when its card was shown: nobody could end it before. */
  readonly shownAfterMs: number
  /** Since its start, when its limit was last changed; 0 when it never was. */
  readonly changedAfterMs: number
  private readonly wish: TrueWish
  private readonly context: Context
  private readonly record: WishRecord

  constructor(session: TrueSession, bills: ReadonlyArray<BookedCdr>, wish: TrueWish, context: Context) {
    this.session = session
    this.wish = wish
    this.context = context
    this.record = context.wishes!
    this.wh = trueWh(session) ?? 0
    this.ms = endOfCharging(session) - session.trueStartedAtMs
    this.parkedMs = Math.max(0, (session.trueEndedAtMs ?? context.atMs) - endOfCharging(session))
    this.minor = bills.reduce((sum, { grossMinor }) => sum + grossMinor, 0n)
    this.shownAfterMs = shownAtMs(session) - session.trueStartedAtMs
    const changedAtMs = wish.changes.at(-1)?.askedAtMs
    this.changedAfterMs = changedAtMs === undefined ? 0 : Math.max(0, changedAtMs - session.trueStartedAtMs)
  }

  /** What flows, at the most, in so long a while. */
  whIn(ms: number): number {
    return whIn(this.session.maxPowerW, ms)
  }

  /** What a while costs at the most. */
  minorIn(ms: number, powerW = this.session.maxPowerW): bigint {
    return minorIn(this.session, ms, powerW, this.context)
  }

  get withinMs(): number {
    const { downMs } = this.record
    const withinMs = this.record.withinMs(this.session)
    const { trueStartedAtMs, trueEndedAtMs } = this.session
    const endedAtMs = trueEndedAtMs ?? this.context.atMs
    // Where the deaths of the CMS are not known any charge may have lived through one.
    const { deaths } = this.context.wire
    const isLonger = deaths?.some((atMs) => atMs >= trueStartedAtMs - downMs && atMs <= endedAtMs) ?? true
    return isLonger ? withinMs + downMs : withinMs
  }

  /** By how much it may be taken to have drawn more than it did. */
  get guessedW(): number {
    return Math.max(this.session.maxPowerW, this.record.assumedPowerW)
  }

  /** It was stopped from afar, and nothing but its limit can be why. */
  get hasNoOtherReason(): boolean {
    const { stopReason, tokenUid } = this.session
    const { prepaid, psp, tokens } = this.context
    const isOurs = stopReason !== null && ["Remote", "EnergyLimit", "TimeLimit", "CostLimit"].includes(stopReason)
    if (!isOurs || this.wish.isStopAsked || this.wish.changes.length > 0 || psp !== undefined) return false
    const driverId = tokens.get(tokenUid ?? "")?.driverId
    const isLimited =
      (driverId != null && prepaid?.wallets.has(driverId) === true) ||
      prepaid?.budgets.some((budget) => budget.tokenUid === tokenUid) === true
    return !isLimited
  }
}

const judgeBeyond = (charge: Charge, { maxWh, maxMs, maxMinor }: TrueLimit, fail: Fail): void => {
  const { wh, ms, minor, shownAfterMs, changedAfterMs, withinMs } = charge
  const sentence = "A charge went on beyond what its driver wanted."
  if (maxWh !== null) {
    const most = Math.max(maxWh, charge.whIn(changedAfterMs)) + charge.whIn(withinMs)
    if (wh > most) fail(`at most ${maxWh} Wh, ${most} at the latest`, `${wh} Wh`, sentence)
  }
  if (maxMs !== null) {
    const most = Math.max(maxMs, shownAfterMs, changedAfterMs) + withinMs
    if (ms > most) fail(`at most ${maxMs / 1000} s, ${most / 1000} at the latest`, `${ms / 1000} s`, sentence)
  }
  if (maxMinor !== null && changedAfterMs === 0) {
    const stoodMinor = charge.minorIn(shownAfterMs, 0)
    const orderedMinor = stoodMinor > maxMinor ? stoodMinor : BigInt(maxMinor)
    const most = orderedMinor + charge.minorIn(withinMs) + charge.minorIn(charge.parkedMs, 0)
    if (minor > most) fail(`at most ${maxMinor}, ${most} at the latest`, `${minor}`, sentence)
  }
}

/** The CMS looks ahead by the power told last, or by what it takes a car to draw. */
const judgeShort = (charge: Charge, limit: TrueLimit, fail: Fail): void => {
  const { wh, ms, minor, withinMs, guessedW } = charge
  const guessedWh = whIn(guessedW, withinMs)
  const isNear =
    (limit.maxWh !== null && wh + guessedWh >= limit.maxWh) ||
    (limit.maxMs !== null && ms + withinMs >= limit.maxMs) ||
    (limit.maxMinor !== null && minor + charge.minorIn(withinMs, guessedW) >= BigInt(limit.maxMinor))
  if (isNear) return
  const wanted = Object.entries(limit).flatMap(([name, value]) => (value === null ? [] : [`${name} ${value}`]))
  fail(wanted.join(", "), `${wh} Wh, ${ms / 1000} s, ${minor}`, "A charge was stopped before its driver wanted it to.")
}
