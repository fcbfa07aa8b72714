import { define, flag } from "./Entry.ts"
import { overAtOnce } from "./Fault.ts"

/**
 * The mains fail, in the middle of whatever happens, until healed. With a memory the station tells afterwards what was
 * cut off; without one it knows nothing of it any more.
 *
 * The CMS owes: an end told late billed to its own instant; a transaction nobody ends, closed by what was heard of it.
 */
export const powerCut = define({
  name: "power-cut",
  about: "A fuse, a residual-current device, a site's main switch at night; cheap boards keep nothing in flash.",
  owes: "an end told late billed to its own instant; one never told, closed by what was heard",
  family: "station",
  fields: { withMemory: flag(true) },
  draw: (stream) => ({ withMemory: stream.chance(0.7) }),
  words: ({ withMemory }) => (withMemory ? "power cut" : "power cut without memory"),
  strike: ({ station }, { withMemory }) => {
    station.cutPower(withMemory)
    return () => station.restorePower()
  }
})

/**
 * The firmware crashes and boots again by itself, transactions or not.
 *
 * The CMS owes: what it owes after a power cut; a BootNotification by itself ends no transaction.
 */
export const reboot = define({
  name: "reboot",
  about: "Watchdogs and nightly restarts of controllers, in the middle of transactions, with flash and without.",
  owes: "a boot alone ends no transaction; the rest as after a power cut",
  family: "station",
  fields: { withMemory: flag(true) },
  draw: (stream) => ({ withMemory: stream.chance(0.7) }),
  words: ({ withMemory }) => (withMemory ? "reboot" : "reboot without memory"),
  strike: ({ station }, { withMemory }) => {
    station.crash(withMemory)
    return overAtOnce
  }
})
