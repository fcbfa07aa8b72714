import { costVendor } from "../station/Screen.ts"
import type { TrueSession, Truth } from "../Truth.ts"
import type { Command } from "./Commands.ts"
import type { BookedTransaction, Evidence } from "./Evidence.ts"
import { endOfCharging } from "./growth.ts"
import { type Context, Findings, type Oracle } from "./Oracle.ts"

/** What somebody at the desk, or a driver by phone, wants of a station; the same for every version. */
export type Wish =
  | { readonly do: "start"; readonly evseId: number; readonly tokenUid: string }
  /** `ocppTransactionId` is the id on the wire. */
  | { readonly do: "stop"; readonly ocppTransactionId: string }
  | { readonly do: "reset"; readonly isAtOnce: boolean }
  | { readonly do: "unlock"; readonly evseId: number }
  /** The whole station. */
  | { readonly do: "change availability"; readonly isOperative: boolean }
  | { readonly do: "send a heartbeat" }
  /** All of it. */
  | { readonly do: "tell its configuration" }
  /** 2.1, every EVSE. */
  | { readonly do: "price by a tariff"; readonly tariffId: string }
  /** 2.1: a charge that runs, from now on. */
  | { readonly do: "price a charge"; readonly ocppTransactionId: string; readonly tariffId: string }
  /** Null: of no EVSE in particular. */
  | { readonly do: "trigger"; readonly message: string; readonly evseId: number | null }

/** A wish as it was told to the CMS, and what the CMS said came of it. */
export interface Ask {
  readonly stationId: string
  readonly wish: Wish
  readonly askedAtMs: number
  /** The station was in touch and everything healed: it must be reached. */
  readonly mustReach: boolean
  /** Whether it was told to be agreed to, and when; null while nothing was told. */
  told: { readonly isAgreed: boolean; readonly atMs: number } | null
}

/** Whether the CMS, where its operators look, has a station as in touch, and whether it is. */
export interface Presence {
  readonly stationId: string
  readonly isConnected: boolean
  readonly isShown: boolean
}

/** What is known of the desk: every ask of the run, in the order asked, and the roll called at its end. */
export interface DeskRecord {
  readonly asks: ReadonlyArray<Ask>
  readonly presences: ReadonlyArray<Presence>
}

type Payload = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Payload => (typeof value === "object" && value !== null ? (value as Payload) : {})

/** Whether that command is how the wish is said, in 1.6 or in 2.x. */
const says = (wish: Wish, { action, payload }: Command): boolean => {
  const it = fieldsOf(payload)
  switch (wish.do) {
    case "start":
      return action === "RemoteStartTransaction"
        ? it["connectorId"] === wish.evseId && it["idTag"] === wish.tokenUid
        : action === "RequestStartTransaction" &&
            it["evseId"] === wish.evseId &&
            fieldsOf(it["idToken"])["idToken"] === wish.tokenUid
    case "stop":
      return isStop({ action }) && String(it["transactionId"]) === wish.ocppTransactionId
    case "reset":
      return action === "Reset" && ["Hard", "Immediate"].includes(String(it["type"])) === wish.isAtOnce
    case "unlock":
      return action === "UnlockConnector" && (it["evseId"] ?? it["connectorId"]) === wish.evseId
    case "change availability":
      return (
        action === "ChangeAvailability" &&
        (it["operationalStatus"] ?? it["type"]) === (wish.isOperative ? "Operative" : "Inoperative") &&
        (it["connectorId"] ?? 0) === 0 &&
        it["evse"] === undefined
      )
    case "send a heartbeat":
      return action === "TriggerMessage" && it["requestedMessage"] === "Heartbeat"
    case "tell its configuration":
      return action === "GetConfiguration" || action === "GetBaseReport"
    case "price by a tariff":
      return action === "SetDefaultTariff" && fieldsOf(it["tariff"])["tariffId"] === wish.tariffId
    case "price a charge":
      return (
        action === "ChangeTransactionTariff" &&
        it["transactionId"] === wish.ocppTransactionId &&
        fieldsOf(it["tariff"])["tariffId"] === wish.tariffId
      )
    case "trigger":
      return (
        action === "TriggerMessage" &&
        it["requestedMessage"] === wish.message &&
        (fieldsOf(it["evse"])["id"] ?? it["connectorId"] ?? null) === wish.evseId
      )
  }
}

