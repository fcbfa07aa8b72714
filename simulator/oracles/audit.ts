import { Findings, type Oracle } from "./Oracle.ts"

/**
 * The books agree with themselves: entries sum to zero, balances to the entries, lines to totals; every bill is what its
 * tariff makes of it, and stands once; numbers have no gap; wallets keep their limit; what was taken back nets to zero. The
 * same audit that `wattproof audit` holds on a live database.
 */
export const audit: Oracle = {
  name: "audit",
  title: "The books keep the invariants of billing",
  misses:
    "Books that agree with each other and not with the world: a session never billed, a meter misread, a price wrong in " +
    "the tariff. Those are for the oracles that know the truth.",
  checks: (_truth, evidence) => {
    const found = new Findings()
    if (evidence.audit === undefined) {
      found.blind("the books of this CMS cannot be audited")
      return found.outcome()
    }
    for (const { id, title, checked, violated, violations } of evidence.audit) {
      found.check(checked)
      for (const { document, sentence } of violations) {
        const about = { stationId: null, sessionId: null, transactionId: null }
        found.fail({ ...about, expected: `${id}: ${title}`, found: document, sentence })
      }
      const more = violated - violations.length
      if (more > 0) found.note(`${id}: ${more} more are violated`)
    }
    return found.outcome()
  }
}
