import { Context } from "effect"
import type { World } from "./World.ts"

/** The virtual world that a fiber lives in; undefined in real time. */
export const CurrentWorld = Context.Reference<World | undefined>("simulator/CurrentWorld", {
  defaultValue: () => undefined
})
