import type { Kind } from "./columns.ts"

/** The statements of a commit: each writes all rows that a batch has for one table. */

const unnest = (kinds: ReadonlyArray<Kind>, names: string): string => {
  const types: Readonly<Record<Kind, string>> = { text: "text[]", number: "float8[]", instant: "timestamptz[]" }
  const params = kinds.map((kind, index) => `$${index + 1}::${types[kind]}`)
  return `unnest(${params.join(", ")}) as u (${names})`
}

export const enter = "select enter_commit($1, $2, $3, $4)"

export const upsertBoots = `insert into station_state
  (station_id, vendor, model, serial_number, firmware_version, boot_reason, booted_at, boot_answered)
  select * from ${unnest(["text", "text", "text", "text", "text", "text", "instant", "text"], "a, b, c, d, e, f, g, h")}
  on conflict (station_id) do update set vendor = excluded.vendor, model = excluded.model,
    serial_number = excluded.serial_number, firmware_version = excluded.firmware_version,
    boot_reason = excluded.boot_reason, booted_at = excluded.booted_at, boot_answered = excluded.boot_answered`

export const upsertConnected = `insert into station_state (station_id, dialect, connected_at, remote_address)
  select * from ${unnest(["text", "text", "instant", "text"], "a, b, c, d")}
  on conflict (station_id) do update set dialect = excluded.dialect, connected_at = excluded.connected_at,
    remote_address = excluded.remote_address, disconnected_at = null`

export const upsertDisconnected = `insert into station_state (station_id, disconnected_at)
  select * from ${unnest(["text", "instant"], "a, b")}
  on conflict (station_id) do update set dialect = null, connected_at = null, remote_address = null,
    disconnected_at = excluded.disconnected_at`

export const upsertSeen = `insert into station_state (station_id, last_seen_at)
  select * from ${unnest(["text", "instant"], "a, b")}
  on conflict (station_id) do update set last_seen_at = greatest(station_state.last_seen_at, excluded.last_seen_at)`

export const connectorKinds: ReadonlyArray<Kind> = ["text", "number", "number", "text", "text", "text", "instant"]

export const upsertConnectors = `insert into connectors
  (station_id, evse_id, connector_id, status, error_code, info, status_at)
  select a, b::integer, c::integer, d, e, f, g from ${unnest(connectorKinds, "a, b, c, d, e, f, g")}
  on conflict (station_id, evse_id, connector_id) do update set status = excluded.status,
    error_code = excluded.error_code, info = excluded.info, status_at = excluded.status_at`

export const upsertVariables = `insert into variables (station_id, component, variable, instance, value, mutability)
  select * from ${unnest(["text", "text", "text", "text", "text", "text"], "a, b, c, d, e, f")}
  on conflict (station_id, component, variable, instance) do update set value = excluded.value,
    mutability = excluded.mutability`

export const transactionKinds: ReadonlyArray<Kind> = [
  ...(["text", "text", "text", "text", "text", "number", "number", "text", "number", "text", "text"] as const),
  ...(["instant", "instant", "text", "text", "text", "text", "text", "number", "text", "text", "instant"] as const),
  "number",
  "text"
]

export const upsertTransactions = `insert into transactions
  (id, station_id, dialect, ocpp_id, start_key, evse_id, connector_id, tariff_id, tariff_version, time_zone, status,
   started_at, ended_at, token_uid, token_type, driver_id, authorization_status, stop_reason, energy_wh, findings,
   cdr_id, settle_at, version, driver_groups)
  select a::uuid, b, c, d, e, f::integer, g::integer, h, i::integer, j, k, l, m, n, o, p, q, r, s::bigint, t::jsonb,
    v, w, x::integer, y::jsonb
  from ${unnest(transactionKinds, "a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, v, w, x, y")}
  on conflict (id) do update set evse_id = excluded.evse_id, connector_id = excluded.connector_id,
    tariff_id = excluded.tariff_id, tariff_version = excluded.tariff_version, time_zone = excluded.time_zone,
    status = excluded.status, started_at = excluded.started_at,
    ended_at = excluded.ended_at, token_uid = excluded.token_uid, token_type = excluded.token_type,
    driver_id = excluded.driver_id, authorization_status = excluded.authorization_status,
    stop_reason = excluded.stop_reason, energy_wh = excluded.energy_wh, findings = excluded.findings,
    cdr_id = excluded.cdr_id, settle_at = excluded.settle_at, version = excluded.version,
    driver_groups = excluded.driver_groups
  where transactions.version <= excluded.version`

