import { Clock, Effect, Schedule } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Instant from "#core/Instant.ts"
import { orUnavailable } from "./failures.ts"

/** Months with a partition of their own beside the present one: late readings before it, and room after it. */
const monthsBefore = 1
const monthsAfter = 3

interface Month {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
}

const plus = ({ year, month }: Month, months: number): Month => {
  const index = year * 12 + (month - 1) + months
  return { year: Math.floor(index / 12), month: (index % 12) + 1 }
}

const pad = (value: number, digits: number): string => String(value).padStart(digits, "0")
const firstDay = ({ year, month }: Month): string => `${pad(year, 4)}-${pad(month, 2)}-01T00:00:00Z`

/**
 * Makes the partitions of the meter readings around an instant, those that are missing. Readings that had been put by in
 * the default partition for want of one move into it.
 */
export const makeMonths = Effect.fnUntraced(function* (sql: SqlClient, atMs: number): Effect.fn.Return<void, SqlError> {
  const now = Instant.format(atMs)
  const present = { year: Number(now.slice(0, 4)), month: Number(now.slice(5, 7)) }
  for (let offset = -monthsBefore; offset <= monthsAfter; offset++) yield* makeMonth(sql, plus(present, offset))
})

const makeMonth = Effect.fnUntraced(function* (sql: SqlClient, month: Month): Effect.fn.Return<void, SqlError> {
  const name = `meter_readings_${pad(month.year, 4)}_${pad(month.month, 2)}`
  const exists = sql.unsafe<{ readonly found: boolean }>("select to_regclass($1) is not null as found", [name])
  if ((yield* exists)[0]?.found === true) return
  const from = firstDay(month)
  const to = firstDay(plus(month, 1))
  yield* sql.withTransaction(
    Effect.gen(function* () {
      yield* sql.unsafe("lock table meter_readings_default in access exclusive mode")
      if ((yield* exists)[0]?.found === true) return
      yield* sql.unsafe(`create table ${name} (like meter_readings including defaults including constraints)`)
      yield* sql.unsafe(`with moved as (
          delete from meter_readings_default where at >= '${from}' and at < '${to}' returning *
        ) insert into ${name} select * from moved`)
      yield* sql.unsafe(`alter table meter_readings attach partition ${name} for values from ('${from}') to ('${to}')`)
    })
  )
})

/** Once a day the months ahead are made; while the database is away, once it is back. */
export const keepMonths = (sql: SqlClient): Effect.Effect<never> =>
  Effect.flatMap(Clock.currentTimeMillis, (nowMs) => orUnavailable(makeMonths(sql, nowMs))).pipe(
    Effect.retry(Schedule.spaced("1 minute")),
    Effect.orDie,
    Effect.tapCause((cause) => Effect.logError("The partitions of the months ahead cannot be made", cause)),
    Effect.repeat(Schedule.spaced("1 day")),
    Effect.andThen(Effect.never)
  )
