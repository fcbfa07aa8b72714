import { define, millis } from "./Entry.ts"

/**
 * Frames are late, in both directions, by an exponential time of mean `meanMs`; order is kept. A mean beyond the call
 * timeout makes answers come too late to be believed.
 *
 * The CMS owes: every message once in the books, whatever comes again because its answer was late.
 */
export const delay = define({
  name: "delay",
  about: "2G modems at the edge of a cell, satellite backhaul, a congested VPN of the operator: seconds a frame.",
  owes: "every message in the books once, though it is repeated because its answer was late",
  family: "network",
  fields: { meanMs: millis(10_000) },
  draw: (stream) => ({ meanMs: stream.int(500, 60_000) }),
  strike: ({ uplink }, { meanMs }, stream) =>
    uplink.disturb(() => ({ copies: 1, delayMs: Math.round(stream.exponential(meanMs)) }))
})
