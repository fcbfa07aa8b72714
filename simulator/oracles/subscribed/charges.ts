import type { TrueSession, Truth } from "../../Truth.ts"
import { isStop } from "../authorization.ts"
import type { BookedCdr, Evidence } from "../Evidence.ts"
import { match } from "../match.ts"
import type { Context, Findings } from "../Oracle.ts"
import { isMeterWrong, knowledgeOf, owedFor, trueWh } from "../owed.ts"
import { parkedMsOf, slowRate } from "../SlowRater.ts"
import type { Suspension } from "./debts.ts"
import { Life } from "./fees.ts"
import { judgeIncluded } from "./included.ts"
import type { SubscribersRecord, TrueSubscription } from "./record.ts"
import type { Fail } from "./world.ts"

/** A session that was billed once and is known whole, with its bill. */
interface Charged {
  readonly session: TrueSession
  readonly driverId: string
  readonly cdr: BookedCdr
}

/** What the sessions of each driver come to by their bills; minor units. */
export const billedMinorOf = (evidence: Evidence, context: Context): ReadonlyMap<string, bigint> => {
  const billed = new Map<string, bigint>()
  const tokenOf = new Map((evidence.transactions ?? []).map(({ id, tokenUid }) => [id, tokenUid]))
  for (const { transactionId, grossMinor } of evidence.cdrs ?? []) {
    const driverId = context.tokens.get(tokenOf.get(transactionId) ?? "")?.driverId
    if (driverId != null) billed.set(driverId, (billed.get(driverId) ?? 0n) + grossMinor)
  }
  return billed
}

/**
 * Each session costs what the tariff says with the discounts of its driver's plan, less what the plan includes and no
 * other session had: not more of it than there is in the period, not less than could be had.
 */
export const judgeCharges = (
  truth: Truth,
  evidence: Evidence,
  context: Context,
  record: SubscribersRecord,
  found: Findings,
  fail: Fail
): void => {
  judgeIncluded(truth, evidence, context, record, found, fail)
  for (const charged of chargedIn(truth, evidence, context)) {
    found.check()
    judgePrice(charged, context, record, fail)
  }
}

const chargedIn = (truth: Truth, evidence: Evidence, context: Context): ReadonlyArray<Charged> => {
  const { bySession, cdrsOf } = match(truth, evidence)
  return truth.sessions.flatMap((session): ReadonlyArray<Charged> => {
    const driverId = context.tokens.get(session.tokenUid ?? "")?.driverId
    const isKnown = session.endedAtMs !== null && knowledgeOf(session) === "whole" && !isMeterWrong(session)
    if (driverId == null || !isKnown || owedFor(session, context)._tag !== "Owed") return []
    const cdr = (cdrsOf.get(bySession.get(session.id)?.id ?? "") ?? []).findLast(({ credit }) => !credit)
    return cdr?.issuedAtMs === undefined ? [] : [{ session, driverId, cdr }]
  })
}

const placeOf = ({ session, cdr }: Charged) => ({
  stationId: session.stationId,
  sessionId: session.id,
  transactionId: cdr.transactionId
})

const judgePrice = (charged: Charged, context: Context, record: SubscribersRecord, fail: Fail): void => {
  const { session, driverId, cdr } = charged
  const owed = owedFor(session, context)
  if (owed._tag !== "Owed") return
  const mine = record.subscriptions.filter((it) => it.driverId === driverId)
  const parkedMs = parkedMsOf(session.states, session.endedAtMs!)
  const quantities = {
    energyWh: trueWh(session)! - (cdr.included?.energyMilliWh ?? 0) / 1000,
    durationMs: session.endedAtMs! - session.startedAtMs - (cdr.included?.chargingMs ?? 0),
    parkedMs
  }
  const prices = groupsAt(mine, record, session.startedAtMs).map((groups) => slowRate(owed.tariff, quantities, groups))
  if (prices.some((it) => it.netMinor === cdr.netMinor && it.grossMinor === cdr.grossMinor)) return
  const expected = prices.map(({ grossMinor, netMinor }) => `${grossMinor} (net ${netMinor})`).join(" or ")
  const is = `${cdr.grossMinor} (net ${cdr.netMinor})`
  fail(expected, is, `A session of ${driverId} does not have the discounts of its plan.`, placeOf(charged))
}

/** The groups that the plans of a driver put him into then; both where one ended or changed just before. */
const groupsAt = (
  subscriptions: ReadonlyArray<TrueSubscription>,
  { promise }: SubscribersRecord,
  atMs: number
): ReadonlyArray<ReadonlyArray<string>> => {
  const at = (instantMs: number): ReadonlyArray<string> =>
    subscriptions.flatMap((it) => new Life(it, promise.timeZone, instantMs).groupAt(instantMs) ?? []).sort()
  const [now, before] = [at(atMs), at(atMs - promise.lateMs)]
  return now.join() === before.join() ? [now] : [now, before]
}

/** Who is suspended is refused, and who has paid is let in again. */
export const judgeAnswers = (
  truth: Truth,
  context: Context,
  suspensions: ReadonlyMap<string, ReadonlyArray<Suspension>>,
  found: Findings,
  fail: Fail
): void => {
  for (const judgement of truth.judgements) {
    const { tokenUid, stationId, status, atMs, sessionId } = judgement
    const driverId = context.tokens.get(tokenUid)?.driverId
    const own = driverId == null ? undefined : suspensions.get(driverId)
    const session = sessionId === null ? undefined : truth.session(sessionId)
    if (own === undefined || isStop(judgement, session) || session?.startOffline === true) continue
    // What is told again gets the answer of the first time.
    const askedAtMs = session?.startedAtMs ?? atMs
    found.check()
    const place = { stationId, sessionId, transactionId: session?.ocppTransactionId ?? null }
    const isSure = own.some((it) => it.fromMs + answerMs < askedAtMs && atMs < it.surelyUntilMs)
    const isPossible = own.some((it) => it.fromMs <= atMs && askedAtMs < it.perhapsUntilMs)
    if (isSure && status === "Accepted")
      fail("Blocked", status, `${driverId} was let in although a debt has him suspended.`, place)
    if (!isPossible && status === "Blocked")
      fail("Accepted", status, `${driverId} was refused although nothing has him suspended.`, place)
  }
}

/** A question on its way, and a node's knowledge of a card. */
const answerMs = 60_000
