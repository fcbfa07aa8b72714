import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type { AnsweredBoot, Connector, Variable } from "#core/station/Station.ts"
import type { ChargeOrder } from "#core/transaction/ChargeOrder.ts"
import type { Sample } from "#core/transaction/Sample.ts"
import type { FrozenTariff, Transaction, TransactionFact, TransactionIdentity } from "#core/transaction/Transaction.ts"
import type { ReadSql } from "../postgres/Database.ts"
import type { StationSnapshot } from "../record/Journal.ts"
import { type NumberedFact, type NumberedSample, recentPerEvse, refold, registersOf } from "../record/stored.ts"
import { msOf, texts } from "./columns.ts"

type Sql = ReadSql["Service"]
type Row = Readonly<Record<string, unknown>>

/** The columns a transaction's name is made of. */
const identity = `t.id::text, t.station_id, t.dialect, t.ocpp_id, t.start_key, t.evse_id, t.connector_id, t.tariff_id,
  t.tariff_version, t.driver_groups, t.time_zone`

/**
 * Open and unsettled transactions, and the newest of each EVSE. The EVSEs are found by stepping along the index, so
 * that a station's whole past is not read.
 */
const selectTransactions = `with recursive evses as (
    select u.id as station_id, (select min(t.evse_id) from transactions t where t.station_id = u.id) as evse_id
    from unnest($1::text[]) as u (id)
    union all
    select e.station_id,
      (select min(t.evse_id) from transactions t where t.station_id = e.station_id and t.evse_id > e.evse_id)
    from evses e where e.evse_id is not null
  ), wanted as (
    select recent.id from evses e cross join lateral (
      select t.id from transactions t where t.station_id = e.station_id and t.evse_id = e.evse_id
      order by t.id desc limit ${recentPerEvse}
    ) recent
    union
    select t.id from transactions t
    where t.station_id = any ($1::text[]) and (t.status = 'Open' or t.settle_at is not null)
  )
  select ${identity} from wanted join transactions t on t.id = wanted.id order by t.id`

const selectBoots = `select station_id, vendor, model, serial_number, firmware_version, boot_reason, booted_at, boot_answered
  from station_state where station_id = any ($1::text[]) and booted_at is not null order by station_id`

const selectConnectors = `select station_id, evse_id, connector_id, status, error_code, info, status_at
  from connectors where station_id = any ($1::text[]) order by station_id, evse_id, connector_id`

const selectVariables = `select station_id, component, variable, instance, value, mutability
  from variables where station_id = any ($1::text[]) order by station_id, component, variable, instance`

const selectOrders = `select station_id, evse_id, token_uid, max_wh::float8, max_ms::float8, max_minor::float8, asked_at
  from charge_orders where station_id = any ($1::text[]) order by station_id, evse_id, token_uid`

const selectFacts = `select f.transaction_id::text, seq, fact from transaction_facts f
  where f.transaction_id = any ($1::text[]::uuid[]) order by f.transaction_id, seq`

const selectSamples = `select r.transaction_id::text, seq, at, context, register_wh::float8, power_w, current_ma,
    voltage_mv, soc_percent, extra, seq_no::float8
  from meter_readings r where r.transaction_id = any ($1::text[]::uuid[]) order by r.transaction_id, seq, part`

