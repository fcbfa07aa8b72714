import type { Fault } from "./Fault.ts"
import { lost } from "./Uplink.ts"

/**
 * The connection that stands is dead and neither end is told: everything on it is lost, until the station gives it up
 * after calls without an answer. A new connection works.
 */
export const halfOpen = (): Fault => ({
  name: "half-open",
  parameters: {},
  strike: ({ uplink }) => {
    const dead = uplink.connection
    return uplink.disturb((_direction, _text, connection) => (connection <= dead ? lost : undefined))
  }
})
