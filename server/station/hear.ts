import { ourInstant } from "#core/station/clock.ts"
import type { Connector } from "#core/station/Station.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"
import type { Holdings } from "./Holdings.ts"
import type { OwnerServices } from "./OwnerServices.ts"
import type { TransactionMessage } from "./TransactionMessage.ts"

/**
 * Learns from a message what its station's clock shows, unless the message may have waited: for a connection, or while
 * later ones of its transaction overtook it. Returns the message with the instant of ours at which it is judged, and with
 * whether it is of a charge that was over by then.
 */
export const hear = (
  { clocks, dialect }: Pick<OwnerServices, "clocks" | "dialect">,
  stationId: string,
  holdings: Pick<Holdings, "byOcppId" | "boot">,
  told: TransactionMessage
): TransactionMessage => {
  const { atMs, receivedAtMs } = told
  const message: TransactionMessage = isOver(clocks, stationId, holdings, told) ? { ...told, isOver: true } : told
  const offline = message.offline || isOvertaken(holdings, message)
  const before = clocks.reckoned(stationId)
  // That a 1.6 start waited is a guess, made by what the clock is known to show.
  const mayHaveWaited = offline && (dialect !== "1.6" || before?.isPaced === true)
  if (!mayHaveWaited) clocks.heard(stationId, newestOf(message), receivedAtMs)
  if (message.presented === null && message.kind !== "Started") return message
  return { ...message, judgedAtMs: ourInstant(offline ? before : clocks.reckoned(stationId), atMs, receivedAtMs) }
}

/**
 * Learns from a status what its station's clock shows, also where nobody believes that. Answers whether it may be news: one of no
 * year is taken to be of when it came, and may be told late or again all the same.
 */
export const hearStatus = (
  { clocks }: Pick<OwnerServices, "clocks">,
  stationId: string,
  holdings: Pick<Holdings, "boot" | "isShownBehind">,
  connector: Connector,
  { nowMs, shownAtMs }: { readonly nowMs: number; readonly shownAtMs: number | undefined }
): boolean => {
  clocks.heard(stationId, connector.statusAtMs, nowMs)
  if (shownAtMs === undefined) return true
  if (connector.status === "Available") {
    clocks.freed(stationId, connector, { shownAtMs, bootAtMs: holdings.boot?.atMs })
  }
  return !holdings.isShownBehind(connector, shownAtMs) || shownAtMs >= connector.statusAtMs
}

/**
 * Whether a start that is taken to begin when it came, because nobody believes the year in it, was made before its connector
 * was free: by what the clock showed with both, which was set meanwhile or never.
 */
const isOver = (
  clocks: OwnerServices["clocks"],
  stationId: string,
  { boot }: Pick<Holdings, "boot">,
  message: TransactionMessage
): boolean => {
  const { kind, atMs, shownAtMs } = message
  if (kind !== "Started" || shownAtMs === undefined || shownAtMs >= atMs) return false
  return clocks.isFreedSince(stationId, message, { shownAtMs, bootAtMs: boot?.atMs })
}

/**
 * A start that is told again. Where nobody believes the year in it, it began when it came first: it says nothing new, and its
 * card was judged then.
 */
export const toldAgain = (
  { started }: Pick<Transaction, "started">,
  message: TransactionMessage
): TransactionMessage => {
  const { kind, atMs, shownAtMs = atMs } = message
  if (kind !== "Started" || started === null || shownAtMs >= atMs) return message
  const samples = message.samples.map((it) => (it.atMs === atMs ? { ...it, atMs: started.atMs } : it))
  return { ...message, atMs: started.atMs, samples }
}

/** Whether a message of a higher number was taken in before it. */
const isOvertaken = (holdings: Pick<Holdings, "byOcppId">, { ocppId, seqNo }: TransactionMessage): boolean => {
  if (ocppId === null || seqNo === null) return false
  const seqNos = holdings.byOcppId(ocppId)?.seqNos
  return seqNos !== undefined && seqNos.length > 0 && seqNo < seqNos[seqNos.length - 1]!
}

/** The newest instant of which a message tells, by the station's clock. */
const newestOf = ({ atMs, samples }: TransactionMessage): number =>
  samples.reduce((newest, sample) => Math.max(newest, sample.atMs), atMs)
