import type { Migration } from "#server/postgres/Migrations.ts"

/** Wallets, what charges hold and cost of them, and budgets per token. */
export const wallets: Migration = [
  /* The hard limit (I8) is a constraint: no statement can take a wallet below it, or below what running charges hold. */
  `create table wallets (
    driver_id text collate "C" primary key references drivers,
    currency text collate "C" not null,
    credit_line_minor bigint not null check (credit_line_minor >= 0),
    opened_at timestamptz not null,
    balance_minor bigint not null,
    held_minor bigint not null check (held_minor >= 0),
    arrears_minor bigint not null check (arrears_minor >= 0),
    movements integer not null,
    constraint wallets_hard_limit check (balance_minor + credit_line_minor >= held_minor)
  )`,
  `create table wallet_movements (
    driver_id text collate "C" not null references wallets,
    seq integer not null,
    kind text not null,
    amount_minor bigint not null,
    balance_minor bigint not null,
    source_id text collate "C" not null,
    transaction_id uuid,
    reason text,
    at timestamptz not null,
    primary key (driver_id, seq),
    constraint wallet_movements_once unique (source_id)
  )`,
  `create trigger wallet_movements_written_once before update or delete or truncate on wallet_movements
    for each statement execute function refuse_change()`,
  `create table limited_charges (
    key text collate "C" primary key,
    transaction_id uuid not null,
    token_uid text collate "C" not null,
    driver_id text collate "C" references wallets,
    currency text collate "C" not null,
    started_at timestamptz not null,
    accepted boolean not null,
    held_minor bigint not null check (held_minor >= 0),
    held_wh bigint not null check (held_wh >= 0),
    paid_minor bigint not null check (paid_minor >= 0),
    owed_minor bigint,
    energy_wh bigint,
    revision integer,
    touched_at timestamptz not null
  )`,
  `create index limited_charges_token on limited_charges (token_uid, started_at)`,
  `create index limited_charges_running on limited_charges (touched_at, key) where revision is null`,
  `create index limited_charges_arrears on limited_charges (driver_id, started_at, key)
    where driver_id is not null and owed_minor > paid_minor`,
  `create table budgets (
    token_uid text collate "C" not null references tokens,
    period text not null check (period in ('day', 'week', 'month')),
    time_zone text not null,
    currency text collate "C" not null,
    max_minor bigint,
    max_wh bigint,
    max_sessions integer,
    at_limit text not null check (at_limit in ('refuse', 'stop')),
    set_at timestamptz not null,
    primary key (token_uid, period)
  )`,
  moveWallet(),
  payArrears(),
  settleCharges()
]

/** One movement and its entry in the ledger; whoever calls holds the wallet's row. The words are core/wallet/post's. */
function moveWallet(): string {
  return `create function move_wallet(
    driver text, kind text, amount bigint, source text, transaction uuid, reason text, at timestamptz, provider text
  ) returns void language plpgsql as $$
  declare
    w wallets;
    against text := case
      when kind = 'top-up' then 'psp_clearing:' || provider
      when kind in ('charge', 'give-back', 'arrears') then 'receivable:driver:' || driver
      when kind = 'refund' then 'bank:wallets'
      else 'goodwill'
    end;
  begin
    update wallets set balance_minor = balance_minor + amount, movements = movements + 1
      where driver_id = driver returning * into strict w;
    insert into wallet_movements (driver_id, seq, kind, amount_minor, balance_minor, source_id, transaction_id, reason, at)
      values (driver, w.movements, kind, amount, w.balance_minor, source, transaction, reason, at);
    insert into ledger_entries (id, booked_at, effective_at, source_kind, source_id, currency)
      values ('entry-' || source, at, at, case when kind = 'top-up' then 'top-up' else 'wallet' end, source, w.currency);
    insert into ledger_postings (entry_id, position, account, currency, amount_minor)
      values ('entry-' || source, 0, 'wallet:' || driver, w.currency, -amount),
             ('entry-' || source, 1, against, w.currency, amount);
  end $$`
}