/** What the CMS tells displays of itself, which the oracle of displays judges. */
const isOfDisplays = ({ action, payload }: Command): boolean =>
  action === "CostUpdated" || (action === "DataTransfer" && fieldsOf(payload)["vendorId"] === costVendor)

const agreeing = new Set(["Accepted", "Scheduled", "Unlocked"])
/** 1.6 GetConfiguration is answered with what was asked for, and without a status. */
const isAgreed = ({ answer, action }: Command): boolean =>
  action === "GetConfiguration" ? answer !== undefined : agreeing.has(String(fieldsOf(answer)["status"]))

/** A CMS gives an answer up after half a minute, and whoever asks it after three quarters. */
const answerWithinMs = 25_000
const toldWithinMs = 40_000
/** Whoever waited so long is told that there is no answer yet; what was asked for goes on, behind what was asked before it. */
const patienceMs = 45_000
const isUnderWay = ({ isAgreed, atMs }: NonNullable<Ask["told"]>, { askedAtMs }: Ask): boolean =>
  !isAgreed && atMs - askedAtMs >= patienceMs

/**
 * Stations are told what was asked for and nothing else, and not again to stop what they have stopped; whoever asked hears
 * what the station answered; and when the trouble is over, every station that is in touch is shown so and can be reached.
 */
export const operations: Oracle = {
  name: "operations",
  title: "Stations are told what was asked, once, and the desk what they answered",
  misses: "What a station does after it agreed, and a presence that was wrong for a while.",
  checks: (truth, evidence, context) => {
    const { desk, wire, displays } = context
    const found = new Findings()
    if (desk === undefined || wire.commands === undefined) {
      found.blind("nobody wrote down what was asked of stations")
      return found.outcome()
    }
    const { commands, deaths = [] } = wire
    const fail = (stationId: string, expected: string, is: string, sentence: string) =>
      found.fail({ stationId, sessionId: null, transactionId: null, expected, found: is, sentence })
    const open = new Map<string, Array<Ask>>()
    for (const ask of desk.asks) {
      const others = open.get(ask.stationId)
      if (others === undefined) open.set(ask.stationId, [ask])
      else others.push(ask)
    }
    const answers = new Map<Ask, Command>()
    for (const command of commands) {
      if (displays !== undefined && isOfDisplays(command)) continue
      found.check()
      const { stationId, action, atMs } = command
      const waiting = open.get(stationId) ?? []
      const indexOf = (isOpen: (told: NonNullable<Ask["told"]>, ask: Ask) => boolean): number =>
        waiting.findIndex(
          (it) => it.askedAtMs <= atMs && (it.told === null || isOpen(it.told, it)) && says(it.wish, command)
        )
      // Who was told no at that very instant saw it leave as the line broke; or asked a node that does not hold the
      // station, and then this command is another's.
      const later = indexOf((told) => told.atMs > atMs)
      const then = later >= 0 ? later : indexOf((told) => told.atMs === atMs)
      const index = then >= 0 ? then : indexOf(isUnderWay)
      const [ask] = index < 0 ? [] : waiting.splice(index, 1)
      if (ask === undefined) {
        if (isStoppedByCms(command, truth, evidence, context)) continue
        fail(stationId, "what was asked for", `${action} ${JSON.stringify(command.payload)}`, notAsked)
        continue
      }
      answers.set(ask, command)
    }
    for (const ask of desk.asks) {
      found.check()
      const { stationId, wish, askedAtMs, mustReach, told } = ask
      const command = answers.get(ask)
      if (mustReach && told?.isAgreed !== true) {
        fail(
          stationId,
          "an answer",
          command === undefined ? "never asked" : "none",
          "A station in touch is not reached."
        )
      }
      if (told === null) continue
      const isYes = command !== undefined && isAgreed(command)
      if (told.isAgreed && !isYes) {
        const is = command === undefined ? "never asked" : JSON.stringify(command.answer ?? null)
        fail(stationId, "the station's word", is, `The desk was told that ${wish.do} was agreed to.`)
      }
      if (told.isAgreed || !isYes || deaths.some((atMs) => atMs >= askedAtMs && atMs <= told.atMs)) continue
      const isInTime = command.answeredAtMs! - command.atMs < answerWithinMs && told.atMs - askedAtMs < toldWithinMs
      if (isInTime) fail(stationId, "yes", "no", `The desk was told that ${wish.do} was refused, and it was agreed to.`)
    }
    judgeRepeats(commands, truth, found)
    for (const { stationId, isConnected, isShown } of desk.presences) {
      found.check()
      if (isConnected && !isShown) fail(stationId, "in touch", "offline", "A station in touch is shown as offline.")
    }
    return found.outcome()
  }
}

