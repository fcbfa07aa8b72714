import type { ChargeLimit } from "#core/transaction/Transaction.ts"

/**
 * What an operator asks of a station, the same for every dialect; each dialect's translator makes its message of it.
 * `evseId` 1.6: the connector's number.
 */
export type Operation = StationOperation | TariffOperation

/** What stations of every version may be asked. */
export type StationOperation =
  | {
      readonly _tag: "Start"
      readonly evseId: number
      readonly tokenUid: string
      readonly tokenType: string
      /** What the charge is to stop at. */
      readonly limit?: ChargeLimit
    }
  | { readonly _tag: "Stop"; readonly transactionId: string }
  | { readonly _tag: "Reset"; readonly when: "now" | "on-idle"; readonly evseId: number | null }
  | { readonly _tag: "Unlock"; readonly evseId: number; readonly connectorId: number }
  | {
      readonly _tag: "ChangeAvailability"
      readonly evseId: number | null
      readonly connectorId: number | null
      readonly available: boolean
    }
  | {
      readonly _tag: "Trigger"
      readonly message: string
      readonly evseId: number | null
      /** 2.x only. */
      readonly connectorId?: number | null
    }
  | {
      readonly _tag: "GetConfiguration"
      /** 1.6 keys, or `Component.Variable` of 2.x; empty asks for everything. */
      readonly keys: ReadonlyArray<string>
    }
  | { readonly _tag: "SetConfiguration"; readonly key: string; readonly value: string }
  | { readonly _tag: "ClearCache" }

/** What a station that prices by itself may be asked (OCPP 2.1 part 2, block I). `evseId` 0 is every EVSE. */
export type TariffOperation =
  /** To price by this tariff, as it is valid when the station is asked, who has none of his own. */
  | { readonly _tag: "SetDefaultTariff"; readonly evseId: number; readonly tariffId: string }
  | { readonly _tag: "GetTariffs"; readonly evseId: number }
  /** Empty: all of them. A running transaction keeps its tariff. */
  | { readonly _tag: "ClearTariffs"; readonly evseId: number | null; readonly tariffIds: ReadonlyArray<string> }
  /** To price a running transaction by the tariff that its bill will be made by. */
  | { readonly _tag: "ChangeTransactionTariff"; readonly transactionId: string }

/**
 * How it ended. `Answered` carries the station's own word (`Accepted`, `Rejected`, `Scheduled`, `RebootRequired` ...);
 * `accepted` is whether it will do, or did, what was asked.
 */
export type Outcome =
  | {
      readonly _tag: "Answered"
      readonly accepted: boolean
      readonly status: string
      readonly detail: string | null
      /** What GetConfiguration brought, and what it did not know. */
      readonly values: ReadonlyArray<{
        readonly key: string
        readonly value: string | null
        readonly readonly: boolean
      }>
    }
  /** The station answered CALLERROR. */
  | { readonly _tag: "Refused"; readonly code: string; readonly description: string }
  /** It answered with what is no response to this: it has probably done it. */
  | { readonly _tag: "Unreadable"; readonly why: string }
  /** No answer in time: whether it did it is not known. */
  | { readonly _tag: "TimedOut" }
  /** It broke the connection before answering: whether it did it is not known. */
  | { readonly _tag: "ConnectionLost" }
  /** It was offline until the operation's time was over; it was never asked. */
  | { readonly _tag: "Expired" }
  /** Not possible in the station's dialect or in its present state; it was never asked. */
  | { readonly _tag: "Impossible"; readonly why: string }

/** An operation and what became of it. */
export interface OperationRecord {
  readonly id: string
  readonly stationId: string
  readonly operation: Operation
  readonly requestedAtMs: number
  /** While the station is offline it waits until this instant, then expires. */
  readonly queuedUntilMs: number
  readonly status: "Queued" | "Sent" | "Done"
  readonly outcome: Outcome | null
  readonly doneAtMs: number | null
}
