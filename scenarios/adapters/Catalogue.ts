import { Effect } from "effect"
import type { HttpClient } from "effect/http"
import { type Adapter, AdapterFailed, type AdapterOptions } from "./Adapter.ts"
import { evtivity } from "./evtivity.ts"

/** Adapters by the name that `--adapter` gives. */
const adapters: Readonly<
  Record<string, (options: AdapterOptions) => Effect.Effect<Adapter, AdapterFailed, HttpClient.HttpClient>>
> = { evtivity }

/** Every adapter there is. */
export const names: ReadonlyArray<string> = Object.keys(adapters)

/** The adapter of that name, signed in and ready. */
export const open = (
  name: string,
  options: AdapterOptions
): Effect.Effect<Adapter, AdapterFailed, HttpClient.HttpClient> => {
  const make = Object.hasOwn(adapters, name) ? adapters[name] : undefined
  if (make !== undefined) return make(options)
  const message = `There is no adapter "${name.slice(0, 100)}".\nThere are: ${names.join(", ")}.`
  return Effect.fail(new AdapterFailed({ message }))
}