/** Another node, or one that was started again, does not know that its station agreed; a message may just be on its way. */
const stopsToSpare = 3

/**
 * A charge that its station was asked to stop, agreed to and stopped is asked for no more, though its transaction lasts
 * until the plug is out. What the station never answered counts for nothing: a node that another told nothing, and whose
 * line is dead without its knowing, asks until it hears something.
 */
const judgeRepeats = (
  commands: ReadonlyArray<Command>,
  { sessions, acknowledgements }: Truth,
  found: Findings
): void => {
  const byCharge = new Map<string, Array<Command>>()
  for (const command of commands) {
    if (!isStop(command)) continue
    const key = `${command.stationId}|${String(fieldsOf(command.payload)["transactionId"])}`
    const others = byCharge.get(key)
    if (others === undefined) byCharge.set(key, [command])
    else others.push(command)
  }
  for (const [key, asked] of byCharge) {
    const agreed = asked.find(isAgreed)
    if (agreed === undefined || asked.length <= stopsToSpare) continue
    const session = sessions.findLast((it) => `${it.stationId}|${it.ocppTransactionId}` === key)
    if (session === undefined || session.lies.length > 0) continue
    const stoodMs = endOfCharging(session)
    const aheadMs = session.startedAtMs - session.trueStartedAtMs
    const heard = acknowledgements.find(
      ({ sessionId, kind, atMs }) => sessionId === session.id && kind === "state" && atMs - aheadMs >= stoodMs
    )
    if (heard === undefined) continue
    found.check()
    const sinceMs = Math.max(agreed.atMs, heard.atMs - aheadMs)
    const needless = asked.filter(({ atMs, answer }) => atMs > sinceMs && answer !== undefined).length
    if (needless <= stopsToSpare) continue
    found.fail({
      stationId: session.stationId,
      sessionId: session.id,
      transactionId: session.ocppTransactionId,
      expected: `at most ${stopsToSpare} times`,
      found: `${needless} times`,
      sentence: "A charge that its station had agreed to stop, and stopped, was asked to stop again."
    })
  }
}

const isStop = ({ action }: Pick<Command, "action">): boolean => /^Re(mote|quest)StopTransaction$/.test(action)

/**
 * Whether the CMS stops, of itself, a charge that its driver wants to stop somewhere, or that is paid from a wallet or a
 * budget; where that is, `limits` and `stops` judge. Or one that goes on though an operator gave it up.
 */
const isStoppedByCms = (command: Command, truth: Truth, { transactions }: Evidence, context: Context): boolean => {
  if (!isStop(command)) return false
  const { stationId, payload } = command
  const ocppId = String(fieldsOf(payload)["transactionId"])
  const session = truth.sessions.findLast((it) => it.stationId === stationId && it.ocppTransactionId === ocppId)
  if (session !== undefined)
    return isWished(session, context) || isPaidAhead(session, context) || truth.wasGivenUp(session)
  // Its station never learnt the id.
  const booked = transactions?.find((it) => it.stationId === stationId && it.ocppId === ocppId)
  return booked !== undefined && (isWished(booked, context) || isPaidAhead(booked, context))
}

const isWished = (
  { stationId, evseId, tokenUid }: Pick<BookedTransaction, "stationId" | "evseId" | "tokenUid">,
  { wishes }: Context
): boolean =>
  wishes?.wishes.some(
    ({ limit, changes, ...it }) =>
      it.stationId === stationId &&
      it.evseId === evseId &&
      it.tokenUid === tokenUid &&
      [limit, ...changes.map((change) => change.limit)].some((one) => Object.values(one).some((each) => each !== null))
  ) === true

const isPaidAhead = ({ tokenUid }: Pick<TrueSession, "tokenUid">, { prepaid, tokens }: Context): boolean => {
  if (prepaid === undefined || tokenUid === null) return false
  const driverId = tokens.get(tokenUid)?.driverId
  return (driverId != null && prepaid.wallets.has(driverId)) || prepaid.budgets.some((it) => it.tokenUid === tokenUid)
}

const notAsked = "A station was told what nobody asked for."
