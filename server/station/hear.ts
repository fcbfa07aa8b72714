import { ourInstant } from "#core/station/clock.ts"
import type { OwnerServices } from "./OwnerServices.ts"
import type { TransactionMessage } from "./TransactionMessage.ts"

/**
 * Learns from a message what its station's clock shows, unless the message may have waited for a connection. Returns the
 * message with the instant of ours at which its token is judged.
 */
export const hear = (
  { clocks, dialect }: Pick<OwnerServices, "clocks" | "dialect">,
  stationId: string,
  message: TransactionMessage
): TransactionMessage => {
  const { atMs, receivedAtMs, offline } = message
  const before = clocks.reckoned(stationId)
  // That a 1.6 start waited is a guess, made by what the clock is known to show.
  const mayHaveWaited = offline && (dialect !== "1.6" || before?.isPaced === true)
  if (!mayHaveWaited) clocks.heard(stationId, newestOf(message), receivedAtMs)
  if (message.presented === null) return message
  return { ...message, judgedAtMs: ourInstant(offline ? before : clocks.reckoned(stationId), atMs, receivedAtMs) }
}

/** The newest instant of which a message tells, by the station's clock. */
const newestOf = ({ atMs, samples }: TransactionMessage): number =>
  samples.reduce((newest, sample) => Math.max(newest, sample.atMs), atMs)
