import type { Stream } from "../Stream.ts"
import type { Station } from "../station/Station.ts"
import type { TimersApi } from "../time/Timers.ts"
import type { Uplink } from "./Uplink.ts"

/** What a fault acts on. */
export interface Target {
  readonly station: Station
  readonly uplink: Uplink
  readonly timers: TimersApi
}

/** One thing that goes wrong, as data: a name, its parameters, and how it strikes. */
export interface Fault {
  readonly name: string
  readonly parameters: Readonly<Record<string, number | boolean>>
  /** Begins; the returned function ends it and may be called once. What is over by itself ends with nothing. */
  readonly strike: (target: Target, stream: Stream) => () => void
}

export const overAtOnce = (): void => {}
