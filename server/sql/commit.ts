import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { codeOf, isTransient, type Pipeline } from "../postgres/Database.ts"
import { StoreUnavailable, type UnitOutcome, UnitRefused } from "../record/Journal.ts"
import type { Unit } from "../record/Unit.ts"
import { Batch } from "./batch.ts"
import { classify } from "./classify.ts"

/** Raised by enter_commit: one of the claims has been replaced. */
const fencedCode = "WP001"

/**
 * Writes a batch in one database transaction and one round trip. When that fails for what is in it, the books are asked
 * what they know of each unit, and the rest is tried again in halves, until what cannot be written stands alone.
 */
export const commit =
  (pipeline: Pipeline["Service"], node: number) =>
  (units: ReadonlyArray<Unit>): Effect.Effect<ReadonlyArray<UnitOutcome>, StoreUnavailable> => {
    const outcomes: Array<UnitOutcome> = new Array(units.length)
    const places = units.map((_, index) => index)

    const attempt = (batch: ReadonlyArray<number>): Effect.Effect<void, StoreUnavailable> =>
      Effect.suspend(() =>
        batch.length === 0 ? Effect.void : Effect.catch(writeAll(batch), (why) => sift(batch, why))
      )

    const writeAll = (batch: ReadonlyArray<number>): Effect.Effect<void, SqlError | Unstorable> =>
      Effect.map(
        write(
          pipeline,
          node,
          batch.map((place) => units[place]!)
        ),
        () => {
          for (const place of batch) outcomes[place] = "Committed"
        }
      )

    const sift = (batch: ReadonlyArray<number>, why: SqlError | Unstorable): Effect.Effect<void, StoreUnavailable> => {
      if (!(why instanceof Unstorable) && isTransient(why)) return Effect.fail(new StoreUnavailable({ cause: why }))
      return Effect.gen(function* () {
        const verdicts = yield* Effect.catch(
          classify(
            pipeline,
            batch.map((place) => units[place]!)
          ),
          (cause) => (isTransient(cause) ? Effect.fail(new StoreUnavailable({ cause })) : Effect.die(cause))
        )
        const fresh: Array<number> = []
        const later: Array<number> = []
        batch.forEach((place, index) => {
          const verdict = verdicts[index]!
          if (verdict === "Fresh") fresh.push(place)
          else if (verdict === "Later") later.push(place)
          else outcomes[place] = verdict
        })
        if (fresh.length < batch.length) {
          yield* attempt(fresh)
          return yield* attempt(later)
        }
        if (batch.length === 1 && !isFenced(why)) {
          const place = batch[0]!
          outcomes[place] = new UnitRefused({ stationId: units[place]!.stationId, cause: why })
          return
        }
        const half = Math.ceil(batch.length / 2)
        yield* attempt(batch.slice(0, half))
        yield* attempt(batch.slice(half))
      })
    }

    return Effect.map(attempt(places), () => outcomes)
  }

/** A unit holds a value that no column can. */
class Unstorable extends Error {}

const isFenced = (why: SqlError | Unstorable): boolean => !(why instanceof Unstorable) && codeOf(why) === fencedCode

const write = (
  pipeline: Pipeline["Service"],
  node: number,
  units: ReadonlyArray<Unit>
): Effect.Effect<void, SqlError | Unstorable> =>
  Effect.flatMap(
    Effect.try({
      try: () => new Batch(units).statements(node),
      catch: (cause) => new Unstorable("a value cannot be stored", { cause })
    }),
    (statements) => Effect.asVoid(pipeline.transact(statements))
  )