export const insertFacts = `insert into transaction_facts (transaction_id, seq, fact)
  select a::uuid, b::integer, c::jsonb from ${unnest(["text", "number", "text"], "a, b, c")}`

export const sampleKinds: ReadonlyArray<Kind> = [
  ...(["text", "number", "number", "instant", "instant", "text"] as const),
  ...(["number", "number", "number", "number", "number", "number", "text"] as const)
]

export const insertSamples = `insert into meter_readings
  (transaction_id, seq, part, at, received_at, context, register_wh, power_w, current_ma, voltage_mv, soc_percent,
   seq_no, extra)
  select a::uuid, b::integer, c::integer, d, e, f, g::bigint, h, i, j, k, l::bigint, m::jsonb
  from ${unnest(sampleKinds, "a, b, c, d, e, f, g, h, i, j, k, l, m")}`

export const cdrKinds: ReadonlyArray<Kind> = [
  ...(["text", "text", "text", "text", "text", "text", "number", "text", "instant", "text"] as const)
]

export const insertCdrs = `insert into cdrs
  (id, transaction_id, station_id, driver_id, currency, gross_minor, energy_wh, credit_reference_id, issued_at,
   document)
  select a, b::uuid, c, d, e, f::bigint, g::bigint, h, i, j::json
  from ${unnest(cdrKinds, "a, b, c, d, e, f, g, h, i, j")}`

export const entryKinds: ReadonlyArray<Kind> = ["text", "instant", "instant", "text", "text", "text"]

export const insertEntries = `insert into ledger_entries
  (id, booked_at, effective_at, source_kind, source_id, currency)
  select a, b, c, d, e, f from ${unnest(entryKinds, "a, b, c, d, e, f")}`

export const insertPostings = `insert into ledger_postings (entry_id, position, account, currency, amount_minor)
  select a, b::integer, c, d, e::bigint from ${unnest(["text", "number", "text", "text", "text"], "a, b, c, d, e")}`

export const debitKinds: ReadonlyArray<Kind> = [
  ...(["text", "text", "text", "text", "text", "instant", "text", "text", "number", "number", "instant"] as const)
]

export const orderKinds: ReadonlyArray<Kind> = ["text", "number", "text", "number", "number", "number", "instant"]

export const upsertOrders = `insert into charge_orders
  (station_id, evse_id, token_uid, max_wh, max_ms, max_minor, asked_at)
  select a, b::integer, c, d::bigint, e::bigint, f::bigint, g from ${unnest(orderKinds, "a, b, c, d, e, f, g")}
  on conflict (station_id, evse_id, token_uid) do update set max_wh = excluded.max_wh, max_ms = excluded.max_ms,
    max_minor = excluded.max_minor, asked_at = excluded.asked_at`

export const deleteOrders = `delete from charge_orders o
  using ${unnest(["text", "number", "text"], "a, b, c")}
  where o.station_id = u.a and o.evse_id = u.b and o.token_uid = u.c`

/** Those of a station that no charge can be for any more, whenever another is asked for there. */
export const deleteOldOrders = `delete from charge_orders o using ${unnest(["text", "instant"], "a, b")}
  where o.station_id = u.a and o.asked_at < u.b`

/** After the entries: what wallets pay of the bills in this commit, and what budgets count. */
export const settleCharges = "select settle_charges($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
