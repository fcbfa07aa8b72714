import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Bound, Pipeline, Result } from "../postgres/Database.ts"
import { Fenced, type UnitOutcome, UnitRefused } from "../record/Journal.ts"
import type { Unit } from "../record/Unit.ts"
import { isUuid, Rows, texts } from "./columns.ts"

/**
 * What the books say of a unit: an outcome; "Fresh" when they do not know it; "Later" when it shares a key with a fresh
 * one of the same batch, so that it cannot be judged before that one is written.
 */
export type Verdict = UnitOutcome | "Fresh" | "Later"

const selectEpochs = "select station_id, epoch from station_epochs where station_id = any ($1)"

const selectFacts = `select u.place::integer as place, f.fact = u.fact::jsonb as same
  from unnest($1::text[], $2::float8[], $3::text[]) with ordinality as u (id, seq, fact, place)
  join transaction_facts f on f.transaction_id = u.id::uuid and f.seq = u.seq::integer`

const selectSamples = `select u.place::integer as place,
    r.at = u.at and r.context = u.context and r.register_wh is not distinct from u.register_wh::bigint as same
  from unnest($1::text[], $2::float8[], $3::float8[], $4::timestamptz[], $5::text[], $6::float8[])
    with ordinality as u (id, seq, part, at, context, register_wh, place)
  join meter_readings r
    on r.transaction_id = u.id::uuid and r.seq = u.seq::integer and r.part = u.part::integer`

const selectCdrs = "select id from cdrs where id = any ($1::text[])"
const selectEntries = "select id from ledger_entries where id = any ($1::text[])"

/**
 * Reads what the books hold of units that could not be written at once. The slow way, taken after a lost connection, a
 * lost claim or a unit that contradicts the books.
 */
export const classify = (
  pipeline: Pipeline["Service"],
  units: ReadonlyArray<Unit>
): Effect.Effect<ReadonlyArray<Verdict>, SqlError> =>
  Effect.gen(function* () {
    const keys = units.map((unit) => keysOf(unit))
    const sound = units.filter((_, index) => keys[index]!.isSound)
    const stationIds = [...new Set(units.map((unit) => unit.stationId))]
    const [epochs, facts, samples, cdrs, entries] = yield* pipeline.transact([
      { sql: selectEpochs, params: [texts(stationIds)] },
      factQuery(sound),
      sampleQuery(sound),
      { sql: selectCdrs, params: [texts(sound.flatMap((unit) => (unit.cdrs ?? []).map((cdr) => cdr.id)))] },
      { sql: selectEntries, params: [texts(sound.flatMap((unit) => (unit.entries ?? []).map((entry) => entry.id)))] }
    ])
    const known: Known = new Map()
    note(
      known,
      sound.flatMap((unit) => factKeys(unit).map((key) => key.name)),
      facts!
    )
    note(
      known,
      sound.flatMap((unit) => sampleKeys(unit).map((key) => key.name)),
      samples!
    )
    for (const row of cdrs!.rows) known.set(`cdr ${row["id"]}`, true)
    for (const row of entries!.rows) known.set(`entry ${row["id"]}`, true)
    const newest = new Map(epochs!.rows.map((row) => [row["station_id"], row["epoch"]]))
    const inBatch = new Set<string>()
    return units.map((unit, index) => {
      if (unit.epoch !== null && newest.get(unit.stationId) !== unit.epoch) {
        return new Fenced({ stationId: unit.stationId, epoch: unit.epoch })
      }
      return judge(unit, keys[index]!, known, inBatch)
    })
  })

/** Keys that the books hold, and whether with the same content. */
type Known = Map<string, boolean>

const judge = (unit: Unit, { names, isSound }: Keys, known: Known, inBatch: Set<string>): Verdict => {
  const refuse = (cause: string) => new UnitRefused({ stationId: unit.stationId, cause })
  if (!isSound) return refuse("an id in it is no UUID")
  if (new Set(names).size < names.length) return refuse("it writes one key twice")
  if (names.some((name) => inBatch.has(name))) return "Later"
  let there = 0
  for (const name of names) {
    const isSame = known.get(name)
    if (isSame === false) return refuse(`${name} differs from what was written`)
    if (isSame === true) there++
  }
  if (there > 0) return there === names.length ? "Repeated" : refuse("part of it was written by another")
  for (const name of names) inBatch.add(name)
  return "Fresh"
}

/** Everything in a unit that can be written only once. */
interface Keys {
  readonly names: ReadonlyArray<string>
  readonly isSound: boolean
}

const keysOf = (unit: Unit): Keys => {
  const all = [...factKeys(unit), ...sampleKeys(unit)]
  const names = [
    ...all.map((key) => key.name),
    ...(unit.cdrs ?? []).map((cdr) => `cdr ${cdr.id}`),
    ...(unit.entries ?? []).map((entry) => `entry ${entry.id}`)
  ]
  const isSound =
    all.every((key) => isUuid(key.transactionId)) &&
    (unit.cdrs ?? []).every((cdr) => isUuid(cdr.transactionId)) &&
    (unit.transactions ?? []).every((row) => isUuid(row.id))
  return { names, isSound }
}

interface Key {
  readonly transactionId: string
  readonly name: string
}

const factKeys = (unit: Unit): ReadonlyArray<Key> =>
  (unit.facts ?? []).map(({ transactionId, seq }) => ({ transactionId, name: `fact ${transactionId} ${seq}` }))

const sampleKeys = (unit: Unit): ReadonlyArray<Key> =>
  (unit.samples ?? []).map(({ transactionId, seq, part }) => ({
    transactionId,
    name: `reading ${transactionId} ${seq} ${part}`
  }))

const factQuery = (units: ReadonlyArray<Unit>): Bound => {
  const rows = new Rows(selectFacts, ["text", "number", "text"])
  for (const unit of units) {
    for (const { transactionId, seq, fact } of unit.facts ?? []) rows.add(transactionId, seq, JSON.stringify(fact))
  }
  return rows.statement()
}

const sampleQuery = (units: ReadonlyArray<Unit>): Bound => {
  const rows = new Rows(selectSamples, ["text", "number", "number", "instant", "text", "number"])
  for (const unit of units) {
    for (const { transactionId, seq, part, sample } of unit.samples ?? []) {
      rows.add(transactionId, seq, part, sample.atMs, sample.context, sample.registerWh)
    }
  }
  return rows.statement()
}

const note = (known: Known, names: ReadonlyArray<string>, found: Result): void => {
  for (const row of found.rows) known.set(names[Number(row["place"]) - 1]!, row["same"] === true)
}
