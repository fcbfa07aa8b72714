import type { Judgement, TrueSession, Truth } from "../Truth.ts"
import type { BookedTransaction } from "./Evidence.ts"
import { endOfCharging } from "./growth.ts"
import { judgedAt } from "./judgedAt.ts"
import { billedWh, match } from "./match.ts"
import { type Context, Findings, type Oracle } from "./Oracle.ts"
import { mayBeSuspended, objectionTo } from "./owed.ts"
import { beganUnpaid } from "./prepaid.ts"

/**
 * No token that was not valid then and there was let in or billed, and none that was valid was refused; a concurrency
 * limit is neither exceeded by what the CMS was asked nor invoked without cause; what a start was answered is what the
 * books have, also when it is sent again; a stop by a stranger's token is noted.
 */
export const authorization: Oracle = {
  name: "authorization",
  title: "Whoever may charge is let in, and nobody else",
  misses:
    "A decision that nobody asked for while the run lasted, and the reason given for a refusal of a token that was not " +
    "good (Blocked told as Expired passes, ConcurrentTx only at its limit). Of a token that changed while the answer travelled both answers pass.",
  checks: (truth, evidence, context) => {
    const found = new Findings()
    if (!context.isRegistered) {
      found.blind("this CMS was not told of the cards, and may know others")
      return found.outcome()
    }
    const running = limitedSessions(truth, context)
    for (const judgement of truth.judgements) {
      found.check()
      const session = judgement.sessionId === null ? undefined : truth.session(judgement.sessionId)
      judge(judgement, session, context, running, found)
    }
    if (evidence.transactions === null || evidence.cdrs === null) {
      found.blind()
      return found.outcome()
    }
    const { bySession, cdrsOf } = match(truth, evidence)
    for (const judgement of truth.judgements) {
      const session = judgement.sessionId === null ? undefined : truth.session(judgement.sessionId)
      const transaction = session === undefined ? undefined : bySession.get(session.id)
      if (session !== undefined && transaction !== undefined) compareAnswer(judgement, session, transaction, found)
    }
    for (const session of truth.sessions) {
      const transaction = bySession.get(session.id)
      if (transaction === undefined || session.tokenUid === null) continue
      found.check()
      const place = { stationId: session.stationId, sessionId: session.id, transactionId: transaction.id }
      const token = context.tokens.get(session.tokenUid)
      const objections = [...judgedAt(session), session.trueEndedAtMs ?? context.atMs].map((atMs) =>
        objectionTo(token, session.stationId, atMs)
      )
      const isBad = objections.every((it) => it !== null)
      const billed = billedWh(cdrsOf.get(transaction.id) ?? [])
      if (isBad && billed !== 0) {
        const sentence = `Energy was billed on token ${session.tokenUid}, which was ${objections[0]}.`
        found.fail({ ...place, expected: "0 Wh", found: `${billed} Wh`, sentence })
      }
      if (session.endKnowledge !== "reported" || transaction.findings === null) continue
      // Its end was told under another name.
      if (session.lies.includes("messages")) continue
      const isStranger = stoppedByStranger(session, context)
      if (isStranger === transaction.findings.includes("stop-by-stranger")) continue
      // Whose stops leave the card out says of no stranger who he is.
      if (isStranger && session.faults.includes("stop without id tag")) continue
      found.fail({
        ...place,
        expected: isStranger ? "the finding stop-by-stranger" : "no finding stop-by-stranger",
        found: transaction.findings.join(", ") || "no finding",
        sentence: `Stopped with token ${session.stopTokenUid}, and the books tell that wrongly.`
      })
    }
    return found.outcome()
  }
}

/** A start that is sent again is told what it was told before, and what the books have, whatever runs on the token since. */
const compareAnswer = (
  { action, tokenUid, status, stationId, atMs }: Judgement,
  session: TrueSession,
  { id: transactionId, tokenUid: booked, authorization: kept }: BookedTransaction,
  found: Findings
): void => {
  if (kept === null || booked !== tokenUid) return
  const { id, stopTokenUid, trueStartedAtMs, startedAtMs, states } = session
  // In 2.x the answer may be to the token that stopped: the transaction may last on until its car is gone.
  const stoppedAtMs = endOfCharging(session) - trueStartedAtMs + startedAtMs
  // The end may be dated by a last reading that is older than the stop, where the power failed behind it.
  const hasStood = states.some((it, index) => index > 0 && it.atMs === stoppedAtMs && it.state === "EVConnected")
  const isOfStop =
    stopTokenUid !== null || ((hasStood || stoppedAtMs < (session.endedAtMs ?? 0)) && atMs >= stoppedAtMs)
  if (action !== "StartTransaction" && isOfStop) return
  found.check()
  if ((status === "Accepted") === (kept === "Accepted")) return
  found.fail({
    stationId,
    sessionId: id,
    transactionId,
    expected: kept,
    found: status,
    sentence: `${action} of token ${tokenUid} was answered otherwise than the books have it.`
  })
}

