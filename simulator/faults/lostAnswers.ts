import type { Fault } from "./Fault.ts"
import { isAnswer, lost } from "./Uplink.ts"

/**
 * Some of the CMS's answers get lost on their way: it has acted, and the station does not know. The station repeats.
 */
export const lostAnswers = (parameters: { readonly ratio: number }): Fault => ({
  name: "lost answers",
  parameters,
  strike: ({ uplink }, stream) =>
    uplink.disturb((direction, text) =>
      direction === "toStation" && isAnswer(text) && stream.chance(parameters.ratio) ? lost : undefined
    )
})
