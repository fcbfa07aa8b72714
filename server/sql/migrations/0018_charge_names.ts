import type { Migration } from "#server/postgres/Migrations.ts"
import { settleCharges } from "./0010_wallets.ts"

/**
 * A bill names its charge's transaction for good: what was set aside under a name that never came into the books (a start
 * that two nodes took in, or one that was told again) moves money under the name that did.
 */
export const chargeNames: Migration = [
  settleCharges(
    "create or replace function",
    `
      if c.transaction_id <> d.transaction then
        update limited_charges set transaction_id = d.transaction where key = d.key;
        c.transaction_id := d.transaction;
      end if;`
  )
]
