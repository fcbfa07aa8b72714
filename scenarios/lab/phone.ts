import { Effect } from "effect"
import { LiveView } from "#server/api/Live.ts"
import type { Directory } from "#server/directory/Directory.ts"
import { Journal } from "#server/record/Journal.ts"
import { patiently } from "#server/station/patiently.ts"
import type { App } from "#simulator/fleet/Visitor.ts"

/** Runs an effect inside the CMS that serves now and tells how it ended; false when there is none, or it dies first. */
export type Within = (
  effect: Effect.Effect<boolean, never, LiveView | Journal | Directory>,
  answer: (accepted: boolean) => void
) => void

const patienceMs = 45_000

/** The driver's phone: what it asks goes to the CMS's operations, as from the API, and from there to the station. */
export const phone = (within: Within): App => ({
  start: ({ stationId, evseId, token }, answer) =>
    within(run(stationId, { _tag: "Start", evseId, tokenUid: token.uid, tokenType: token.type }), answer),
  stop: ({ stationId, ocppTransactionId }, answer) => {
    if (ocppTransactionId === null) {
      answer(false)
      return
    }
    within(
      Effect.gen(function* () {
        const journal = yield* Journal
        const found = yield* patiently(journal.transaction({ stationId, ocppId: ocppTransactionId }))
        return found === undefined ? false : yield* run(stationId, { _tag: "Stop", transactionId: found.id })
      }),
      answer
    )
  }
})

const run = Effect.fnUntraced(function* (
  stationId: string,
  operation: Parameters<LiveView["Service"]["runOperation"]>[1]
) {
  const view = yield* LiveView
  const asked = view.runOperation(stationId, operation, { waitMs: patienceMs, queueForMs: 0 })
  const record = yield* Effect.catchTag(patiently(asked), "NotFound", Effect.die)
  return record.outcome?._tag === "Answered" && record.outcome.accepted
})
