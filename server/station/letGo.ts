import { Effect } from "effect"
import { sometimes } from "#core/Sometimes.ts"
import type { Connector, Station } from "#core/station/Station.ts"
import { beginAtMs } from "#core/transaction/assess.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"
import { chargingStateOf } from "./chargingState.ts"
import { mapEager } from "./eager.ts"
import type { Holdings } from "./Holdings.ts"
import type { OwnerServices } from "./OwnerServices.ts"
import { patiently } from "./patiently.ts"
import type { TransactionMessage } from "./TransactionMessage.ts"

/**
 * The transactions that a status may concern: those at hand, and the one that ran at its connector by its own time, where
 * that was let go. Long charges are as soon as they are settled, and a 1.6 firmware that tells statuses last tells only
 * then what of them was parking. Nothing is read from the books unless the meter was read after the status. What is
 * stamped later than we heard of the charge's end is the next car's, by a clock that was set back since; so is what a station
 * tells after it started again of a charge whose end it had told before.
 */
export const concernedBy = (
  { dialect, journal }: Pick<OwnerServices, "dialect" | "journal">,
  holdings: Holdings,
  stationId: string,
  connector: Connector
): Effect.Effect<ReadonlyArray<Transaction>> => {
  const { evseId, connectorId, status, statusAtMs } = connector
  const bootAtMs = holdings.boot?.atMs ?? 0
  const atHand = [...holdings.all()].filter((it) => endHeardAtMs(it) >= bootAtMs)
  const isOfThePast = holdings.isReadAfter(evseId, statusAtMs) && !atHand.some((it) => isRunning(it, connector))
  if (dialect !== "1.6" || chargingStateOf(status) === null || !isOfThePast) return Effect.succeed(atHand)
  return mapEager(patiently(journal.transaction({ stationId, evseId, connectorId, begunBy: statusAtMs })), (stored) => {
    if (stored === undefined || holdings.byId(stored.id) !== undefined) return atHand
    if (!isRunning(stored, connector) || endHeardAtMs(stored) < Math.max(statusAtMs, bootAtMs)) return atHand
    sometimes("a status came when its charge had been let go")
    return [...atHand, stored]
  })
}

/** Whether it ran at the connector when its status was told, by the station's clock. */
const isRunning = (transaction: Transaction, { evseId, connectorId, statusAtMs }: Connector): boolean =>
  transaction.evseId === evseId &&
  transaction.connectorId === connectorId &&
  beginAtMs(transaction) <= statusAtMs &&
  ((transaction.ended ?? transaction.closed)?.atMs ?? Number.POSITIVE_INFINITY) > statusAtMs

/** When we were told that it was over. */
const endHeardAtMs = ({ ended, closed }: Transaction): number =>
  (ended ?? closed)?.receivedAtMs ?? Number.POSITIVE_INFINITY

/**
 * A message as it is; and a start that comes late with when the next charge began there, also where that is over by now: one
 * car at a time, so that the first is over too. By a clock that was set back, what began before is no next one.
 * A long charge was let go: it is read from the books, unless no meter was read there since the start.
 */
export const withNext = (
  {
    services,
    holdings,
    station
  }: {
    readonly services: Pick<OwnerServices, "journal">
    readonly holdings: Holdings
    readonly station: Pick<Station, "id">
  },
  message: TransactionMessage
): Effect.Effect<TransactionMessage> => {
  const { kind, evseId, connectorId, atMs, receivedAtMs: begunBy } = message
  if (kind !== "Started" || holdings.isSetBack(message, message)) return Effect.succeed(message)
  const known = holdings.named(message)
  if (known !== undefined && known.started !== null) return Effect.succeed(message)
  const isNext = (it: Transaction): boolean =>
    it.id !== known?.id && isBegun(it, message) && it.started!.atMs > atMs && it.started!.atMs <= begunBy
  const begun = holdings.all().filter(isNext)
  const nextAtMs = Math.min(...begun.map(({ started }) => started!.atMs))
  if (begun.length > 0) return Effect.succeed({ ...message, nextAtMs })
  if (!holdings.isReadAfter(evseId, atMs)) return Effect.succeed(message)
  const place = { stationId: station.id, evseId, connectorId, begunBy }
  return mapEager(patiently(services.journal.transaction(place)), (stored) =>
    stored !== undefined && isNext(stored) ? { ...message, nextAtMs: stored.started!.atMs } : message
  )
}

/** Whether its start was told, at that connector: what is known without one may be of another, under a wrong name. */
const isBegun = (
  { evseId, connectorId, started }: Transaction,
  place: Pick<TransactionMessage, "evseId" | "connectorId">
): boolean => started !== null && evseId === place.evseId && connectorId === place.connectorId
