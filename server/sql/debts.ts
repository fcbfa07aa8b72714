import { Effect, Layer, Result, Schema } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import {
  amountsOf,
  begin,
  blocksSince,
  decodeFact,
  decodeTerms,
  encodeFact,
  encodeTerms,
  evolve,
  kindOf,
  stateOf
} from "#core/dunning/Debt.ts"
import { DunningPolicy } from "#core/dunning/next.ts"
import { decodeInvoice } from "#core/invoice/Invoice.ts"
import { type DebtChange, type DebtRecord, DebtStore, type Owing } from "../dunning/DebtStore.ts"
import { jsonb } from "../postgres/Database.ts"
import { instant, msOrNull, texts } from "./columns.ts"
import { Conditions, pageFrom } from "./conditions.ts"
import { postEntries } from "./entryRows.ts"
import { orUnavailable } from "./failures.ts"

type Row = Readonly<Record<string, unknown>>

const insertDebt = `insert into debts (id, driver_id, terms, state, open_minor, due_at, version, kind, subject_id)
  values ($1, $2, $3, $4, $5::text::bigint, $6, 0, $7, $8) on conflict do nothing`

const updateDebt = `update debts set state = $3, open_minor = $4::text::bigint, blocks_at = $5, due_at = $6,
    version = version + $7::integer, told_version = $8::integer
  where id = $1 and version = $2::integer returning id`

const insertFacts = `insert into debt_facts (debt_id, seq, fact)
  select $1, $2::integer + u.position::integer - 1, u.fact::jsonb
  from unnest($3::text[]) with ordinality as u (fact, position)`

const claimDue = `update debts set due_at = $2 where id in (
    select id from debts where due_at <= $1 order by due_at, id limit $3 for update skip locked
  ) returning id`

const selectUnwatched = `select i.document from invoices i
  where i.kind = 'invoice' and i.driver_id is not null
    and not exists (select from debts d where d.id = i.id)
    and not exists (select from invoices n where n.credits_id = i.id)
  order by i.id limit $1`

const selectTakenBack = `select d.id from debts d
  where d.state <> 'credited' and exists (select from invoices n where n.credits_id = d.id)
  order by d.id limit $1`

const selectOwing = `select kind, id from (
    select 'charge' as kind, p.id::text collate "C" as id from payments p
    where p.state in ('RESIDUAL_DUE', 'DISPUTE_LOST') and p.residual_minor > 0 and p.station_id <> '' and p.driver_id is not null
      and not exists (select from debts d where d.kind = 'charge' and d.subject_id = p.id::text)
    union all
    select 'wallet', w.driver_id from wallets w
    where w.arrears_minor > 0
      and not exists (select from debts d where d.kind = 'wallet' and d.subject_id = w.driver_id and d.open_minor > 0)
  ) owing order by kind, id limit $1`

const selectMoved = `select d.id from debts d
  where (d.kind = 'charge' and exists (
      select from payments p where p.id = d.subject_id::uuid and p.version > d.told_version))
    or (d.kind = 'wallet' and d.open_minor > 0 and exists (
      select from wallets w where w.driver_id = d.subject_id and w.arrears_minor <> d.open_minor))
  order by d.id limit $1`

const encodePolicy = Schema.encodeSync(DunningPolicy)
const decodePolicy = Schema.decodeUnknownSync(DunningPolicy)