/** Everything the owners of these stations start from, in the order asked. */
export const loadStations = (
  sql: Sql,
  stationIds: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<StationSnapshot>, SqlError> =>
  Effect.gen(function* () {
    const ids = texts([...new Set(stationIds)])
    const [boots, connectors, variables, orders, identities] = yield* Effect.all(
      [selectBoots, selectConnectors, selectVariables, selectOrders, selectTransactions].map((text) =>
        rowsOf(sql, text, [ids])
      ),
      { concurrency: "unbounded" }
    )
    const transactions = yield* refoldAll(sql, identities!.map(identityOf))
    const bootOf = new Map(boots!.map((row) => [row["stationId"], row]))
    const connectorsOf = Map.groupBy(connectors!, (row) => row["stationId"])
    const variablesOf = Map.groupBy(variables!, (row) => row["stationId"])
    const ordersOf = Map.groupBy(orders!, (row) => row["stationId"])
    const transactionsOf = Map.groupBy(transactions, (transaction) => transaction.stationId)
    return stationIds.map((stationId) => {
      const own = transactionsOf.get(stationId) ?? []
      return {
        boot: bootFrom(bootOf.get(stationId)),
        connectors: (connectorsOf.get(stationId) ?? []).map(connectorFrom),
        variables: (variablesOf.get(stationId) ?? []).map(variableFrom),
        transactions: own,
        registers: registersOf(own),
        orders: (ordersOf.get(stationId) ?? []).map(orderFrom)
      }
    })
  })

/** Transactions whose identity matches a condition on `t`, folded again, in the order of `order`. */
export const loadTransactions = (
  sql: Sql,
  where: string,
  params: ReadonlyArray<unknown>
): Effect.Effect<ReadonlyArray<Transaction>, SqlError> =>
  Effect.flatMap(rowsOf(sql, `select ${identity} from transactions t where ${where}`, params), (rows) =>
    refoldAll(sql, rows.map(identityOf))
  )

const refoldAll = Effect.fnUntraced(function* (sql: Sql, identities: ReadonlyArray<TransactionIdentity>) {
  if (identities.length === 0) return []
  const ids = texts(identities.map((known) => known.id))
  const [factRows, sampleRows] = yield* Effect.all(
    [rowsOf(sql, selectFacts, [ids]), rowsOf(sql, selectSamples, [ids])],
    { concurrency: "unbounded" }
  )
  const facts = grouped(factRows, numberedFact)
  const samples = grouped(sampleRows, numberedSample)
  return identities.map((known) => refold(known, facts.get(known.id) ?? [], samples.get(known.id) ?? []))
})

const rowsOf = (sql: Sql, text: string, params: ReadonlyArray<unknown>): Effect.Effect<ReadonlyArray<Row>, SqlError> =>
  sql.unsafe<Row>(text, params)

const grouped = <A>(rows: ReadonlyArray<Row>, decode: (row: Row) => A): ReadonlyMap<string, ReadonlyArray<A>> => {
  const groups = new Map<string, Array<A>>()
  for (const row of rows) {
    const id = row["transactionId"] as string
    const group = groups.get(id)
    if (group === undefined) groups.set(id, [decode(row)])
    else group.push(decode(row))
  }
  return groups
}

/** Our own rows, read back: what the columns cannot hold was never written, so types are asserted, not checked. */
const identityOf = (row: Row): TransactionIdentity => ({
  id: row["id"] as string,
  stationId: row["stationId"] as string,
  dialect: row["dialect"] as TransactionIdentity["dialect"],
  ocppId: row["ocppId"] as string,
  startKey: row["startKey"] as string | null,
  evseId: row["evseId"] as number,
  connectorId: row["connectorId"] as number,
  tariff: frozenTariffFrom(row),
  timeZone: row["timeZone"] as string
})

/** What a transaction is priced by. Rows from before there were groups name none. */
export const frozenTariffFrom = (row: Row): FrozenTariff | null =>
  row["tariffId"] === null
    ? null
    : {
        id: row["tariffId"] as string,
        version: row["tariffVersion"] as number,
        groups: (row["driverGroups"] as ReadonlyArray<string> | null) ?? []
      }

const numberedFact = (row: Row): NumberedFact => ({ seq: row["seq"] as number, fact: row["fact"] as TransactionFact })

const numberedSample = (row: Row): NumberedSample => ({ seq: row["seq"] as number, sample: sampleFrom(row) })

const orderFrom = (row: Row): ChargeOrder => ({
  evseId: row["evseId"] as number,
  tokenUid: row["tokenUid"] as string,
  limit: {
    maxWh: row["maxWh"] as number | null,
    maxMs: row["maxMs"] as number | null,
    maxMinor: row["maxMinor"] as number | null
  },
  askedAtMs: msOf(row["askedAt"] as Date)
})

/** A reading's columns as the reading. */
export const sampleFrom = (row: Row): Sample => ({
  atMs: msOf(row["at"] as Date),
  context: row["context"] as Sample["context"],
  registerWh: row["registerWh"] as number | null,
  powerW: row["powerW"] as number | null,
  currentMa: row["currentMa"] as number | null,
  voltageMv: row["voltageMv"] as number | null,
  socPercent: row["socPercent"] as number | null,
  extra: row["extra"] as Sample["extra"],
  seqNo: row["seqNo"] as number | null
})

/** A station's last boot; null when it never did. */
export const bootFrom = (row: Row | undefined): StationSnapshot["boot"] =>
  row === undefined || row["bootedAt"] === null
    ? null
    : {
        vendor: row["vendor"] as string,
        model: row["model"] as string,
        serialNumber: row["serialNumber"] as string | null,
        firmwareVersion: row["firmwareVersion"] as string | null,
        reason: row["bootReason"] as string | null,
        atMs: msOf(row["bootedAt"] as Date),
        answered: row["bootAnswered"] as AnsweredBoot["answered"]
      }

export const connectorFrom = (row: Row): Connector => ({
  evseId: row["evseId"] as number,
  connectorId: row["connectorId"] as number,
  status: row["status"] as Connector["status"],
  errorCode: row["errorCode"] as string | null,
  info: row["info"] as string | null,
  statusAtMs: msOf(row["statusAt"] as Date)
})

export const variableFrom = (row: Row): Variable => ({
  component: row["component"] as string,
  variable: row["variable"] as string,
  instance: row["instance"] as string,
  value: row["value"] as string | null,
  mutability: row["mutability"] as string | null
})