/** Whether the card that stopped it is neither its own nor of its group. */
export const stoppedByStranger = (
  { tokenUid, stopTokenUid }: TrueSession,
  { tokens }: Pick<Context, "tokens">
): boolean => {
  if (stopTokenUid === null || tokenUid === null || stopTokenUid === tokenUid) return false
  const groupId = tokens.get(tokenUid)?.groupId ?? null
  return groupId === null || tokens.get(stopTokenUid)?.groupId !== groupId
}

/** From acceptance to acknowledged end, per token that has a limit. */
type Limited = ReadonlyMap<string, ReadonlyArray<Running>>

interface Running {
  readonly sessionId: string
  /** Acknowledged at the start; null when it never was. */
  readonly fromMs: number | null
  /** The first instant the CMS may have known of it, and the last it may have thought it running. */
  readonly perhapsFromMs: number
  readonly perhapsUntilMs: number
  readonly overAtMs: number
}

const limitedSessions = (truth: Truth, context: Context): Limited => {
  const byToken = new Map<string, Array<Running>>()
  const isLimited = (uid: string | null): uid is string =>
    uid !== null && (context.tokens.get(uid)?.concurrencyLimit ?? null) !== null
  if (!truth.sessions.some(({ tokenUid }) => isLimited(tokenUid))) return byToken
  const acknowledged = new Map<string, number>()
  for (const { kind, sessionId, atMs } of truth.acknowledgements) {
    if (kind === "start" || kind === "end") acknowledged.set(`${kind} ${sessionId}`, atMs)
  }
  const told = new Map<string, number>()
  for (const { action, sessionId, tokenUid, atMs } of truth.judgements) {
    const key = `${sessionId} ${tokenUid}`
    if (action === "TransactionEvent" && !told.has(key)) told.set(key, atMs)
  }
  for (const session of truth.sessions) {
    const { tokenUid, id, startedAtMs, endedAtMs, trueStartedAtMs, trueEndedAtMs } = session
    if (!isLimited(tokenUid)) continue
    const running: Running = {
      sessionId: id,
      fromMs: certainlyFrom(session, context, acknowledged, told),
      // One that began with the plug takes no place until its card is let in, which is when energy comes.
      perhapsFromMs: beganUnpaid(session) ? shownAt(session) : Math.min(startedAtMs, trueStartedAtMs),
      // An end that was told under another name ended nothing that the CMS knew of.
      perhapsUntilMs: session.lies.includes("messages")
        ? Number.POSITIVE_INFINITY
        : (acknowledged.get(`end ${id}`) ?? Number.POSITIVE_INFINITY),
      overAtMs: Math.min(endedAtMs ?? Number.POSITIVE_INFINITY, trueEndedAtMs ?? Number.POSITIVE_INFINITY)
    }
    const others = byToken.get(tokenUid)
    if (others === undefined) byToken.set(tokenUid, [running])
    else others.push(running)
  }
  return byToken
}

/**
 * When the CMS knew for sure that a card takes a place: with the answer to the start, or to the card that came after the
 * plug. A card that is good and was refused takes one too where it charges all the same, since what flows is owed for; one
 * that was not good need not. Null: never for sure. Where the clock is wrong, nothing that it says can be held against the
 * true instant of an Authorize.
 */
const certainlyFrom = (
  session: TrueSession,
  { tokens }: Context,
  acknowledged: ReadonlyMap<string, number>,
  told: ReadonlyMap<string, number>
): number | null => {
  const { id, tokenUid, stationId, lies, rejected } = session
  if (lies.includes("clock")) return null
  const fromMs = beganUnpaid(session) ? told.get(`${id} ${tokenUid}`) : acknowledged.get(`start ${id}`)
  if (fromMs === undefined) return null
  const token = tokens.get(tokenUid!)
  const isGood = [...judgedAt(session), fromMs].every(
    (atMs) => objectionTo(token, stationId, atMs) === null && !mayBeSuspended(token, atMs, atMs)
  )
  return rejected && !isGood ? null : fromMs
}

