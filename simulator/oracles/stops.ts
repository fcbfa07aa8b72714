import type { TrueSession, Truth } from "../Truth.ts"
import { endOfCharging, minorIn, parkedBy } from "./growth.ts"
import { match, stepsOf } from "./match.ts"
import { type Context, Findings, type Oracle } from "./Oracle.ts"
import { knowledgeOf, owedFor, trueWh } from "./owed.ts"
import { beganUnpaid, lineIn, type PrepaidRecord, type TrueWallet, wasInHand, wholeHeard } from "./prepaid.ts"
import { type OcpiTariff, slowRange } from "./SlowRater.ts"

/**
 * A charge that is paid from a wallet is stopped when the wallet is used up. By the world's own meter, rater and account of
 * the money: not while there was more for it than it had come to, with what flows until a stop has taken effect; and all
 * charges of a wallet together took no more than was in it, but for what flows in that while.
 */
export const stops: Oracle = {
  name: "stops",
  title: "A charge that its wallet ends is ended when the wallet is used up: neither before nor after",
  misses:
    "A stop that comes too early by less than what flows between two readings, a stop's way and the look ahead, or by what " +
    "another charge of the wallet may have had set aside beyond its own price; early stops beside a charge that the CMS could " +
    "not know all of, of a card with a budget, of a charge with a limit of its own, or one that somebody ended by phone; " +
    "what was taken too much while another charge of the wallet ran, of which only the end is known; charges that the CMS " +
    "had no say in; late ends of a wallet with a charge that began before its card was shown and refused; and who stopped a charge, since a station tells no more than that it was from afar.",
  checks: (truth, evidence, context) => {
    const found = new Findings()
    const { prepaid } = context
    if (prepaid === undefined) {
      found.blind("nobody paid ahead")
      return found.outcome()
    }
    const { bySession, cdrsOf } = match(truth, evidence)
    const idOf = (session: TrueSession): string | null => bySession.get(session.id)?.id ?? null
    for (const own of prepaid.wallets.values()) {
      const purse = new Purse(own, truth, context, prepaid, (session) => {
        const cdrs = cdrsOf.get(idOf(session) ?? "") ?? []
        return stepsOf(cdrs).reduce((most, { minor }) => (minor > most ? minor : most), 0n)
      })
      for (const it of purse.charges) {
        if (!it.isClear || it.session.endedAtMs === null) continue
        found.check()
        const fail = (expected: string, is: string, sentence: string) =>
          found.fail({
            stationId: it.session.stationId,
            sessionId: it.session.id,
            transactionId: idOf(it.session),
            expected,
            found: is,
            sentence: `${sentence} (wallet of ${own.driverId})`
          })
        if (!purse.charges.some(({ session }) => session.rejected && beganUnpaid(session))) judgeBeyond(purse, it, fail)
        if (purse.isOnlyWalletsDoing(it.session) && !truth.wasGivenUp(it.session)) judgeShort(purse, it, fail)
      }
    }
    return found.outcome()
  }
}

type Fail = (expected: string, is: string, sentence: string) => void

/** From an end to the bill: its last message, and the wait for those that do not come. */
const settledWithinMs = 20 * 60_000
/** A question and its answer. */
const questionMs = 2 * 60_000
/** For how long an order is good. */
const orderForMs = 15 * 60_000

/** A charge on a wallet. */
interface OnPurse {
  readonly session: TrueSession
  /** The CMS had a say and heard everything: what it owes is what it truly came to. */
  readonly isClear: boolean
  readonly leastMinor: bigint
  /** What it can have been taken for, billed or not, whatever was corrected since. */
  readonly mostMinor: bigint
  /** Until nothing flowed any more: it may stand there, and be parked, after it was stopped. */
  readonly flowedMinor: bigint
}

/** A wallet with the charges on it. */
class Purse {
  readonly own: TrueWallet
  readonly charges: ReadonlyArray<OnPurse>
  readonly prepaid: PrepaidRecord
  readonly ends: ReadonlyMap<string, number>
  private readonly context: Context

  constructor(
    own: TrueWallet,
    truth: Truth,
    context: Context,
    prepaid: PrepaidRecord,
    billedOf: (session: TrueSession) => bigint
  ) {
    this.own = own
    this.context = context
    this.prepaid = prepaid
    this.ends = wholeHeard(truth)
    this.charges = truth.sessions
      .filter(({ tokenUid }) => tokenUid !== null && context.tokens.get(tokenUid)?.driverId === own.driverId)
      .map((session) => onPurse(session, context, billedOf(session)))
  }

  /** What flows of a charge until a stop that is due has taken effect. */
  overshootOf({ session }: OnPurse): bigint {
    return minorIn(session, this.prepaid.promise.overshootMs(session), session.maxPowerW, this.context)
  }

  /** By how much a charge may be taken for more than it is: what it is guessed to draw until the stop, which is looked ahead to. */
  guessedOf({ session }: OnPurse): bigint {
    const { overshootMs, aheadMs, assumedPowerW } = this.prepaid.promise
    return minorIn(session, overshootMs(session) + aheadMs, Math.max(session.peakPowerW, assumedPowerW), this.context)
  }

