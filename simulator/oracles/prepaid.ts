import { wallTime } from "../rater/wallClock.ts"
import type { TrueSession, Truth } from "../Truth.ts"

/** Money that a driver moved on a wallet, as he himself knows it: in positive, out negative. */
export interface TrueMove {
  /** What the CMS was told to call it. */
  readonly sourceId: string
  readonly amountMinor: bigint
  /** From the question to the answer: when it counts from is not known to the millisecond. */
  readonly askedAtMs: number
  readonly knownAtMs: number
  /** Given back of what is called that, at the provider: in whatever parts the wallet paid it. */
  readonly isTakenBack?: true
}

/** How far below zero a wallet may go, as it was set later on. */
export interface TrueLine extends Pick<TrueMove, "askedAtMs" | "knownAtMs"> {
  readonly creditLineMinor: bigint
}

/** A driver's wallet, by the driver's own account. */
export interface TrueWallet {
  readonly driverId: string
  readonly currency: string
  /** At the beginning. */
  readonly creditLineMinor: bigint
  /** In the order asked; absent: it was never changed. */
  readonly lines?: ReadonlyArray<TrueLine>
  readonly moves: ReadonlyArray<TrueMove>
}

/** The least and the most that a wallet's credit line can have been in a while: of what was set before it and in it. */
export const lineIn = (
  { creditLineMinor, lines = [] }: TrueWallet,
  fromMs: number,
  untilMs: number
): { readonly least: bigint; readonly most: bigint } => {
  const before = lines.findLast(({ knownAtMs }) => knownAtMs < fromMs)?.creditLineMinor ?? creditLineMinor
  const then = lines.filter(({ askedAtMs, knownAtMs }) => askedAtMs <= untilMs && knownAtMs >= fromMs)
  const [least, ...more] = [before, ...then.map((it) => it.creditLineMinor)].toSorted((a, b) => (a < b ? -1 : 1))
  return { least: least!, most: more.at(-1) ?? least! }
}

/** What may be charged on a card in a while by a calendar. */
export interface TrueBudget {
  readonly tokenUid: string
  readonly period: "day" | "week" | "month"
  readonly timeZone: string
  readonly maxMinor: bigint | null
  readonly maxWh: number | null
  readonly maxSessions: number | null
  readonly atLimit: "refuse" | "stop"
}

/** What the operator promises about money that is paid ahead. */
export interface PrepaidPromise {
  /** With less than this no charge begins. */
  readonly leastMinor: bigint
  readonly leastWh: number
  /** No more than this is set aside for a charge beyond what it has cost. */
  readonly heldBeyondMinor: bigint
  /** What is set aside at a start, where there is so much, and by how much more at a time than what is looked ahead to. */
  readonly setAside: { readonly firstMinor: bigint; readonly stepMinor: bigint }
  /** How far ahead it is looked whether there is enough. */
  readonly aheadMs: number
  /**
   * How long a charge goes on at the most after its wallet or budget is used up: until the next reading, the stop, and
   * the station's answer. Not where the station could not be reached, or began without asking.
   */
  readonly overshootMs: (session: TrueSession) => number
  /** What a car is taken to draw whose meter has not told yet. */
  readonly assumedPowerW: number
}

/** What the world knows of money paid ahead, and of budgets. */
export interface PrepaidRecord {
  readonly wallets: ReadonlyMap<string, TrueWallet>
  readonly budgets: ReadonlyArray<TrueBudget>
  readonly promise: PrepaidPromise
}

/** What a calendar calls the period that an instant is in; the same text is the same period. */
export const periodName = ({ period, timeZone }: TrueBudget, atMs: number): string => {
  const { date, weekday } = wallTime(atMs, timeZone)
  if (period === "day") return date
  if (period === "month") return date.slice(0, 7)
  // The week is named by its Monday: back day by day until it is one.
  const weekdays = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
  const noonMs = Date.parse(`${date}T12:00:00Z`)
  return wallTime(noonMs - weekdays.indexOf(weekday) * 86_400_000, "UTC").date
}

/**
 * When all of each session was heard of for sure, by its id: the last answer arrived, to its start and its end among them.
 * One that is not here was perhaps told by a modem that kept it, or under another name, at an instant that nobody wrote down.
 */
export const wholeHeard = ({ acknowledgements }: Truth): ReadonlyMap<string, number> => {
  const heard = new Map<string, { readonly kinds: Set<string>; lastMs: number }>()
  for (const { sessionId, kind, atMs } of acknowledgements) {
    const it = heard.get(sessionId) ?? { kinds: new Set(), lastMs: atMs }
    it.kinds.add(kind)
    it.lastMs = Math.max(it.lastMs, atMs)
    heard.set(sessionId, it)
  }
  return new Map(
    [...heard].flatMap(([id, { kinds, lastMs }]) => (kinds.has("start") && kinds.has("end") ? [[id, lastMs]] : []))
  )
}

/** Whether a charge began with the plug: what it came to before a card was shown, no wallet could be asked about. */
export const beganUnpaid = ({ states }: TrueSession): boolean => states[0]?.state === "EVConnected"

/** Whether the CMS had a say in how long it went on: it was asked at the start, and the station did as it was told. */
export const wasInHand = ({ startOffline, rejected, faults, lies }: TrueSession): boolean =>
  !startOffline && !rejected && faults.length === 0 && lies.length === 0