/** Debts on PostgreSQL. */
export const layer: Layer.Layer<DebtStore, never, SqlClient> = Layer.effect(
  DebtStore,
  Effect.map(SqlClient, (sql) => {
    const rows = (text: string, params: ReadonlyArray<unknown>) => orUnavailable(sql.unsafe<Row>(text, params))

    const load = Effect.fnUntraced(function* (where: string, params: ReadonlyArray<unknown>) {
      const heads = yield* rows(`select id, terms, due_at, version, told_version from debts where ${where}`, params)
      const facts = yield* rows(
        "select debt_id, fact from debt_facts where debt_id = any ($1::text[]) order by debt_id, seq",
        [texts(heads.map((row) => row["id"] as string))]
      )
      const own = Map.groupBy(facts, (row) => row["debtId"])
      return heads.map((row) => recordFrom(row, own.get(row["id"]) ?? []))
    })

    const write = Effect.fnUntraced(function* ({
      record,
      facts,
      entries,
      dueAtMs,
      toldVersion = record.toldVersion
    }: DebtChange): Effect.fn.Return<DebtRecord | "Stale", SqlError> {
      const debt = facts.reduce(evolve, record.debt)
      const moved = yield* sql.unsafe<Row>(updateDebt, [
        debt.id,
        record.version,
        stateOf(debt),
        String(amountsOf(debt).openMinor),
        instant(blocksSince(debt)),
        instant(dueAtMs),
        facts.length,
        toldVersion
      ])
      if (moved.length === 0) return "Stale"
      if (facts.length > 0) {
        const encoded = facts.map((fact) => JSON.stringify(encodeFact(fact)))
        yield* sql.unsafe(insertFacts, [debt.id, record.version, texts(encoded)])
      }
      if (entries.length > 0) yield* postEntries(sql, entries)
      return { debt, version: record.version + facts.length, dueAtMs, toldVersion }
    })

    return DebtStore.of({
      policy: Effect.map(rows("select value from settings where name = 'dunning'", []), ([row]) =>
        row === undefined ? undefined : decodePolicy(JSON.parse(row["value"] as string))
      ),
      savePolicy: (policy) =>
        Effect.asVoid(
          rows(
            `insert into settings (name, value) values ('dunning', $1)
             on conflict (name) do update set value = excluded.value`,
            [JSON.stringify(encodePolicy(policy))]
          )
        ),
      unwatched: (limit) =>
        Effect.map(rows(selectUnwatched, [limit]), (found) =>
          found.map((row) => Result.getOrThrow(decodeInvoice(row["document"])))
        ),
      takenBack: (limit) =>
        Effect.map(rows(selectTakenBack, [limit]), (found) => found.map((row) => row["id"] as string)),
      owing: (limit) =>
        Effect.map(rows(selectOwing, [limit]), (found) =>
          found.map((row): Owing => ({ kind: row["kind"] as Owing["kind"], id: row["id"] as string }))
        ),
      moved: (limit) => Effect.map(rows(selectMoved, [limit]), (found) => found.map((row) => row["id"] as string)),
      open: (id, terms, dueAtMs) => {
        const debt = begin(id, terms)
        const { openMinor } = amountsOf(debt)
        return Effect.asVoid(
          rows(insertDebt, [
            id,
            terms.driverId,
            jsonb(encodeTerms(terms)),
            stateOf(debt),
            String(openMinor),
            instant(dueAtMs),
            kindOf(terms),
            terms.of?.id ?? null
          ])
        )
      },
      get: (id) => Effect.map(load("id = $1", [id]), ([found]) => found),
      facts: (id) =>
        Effect.map(rows("select fact from debt_facts where debt_id = $1 order by seq", [id]), (found) =>
          found.map((row) => decodeFact(row["fact"]))
        ),
      list: ({ limit, cursor, driverId, state }) => {
        const where = new Conditions()
        where.equal("driver_id", driverId)
        where.equal("state", state)
        if (cursor !== undefined) where.and((at) => `id < ${at}`, cursor)
        return Effect.map(load(`${where.text} order by id desc limit ${where.add(limit + 1)}`, where.params), (found) =>
          pageFrom(found, limit, ({ debt }) => debt.id)
        )
      },
      commit: (change) => orUnavailable(sql.withTransaction(write(change))),
      claim: (nowMs, leaseUntilMs, limit) =>
        Effect.map(rows(claimDue, [instant(nowMs), instant(leaseUntilMs), limit]), (found) =>
          found.map((row) => row["id"] as string).sort()
        )
    })
  })
)

const recordFrom = (row: Row, facts: ReadonlyArray<Row>): DebtRecord => ({
  debt: facts.reduce(
    (debt, { fact }) => evolve(debt, decodeFact(fact)),
    begin(row["id"] as string, decodeTerms(row["terms"]))
  ),
  version: row["version"] as number,
  dueAtMs: msOrNull(row["dueAt"] as Date | null),
  toldVersion: row["toldVersion"] as number
})
