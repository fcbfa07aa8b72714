import type { Judgement, TrueSession } from "../Truth.ts"
import { isStop } from "./authorization.ts"
import { begunBy, shownAtMs } from "./begun.ts"
import type { BookedWallet } from "./Evidence.ts"
import { Findings, type Oracle } from "./Oracle.ts"
import { mayBeSuspended } from "./owed.ts"
import { lineIn, periodName, type TrueBudget, type TrueWallet, wasInHand } from "./prepaid.ts"
import { type Billed, feesOf, questionMs, settledWithinMs, sum, World } from "./walletWorld.ts"

/**
 * Money paid ahead is where its driver knows it to be: the wallet is what was paid in less what was billed and taken out,
 * it was never below its limit, nothing stays set aside, what it could not pay is asked for, and the ledger says the same.
 * A charge is let in while there is money and budget for it and not when there is none, and is over soon after.
 */
export const wallet: Oracle = {
  name: "wallet",
  title: "Wallets hold what was paid in less what was charged, never less than their limit, and budgets bound charges",
  misses:
    "A refusal or a start while other charges of the same wallet run or have just ended, when only the CMS knows what is " +
    "set aside; how much of an overshoot within its bound could have been spared; and bills that are wrong, which are the " +
    "money oracle's.",
  checks: (truth, evidence, context) => {
    const found = new Findings()
    const { prepaid } = context
    if (prepaid === undefined) {
      found.blind("nobody paid ahead")
      return found.outcome()
    }
    if (evidence.wallets == null || evidence.cdrs === null || evidence.entries === null) {
      found.blind("the wallets of this CMS cannot be seen")
      return found.outcome()
    }
    const world = new World(truth, evidence, context, prepaid)
    for (const own of prepaid.wallets.values()) {
      const booked = evidence.wallets.find(({ driverId }) => driverId === own.driverId)
      judgeWallet(world, own, booked, found)
    }
    for (const budget of prepaid.budgets) judgeBudget(world, budget, found)
    for (const judgement of truth.judgements) judgeAnswer(world, judgement, found)
    return found.outcome()
  }
}

const judgeWallet = (world: World, own: TrueWallet, booked: BookedWallet | undefined, found: Findings): void => {
  const { driverId } = own
  const fail = (expected: string, is: string, sentence: string, billed?: Billed) =>
    found.fail({
      stationId: billed?.session.stationId ?? null,
      sessionId: billed?.session.id ?? null,
      transactionId: billed?.transactionId ?? null,
      expected,
      found: is,
      sentence: `${sentence} (wallet of ${driverId})`
    })
  found.check()
  if (booked === undefined) {
    fail("a wallet", "none", "A driver's wallet is not in the books.")
    return
  }
  const limit = -lineIn(own, 0, world.context.atMs).most
  for (const { balanceMinor } of booked.movements)
    if (balanceMinor < limit) fail(`at least ${limit}`, `${balanceMinor}`, "A wallet fell below its limit.")
  const folded = sum(booked.movements, ({ amountMinor }) => amountMinor)
  if (folded !== booked.balanceMinor)
    fail(`${folded}`, `${booked.balanceMinor}`, "A balance is not what its movements add up to.")
  judgeMoves(own, booked, fail)
  const mine = world.byDriver.get(driverId) ?? []
  const billed = sum(mine, ({ minor }) => minor)
  const paidIn = sum(own.moves, ({ amountMinor }) => amountMinor)
  const expected = paidIn - billed - feesOf(world, driverId, world.context.atMs) + booked.arrearsMinor
  if (expected !== booked.balanceMinor) {
    const is = `${booked.balanceMinor}, ${booked.arrearsMinor} still owed`
    fail(`${paidIn} paid in less ${billed} billed`, is, "A wallet does not hold what was paid in less what was billed.")
  }
  const limitNow = -lineIn(own, world.context.atMs, world.context.atMs).least
  if (booked.arrearsMinor > 0n && booked.balanceMinor - booked.heldMinor > limitNow)
    fail("0", `${booked.arrearsMinor}`, "Something is still owed though there is money to pay it.")
  // Of a charge whose end or whole course was lost the books know when it is over, or know nothing at all.
  const isOpen = world.evidence.transactions?.some(
    ({ tokenUid, status }) =>
      status === "Open" && tokenUid !== null && world.context.tokens.get(tokenUid)?.driverId === driverId
  )
  const isRunning = isOpen ?? mine.some(({ session }) => session.endKnowledge !== "reported")
  if (booked.heldMinor !== 0n && !isRunning)
    fail("0", `${booked.heldMinor}`, "Money stays set aside though nothing runs.")
  const account = sum(world.evidence.entries!, ({ postings }) =>
    sum(postings, (it) => (it.account === `wallet:${driverId}` ? it.amountMinor : 0n))
  )
  if (account !== -booked.balanceMinor)
    fail(`${-booked.balanceMinor}`, `${account}`, "The ledger does not owe what the wallet holds.")
  for (const it of mine) judgeOverspent(world, booked, it, fail)
}

