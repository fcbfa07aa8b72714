import { define } from "./Entry.ts"
import { lost } from "./Uplink.ts"

/**
 * The connection that stands is dead and neither end is told: everything on it is lost, until the station gives it up
 * after calls without an answer. A new connection works.
 *
 * The CMS owes: the station shown offline within its ping time, and commands sent to the newer of two sockets.
 */
export const halfOpen = define({
  name: "half-open",
  about: "A NAT entry that is gone, a modem that lost its context: dead sockets were seen shown online for 15 minutes.",
  owes: "the newer socket served, the dead one given up",
  family: "network",
  fields: {},
  draw: () => ({}),
  strike: ({ uplink }) => {
    const dead = uplink.connection
    return uplink.disturb((_direction, _text, connection) => (connection <= dead ? lost : undefined))
  },
  words: () => "half-open"
})
