import type { Fault } from "./Fault.ts"
import { isCall, twice } from "./Uplink.ts"

/**
 * Some of the station's messages arrive twice, byte for byte.
 */
export const duplicates = (parameters: { readonly ratio: number }): Fault => ({
  name: "duplicates",
  parameters,
  strike: ({ uplink }, stream) =>
    uplink.disturb((direction, text) =>
      direction === "toCms" && isCall(text) && stream.chance(parameters.ratio) ? twice : undefined
    )
})
