import type { Fault } from "./Fault.ts"
import { isCall, lost } from "./Uplink.ts"

/**
 * Some of the station's messages never reach the CMS.
 */
export const lostRequests = (parameters: { readonly ratio: number }): Fault => ({
  name: "lost requests",
  parameters,
  strike: ({ uplink }, stream) =>
    uplink.disturb((direction, text) =>
      direction === "toCms" && isCall(text) && stream.chance(parameters.ratio) ? lost : undefined
    )
})
