import { Effect } from "effect"
import type { Station } from "#core/station/Station.ts"
import { begin, type Transaction } from "#core/transaction/Transaction.ts"
import { flatMapEager, mapEager } from "./eager.ts"
import { startOf } from "./frozenAnew.ts"
import type { OwnerServices } from "./OwnerServices.ts"
import type { TransactionMessage } from "./TransactionMessage.ts"

/** A transaction of which a message is the first: under a name, with the price and the time zone that hold for it. */
export const firstHeardOf = (
  { dialect, ids, numbers, tariffs, clocks }: OwnerServices,
  station: Station,
  message: TransactionMessage
): Effect.Effect<Transaction> => {
  const name = message.ocppId === null ? Effect.map(numbers.next, String) : Effect.succeed(message.ocppId)
  const { startKey, evseId, connectorId } = message
  return flatMapEager(tariffs.freeze(startOf(clocks, station, null, message)), (tariff) =>
    mapEager(name, (ocppId) => {
      const { id: stationId, timeZone } = station
      const id = ids.uuid(message.receivedAtMs)
      return begin({ id, stationId, dialect, ocppId, startKey, evseId, connectorId, tariff, timeZone })
    })
  )
}
