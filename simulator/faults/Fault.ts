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

/** Values a fault can be given, by name. */
export type Parameters = Readonly<Record<string, number | boolean | string>>

/** One thing that goes wrong, as data: what it is called, its parameters, and how it strikes. */
export interface Fault<T = Target> {
  /** In words, as a report tells it; its chance is drawn from a stream of this name. */
  readonly name: string
  readonly parameters: Parameters
  /** Begins; the returned function ends it and may be called once. What is over by itself ends with nothing. */
  readonly strike: (target: T, stream: Stream) => () => void
}

export const overAtOnce = (): void => {}

/** Strikes, and has the station's true account say of every session that it lived through it. */
export const strike = (fault: Fault, target: Target, stream: Stream): (() => void) => {
  const forget = target.station.suffer(fault.name)
  const end = fault.strike(target, stream)
  return () => {
    end()
    forget()
  }
}
