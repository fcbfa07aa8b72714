import type { TariffType } from "#core/ocpp/v21/generated/schemas.ts"
import type { PresentedToken } from "#core/token/Token.ts"
import type { Configuration } from "./Configuration.ts"
import type { Screen } from "./Screen.ts"
import type { TariffChange } from "./tariffChange.ts"
import type { Call } from "./Voice.ts"

/** A start that the CMS asks for. */
export interface RemoteStart {
  readonly token: PresentedToken
  /** Null leaves the choice to the station. */
  readonly evseId: number | null
  /** 2.x gives each a number; null in 1.6. */
  readonly remoteStartId: number | null
}

export type ResetKind =
  /** 1.6 Soft: ends transactions in good order first. */
  | "soft"
  /** 1.6 Hard: reboots at once, and tells the ends afterwards. */
  | "hard"
  /** 2.x Immediate. */
  | "immediate"
  /** 2.x OnIdle: when no transaction runs any more. */
  | "onIdle"

export type TriggeredMessage =
  | "BootNotification"
  | "Heartbeat"
  | "MeterValues"
  | "StatusNotification"
  | "TransactionEvent"

/** What a CMS may have a station do, in words that every dialect shares. What follows, follows after the answer. */
export interface Commands {
  readonly configuration: Configuration
  readonly screen: Screen
  readonly remoteStart: (order: RemoteStart) => { readonly accepted: boolean; readonly transactionId: string | null }
  /** `transactionId` is the id on the wire. */
  readonly remoteStop: (transactionId: string) => boolean
  readonly reset: (kind: ResetKind) => "Accepted" | "Scheduled" | "Rejected"
  /** "Ongoing" when a transaction runs there: 1.6 ends it, 2.x refuses. */
  readonly unlock: (evseId: number, endsTransaction: boolean) => "Unlocked" | "Ongoing" | "Unknown"
  /** `evseId` 0 is the whole station. */
  readonly setAvailability: (evseId: number, operative: boolean) => "Accepted" | "Scheduled" | "Rejected"
  readonly trigger: (what: TriggeredMessage, evseId: number | null) => boolean
  /** 2.1: what a running transaction is priced by from now on. */
  readonly changeTariff: (transactionId: string, tariff: TariffType) => TariffChange
  /** False when there is no cache. */
  readonly clearCache: () => boolean
  /** `ongoing` is null when no transaction was asked for. */
  readonly transactionStatus: (transactionId: string | null) => {
    readonly ongoing: boolean | null
    readonly messagesInQueue: boolean
  }
  /** Sends what was asked for in parts, after the answer. */
  readonly report: (parts: ReadonlyArray<Call>) => void
  readonly evseIds: ReadonlyArray<number>
  /** None where there is no such EVSE. */
  readonly connectorIds: (evseId: number) => ReadonlyArray<number>
  readonly nowAtMs: () => number
}
