import type { TrueSession, Truth } from "../../Truth.ts"
import type { BookedCdr, Evidence } from "../Evidence.ts"
import { match } from "../match.ts"
import type { Context, Findings } from "../Oracle.ts"
import { isMeterWrong, knowledgeOf, owedFor, trueWh } from "../owed.ts"
import { parkedMsOf } from "../SlowRater.ts"
import { Life } from "./fees.ts"
import type { SubscribersRecord } from "./record.ts"
import type { Fail } from "./world.ts"

interface Part {
  readonly milliWh: bigint
  readonly ms: bigint
}

/** A bill of a session, or that one was taken back and none made (null). */
interface Billing {
  readonly session: TrueSession
  readonly driverId: string
  readonly transactionId: string
  readonly bill: BookedCdr | null
  readonly atMs: number
  /** Breaks ties as the books do. */
  readonly id: string
  /** Whether the session was known whole by then. */
  readonly isKnown: boolean
}

/**
 * Of what a plan includes each session gets what no other had when it was billed: not more than there is in the period, not
 * less than could be had. A bill that is made anew has given its part back first, and is measured by what is left then;
 * one that is taken back leaves its part to those who are billed after it.
 */
export const judgeIncluded = (
  truth: Truth,
  evidence: Evidence,
  context: Context,
  record: SubscribersRecord,
  found: Findings,
  fail: Fail
): void => {
  const used = new Map<string, Map<string, Part>>()
  for (const billing of billingsIn(truth, evidence, context)) {
    const { session, driverId, transactionId, bill, isKnown } = billing
    for (const parts of used.values()) parts.delete(session.id)
    if (bill === null) continue
    const is = { milliWh: BigInt(bill.included?.energyMilliWh ?? 0), ms: BigInt(bill.included?.chargingMs ?? 0) }
    const allowance = allowanceOf(billing, record)
    const others = allowance === undefined ? [] : [...(used.get(allowance.key)?.values() ?? [])]
    const left = (of: keyof Part) => (allowance?.[of] ?? 0n) - others.reduce((sum, it) => sum + it[of], 0n)
    const should = {
      milliWh: between(left("milliWh"), BigInt(trueWh(session) ?? 0) * 1000n),
      ms: between(left("ms"), BigInt(chargingMsOf(session)))
    }
    const had = isKnown ? should : is
    if (allowance !== undefined) used.set(allowance.key, (used.get(allowance.key) ?? new Map()).set(session.id, had))
    if (!isKnown) continue
    found.check()
    if (is.milliWh === should.milliWh && is.ms === should.ms) continue
    const text = ({ milliWh, ms }: Part) => `${milliWh} mWh, ${ms} ms`
    const place = { stationId: session.stationId, sessionId: session.id, transactionId }
    fail(text(should), text(is), `A plan of ${driverId} takes something else off the bill ${bill.id}.`, place)
  }
}

/** At most that, and not less than nothing. */
const between = (left: bigint, wanted: bigint): bigint => (left < 0n ? 0n : left < wanted ? left : wanted)

const chargingMsOf = ({ states, startedAtMs, endedAtMs }: TrueSession): number =>
  endedAtMs === null ? 0 : endedAtMs - startedAtMs - parkedMsOf(states, endedAtMs)

/** What the plan of its driver includes in the period in which the session began, as it was known when it was billed. */
const allowanceOf = ({ session, driverId, atMs }: Billing, { subscriptions, promise }: SubscribersRecord) => {
  const { startedAtMs } = session
  for (const subscription of subscriptions) {
    if (subscription.driverId !== driverId || subscription.startedAtMs > startedAtMs) continue
    const included = new Life(subscription, promise.timeZone, atMs).includedAt(startedAtMs)
    if (included !== undefined) return { ...included, key: `${subscription.id} ${included.periodFromMs}` }
  }
  return undefined
}

/** Every bill of those who may have plans, in the order made: who is billed first has of what is left. */
const billingsIn = (truth: Truth, evidence: Evidence, context: Context): ReadonlyArray<Billing> => {
  const { bySession, cdrsOf } = match(truth, evidence)
  const billings = truth.sessions.flatMap((session): ReadonlyArray<Billing> => {
    const driverId = context.tokens.get(session.tokenUid ?? "")?.driverId
    const transactionId = bySession.get(session.id)?.id
    if (driverId == null || transactionId === undefined) return []
    const isWhole = session.endedAtMs !== null && knowledgeOf(session) === "whole" && !isMeterWrong(session)
    const cdrs = cdrsOf.get(transactionId) ?? []
    const last = cdrs.findLast(({ credit }) => !credit)
    return cdrs.flatMap((cdr, index): ReadonlyArray<Billing> => {
      const { id, credit, issuedAtMs: atMs, energyWh, endAtMs } = cdr
      const next = cdrs[index + 1]
      if (atMs === undefined || (credit && next?.issuedAtMs === atMs)) return []
      const isAllToldOf = cdr === last || (energyWh === trueWh(session) && endAtMs === session.endedAtMs)
      const isKnown = isWhole && isAllToldOf && isOwed(session, context)
      return [{ session, driverId, transactionId, bill: credit ? null : cdr, atMs, id, isKnown }]
    })
  })
  return billings.sort((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1))
}

/** Whether it was owed for, though an operator may have given it away since. */
const isOwed = (session: TrueSession, context: Context): boolean =>
  owedFor(session, context)._tag === "Owed" || context.corrections?.latestOf(session)?.tariff === null
