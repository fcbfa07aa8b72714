import type { Stream } from "#simulator/Stream.ts"
import { type ModelName, models } from "#simulator/vehicle/Car.ts"
import type { Step } from "./Story.ts"

/** Where a scene plays, who is in it, and when it begins: seconds of the story. */
export interface Stand {
  readonly at: number
  readonly station: string
  readonly evse: number
  readonly card: string
  readonly luck: Stream
}

const cars = Object.keys(models) as Array<ModelName>

/** A car is plugged in, and its card shown five seconds later. */
export const arrives = ({ station, evse, card, luck }: Stand, at: number): ReadonlyArray<Step> => [
  { at, do: "plug in", station, evse, car: luck.pick(cars), socPercent: luck.int(5, 60) },
  { at: at + 5, do: "present card", station, evse, card }
]

/** The car drives off. */
export const leaves = ({ station, evse }: Stand, at: number): Step => ({ at, do: "unplug", station, evse })
