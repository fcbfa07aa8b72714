import { Effect, Result } from "effect"
import type { Station } from "#core/station/Station.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { LiveView } from "#server/api/Live.ts"
import { Books } from "#server/books/Books.ts"
import { Directory } from "#server/directory/Directory.ts"
import type { Operation } from "#server/operations/Operation.ts"
import { Closures } from "#server/station/Closures.ts"
import { patiently } from "#server/station/patiently.ts"
import type { OcpiTariff } from "#simulator/oracles/SlowRater.ts"
import type { Within } from "./phone.ts"

/** What an operator does at the desk. Each answers whether it took effect; without a CMS nothing does. */
export interface Operator {
  readonly blockCard: (uid: string, atMs: number, answer: (done: boolean) => void) => void
  readonly expireCard: (uid: string, atMs: number, answer: (done: boolean) => void) => void
  readonly setRegistration: (
    stationId: string,
    registration: Station["registration"],
    answer: (done: boolean) => void
  ) => void
  /** Gives up whatever is open there and not told of lately. */
  readonly closeCharges: (stationId: string, answer: (done: boolean) => void) => void
  readonly publishTariff: (tariff: OcpiTariff, answer: (done: boolean) => void) => void
  readonly ask: (stationId: string, operation: Operation, answer: (accepted: boolean) => void) => void
}

const waitMs = 45_000
/** Charges that one station may have open. */
const openLimit = 100

/** An operator whose every action goes through the services of the CMS that serves now, as the API's do. */
export const operator = (within: Within): Operator => {
  const changeCard = (uid: string, change: { readonly blockedAtMs?: number; readonly expiresAtMs?: number }) =>
    Effect.gen(function* () {
      const directory = yield* Directory
      const token = yield* patiently(directory.token(uid))
      if (token === undefined) return false
      yield* patiently(directory.updateToken({ ...token, ...change }))
      return true
    }).pipe(Effect.catchTag("NotFound", Effect.die))
  return {
    blockCard: (uid, blockedAtMs, answer) => within(changeCard(uid, { blockedAtMs }), answer),
    expireCard: (uid, expiresAtMs, answer) => within(changeCard(uid, { expiresAtMs }), answer),
    setRegistration: (stationId, registration, answer) =>
      within(
        Effect.gen(function* () {
          const directory = yield* Directory
          const station = yield* patiently(directory.station(stationId))
          if (station === undefined) return false
          yield* patiently(directory.updateStation({ ...station, registration }))
          return true
        }).pipe(Effect.catchTag("NotFound", Effect.die)),
        answer
      ),
    closeCharges: (stationId, answer) =>
      within(
        Effect.gen(function* () {
          const closures = yield* Closures
          const open = { stationId, status: "Open", limit: openLimit } as const
          const { items } = yield* patiently((yield* Books).transactions(open))
          for (const { id } of items)
            yield* patiently(closures.close(id, { reason: "its station is silent", by: "desk" })).pipe(
              Effect.catchTag("NotPossible", () => Effect.void)
            )
          return true
        }),
        answer
      ),
    publishTariff: (tariff, answer) =>
      within(
        Effect.gen(function* () {
          const directory = yield* Directory
          yield* patiently(directory.publishTariff(Result.getOrThrow(Tariff.parse(tariff))))
          return true
          // Nobody else publishes: it is there since the time before, whose answer was lost.
        }).pipe(Effect.catchTag("AlreadyExists", () => Effect.succeed(true))),
        answer
      ),
    ask: (stationId, operation, answer) =>
      within(
        Effect.gen(function* () {
          const view = yield* LiveView
          const record = yield* patiently(view.runOperation(stationId, operation, { waitMs, queueForMs: 0 }))
          return record.outcome?._tag === "Answered" && record.outcome.accepted
        }).pipe(Effect.catchTag("NotFound", Effect.die)),
        answer
      )
  }
}
