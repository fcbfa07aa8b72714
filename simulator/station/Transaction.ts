import type { PresentedToken } from "#core/token/Token.ts"
import type { OcpiTariff } from "../rater/Model.ts"
import type { OpenTrueSession } from "../Truth.ts"
import type { Habits } from "./Habits.ts"
import type { Phase } from "./Phase.ts"

/** A token that was let in, and how. */
export interface Authorization {
  readonly token: PresentedToken
  readonly groupId: string | null
  /** Decided without the CMS. */
  readonly offline: boolean
  /** 2.x remoteStartId, or the order's number in 1.6; null when a person presented the token. */
  readonly remoteStartId: number | null
}

/** Why a meter was read (1.6 ReadingContext, 2.x ReadingContextEnumType). */
export type ReadingContext =
  | "Transaction.Begin"
  | "Sample.Periodic"
  | "Sample.Clock"
  | "Transaction.End"
  | "Trigger"
  | "Other"

/** One look at the meter of an EVSE. */
export interface Reading {
  /** By the station's clock. */
  readonly atMs: number
  readonly context: ReadingContext
  readonly measurands: ReadonlyArray<string>
  /** The true instant, which no message tells. */
  readonly trueAtMs: number
  /** What the meter shows: whole Wh, rounded down. */
  readonly registerWh: number
  /** What it has truly counted, to the milli-watt-hour. */
  readonly registerMilliWh: number
  /** What it has counted out of cars, in a register of its own; null at meters without one. */
  readonly exportMilliWh: number | null
  /** What of it went through each phase of a three-phase meter, mWh, adding up to it; empty at other meters. */
  readonly phaseRegistersMilliWh: ReadonlyArray<number>
  /** Negative out of the car, and the current with it. */
  readonly powerW: number
  /** Of one phase; of the DC side at a DC outlet. */
  readonly currentA: number
  /** Phase to neutral; of the DC side at a DC outlet. */
  readonly voltageV: number
  /** Conductors that carry current: 1 to 3 phases, 0 is DC. */
  readonly phases: 0 | 1 | 2 | 3
  /** What a DC car tells of its battery; null at AC, where nobody asks. */
  readonly socPercent: number | null
}

/** A meter that shows wrong whole Wh is right about what comes after the point. */
export const shownMilliWh = (registerMilliWh: number, shownWh: number): number =>
  shownWh * 1000 + (((registerMilliWh % 1000) + 1000) % 1000)

/** Why a transaction ends, by the names of 1.6 (Reason) where it has one. */
export type StopReason =
  | "DeAuthorized"
  | "EmergencyStop"
  | "EVDisconnected"
  | "HardReset"
  | "Local"
  | "Other"
  | "PowerLoss"
  | "Reboot"
  | "Remote"
  | "SoftReset"
  /** Nobody plugged in (2.x, TxStartPoint Authorized). */
  | "Timeout"
  /** What a 2.1 station keeps by itself (2.x reasons EnergyLimitReached and TimeLimitReached, triggers of all three). */
  | "CostLimit"
  | "EnergyLimit"
  | "TimeLimit"
  | "UnlockCommand"

/** How far a charge may go; null is no limit. */
export interface KeptLimit {
  readonly maxWh: number | null
  /** Seconds from its start. */
  readonly maxS: number | null
  /** Gross, currency units: by the station's own reckoning. */
  readonly maxCost: number | null
}

/** What a station remembers of a transaction, running or still to be told. */
export interface Transaction {
  readonly truth: OpenTrueSession
  readonly evseId: number
  authorization: Authorization | null
  /** 1.6: the CMS's number once known. 2.x: our own string from the beginning. */
  wireId: string | null
  /** 2.x: the number of the next message. */
  seqNo: number
  /** How the firmware tells of it. */
  readonly habits: Pick<Habits, "alwaysNamesEvse" | "triggers" | "tellsExtras" | "readsAtStart">
  /** 2.x: the token was told. It is told once (2.0.1 E03.FR.01). */
  isTokenTold: boolean
  isOver: boolean
  /** 2.x: its authorization is over and the car still there, which keeps it running (TxStopPoint EVConnected). */
  isReleased: boolean
  /** 2.1: what the CMS wants it to stop at, as far as this station keeps that; null until it was told anything. */
  limit: KeptLimit | null
  /** 2.1: what it prices this one by; null where it had no tariff when it began, and in all that price nothing. */
  ownTariff: OcpiTariff | null
  /** 2.1: what it priced it by before, one after the other; until which instant of its clock. */
  pricedBefore: ReadonlyArray<{ readonly tariff: OcpiTariff | null; readonly untilMs: number }>
  /** Readings that are still to be told, in one message. */
  untold: ReadonlyArray<{ readonly reading: Reading; readonly phase: Phase }>
  /** The reading at the start, repeated by 1.6 StopTransaction.transactionData. */
  readonly begin: Reading
  /** The last reading told to the CMS. */
  told: Kept
  /** What the memory would know after a power cut now. */
  kept: Kept
}

/** The last instant of a transaction that a memory holds. */
export interface Kept {
  readonly atMs: number
  readonly trueAtMs: number
  readonly registerWh: number
  readonly registerMilliWh: number
  readonly exportMilliWh: number | null
}