type Fail = (expected: string, is: string, sentence: string, billed?: Billed) => void

/** Everything the driver moved is there once, and nothing else. */
const judgeMoves = (own: TrueWallet, booked: BookedWallet, fail: Fail): void => {
  const isOfBank = ({ kind }: BookedWallet["movements"][number]) => kind === "take-back" || kind === "give-back"
  const people = booked.movements.filter((it) => it.transactionId === null && !isOfBank(it))
  const moves = own.moves.filter(({ isTakenBack }) => isTakenBack === undefined)
  for (const { sourceId, amountMinor } of moves) {
    const there = people.filter((it) => it.sourceId === sourceId)
    if (there.length !== 1 || there[0]!.amountMinor !== amountMinor)
      fail(`${amountMinor} once`, `${there.map((it) => it.amountMinor)}`, `What was moved as ${sourceId} differs.`)
  }
  if (people.length > moves.length)
    fail(`${moves.length}`, `${people.length}`, "Money moved that its driver knows nothing of.")
}

/** What a wallet could not pay at once is no more than the promise says, where the CMS had a say. */
const judgeOverspent = (world: World, { movements, arrearsMinor }: BookedWallet, it: Billed, fail: Fail): void => {
  if (it.transactionId === null || !wasInHand(it.session)) return
  // What an operator made dearer afterwards was no charge that went on.
  if (it.ever.mostMinor > it.ever.firstMinor) return
  const own = movements.filter(({ transactionId }) => transactionId === it.transactionId)
  const late = -sum(own, ({ kind, amountMinor }) => (kind === "arrears" ? amountMinor : 0n))
  const paid = -sum(own, ({ amountMinor }) => amountMinor)
  const over = late + (arrearsMinor > 0n && it.minor > paid ? it.minor - paid : 0n)
  const most = world.overshootOf(it).minor
  if (over > most) fail(`at most ${most}`, `${over}`, "A charge went on after its wallet was empty.", it)
}

/** Sessions that began in each period of a budget, in order of their start. */
const periodsOf = (world: World, budget: TrueBudget): ReadonlyArray<ReadonlyArray<Billed>> => {
  const all = (world.byToken.get(budget.tokenUid) ?? []).toSorted(
    (a, b) => a.session.startedAtMs - b.session.startedAtMs
  )
  return [...Map.groupBy(all, ({ session }) => periodName(budget, session.startedAtMs)).values()]
}

const judgeBudget = (world: World, budget: TrueBudget, found: Findings): void => {
  for (const sessions of periodsOf(world, budget)) {
    found.check()
    const fail = (expected: string, is: string, sentence: string, { session, transactionId }: Billed) =>
      found.fail({
        stationId: session.stationId,
        sessionId: session.id,
        transactionId,
        expected,
        found: is,
        sentence: `${sentence} (card ${budget.tokenUid}, ${budget.period})`
      })
    judgeStarts(world, budget, sessions, fail)
    if (budget.atLimit === "stop") judgeTotal(world, budget, sessions, fail)
  }
}

