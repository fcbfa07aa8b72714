import type { Migration } from "#server/postgres/Migrations.ts"

/** Top-ups by card, and what is taken back of them. */
export const topUps: Migration = [
  `create table wallet_claims (
    source_id text collate "C" primary key,
    driver_id text collate "C" not null references wallets,
    owed_minor bigint not null check (owed_minor > 0),
    paid_minor bigint not null check (paid_minor >= 0 and paid_minor <= owed_minor),
    reason text,
    at timestamptz not null
  )`,
  `create index wallet_claims_open on wallet_claims (driver_id, at, source_id) where owed_minor > paid_minor`,
  /* As in 0010, with take-backs; what comes of a payment has its provider, and is booked as a top-up. */
  `create or replace function move_wallet(
    driver text, kind text, amount bigint, source text, transaction uuid, reason text, at timestamptz, provider text
  ) returns void language plpgsql as $$
  declare
    w wallets;
    against text := case
      when kind = 'top-up' then 'psp_clearing:' || provider
      when kind in ('charge', 'give-back', 'arrears', 'take-back') then 'receivable:driver:' || driver
      when kind = 'refund' then 'bank:wallets'
      else 'goodwill'
    end;
  begin
    update wallets set balance_minor = balance_minor + amount, movements = movements + 1
      where driver_id = driver returning * into strict w;
    insert into wallet_movements (driver_id, seq, kind, amount_minor, balance_minor, source_id, transaction_id, reason, at)
      values (driver, w.movements, kind, amount, w.balance_minor, source, transaction, reason, at);
    insert into ledger_entries (id, booked_at, effective_at, source_kind, source_id, currency)
      values ('entry-' || source, at, at, case when provider is null then 'wallet' else 'top-up' end, source, w.currency);
    insert into ledger_postings (entry_id, position, account, currency, amount_minor)
      values ('entry-' || source, 0, 'wallet:' || driver, w.currency, -amount),
             ('entry-' || source, 1, against, w.currency, amount);
  end $$`,
  /* As in 0010, with claims first: core/wallet/settle's payArrears. */
  `create or replace function pay_arrears(driver text, source text, at timestamptz) returns void language plpgsql as $$
  declare
    w wallets;
    o record;
    c limited_charges;
    pays bigint;
  begin
    select * into strict w from wallets where driver_id = driver for no key update;
    if w.arrears_minor = 0 then return; end if;
    for o in select * from wallet_claims k where k.driver_id = driver and owed_minor > paid_minor
      order by k.at, k.source_id for no key update
    loop
      pays := least(o.owed_minor - o.paid_minor, w.balance_minor + w.credit_line_minor - w.held_minor);
      exit when pays <= 0;
      update wallet_claims set paid_minor = paid_minor + pays where source_id = o.source_id;
      update wallets set arrears_minor = arrears_minor - pays where driver_id = driver;
      perform move_wallet(driver, 'take-back', -pays, source || '-for-' || o.source_id, null, o.reason, at, null);
      w.balance_minor := w.balance_minor - pays;
    end loop;
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
  end $$`,
  /* One move of a wallet that a payment gives rise to (core/payment/topUp), within the commit that learns of it; once. */
  `create function move_paid_wallet(
    driver text, kind text, amount bigint, source text, why text, at timestamptz, provider text
  ) returns void language plpgsql as $$
  begin
    perform from wallets where driver_id = driver for no key update;
    if kind = 'take-back' then
      insert into wallet_claims (source_id, driver_id, owed_minor, paid_minor, reason, at)
        values (source, driver, amount, 0, why, at) on conflict do nothing;
      if not found then return; end if;
      update wallets set arrears_minor = arrears_minor + amount where driver_id = driver;
    else
      if exists (select from wallet_movements m where m.source_id = source) then return; end if;
      perform move_wallet(driver, kind, amount, source, null, why, at, provider);
    end if;
    perform pay_arrears(driver, source, at);
  end $$`
]
