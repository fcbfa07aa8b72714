import { Result, Schema } from "effect"
import { nearest } from "#core/nearest.ts"
import * as brokenFrames from "./brokenFrames.ts"
import * as clock from "./clock.ts"
import { delay } from "./delay.ts"
import * as disconnect from "./disconnect.ts"
import type { Entry } from "./Entry.ts"
import { flapping } from "./flapping.ts"
import { halfOpen } from "./halfOpen.ts"
import * as linkCut from "./linkCut.ts"
import * as lostFrames from "./lostFrames.ts"
import * as meter from "./meter.ts"
import * as network from "./network.ts"
import * as power from "./power.ts"
import * as transactions from "./transactions.ts"

/** Every fault there is, to be given its parameters: `faults.delay.make({ meanMs: 5000 })`. */
export const faults = Object.freeze({
  delay,
  flapping,
  halfOpen,
  ...brokenFrames,
  ...clock,
  ...disconnect,
  ...linkCut,
  ...lostFrames,
  ...meter,
  ...network,
  ...power,
  ...transactions
})

/** The same in the order of their names. */
export const catalogue: ReadonlyArray<Entry> = Object.freeze(
  (Object.values(faults) as unknown as Array<Entry>).sort((a, b) => (a.name < b.name ? -1 : 1))
)

/** No fault has that name. */
export class UnknownFault extends Schema.TaggedError<UnknownFault>()("UnknownFault", {
  name: Schema.String,
  meant: Schema.NullOr(Schema.String)
}) {
  override get message(): string {
    const hint = this.meant === null ? "" : ` Did you mean ${this.meant}?`
    return `There is no fault "${this.name}".${hint}`
  }
}

const byName = new Map(catalogue.map((entry) => [entry.name, entry]))

/** The fault of a name; words may be joined by spaces too. */
export const find = (name: string): Result.Result<Entry, UnknownFault> => {
  const wanted = name.trim().toLowerCase().replaceAll(" ", "-")
  const entry = byName.get(wanted)
  if (entry !== undefined) return Result.succeed(entry)
  return Result.fail(new UnknownFault({ name: name.slice(0, 100), meant: nearest(wanted, [...byName.keys()]) ?? null }))
}