/** No start was accepted once what was over before it had used the budget up. */
const judgeStarts = (world: World, budget: TrueBudget, sessions: ReadonlyArray<Billed>, fail: BudgetFail): void => {
  const { leastMinor, leastWh } = world.prepaid.promise
  for (const it of sessions) {
    if (!wasInHand(it.session)) continue
    const before = sessions.filter(
      ({ session }) =>
        !session.rejected && session.startAcknowledged && session.startedAtMs < it.session.startedAtMs - questionMs
    )
    const { maxSessions, maxMinor, maxWh } = budget
    if (maxSessions !== null && before.length >= maxSessions)
      fail(`at most ${maxSessions}`, `${before.length + 1}`, "More charges began than a budget allows.", it)
    const over = before.filter(
      ({ session }) => session.endedAtMs !== null && session.endedAtMs < it.session.startedAtMs - settledWithinMs
    )
    const minor = sum(over, ({ ever }) => ever.leastMinor)
    const wh = over.reduce((total, { ever }) => total + ever.leastWh, 0)
    if (maxMinor !== null && maxMinor - minor < leastMinor)
      fail(`refused at ${minor} of ${maxMinor}`, "a charge", "A charge began on a budget that was used up.", it)
    if (maxWh !== null && maxWh - wh < leastWh)
      fail(`refused at ${wh} of ${maxWh} Wh`, "a charge", "A charge began on a budget that was used up.", it)
  }
}

type BudgetFail = (expected: string, is: string, sentence: string, billed: Billed) => void

/** All charges of a period together stay within the budget, but for the overshoot of those that ran at its end. */
const judgeTotal = (world: World, budget: TrueBudget, sessions: ReadonlyArray<Billed>, fail: BudgetFail): void => {
  const { maxMinor, maxWh } = budget
  const last = sessions.at(-1)!
  const free = sessions.filter(({ session }) => !wasInHand(session))
  const inHand = sessions.filter(({ session }) => wasInHand(session))
  const overshoot = inHand.map((it) => world.overshootOf(it))
  const minor = sum(inHand, (it) => it.minor)
  const wh = inHand.reduce((total, it) => total + it.wh, 0)
  const mostMinor = (maxMinor ?? 0n) + sum(overshoot, (it) => it.minor)
  const mostWh = (maxWh ?? 0) + overshoot.reduce((total, it) => total + it.wh, 0)
  if (maxMinor !== null && minor > mostMinor)
    fail(`at most ${mostMinor}`, `${minor}, ${free.length} not counted`, "Charges went on beyond their budget.", last)
  if (maxWh !== null && wh > mostWh)
    fail(`at most ${mostWh} Wh`, `${wh} Wh`, "Charges went on beyond their budget.", last)
}

/** Nobody with money and budget for sure is refused, and nobody who has none for sure is let in. */
const judgeAnswer = (world: World, judgement: Judgement, found: Findings): void => {
  const { tokenUid, stationId, status, atMs } = judgement
  const token = world.context.tokens.get(tokenUid)
  const own = token?.driverId == null ? undefined : world.prepaid.wallets.get(token.driverId)
  const budgets = world.prepaid.budgets.filter((it) => it.tokenUid === tokenUid)
  if (own === undefined && budgets.length === 0) return
  const session = judgement.sessionId === null ? undefined : world.truth.session(judgement.sessionId)
  if (mayBeSuspended(token, atMs - questionMs, atMs)) return
  if (isStop(judgement, session) || (session?.startOffline ?? false) || (session?.lies.length ?? 0) > 0) return
  found.check()
  const at = { stationId, sessionId: session?.id ?? null, transactionId: session?.ocppTransactionId ?? null }
  const fail = (expected: string, sentence: string) => found.fail({ ...at, expected, found: status, sentence })
  // A repeated message gets the answer that the first one got.
  const isStarted = session !== undefined && atMs > shownAtMs(session) + questionMs
  const fromMs = isStarted ? shownAtMs(session) : atMs
  const isNoCredit = status === "NoCredit" || (status === "Blocked" && (token!.blockedAtMs ?? Infinity) > atMs)
  if (isNoCredit) {
    const wanted = world.prepaid.promise.leastMinor + begunBy(session, atMs, world.context).most
    const hasMoney = own === undefined || leastFree(world, own, { fromMs, atMs }, session) >= wanted
    if (hasMoney && budgets.every((budget) => hasRoom(world, budget, { fromMs, atMs }, session)))
      fail("Accepted", `Card ${tokenUid} was refused for want of credit though it had some.`)
    return
  }
  if (status !== "Accepted" || own === undefined || isStarted) return
  const there = mostFree(world, own, atMs)
  if (there < world.prepaid.promise.leastMinor)
    fail("NoCredit", `Card ${tokenUid} was let in though its wallet was empty.`)
  else if (there < world.prepaid.promise.leastMinor + begunBy(session, atMs, world.context).least)
    fail("NoCredit", `Card ${tokenUid} was let in on a charge that had come to more than its wallet had.`)
}

