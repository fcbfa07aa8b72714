import type { Effect } from "effect"
import type { Station } from "#core/station/Station.ts"
import { canonicalUid } from "#core/token/Token.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"
import { flatMapEager } from "./eager.ts"
import type { OwnerServices, PricedStart } from "./OwnerServices.ts"
import type { TransactionMessage } from "./TransactionMessage.ts"

/**
 * Prices are those of the start, by our clock as far as its station's is known, for whom it is charged to. A transaction
 * that was first heard of by a later message, as from a station that tells its newest first, got the prices of that
 * message's instant, and one that began before a card was shown got those of nobody in particular: its start, and its
 * card, when they come, set them right.
 */
export const frozenAnew = <A, E>(
  { tariffs, clocks }: Pick<OwnerServices, "tariffs" | "clocks">,
  station: Station,
  known: Transaction,
  message: TransactionMessage,
  report: (transaction: Transaction) => Effect.Effect<A, E>
): Effect.Effect<A, E> => {
  const tellsStart = message.kind === "Started" && known.started === null
  return tellsStart || tellsPayer(known, message)
    ? flatMapEager(tariffs.freeze(startOf(clocks, station, known, message)), (tariff) => report({ ...known, tariff }))
    : report(known)
}

/** Whether it brings the token that it is charged on: the earliest that was shown, as `decide` has it. */
const tellsPayer = ({ authorized }: Transaction, { presented, stops, atMs }: TransactionMessage): boolean =>
  presented !== null && !stops && (authorized === null || atMs < authorized.atMs)

/** The start of a transaction as it stands once this message is taken in. */
export const startOf = (
  clocks: OwnerServices["clocks"],
  station: Station,
  known: Transaction | null,
  message: TransactionMessage
): PricedStart => {
  const { kind, presented, evseId, atMs, receivedAtMs } = message
  const uid = presented === null || message.stops ? null : canonicalUid(presented.uid)
  const ours = (shownAtMs: number, cameAtMs: number) => clocks.ours(station.id, shownAtMs, cameAtMs)
  const judgedAtMs = message.judgedAtMs ?? ours(atMs, receivedAtMs)
  if (known === null) return { station, evseId, tokenUid: uid, atMs: judgedAtMs }
  const { started } = known
  const told = kind === "Started" ? judgedAtMs : ours(firstHeardMs(known, atMs), receivedAtMs)
  return {
    station,
    evseId: started?.evseId ?? (kind === "Started" ? evseId : known.evseId),
    tokenUid: tellsPayer(known, message) ? uid : (known.authorized?.token.uid ?? null),
    atMs: started === null ? told : ours(started.atMs, started.receivedAtMs)
  }
}

/** The earliest instant of a transaction whose start has not come yet: each message may be older than the ones before. */
const firstHeardMs = ({ authorized, samples, states }: Transaction, atMs: number): number =>
  Math.min(atMs, authorized?.atMs ?? atMs, samples[0]?.atMs ?? atMs, states[0]?.atMs ?? atMs)
