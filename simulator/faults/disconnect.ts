import { type Fault, overAtOnce } from "./Fault.ts"

/**
 * The connection breaks once; the station dials again after its back-off. Struck `together`, it is a mass disconnect.
 */
export const disconnect = (): Fault => ({
  name: "disconnect",
  parameters: {},
  strike: ({ station }) => {
    station.cutConnection()
    return overAtOnce
  }
})
