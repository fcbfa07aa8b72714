import { Clock, Effect } from "effect"
import { Conflict, Unprocessable } from "#core/api/Problems.ts"
import type { TariffDraft as DraftView } from "#core/api/Tariffs.ts"
import * as Instant from "#core/Instant.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import type { TariffWire } from "#core/tariff/TariffWire.ts"
import type { Directory, TariffDraft } from "../directory/Directory.ts"
import { found, unavailable, unknown } from "./failures.ts"
import { inBody } from "./faults.ts"
import { checked, parsed, publishTariff } from "./publishing.ts"

type Book = Directory["Service"]

export const draftView = ({ tariff, savedAtMs }: TariffDraft): typeof DraftView.Type => ({
  ...Tariff.encode(tariff),
  ...checked(tariff),
  saved_at: Instant.format(savedAtMs)
})

/** Drafts of tariffs: one a tariff, and good for no transaction until it is published. */
export const drafts = (directory: Book) => {
  const draftOf = (id: string) => directory.tariffDraft(id).pipe(found("draft", id), unavailable)
  const drop = (id: string) =>
    directory.dropTariffDraft(id).pipe(
      Effect.catchTag("NotFound", (gone) => Effect.fail(unknown(gone.kind, gone.id))),
      unavailable
    )

  return {
    draftOf,
    drop,
    save: Effect.fnUntraced(function* (tariffId: string, wire: TariffWire) {
      const detail = "The draft cannot be kept like this."
      if (wire.id !== tariffId)
        return yield* new Unprocessable({ detail, errors: inBody("/id", `Expected ${tariffId}, as in the path`) })
      const version = (yield* directory.tariff(tariffId).pipe(unavailable)).length + 1
      const tariff = yield* parsed({ ...wire, version }, detail)
      const draft = { tariff, savedAtMs: yield* Clock.currentTimeMillis }
      yield* directory.saveTariffDraft(draft).pipe(unavailable)
      return draft
    }),
    publish: Effect.fnUntraced(function* (tariffId: string, isConfirmed: boolean, fromMs: number | null) {
      const { tariff } = yield* draftOf(tariffId)
      const next = (yield* directory.tariff(tariffId).pipe(unavailable)).length + 1
      if (tariff.version !== next) {
        const detail = `Version ${tariff.version} of ${tariffId} was published meanwhile. Look at it, and save the draft again.`
        return yield* new Conflict({ detail, kind: "draft", id: tariffId })
      }
      const published = yield* publishTariff(directory, { wire: Tariff.encode(tariff), isConfirmed, fromMs })
      // A draft that outlives this is for a version that is there already, and says so.
      yield* drop(tariffId).pipe(Effect.catchTag("UnknownResource", () => Effect.void))
      return published
    })
  }
}
