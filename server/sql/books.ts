import { Effect, Layer, Result } from "effect"
import { type Cdr, decodeCdr } from "#core/billing/Cdr.ts"
import type { Presence } from "#core/station/Station.ts"
import type { AuthorizationStatus } from "#core/token/authorize.ts"
import type { TokenType } from "#core/token/Token.ts"
import type { Finding } from "#core/transaction/measure.ts"
import { Books, type CdrFilter, type StationRecord, type TransactionFilter } from "../books/Books.ts"
import type { Page, PageRequest } from "../books/Page.ts"
import { ReadSql } from "../postgres/Database.ts"
import { readSampleCursor, writeSampleCursor } from "../record/sampleCursor.ts"
import type { StoredFact, StoredSample, TransactionRow } from "../record/Unit.ts"
import { instant, isUuid, msOf, msOrNull, texts } from "./columns.ts"
import { Conditions, pageFrom } from "./conditions.ts"
import { orUnavailable } from "./failures.ts"
import { entriesPage } from "./ledger.ts"
import { bootFrom, connectorFrom, frozenTariffFrom, loadTransactions, sampleFrom, variableFrom } from "./load.ts"

type Row = Readonly<Record<string, unknown>>

/** The books on PostgreSQL, read through the pool for reads. */
export const layer: Layer.Layer<Books, never, ReadSql> = Layer.effect(
  Books,
  Effect.map(ReadSql, (sql) => {
    const rows = (text: string, params: ReadonlyArray<unknown>) => orUnavailable(sql.unsafe<Row>(text, params))
    return Books.of({
      station: (stationId) =>
        Effect.map(
          Effect.all([rows(selectState, [stationId]), rows(selectConnectors, [stationId])], {
            concurrency: "unbounded"
          }),
          ([state, connectors]) => stationRecord(stationId, state[0], connectors)
        ),
      variables: (stationId) => Effect.map(rows(selectVariables, [stationId]), (found) => found.map(variableFrom)),
      transactions: (filter) => {
        const where = transactionConditions(filter)
        if (where.isNever) return Effect.succeed({ items: [] })
        const text = `${selectTransaction} where ${where.text} order by t.id desc limit ${where.add(filter.limit + 1)}`
        return Effect.map(rows(text, where.params), (found) =>
          pageFrom(found.map(transactionFrom), filter.limit, (row) => row.id)
        )
      },
      histories: (filter) => {
        const where = transactionConditions(filter)
        if (where.isNever) return Effect.succeed({ items: [] })
        const text = `${where.text} order by t.id desc limit ${where.add(filter.limit + 1)}`
        return Effect.map(orUnavailable(loadTransactions(sql, text, where.params)), (found) =>
          pageFrom(found, filter.limit, (transaction) => transaction.id)
        )
      },
      transaction: (id) =>
        isUuid(id)
          ? Effect.map(rows(`${selectTransaction} where t.id = $1::uuid`, [id]), ([row]) =>
              row === undefined ? undefined : transactionFrom(row)
            )
          : Effect.undefined,
      facts: (transactionId) =>
        isUuid(transactionId)
          ? Effect.map(rows(selectFacts, [transactionId]), (found) =>
              found.map((row) => ({
                transactionId,
                seq: row["seq"] as number,
                fact: row["fact"] as StoredFact["fact"]
              }))
            )
          : Effect.succeed([]),
      samples: (transactionId, page) => {
        const from = page.cursor === undefined ? beforeAll : readSampleCursor(page.cursor)
        if (from === undefined || !isUuid(transactionId)) return Effect.succeed({ items: [] })
        const params = [transactionId, instant(from.atMs), from.seq, from.part, page.limit + 1]
        return Effect.map(rows(selectSamples, params), (found) => samplePage(found, page))
      },
      cdrs: (filter) => {
        const where = cdrConditions(filter)
        if (where.isNever) return Effect.succeed({ items: [] })
        const text = `select document from cdrs where ${where.text} order by id desc limit ${where.add(filter.limit + 1)}`
        return Effect.map(rows(text, where.params), (found) =>
          pageFrom(found.map(cdrFrom), filter.limit, (cdr) => cdr.id)
        )
      },
      cdr: (id) =>
        Effect.map(rows("select document from cdrs where id = $1", [id]), ([row]) =>
          row === undefined ? undefined : cdrFrom(row)
        ),
      entries: (filter) => entriesPage(rows, filter),
      balances: Effect.map(rows(selectBalances, []), (found) =>
        found.map((row) => ({
          account: row["account"] as string,
          currency: row["currency"] as string,
          amountMinor: BigInt(row["amountMinor"] as string)
        }))
      )
    })
  })
)

const selectState = `select station_id, vendor, model, serial_number, firmware_version, boot_reason, booted_at,
    boot_answered, dialect, connected_at, remote_address, last_seen_at
  from station_state where station_id = $1`

const selectConnectors = `select evse_id, connector_id, status, error_code, info, status_at
  from connectors where station_id = $1 order by evse_id, connector_id`

const selectVariables = `select component, variable, instance, value, mutability
  from variables where station_id = $1 order by component, variable, instance`

/** `order by` must name `t.id`: a bare `id` would be the text made of it, which no index sorts by. */
const selectTransaction = `select t.id::text, station_id, dialect, ocpp_id, start_key, evse_id, connector_id, tariff_id,
    tariff_version, time_zone, status, started_at, ended_at, token_uid, token_type, driver_id, authorization_status,
    stop_reason, energy_wh::float8, findings, cdr_id, settle_at, version, driver_groups
  from transactions t`

