import { define, millis } from "./Entry.ts"

/**
 * The network comes and goes, each time long enough for a connection to be made and for a few messages to pass.
 * Times are means of exponential waits, ms.
 *
 * The CMS owes: no transaction lost between two connections, and commands never sent to the one that is gone.
 */
export const flapping = define({
  name: "flapping",
  about: "A modem between two cells, a loose antenna, Wi-Fi at the end of a garage.",
  owes: "nothing lost between two connections, nothing sent to the one that is gone",
  family: "network",
  fields: { upMs: millis(20_000), downMs: millis(40_000) },
  draw: (stream) => ({ upMs: stream.int(2_000, 120_000), downMs: stream.int(1_000, 120_000) }),
  strike: ({ station, timers }, parameters, stream) => {
    let back = station.loseNetwork()
    let isUp = false
    let cancel = (): void => {}
    const turn = () => {
      const mean = isUp ? parameters.upMs : parameters.downMs
      cancel = timers.after(1_000 + stream.exponential(mean), () => {
        if (isUp) back = station.loseNetwork()
        else back()
        isUp = !isUp
        turn()
      })
    }
    turn()
    return () => {
      cancel()
      back()
    }
  }
})