/** Whether it runs, or its end was not heard of long enough ago to be billed for sure. */
const isNear = ({ ends }: World, { id, trueEndedAtMs }: TrueSession, atMs: number): boolean =>
  trueEndedAtMs === null || Math.max(trueEndedAtMs, ends.get(id) ?? Number.POSITIVE_INFINITY) + settledWithinMs >= atMs

/** What was told under another name ended nothing: the CMS may have set aside all that there is for what it takes to go on. */
const isEndUnheard = ({ lies }: TrueSession): boolean => lies.includes("messages")
const everything = 1_000_000_000n

/** From when an answer may have been found until it came. */
interface Asked {
  readonly fromMs: number
  readonly atMs: number
}

/** The least that is free for sure: what came in, less all that was ever begun, with what may be set aside for it. */
const leastFree = (world: World, own: TrueWallet, { fromMs, atMs }: Asked, asked: TrueSession | undefined): bigint => {
  const { heldBeyondMinor } = world.prepaid.promise
  const moved = sum(own.moves, ({ amountMinor, askedAtMs, knownAtMs }) =>
    amountMinor > 0n ? (knownAtMs < fromMs - questionMs ? amountMinor : 0n) : askedAtMs <= atMs ? amountMinor : 0n
  )
  const spent = sum(world.byDriver.get(own.driverId) ?? [], ({ session, ever }) => {
    if (session === asked || session.trueStartedAtMs > atMs) return 0n
    if (isEndUnheard(session)) return everything
    return isNear(world, session, fromMs) || session.endKnowledge !== "reported"
      ? ever.mostMinor + heldBeyondMinor
      : ever.mostMinor
  })
  return moved + lineIn(own, fromMs - questionMs, atMs).least - spent - feesOf(world, own.driverId, atMs)
}

/** The most that can be free: all that may have come in, less what is billed for sure. */
const mostFree = (world: World, own: TrueWallet, atMs: number): bigint => {
  const moved = sum(own.moves, ({ amountMinor, askedAtMs, knownAtMs }) =>
    amountMinor > 0n ? (askedAtMs <= atMs ? amountMinor : 0n) : knownAtMs < atMs - questionMs ? amountMinor : 0n
  )
  const spent = sum(world.byDriver.get(own.driverId) ?? [], ({ session, ever }) =>
    session.endKnowledge === "reported" && wasInHand(session) && !isNear(world, session, atMs - questionMs)
      ? ever.leastMinor
      : 0n
  )
  return moved + lineIn(own, atMs - questionMs, atMs).most - spent
}

/** Whether a budget has room for sure. */
const hasRoom = (
  world: World,
  budget: TrueBudget,
  { fromMs, atMs }: Asked,
  asked: TrueSession | undefined
): boolean => {
  const { leastMinor, leastWh, heldBeyondMinor, overshootMs } = world.prepaid.promise
  const name = periodName(budget, asked?.startedAtMs ?? atMs)
  // At the turn of a period two answers are right.
  if (name !== periodName(budget, fromMs - questionMs)) return false
  const own = (world.byToken.get(budget.tokenUid) ?? []).filter(
    ({ session }) =>
      session !== asked && session.startedAtMs <= atMs && periodName(budget, session.startedAtMs) === name
  )
  if (own.some(({ session }) => isEndUnheard(session))) return false
  const beyond = own.filter(({ session }) => isNear(world, session, fromMs) || session.endKnowledge !== "reported")
  const heldWh = beyond.reduce(
    (total, it) => total + 25_000 + (it.session.maxPowerW * overshootMs(it.session)) / 3_600_000,
    0
  )
  const minor = sum(own, ({ ever }) => ever.mostMinor) + heldBeyondMinor * BigInt(beyond.length)
  const wh = own.reduce((total, { ever }) => total + ever.mostWh, heldWh)
  return (
    (budget.maxSessions === null || own.length < budget.maxSessions) &&
    (budget.maxMinor === null || budget.maxMinor - minor >= leastMinor) &&
    (budget.maxWh === null || budget.maxWh - wh >= leastWh)
  )
}
