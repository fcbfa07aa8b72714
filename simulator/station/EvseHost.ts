import type { Truth } from "../Truth.ts"
import type { TimersApi } from "../time/Timers.ts"
import type { Habits } from "./Habits.ts"
import type { Neighbours } from "./Neighbours.ts"
import type { Message } from "./Outbox.ts"
import type { Phase } from "./Phase.ts"
import type { Screen } from "./Screen.ts"
import type { Settings } from "./Settings.ts"
import type { StopReason } from "./Transaction.ts"
import type { Voice } from "./Voice.ts"

/** What happened at an EVSE, for whoever stands beside it. */
export type News =
  | { readonly _tag: "Began"; readonly sessionId: string }
  /** The car draws, or has enough, or may not. */
  | { readonly _tag: "State"; readonly phase: Phase }
  | { readonly _tag: "Ended"; readonly sessionId: string; readonly reason: StopReason }
  /** Authorized, and nobody plugged in within ConnectionTimeOut. */
  | { readonly _tag: "Expired" }

/** What an EVSE needs of its station. */
export interface EvseHost {
  readonly identity: string
  readonly timers: TimersApi
  readonly habits: Habits
  readonly truth: Truth
  readonly settings: Settings
  readonly voice: Voice
  readonly screen: Screen
  /** Faults that are on now. */
  readonly faults: ReadonlyArray<string>
  /** The station's clock. */
  nowAtMs(): number
  /** The firmware runs: power is there and it has booted. */
  readonly isRunning: boolean
  isOnline(): boolean
  post(message: Message): void
  /** A transaction id of our own (2.x), never used before by this station. */
  nextTransactionId(): string
  nextSessionId(): string
  /** The EVSEs of the station, as far as they have something in common. */
  readonly neighbours: Neighbours
  /** A transaction is over; what waited for that may go on. */
  onEnded(): void
}