  /** It was stopped from afar, and nothing but the wallet can be why. */
  isOnlyWalletsDoing(session: TrueSession): boolean {
    const { stationId, evseId, tokenUid, ocppTransactionId, trueStartedAtMs, trueEndedAtMs } = session
    const { desk, wishes } = this.context
    if (session.stopReason !== "Remote") return false
    if (this.prepaid.budgets.some((it) => it.tokenUid === tokenUid)) return false
    const isAsked = desk?.asks.some(
      (it) => it.stationId === stationId && it.wish.do === "stop" && it.wish.ocppTransactionId === ocppTransactionId
    )
    const isWished = wishes?.wishes.some(
      (it) =>
        it.stationId === stationId &&
        it.evseId === evseId &&
        it.orderedAtMs > trueStartedAtMs - orderForMs &&
        it.orderedAtMs <= trueEndedAtMs! &&
        (it.isStopAsked || Object.values(it.limit).some((limit) => limit !== null) || it.changes.length > 0)
    )
    return isAsked !== true && isWished !== true
  }
}

const onPurse = (session: TrueSession, context: Context, billedMinor: bigint): OnPurse => {
  const owed = owedFor(session, context)
  const isOver = session.endedAtMs !== null && trueWh(session) !== null
  const isClear = isOver && wasInHand(session) && knowledgeOf(session) === "whole" && owed._tag === "Owed"
  const nothing = { session, isClear, leastMinor: 0n, mostMinor: billedMinor, flowedMinor: 0n }
  if (!isOver || owed._tag === "Free" || owed.tariff === undefined) return nothing
  const whole = priceBy(session, owed.tariff, session.endedAtMs!)
  const atMs = endOfCharging(session) - session.trueStartedAtMs + session.startedAtMs
  return {
    session,
    isClear,
    leastMinor: isClear ? whole.least.grossMinor : 0n,
    mostMinor: whole.most.grossMinor > billedMinor ? whole.most.grossMinor : billedMinor,
    flowedMinor: isClear ? priceBy(session, owed.tariff, Math.min(atMs, session.endedAtMs!)).least.grossMinor : 0n
  }
}

const priceBy = (session: TrueSession, tariff: OcpiTariff, untilMs: number) =>
  slowRange(tariff, {
    energyWh: trueWh(session)!,
    durationMs: untilMs - session.startedAtMs,
    parkedMs: parkedBy(session, untilMs)
  })

const sum = <A>(items: Iterable<A>, part: (item: A) => bigint): bigint => {
  let total = 0n
  for (const item of items) total += part(item)
  return total
}

/** What was ever in the wallet by its end, and all that was surely taken by then. */
const judgeBeyond = (purse: Purse, it: OnPurse, fail: Fail): void => {
  const { own } = purse
  const { trueStartedAtMs, trueEndedAtMs } = it.session
  const endMs = trueEndedAtMs!
  const in_ = sum(own.moves, ({ amountMinor, askedAtMs, knownAtMs }) =>
    amountMinor > 0n ? (askedAtMs <= endMs ? amountMinor : 0n) : knownAtMs < trueStartedAtMs ? amountMinor : 0n
  )
  const before = purse.charges.filter(
    ({ session }) => session !== it.session && (session.trueEndedAtMs ?? Infinity) <= endMs
  )
  const taken =
    it.flowedMinor +
    sum(before, ({ leastMinor, flowedMinor, session }) =>
      session.trueEndedAtMs! < trueStartedAtMs - settledWithinMs ? leastMinor : flowedMinor
    )
  const beside = purse.charges.filter(
    ({ session }) =>
      session.trueStartedAtMs <= endMs && (session.trueEndedAtMs ?? Infinity) >= trueStartedAtMs - settledWithinMs
  )
  const there = in_ + lineIn(own, 0, endMs).most
  const most = there + sum(beside, (other) => purse.overshootOf(other))
  if (taken > most)
    fail(`at most ${there}, ${most} at the latest`, `${taken}`, "Charges went on when their wallet was empty.")
}

/** What there was for it for sure, when it was stopped, and what it had come to. */
const judgeShort = (purse: Purse, it: OnPurse, fail: Fail): void => {
  const { own, prepaid } = purse
  const { overshootMs, setAside } = prepaid.promise
  const endMs = it.session.trueEndedAtMs!
  const decidedMs = endMs - overshootMs(it.session) - questionMs
  const in_ = sum(own.moves, ({ amountMinor, askedAtMs, knownAtMs }) =>
    amountMinor > 0n ? (knownAtMs < decidedMs ? amountMinor : 0n) : askedAtMs <= endMs ? amountMinor : 0n
  )
  let others = 0n
  for (const other of purse.charges) {
    const { session, isClear, mostMinor } = other
    if (session === it.session || session.trueStartedAtMs > endMs) continue
    others += mostMinor
    const heardMs = Math.max(session.trueEndedAtMs ?? 0, purse.ends.get(session.id) ?? Number.POSITIVE_INFINITY)
    if (heardMs < decidedMs - settledWithinMs) continue
    // What was set aside for it until it was known to be over, also if it was refused, no price of its own says.
    if (!isClear) return
    const beyond = setAside.stepMinor + purse.guessedOf(other)
    others += beyond > setAside.firstMinor ? beyond : setAside.firstMinor
  }
  const there = in_ + lineIn(own, decidedMs, endMs).least - others
  const least = there - purse.guessedOf(it)
  if (it.mostMinor < least)
    fail(
      `${there} to be used up, ${least} at the least`,
      `${it.mostMinor}`,
      "A charge was stopped while its wallet had more."
    )
}