/** What charges still owe is paid from what is free, the oldest first: core/wallet/settle's payArrears. */
function payArrears(): string {
  return `create function pay_arrears(driver text, source text, at timestamptz) returns void language plpgsql as $$
  declare
    w wallets;
    c limited_charges;
    pays bigint;
  begin
    select * into strict w from wallets where driver_id = driver for no key update;
    if w.arrears_minor = 0 then return; end if;
    for c in select * from limited_charges where driver_id = driver and owed_minor > paid_minor
      order by started_at, key for no key update
    loop
      pays := least(c.owed_minor - c.paid_minor, w.balance_minor + w.credit_line_minor - w.held_minor);
      exit when pays <= 0;
      update limited_charges set paid_minor = paid_minor + pays, touched_at = at where key = c.key;
      update wallets set arrears_minor = arrears_minor - pays where driver_id = driver;
      perform move_wallet(driver, 'arrears', -pays, source || '-for-' || c.transaction_id::text, c.transaction_id, null,
        at, null);
      w.balance_minor := w.balance_minor - pays;
    end loop;
  end $$`
}

/**
 * The bills of charges, within the commit that books their CDRs: core/wallet/settle's settle. Wallets are locked in the
 * order of their drivers, so that two commits never wait for each other. What later steps made of it: `create` in its
 * words, and what they do with a charge `c` and its bill `d` once both are locked.
 */
export function settleCharges(create = "create function", onceLocked = ""): string {
  return `${create} settle_charges(
    keys text[], transactions text[], tokens text[], drivers text[], currencies text[], starts timestamptz[],
    accepts text[], oweds text[], energies float8[], revisions float8[], ats timestamptz[]
  ) returns void language plpgsql as $$
  declare
    d record;
    c limited_charges;
    w wallets;
    missing bigint;
    room bigint;
    debit bigint;
    before bigint;
    after bigint;
  begin
    for d in
      select u.key, u.transaction::uuid as transaction, u.token, u.driver, u.currency, u.start, u.accept = 'yes' as accept,
        u.owed::bigint as owed, u.energy::bigint as energy, u.revision::integer as revision, u.at
      from unnest(keys, transactions, tokens, drivers, currencies, starts, accepts, oweds, energies, revisions, ats)
        as u (key, transaction, token, driver, currency, start, accept, owed, energy, revision, at)
      order by u.driver collate "C" nulls last, u.key collate "C", u.revision
    loop
      if d.currency is not null then
        insert into limited_charges (key, transaction_id, token_uid, driver_id, currency, started_at, accepted,
            held_minor, held_wh, paid_minor, touched_at)
          values (d.key, d.transaction, d.token,
            (select driver_id from wallets where driver_id = d.driver and currency = d.currency),
            d.currency, d.start, d.accept, 0, 0, 0, d.at)
          on conflict (key) do nothing;
      end if;
      select * into c from limited_charges where key = d.key;
      continue when not found;
      if c.driver_id is not null then
        select * into strict w from wallets where driver_id = c.driver_id for no key update;
      end if;
      select * into strict c from limited_charges where key = d.key for no key update;${onceLocked}
      continue when c.revision >= d.revision;
      if c.driver_id is null then
        update limited_charges set held_minor = 0, held_wh = 0, owed_minor = d.owed, energy_wh = d.energy,
          revision = d.revision, touched_at = d.at where key = d.key;
        continue;
      end if;
      missing := d.owed - c.paid_minor;
      room := w.balance_minor + w.credit_line_minor - w.held_minor + c.held_minor;
      debit := case when missing <= 0 then missing else least(missing, greatest(room, 0)) end;
      before := greatest(coalesce(c.owed_minor, 0) - c.paid_minor, 0);
      after := greatest(d.owed - c.paid_minor - debit, 0);
      update limited_charges set held_minor = 0, held_wh = 0, paid_minor = paid_minor + debit, owed_minor = d.owed,
        energy_wh = d.energy, revision = d.revision, touched_at = d.at where key = d.key;
      update wallets set held_minor = held_minor - c.held_minor, arrears_minor = arrears_minor - before + after
        where driver_id = c.driver_id;
      if debit <> 0 then
        perform move_wallet(c.driver_id, case when debit > 0 then 'charge' else 'give-back' end, -debit,
          'wallet-' || c.transaction_id::text || '-' || d.revision::text, c.transaction_id, null, d.at, null);
      end if;
      perform pay_arrears(c.driver_id, 'wallet-' || c.transaction_id::text || '-' || d.revision::text, d.at);
    end loop;
  end $$`
}
