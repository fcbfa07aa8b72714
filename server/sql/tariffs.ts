import { Effect } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { type Assignment, everMs, network } from "#core/tariff/assign/Assignment.ts"
import type { Tariff } from "#core/tariff/Tariff.ts"
import { Tariff as Tariffs } from "#core/tariff/Tariff.ts"
import { AlreadyExists, NotFound } from "../directory/Directory.ts"
import { constraintOf, jsonb } from "../postgres/Database.ts"
import { isDangling } from "./failures.ts"
import * as rows from "./tariffRows.ts"

type Sql = SqlClient

/** Writes a version and moves the head of its tariff to it, in one transaction. */
export const publish = (sql: Sql, tariff: Tariff): Effect.Effect<void, AlreadyExists | SqlError> =>
  sql.withTransaction(
    Effect.gen(function* () {
      const { id, version } = tariff
      const published = yield* sql.unsafe(rows.publishVersion, [id, version])
      if (published.length === 0) {
        const known = yield* sql.unsafe<{ readonly latestVersion: number }>(
          "select latest_version from tariffs where id = $1",
          [id]
        )
        const latest = known[0]?.latestVersion ?? 0
        if (version > latest + 1)
          return yield* Effect.die(new Error(`version ${version} of tariff ${id} would leave a gap`))
        return yield* new AlreadyExists({ kind: "tariff version", id: `${id} ${version}` })
      }
      yield* sql.unsafe(rows.insertVersion, [id, version, jsonb(Tariffs.encode(tariff))])
    })
  )

/** Assigns a tariff to a slot; fails with what is not there. */
export const assign = (sql: Sql, assignment: Assignment): Effect.Effect<void, NotFound | SqlError> =>
  Effect.asVoid(
    Effect.mapError(sql.unsafe(rows.insertAssignment, rows.assignmentParams(assignment)), (error) =>
      isDangling(error) ? new NotFound(rows.referredBy(constraintOf(error), assignment)) : error
    )
  )

/** The network's default, as if it had been so from the beginning. */
export const defaultAssignment = (tariffId: string): Assignment => ({ slot: network, sinceMs: everMs, tariffId })
