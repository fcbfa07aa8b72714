import type { Migration } from "#server/postgres/Migrations.ts"

/** CDRs and the double entry. Written once: neither is ever changed or taken away. */
export const ledger: Migration = [
  `create table cdrs (
    id text collate "C" primary key,
    transaction_id uuid not null,
    station_id text collate "C" not null,
    driver_id text collate "C",
    currency text not null,
    gross_minor bigint not null,
    energy_wh bigint not null,
    credit_reference_id text collate "C" references cdrs,
    issued_at timestamptz not null,
    document json not null
  )`,
  `create index cdrs_station on cdrs (station_id, id)`,
  `create index cdrs_driver on cdrs (driver_id, id) where driver_id is not null`,
  `create index cdrs_transaction on cdrs (transaction_id, id)`,
  `create unique index cdrs_credited_once on cdrs (credit_reference_id) where credit_reference_id is not null`,
  `create table ledger_entries (
    id text collate "C" primary key,
    booked_at timestamptz not null,
    effective_at timestamptz not null,
    source_kind text not null,
    source_id text collate "C" not null,
    currency text not null,
    constraint ledger_entries_booked_once unique (source_id, source_kind)
  )`,
  `create table ledger_postings (
    entry_id text collate "C" not null,
    position integer not null,
    account text collate "C" not null,
    currency text collate "C" not null,
    amount_minor bigint not null,
    primary key (entry_id, position)
  )`,
  `create index ledger_postings_account on ledger_postings (account, entry_id)`,
  `create function require_balance() returns trigger language plpgsql as $$
  begin
    if exists (select from written group by entry_id, currency having sum(amount_minor) <> 0) then
      raise exception 'the postings of an entry do not sum to zero'
        using errcode = 'check_violation', constraint = 'ledger_postings_balance';
    end if;
    if exists (select from written w where not exists (select from ledger_entries e where e.id = w.entry_id)) then
      raise exception 'postings of an entry that is not known'
        using errcode = 'foreign_key_violation', constraint = 'ledger_postings_entry';
    end if;
    return null;
  end $$`,
  `create trigger ledger_postings_balance after insert on ledger_postings
    referencing new table as written for each statement execute function require_balance()`,
  `create function refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception '% is only ever added to', tg_table_name using errcode = 'restrict_violation';
  end $$`,
  `create trigger cdrs_written_once before update or delete or truncate on cdrs
    for each statement execute function refuse_change()`,
  `create trigger ledger_entries_written_once before update or delete or truncate on ledger_entries
    for each statement execute function refuse_change()`,
  `create trigger ledger_postings_written_once before update or delete or truncate on ledger_postings
    for each statement execute function refuse_change()`,
  `create trigger transaction_facts_written_once before update or delete or truncate on transaction_facts
    for each statement execute function refuse_change()`
]
