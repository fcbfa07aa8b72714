import type { Migration } from "#server/postgres/Migrations.ts"

/** Disputes by name and status, as their payments have them. */
export const disputes: Migration = [
  `create table payment_disputes (
    dispute_id text collate "C" primary key,
    payment_id uuid not null references payments,
    status text not null
  )`,
  `create index payment_disputes_listed on payment_disputes ((payment_id::text || ' ' || dispute_id) collate "C")`,
  /* What is known already: of each dispute the last that was told. */
  `insert into payment_disputes (dispute_id, payment_id, status)
    select distinct on (d ->> 'id') d ->> 'id', f.payment_id, d ->> 'status'
    from payment_facts f, jsonb_array_elements(f.fact -> 'intent' -> 'disputes') as d
    where f.fact ->> '_tag' = 'Observed'
    order by d ->> 'id', array_position(array['Inquiry', 'Open', 'Won', 'Lost'], d ->> 'status') desc, f.seq desc`
]