/** The earlier of both clocks' instants at which energy came to a charge that had begun with the plug; of its start, if none did. */
const shownAt = ({ states, startedAtMs, trueStartedAtMs }: TrueSession): number => {
  const afterMs = (states.find(({ state }) => state !== "EVConnected")?.atMs ?? startedAtMs) - startedAtMs
  return Math.min(startedAtMs, trueStartedAtMs) + afterMs
}

const judge = (
  judgement: Judgement,
  session: TrueSession | undefined,
  context: Context,
  limited: Limited,
  found: Findings
): void => {
  const { stationId, tokenUid, atMs, status, action } = judgement
  const token = context.tokens.get(tokenUid)
  const asked = askedFrom(judgement, session)
  const askedAtMs = asked[0]!
  const objections = [...asked, atMs].map((instantMs) => objectionTo(token, stationId, instantMs))
  const place = { stationId, sessionId: session?.id ?? null, transactionId: session?.ocppTransactionId ?? null }
  if (status === "Accepted") {
    if (objections.every((it) => it !== null)) {
      const sentence = `${action} of token ${tokenUid} was accepted although the token was ${objections[0]}.`
      found.fail({ ...place, expected: `refused: ${objections[0]}`, found: status, sentence })
    }
    const limit = token?.concurrencyLimit ?? null
    if (limit === null || isStop(judgement, session)) return
    const certain = runningAt(limited.get(tokenUid) ?? [], judgement.sessionId, askedAtMs, atMs, "certain")
    if (certain < limit || session?.startOffline === true) return
    const sentence = `${action} of token ${tokenUid} was accepted beyond its limit of ${limit}.`
    found.fail({ ...place, expected: "ConcurrentTx", found: `${status} with ${certain} running`, sentence })
    return
  }
  if (isStop(judgement, session)) return
  const limit = token?.concurrencyLimit ?? null
  const perhaps =
    limit === null ? 0 : runningAt(limited.get(tokenUid) ?? [], judgement.sessionId, askedAtMs, atMs, "perhaps")
  if (status === "ConcurrentTx") {
    if (limit !== null && perhaps >= limit) return
    const sentence = `${action} of token ${tokenUid} was refused for its limit, which it cannot have come to.`
    const expected =
      limit === null ? "another answer: it has none" : `another answer: ${perhaps} of ${limit} at the most`
    found.fail({ ...place, expected, found: status, sentence })
    return
  }
  if (objections.some((it) => it !== null) || isForWantOfCredit(judgement, context)) return
  if (mayBeSuspended(token, askedAtMs, atMs)) return
  const sentence = `${action} of token ${tokenUid} was refused although the token was good.`
  found.fail({ ...place, expected: "Accepted", found: status, sentence })
}

/** Whether there was money or budget for it is for the wallet oracle to say. 1.6 has no word for it but Blocked. */
const isForWantOfCredit = ({ tokenUid, status }: Judgement, { prepaid, tokens }: Context): boolean => {
  if (prepaid === undefined || (status !== "NoCredit" && status !== "Blocked")) return false
  const driverId = tokens.get(tokenUid)?.driverId
  return (driverId != null && prepaid.wallets.has(driverId)) || prepaid.budgets.some((it) => it.tokenUid === tokenUid)
}

/**
 * An offline start is about the instant it names, not the one it arrived at; by a clock that is off, about one of these. A
 * card that came after the plug is about when it came.
 */
const askedFrom = (judgement: Judgement, session: TrueSession | undefined): ReadonlyArray<number> => {
  if (session === undefined || judgement.action === "Authorize") return [judgement.atMs - longestQuestionMs]
  const atStart = judgedAt(session)
  return atStart.length === 1 && beganUnpaid(session) ? [shownAt(session)] : atStart
}

/** Authorize is asked and answered within this while; the instant in between is not known. */
const longestQuestionMs = 120_000

/** A token that was shown to stop: a stranger's may be refused, its owner's is not counted. */
export const isStop = ({ tokenUid, action }: Judgement, session: TrueSession | undefined): boolean =>
  action === "StopTransaction" ||
  (session !== undefined && session.endedAtMs !== null && session.tokenUid !== tokenUid) ||
  (session !== undefined && action === "TransactionEvent" && session.stopTokenUid === tokenUid)

const runningAt = (
  sessions: ReadonlyArray<Running>,
  exceptId: string | null,
  fromMs: number,
  toMs: number,
  how: "certain" | "perhaps"
): number =>
  sessions.filter((it) => {
    if (it.sessionId === exceptId) return false
    if (how === "perhaps") return it.perhapsFromMs <= toMs && it.perhapsUntilMs >= fromMs
    return it.fromMs !== null && it.fromMs < fromMs && it.overAtMs > toMs
  }).length