const selectFacts = "select seq, fact from transaction_facts where transaction_id = $1::uuid order by seq"

const selectSamples = `select t.station_id, t.evse_id, r.transaction_id::text, r.seq, r.part, r.at, r.received_at,
    r.context, r.register_wh::float8, r.power_w, r.current_ma, r.voltage_mv, r.soc_percent, r.extra,
    r.seq_no::float8
  from meter_readings r join transactions t on t.id = r.transaction_id
  where r.transaction_id = $1::uuid and (r.at, r.seq, r.part) > ($2, $3::integer, $4::integer)
  order by r.at, r.seq, r.part limit $5`

const selectBalances = `select account, currency, sum(amount_minor)::text as amount_minor from ledger_postings
  group by account, currency having sum(amount_minor) <> 0 order by account, currency`

/** Before any reading: no timestamptz is smaller. */
const beforeAll = { atMs: -210_866_803_200_000, seq: -1, part: -1 }

const stationRecord = (stationId: string, state: Row | undefined, connectors: ReadonlyArray<Row>): StationRecord => ({
  stationId,
  boot: bootFrom(state),
  presence: state === undefined ? null : presenceFrom(state),
  lastSeenAtMs: state === undefined ? null : msOrNull(state["lastSeenAt"] as Date | null),
  connectors: connectors.map(connectorFrom)
})

/** From a station's state; of a station without one all is null. */
export const presenceFrom = (row: Row): Presence | null =>
  row["connectedAt"] === null
    ? null
    : {
        dialect: row["dialect"] as Presence["dialect"],
        connectedAtMs: msOf(row["connectedAt"] as Date),
        remoteAddress: row["remoteAddress"] as string
      }

const transactionConditions = (filter: TransactionFilter & PageRequest): Conditions => {
  const where = new Conditions()
  where.before("t.id", filter.cursor)
  where.equal("station_id", filter.stationId)
  where.equal("driver_id", filter.driverId)
  where.equal("token_uid", filter.tokenUid)
  where.equal("status", filter.status)
  if (filter.finding !== undefined) where.and((at) => `findings @> ${at}::text::jsonb`, findingOf(filter.finding))
  if (filter.startedFromMs !== undefined) where.and((at) => `started_at >= ${at}`, instant(filter.startedFromMs))
  if (filter.startedBeforeMs !== undefined) where.and((at) => `started_at < ${at}`, instant(filter.startedBeforeMs))
  return where
}

const findingOf = (code: string): string => JSON.stringify([{ code }])

const cdrConditions = (filter: CdrFilter & PageRequest): Conditions => {
  const where = new Conditions()
  if (filter.cursor !== undefined) where.and((at) => `id < ${at}`, filter.cursor)
  where.equal("station_id", filter.stationId)
  where.equal("driver_id", filter.driverId)
  if (filter.transactionId !== undefined) {
    if (!isUuid(filter.transactionId)) where.never()
    where.and((at) => `transaction_id = any (${at}::text[]::uuid[])`, texts([filter.transactionId]))
  }
  if (filter.issuedFromMs !== undefined) where.and((at) => `issued_at >= ${at}`, instant(filter.issuedFromMs))
  if (filter.issuedBeforeMs !== undefined) where.and((at) => `issued_at < ${at}`, instant(filter.issuedBeforeMs))
  return where
}

const transactionFrom = (row: Row): TransactionRow => ({
  id: row["id"] as string,
  stationId: row["stationId"] as string,
  dialect: row["dialect"] as TransactionRow["dialect"],
  ocppId: row["ocppId"] as string,
  startKey: row["startKey"] as string | null,
  evseId: row["evseId"] as number,
  connectorId: row["connectorId"] as number,
  tariff: frozenTariffFrom(row),
  timeZone: row["timeZone"] as string,
  status: row["status"] as TransactionRow["status"],
  startedAtMs: msOrNull(row["startedAt"] as Date | null),
  endedAtMs: msOrNull(row["endedAt"] as Date | null),
  token: row["tokenUid"] === null ? null : { uid: row["tokenUid"] as string, type: row["tokenType"] as TokenType },
  driverId: row["driverId"] as string | null,
  authorization: row["authorizationStatus"] as AuthorizationStatus | null,
  stopReason: row["stopReason"] as string | null,
  energyWh: row["energyWh"] as number | null,
  findings: row["findings"] as ReadonlyArray<Finding>,
  cdrId: row["cdrId"] as string | null,
  settleAtMs: msOrNull(row["settleAt"] as Date | null),
  version: row["version"] as number
})

const cdrFrom = (row: Row): Cdr => Result.getOrThrow(decodeCdr(row["document"]))

const samplePage = (rows: ReadonlyArray<Row>, page: PageRequest): Page<StoredSample> =>
  pageFrom(
    rows.map((row) => ({
      transactionId: row["transactionId"] as string,
      stationId: row["stationId"] as string,
      evseId: row["evseId"] as number,
      seq: row["seq"] as number,
      part: row["part"] as number,
      receivedAtMs: msOf(row["receivedAt"] as Date),
      sample: sampleFrom(row)
    })),
    page.limit,
    ({ seq, part, sample }) => writeSampleCursor({ atMs: sample.atMs, seq, part })
  )
