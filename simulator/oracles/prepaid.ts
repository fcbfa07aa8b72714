import { wallTime } from "../rater/wallClock.ts"
import type { TrueSession } from "../Truth.ts"

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

/** A driver's wallet, by the driver's own account. */
export interface TrueWallet {
  readonly driverId: string
  readonly currency: string
  readonly creditLineMinor: bigint
  readonly moves: ReadonlyArray<TrueMove>
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
  /**
   * How long a charge goes on at the most after its wallet or budget is used up: until the next reading, the stop, and
   * the station's answer. Not where the station could not be reached, or began without asking.
   */
  readonly overshootMs: number
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

/** Whether the CMS had a say in how long it went on: it was asked at the start, and the station did as it was told. */
export const wasInHand = ({ startOffline, rejected, faults, lies }: TrueSession): boolean =>
  !startOffline && !rejected && faults.length === 0 && lies.length === 0
