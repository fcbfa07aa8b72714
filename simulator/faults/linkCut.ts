import { define, flag } from "./Entry.ts"

/**
 * The network is gone: the connection breaks without a word and none can be made until it is back. The station works
 * offline and replays.
 *
 * The CMS owes: offline charges priced by their own time, and no limit that answers a flushing queue with errors.
 */
export const linkCut = define({
  name: "link-cut",
  about: "Underground car parks, a SIM out of credit, a digger: hours offline, then the queue in one burst.",
  owes: "offline charges priced by their own time; a flushing queue taken in whole",
  family: "network",
  fields: {},
  draw: () => ({}),
  strike: ({ station }) => station.loseNetwork()
})

/**
 * The mains fail while the network is gone already: what was queued offline must outlive the dark.
 *
 * The CMS owes: the same as after a plain cut; without memory nothing of what only the station knew.
 */
export const powerCutOffline = define({
  name: "power-cut-offline",
  about: "A street that loses power takes its router along: the battery-less queue of small wallboxes is in RAM.",
  owes: "what the memory kept, taken as true; what it lost, closed and billed by what was heard",
  family: "station",
  fields: { withMemory: flag(true) },
  draw: (stream) => ({ withMemory: stream.chance(0.7) }),
  strike: ({ station, timers }, { withMemory }) => {
    const back = station.loseNetwork()
    let isOver = false
    let isDark = false
    timers.after(5_000, () => {
      if (isOver) return
      isDark = true
      station.cutPower(withMemory)
    })
    return () => {
      isOver = true
      if (isDark) station.restorePower()
      back()
    }
  }
})
