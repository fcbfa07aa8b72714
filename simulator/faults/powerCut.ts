import type { Fault } from "./Fault.ts"

/**
 * The mains fail, in the middle of whatever happens, until healed. With a memory the station tells afterwards what was
 * cut off; without one it knows nothing of it any more.
 */
export const powerCut = (parameters: { readonly withMemory: boolean }): Fault => ({
  name: parameters.withMemory ? "power cut" : "power cut without memory",
  parameters,
  strike: ({ station }) => {
    station.cutPower(parameters.withMemory)
    return () => station.restorePower()
  }
})
