import { assert, it } from "@effect/vitest"
import { accountKindOf } from "#core/billing/Accounts.ts"
import { postCdr } from "#core/billing/Ledger.ts"
import fc from "#test/support/fastCheck.ts"
import { cdrs, noon } from "./fixtures.ts"

it("every account a CDR is booked to is one of those there are, and grows on the side it is booked to", () => {
  fc.assert(
    fc.property(cdrs, (cdr) => {
      const { postings } = postCdr(cdr, { id: "e", bookedAtMs: noon })
      assert.strictEqual(accountKindOf(postings[0]!.account)?.normal, "debit")
      for (const { account } of postings.slice(1)) assert.strictEqual(accountKindOf(account)?.normal, "credit")
    })
  )
  assert.isUndefined(accountKindOf("revenues:energy"))
  assert.strictEqual(accountKindOf("rounding")?.normal, "both")
})
