import type { Fault } from "./Fault.ts"

/**
 * Frames are late, in both directions, by an exponential time of mean `meanMs`; order is kept. A mean beyond the call
 * timeout makes answers come too late to be believed.
 */
export const delay = (parameters: { readonly meanMs: number }): Fault => ({
  name: "delay",
  parameters,
  strike: ({ uplink }, stream) =>
    uplink.disturb(() => ({ copies: 1, delayMs: Math.round(stream.exponential(parameters.meanMs)) }))
})
