import type { Effect } from "effect"
import type { Station } from "#core/station/Station.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"
import { flatMapEager } from "./eager.ts"
import type { OwnerServices } from "./OwnerServices.ts"
import type { TransactionMessage } from "./TransactionMessage.ts"

/**
 * Prices are those of the start. A transaction that was first heard of by a later message, as from a station that tells
 * its newest first, got the prices of that message's instant: its start, when it comes, sets them right.
 */
export const frozenAnew = <A, E>(
  { tariffs }: Pick<OwnerServices, "tariffs">,
  station: Station,
  known: Transaction,
  { kind, atMs }: TransactionMessage,
  report: (transaction: Transaction) => Effect.Effect<A, E>
): Effect.Effect<A, E> =>
  kind !== "Started" || known.started !== null
    ? report(known)
    : flatMapEager(tariffs.freeze(station, atMs), (tariff) => report({ ...known, tariff }))
