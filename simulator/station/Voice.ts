import type { Effect } from "effect"
import type { Any, Request } from "#core/ocpp/Action.ts"
import type { CallError } from "#core/ocpp/CallError.ts"
import type { Dialect } from "#core/ocpp/Dialect.ts"
import type { PresentedToken } from "#core/token/Token.ts"
import type { IdInfo } from "./AuthorizationCache.ts"
import type { Commands } from "./Commands.ts"
import type { Habits } from "./Habits.ts"
import type { Message, MessageKind } from "./Outbox.ts"
import type { OwnCost } from "./OwnPrices.ts"
import type { Phase } from "./Phase.ts"
import type { BootAnswer } from "./Registration.ts"
import type { KeptLimit, Reading, StopReason, Transaction } from "./Transaction.ts"

/** A CALL ready to be sent. */
export interface Call {
  readonly action: Any
  readonly payload: object
}

/** What a station says of itself when it boots. */
export interface Nameplate {
  readonly vendor: string
  readonly model: string
  readonly serialNumber: string
  readonly firmware: string
}

export type BootReason = "PowerUp" | "RemoteReset" | "ScheduledReset" | "Triggered" | "Unknown" | "Watchdog"

/** Why a 2.x TransactionEvent is sent (TriggerReasonEnumType); 1.6 has no such thing. */
export type Trigger =
  | "AbnormalCondition"
  | "Authorized"
  | "CablePluggedIn"
  | "ChargingStateChanged"
  | "CostLimitReached"
  | "Deauthorized"
  | "EVCommunicationLost"
  | "EVConnectTimeout"
  | "EnergyLimitReached"
  | "EVDeparted"
  | "EVDetected"
  | "LimitSet"
  | "MeterValueClock"
  | "MeterValuePeriodic"
  | "RemoteStart"
  | "RemoteStop"
  | "ResetCommand"
  | "StopAuthorized"
  | "TariffChanged"
  | "TimeLimitReached"
  | "Trigger"
  | "UnlockCommand"

/** What an acknowledgement of a transaction message tells. */
export interface Learned {
  /** 1.6: the number the CMS gave the transaction. */
  readonly transactionId?: string
  /** What it says of the token. */
  readonly idInfo?: IdInfo
  /** 2.1: what it wants the transaction to stop at. */
  readonly limit?: KeptLimit
  /** 2.x: what the transaction costs, or has come to. */
  readonly totalCost?: number
}

export interface Ending {
  readonly reason: StopReason
  readonly reading: Reading
  readonly stopToken: PresentedToken | null
  readonly offline: boolean
  /** 2.1: what the station reckons that it came to; null where it reckons nothing. */
  readonly cost: OwnCost | null
}

/**
 * How one dialect says what a station has to say, and understands what it hears. Stateless, shared by all stations of
 * one manner.
 */
export interface Voice {
  readonly dialect: Dialect
  readonly boot: (nameplate: Nameplate, reason: BootReason) => Call
  readonly readBoot: (response: unknown) => BootAnswer
  readonly heartbeat: Call
  readonly authorize: (token: PresentedToken) => Call
  readonly readAuthorize: (response: unknown) => IdInfo
  /** How the dialect calls the state of a connector: a status is reported when this changes. */
  readonly statusName: (phase: Phase, operative: boolean) => string
  /** `transaction` when the state belongs to one that is running, so that it must not be lost (1.6). */
  readonly status: (
    place: { readonly evseId: number; readonly connectorId: number },
    name: string,
    atMs: number,
    transaction: Transaction | null
  ) => Message
  /** 1.6 reports the station itself as connector 0; 2.x has no such message. */
  readonly stationStatus: (operative: boolean, faulted: boolean, atMs: number) => Message | null
  readonly started: (transaction: Transaction, phase: Phase, trigger: Trigger, offline: boolean) => Message
  /** The reading at the start, where the start itself has no room for it (1.6); null in 2.x. */
  readonly beginReading: (transaction: Transaction) => Message | null
  /** The token of a transaction that began without one (2.x). */
  readonly authorized: (transaction: Transaction, phase: Phase, reading: Reading, offline: boolean) => Message | null
  /** Readings of a running transaction, the oldest first and at least one. */
  readonly sampled: (
    transaction: Transaction,
    phase: Phase,
    readings: ReadonlyArray<Reading>,
    offline: boolean
  ) => Message
  /** The change of a running transaction's state; null in 1.6, where the connector's status says it. */
  readonly changed: (transaction: Transaction, phase: Phase, reading: Reading, offline: boolean) => Message | null
  /** What it is to stop at, as the station keeps it (2.1); null in dialects that have no such thing. */
  readonly limited: (transaction: Transaction, phase: Phase, reading: Reading, offline: boolean) => Message | null
  /** It is priced by another tariff from that reading on (2.1, of which alone it is asked). */
  readonly repriced: (transaction: Transaction, phase: Phase, reading: Reading, offline: boolean) => Message | null
  /** The authorization of a transaction is over that goes on (2.x); 1.6 has none such. */
  readonly released: (transaction: Transaction, phase: Phase, release: Omit<Ending, "cost">) => Message | null
  /** 1.6: `withData` repeats the readings at start and end in the message (transactionData). */
  readonly ended: (transaction: Transaction, ending: Ending, withData: boolean) => Message
  /** A reading of an EVSE that charges nobody, asked for by TriggerMessage. */
  readonly idleReading: (evseId: number, reading: Reading) => Call
  /** The payload with what was learnt since it was queued; undefined when there is nothing left to say. */
  readonly payloadOf: (message: Message, habits: Pick<Habits, "unknownTransactionId" | "namesTransaction">) => unknown
  readonly learn: (message: Message, response: unknown) => Learned
  /** Obeys a CALL of the CMS. */
  readonly handle: (commands: Commands, action: Any, payload: unknown) => Effect.Effect<unknown, CallError> | undefined
}

/** A queued message of one action, its payload checked by the compiler. */
export const message = <A extends Any>(
  kind: MessageKind,
  action: A,
  payload: Request<A>,
  evseId: number,
  transaction: Transaction | null,
  readings = 1
): Message => ({
  kind,
  action,
  payload,
  transaction,
  evseId,
  readings,
  messageId: undefined,
  attempts: 0,
  failures: 0,
  dueAtMs: 0
})

/** A CALL of one action, its payload checked by the compiler. */
export const call = <A extends Any>(action: A, payload: Request<A>): Call => ({ action, payload })
