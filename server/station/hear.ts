import type { OwnerServices } from "./OwnerServices.ts"
import type { TransactionMessage } from "./TransactionMessage.ts"

/** Learns from a message what its station's clock shows, unless the message may have waited for a connection. */
export const hear = (
  { clocks, dialect }: Pick<OwnerServices, "clocks" | "dialect">,
  stationId: string,
  message: TransactionMessage
): void => {
  // That a 1.6 start waited is a guess, made by what the clock is known to show.
  const mayHaveWaited = message.offline && dialect !== "1.6"
  if (!mayHaveWaited) clocks.heard(stationId, newestOf(message), message.receivedAtMs)
}

/** The newest instant of which a message tells, by the station's clock. */
const newestOf = ({ atMs, samples }: TransactionMessage): number =>
  samples.reduce((newest, sample) => Math.max(newest, sample.atMs), atMs)
