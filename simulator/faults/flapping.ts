import type { Fault } from "./Fault.ts"

/**
 * The network comes and goes, each time long enough for a connection to be made and for a few messages to pass.
 * Times are means of exponential waits, ms.
 */
export const flapping = (parameters: { readonly upMs: number; readonly downMs: number }): Fault => ({
  name: "flapping",
  parameters,
  strike: ({ station, timers }, stream) => {
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
