import { PgClient } from "@effect/sql-pg"
import { Effect } from "effect"
import { connect } from "#server/postgres/Database.ts"
import { start } from "#server/postgres/Launcher.ts"

/** Asks the database of a running server of ours: one row. */
export const askBooks = (dataDirectory: string, text: string): Promise<Readonly<Record<string, unknown>>> =>
  Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const address = yield* start({ dataDirectory, durable: true })
        const services = yield* connect({ target: { _tag: "Embedded", ...address } })
        return yield* Effect.provideContext(
          Effect.flatMap(PgClient.PgClient, (sql) => sql.unsafe<Readonly<Record<string, unknown>>>(text)),
          services
        )
      })
    )
  ).then((rows) => rows[0] ?? {})
