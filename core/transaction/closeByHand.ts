import { Result } from "effect"
import * as Instant from "../Instant.ts"
import { close } from "./decide.ts"
import { isOpen, type Transaction, type TransactionFact } from "./Transaction.ts"

/** A charge of which nothing was told for so long is not known to run: longer than between two readings of most stations. */
export const silentForMs = 15 * 60_000

/** Who gives a charge up, and why. */
export interface Closure {
  readonly reason: string
  /** Name of the API key. */
  readonly by: string
}

/**
 * Gives up, for an operator, a charge that its station will not end any more: one fact, or none where an operator did so
 * before. Fails with one sentence: what is over is not closed, and what is told of is stopped at its station, for whoever
 * closed it would have it billed anew with every reading. `shownAtMs`: what the station's clock shows at `nowMs`.
 */
export const closeByHand = (
  transaction: Transaction,
  { reason, by }: Closure,
  { nowMs, shownAtMs }: { readonly nowMs: number; readonly shownAtMs: number }
): Result.Result<ReadonlyArray<TransactionFact>, string> => {
  if (transaction.closed?.why === "operator") return Result.succeed([])
  if (!isOpen(transaction)) return Result.fail("The charge is over.")
  const toldAtMs = lastToldAtMs(transaction)
  // What is dated later than that was told by a clock that was ahead, and says nothing of when.
  if (toldAtMs > shownAtMs - silentForMs && toldAtMs <= shownAtMs)
    return Result.fail(
      `Its station told of it at ${Instant.format(toldAtMs)}, so it may be running: have the station stop it. ` +
        `What is not told of for ${silentForMs / 60_000} minutes can be closed.`
    )
  return Result.succeed(
    close(transaction, { atMs: shownAtMs, receivedAtMs: nowMs, why: "operator" }).map((fact) => ({
      ...fact,
      reason,
      by
    }))
  )
}

/** Whether an operator gave it up, and no stop came since. */
export const isGivenUp = ({ ended, closed }: Transaction): boolean => ended === null && closed?.why === "operator"

/** Whether its station tells, all the same, that it goes on. */
export const goesOn = (transaction: Transaction): boolean =>
  isGivenUp(transaction) && lastToldAtMs(transaction) > transaction.closed!.atMs

/** The last that is known of it, by its station's clock. */
const lastToldAtMs = ({ started, authorized, samples, states }: Transaction): number =>
  Math.max(
    started?.atMs ?? 0,
    authorized?.atMs ?? 0,
    samples[samples.length - 1]?.atMs ?? 0,
    states[states.length - 1]?.atMs ?? 0
  )
