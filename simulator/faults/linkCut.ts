import type { Fault } from "./Fault.ts"

/**
 * The network is gone: the connection breaks without a word and none can be made until it is back. The station works
 * offline and replays.
 */
export const linkCut = (): Fault => ({
  name: "link cut",
  parameters: {},
  strike: ({ station }) => station.loseNetwork()
})
