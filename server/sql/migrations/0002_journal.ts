import type { Migration } from "#server/postgres/Migrations.ts"

const stations: ReadonlyArray<string> = [
  `create table station_epochs (
    station_id text collate "C" primary key,
    epoch integer not null,
    node integer not null
  )`,
  `create table station_state (
    station_id text collate "C" primary key,
    vendor text,
    model text,
    serial_number text,
    firmware_version text,
    boot_reason text,
    booted_at timestamptz,
    dialect text,
    connected_at timestamptz,
    remote_address text,
    disconnected_at timestamptz,
    last_seen_at timestamptz
  ) with (fillfactor = 70)`,
  `create table connectors (
    station_id text collate "C" not null,
    evse_id integer not null,
    connector_id integer not null,
    status text not null,
    error_code text,
    info text,
    status_at timestamptz not null,
    primary key (station_id, evse_id, connector_id)
  ) with (fillfactor = 70)`,
  `create table variables (
    station_id text collate "C" not null,
    component text collate "C" not null,
    variable text collate "C" not null,
    instance text collate "C" not null,
    value text,
    mutability text,
    primary key (station_id, component, variable, instance)
  )`
]

const transactions: ReadonlyArray<string> = [
  `create table transactions (
    id uuid primary key,
    station_id text collate "C" not null,
    dialect text not null,
    ocpp_id text collate "C" not null,
    start_key text collate "C",
    evse_id integer not null,
    connector_id integer not null,
    tariff_id text collate "C",
    tariff_version integer,
    time_zone text not null,
    status text not null check (status in ('Open', 'Ended', 'Closed')),
    started_at timestamptz,
    ended_at timestamptz,
    token_uid text collate "C",
    token_type text,
    driver_id text collate "C",
    authorization_status text,
    stop_reason text,
    energy_wh bigint,
    findings jsonb not null,
    cdr_id text collate "C",
    settle_at timestamptz,
    version integer not null,
    constraint transactions_ocpp_id unique (station_id, ocpp_id)
  ) with (fillfactor = 85)`,
  `create unique index transactions_start_key on transactions (station_id, start_key) where start_key is not null`,
  `create index transactions_evse on transactions (station_id, evse_id, id)`,
  `create index transactions_live on transactions (station_id, id) where status = 'Open' or settle_at is not null`,
  `create index transactions_due on transactions (settle_at, id) where settle_at is not null`,
  `create index transactions_driver on transactions (driver_id, id) where driver_id is not null`,
  `create index transactions_token on transactions (token_uid, id) where token_uid is not null`,
  /* No foreign keys to transactions: enter_commit asks for all that a batch names at once, and none is ever taken away. */
  `create table transaction_facts (
    transaction_id uuid not null,
    seq integer not null,
    fact jsonb not null,
    primary key (transaction_id, seq)
  )`,
  `create table meter_readings (
    transaction_id uuid not null,
    seq integer not null,
    part integer not null,
    at timestamptz not null,
    received_at timestamptz not null,
    context text not null,
    register_wh bigint,
    power_w double precision,
    current_ma double precision,
    voltage_mv double precision,
    soc_percent double precision,
    seq_no bigint,
    extra jsonb,
    primary key (transaction_id, seq, part, at)
  ) partition by range (at)`,
  `create table meter_readings_default partition of meter_readings default`
]

/**
 * Claims and commits. A node holds its own lock, shared, while it commits. Who takes a station over from another node
 * takes that node's lock exclusively first: what was under way is committed by then, and loaded; what comes later finds
 * the new epoch. The functions are volatile, so each statement in them sees what was committed while it waited.
 */
const fencing: ReadonlyArray<string> = [
  `create function enter_commit(taker integer, stations text[], epochs integer[], known text[])
  returns void language plpgsql as $$
  begin
    perform pg_advisory_xact_lock_shared(827194, taker);
    if exists (
      select from unnest(stations, epochs) as u (station_id, epoch)
      left join station_epochs e on e.station_id = u.station_id
      where e.epoch is distinct from u.epoch
    ) then
      raise exception 'a newer claim has replaced one of these' using errcode = 'WP001';
    end if;
    if exists (
      select from unnest(known) as u (id)
      where not exists (select from transactions t where t.id = u.id::uuid)
    ) then
      raise exception 'it names a transaction that is not known' using errcode = 'WP002';
    end if;
  end $$`,
  `create function claim_stations(taker integer, stations text[])
  returns table (claimed text, newest integer) language plpgsql as $$
  declare
    owner integer;
  begin
    insert into station_epochs (station_id, epoch, node)
      select distinct u.id collate "C", 0, taker from unnest(stations) as u (id) order by 1
      on conflict do nothing;
    perform from station_epochs e where e.station_id = any (stations) order by e.station_id for update;
    for owner in
      select distinct e.node from station_epochs e where e.station_id = any (stations) and e.node <> taker order by 1
    loop
      perform pg_advisory_xact_lock(827194, owner);
    end loop;
    return query
      update station_epochs e set epoch = e.epoch + u.claims, node = taker
      from (select s.id, count(*)::integer as claims from unnest(stations) as s (id) group by s.id) u
      where e.station_id = u.id
      returning e.station_id, e.epoch;
  end $$`
]

/** What stations said and did. Times are the application's; nothing here reads the clock. */
export const journal: Migration = [...stations, ...transactions, ...fencing]
