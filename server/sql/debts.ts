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
  stateOf
} from "#core/dunning/Debt.ts"
import { DunningPolicy } from "#core/dunning/next.ts"
import { decodeInvoice } from "#core/invoice/Invoice.ts"
import { type DebtChange, type DebtRecord, DebtStore } from "../dunning/DebtStore.ts"
import { jsonb } from "../postgres/Database.ts"
import { instant, msOrNull, texts } from "./columns.ts"
import { Conditions, pageFrom } from "./conditions.ts"
import { postEntries } from "./entryRows.ts"
import { orUnavailable } from "./failures.ts"

type Row = Readonly<Record<string, unknown>>

const insertDebt = `insert into debts (invoice_id, driver_id, terms, state, open_minor, due_at, version)
  values ($1, $2, $3, $4, $5::text::bigint, $6, 0) on conflict (invoice_id) do nothing`

const updateDebt = `update debts set state = $3, open_minor = $4::text::bigint, blocks_at = $5, due_at = $6,
    version = version + $7::integer
  where invoice_id = $1 and version = $2::integer returning invoice_id`

const insertFacts = `insert into debt_facts (invoice_id, seq, fact)
  select $1, $2::integer + u.position::integer - 1, u.fact::jsonb
  from unnest($3::text[]) with ordinality as u (fact, position)`

const claimDue = `update debts set due_at = $2 where invoice_id in (
    select invoice_id from debts where due_at <= $1 order by due_at, invoice_id limit $3 for update skip locked
  ) returning invoice_id`

const selectUnwatched = `select i.document from invoices i
  where i.kind = 'invoice' and i.driver_id is not null
    and not exists (select from debts d where d.invoice_id = i.id)
    and not exists (select from invoices n where n.credits_id = i.id)
  order by i.id limit $1`

const selectTakenBack = `select d.invoice_id from debts d
  where d.state <> 'credited' and exists (select from invoices n where n.credits_id = d.invoice_id)
  order by d.invoice_id limit $1`

const encodePolicy = Schema.encodeSync(DunningPolicy)
const decodePolicy = Schema.decodeUnknownSync(DunningPolicy)

/** Debts on PostgreSQL. */
export const layer: Layer.Layer<DebtStore, never, SqlClient> = Layer.effect(
  DebtStore,
  Effect.map(SqlClient, (sql) => {
    const rows = (text: string, params: ReadonlyArray<unknown>) => orUnavailable(sql.unsafe<Row>(text, params))

    const load = Effect.fnUntraced(function* (where: string, params: ReadonlyArray<unknown>) {
      const heads = yield* rows(`select invoice_id, terms, due_at, version from debts where ${where}`, params)
      const facts = yield* rows(
        "select invoice_id, fact from debt_facts where invoice_id = any ($1::text[]) order by invoice_id, seq",
        [texts(heads.map((row) => row["invoiceId"] as string))]
      )
      const own = Map.groupBy(facts, (row) => row["invoiceId"])
      return heads.map((row) => recordFrom(row, own.get(row["invoiceId"]) ?? []))
    })

    const write = Effect.fnUntraced(function* ({
      record,
      facts,
      entries,
      dueAtMs
    }: DebtChange): Effect.fn.Return<DebtRecord | "Stale", SqlError> {
      const debt = facts.reduce(evolve, record.debt)
      const moved = yield* sql.unsafe<Row>(updateDebt, [
        debt.invoiceId,
        record.version,
        stateOf(debt),
        String(amountsOf(debt).openMinor),
        instant(blocksSince(debt)),
        instant(dueAtMs),
        facts.length
      ])
      if (moved.length === 0) return "Stale"
      if (facts.length > 0) {
        const encoded = facts.map((fact) => JSON.stringify(encodeFact(fact)))
        yield* sql.unsafe(insertFacts, [debt.invoiceId, record.version, texts(encoded)])
      }
      if (entries.length > 0) yield* postEntries(sql, entries)
      return { debt, version: record.version + facts.length, dueAtMs }
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
        Effect.map(rows(selectTakenBack, [limit]), (found) => found.map((row) => row["invoiceId"] as string)),
      open: (invoiceId, terms, dueAtMs) => {
        const debt = begin(invoiceId, terms)
        const { openMinor } = amountsOf(debt)
        return Effect.asVoid(
          rows(insertDebt, [
            invoiceId,
            terms.driverId,
            jsonb(encodeTerms(terms)),
            stateOf(debt),
            String(openMinor),
            instant(dueAtMs)
          ])
        )
      },
      get: (invoiceId) => Effect.map(load("invoice_id = $1", [invoiceId]), ([found]) => found),
      facts: (invoiceId) =>
        Effect.map(rows("select fact from debt_facts where invoice_id = $1 order by seq", [invoiceId]), (found) =>
          found.map((row) => decodeFact(row["fact"]))
        ),
      list: ({ limit, cursor, driverId, state }) => {
        const where = new Conditions()
        where.equal("driver_id", driverId)
        where.equal("state", state)
        if (cursor !== undefined) where.and((at) => `invoice_id < ${at}`, cursor)
        return Effect.map(
          load(`${where.text} order by invoice_id desc limit ${where.add(limit + 1)}`, where.params),
          (found) => pageFrom(found, limit, ({ debt }) => debt.invoiceId)
        )
      },
      commit: (change) => orUnavailable(sql.withTransaction(write(change))),
      claim: (nowMs, leaseUntilMs, limit) =>
        Effect.map(rows(claimDue, [instant(nowMs), instant(leaseUntilMs), limit]), (found) =>
          found.map((row) => row["invoiceId"] as string).sort()
        )
    })
  })
)

const recordFrom = (row: Row, facts: ReadonlyArray<Row>): DebtRecord => ({
  debt: facts.reduce(
    (debt, { fact }) => evolve(debt, decodeFact(fact)),
    begin(row["invoiceId"] as string, decodeTerms(row["terms"]))
  ),
  version: row["version"] as number,
  dueAtMs: msOrNull(row["dueAt"] as Date | null)
})
