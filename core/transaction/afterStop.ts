import type { Transaction } from "./Transaction.ts"

/**
 * Whether energy flows in a transaction that its station agreed to stop, by what the station told. One whose TxStopPoint is
 * its plug (2.x: EVConnected, ParkingBayOccupancy) keeps the transaction open: energy stops, an Updated tells that with the
 * state that follows (2.0.1 part 2, F03), and the end comes when the car goes.
 */
export type AfterStop = "stands" | "flows" | "untold"

/** `agreedAtMs` by the station's clock, which its readings are dated by. */
export const afterStop = ({ states, samples }: Transaction, agreedAtMs: number): AfterStop => {
  const state = states[states.length - 1]
  const isResting = state !== undefined && state.state !== "Charging"
  const fromMs = isResting ? Math.max(agreedAtMs, state.atMs) : agreedAtMs
  const lastIndex = samples.findLastIndex(({ registerWh }) => registerWh !== null)
  const last = samples[lastIndex]
  const before = samples.findLast(({ registerWh }, index) => registerWh !== null && index < lastIndex)
  // A meter has the last word: two readings since that differ are energy, whatever the state is said to be.
  const isMetered = last !== undefined && before !== undefined && before.atMs >= fromMs && before.atMs < last.atMs
  if (isMetered && last.registerWh! > before.registerWh!) return "flows"
  if (isResting) return "stands"
  if (state !== undefined && state.atMs > agreedAtMs) return "flows"
  return isMetered ? "stands" : "untold"
}
