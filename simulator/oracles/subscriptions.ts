import { Findings, type Oracle } from "./Oracle.ts"
import { billedMinorOf, judgeAnswers, judgeCharges } from "./subscribed/charges.ts"
import { judgeDebts, suspensionsOf } from "./subscribed/debts.ts"
import { judgeDocuments } from "./subscribed/documents.ts"
import { failIn, worldOf } from "./subscribed/world.ts"

/**
 * From what subscribers asked for and paid, and from a calendar of its own: each fee stands on one document for its days,
 * to the cent, none before its day and none after the end; what is asked of a document comes on its day and once; what
 * came is what provider, debts and ledger say; who is suspended is refused, who paid is let in; and a session costs what
 * its driver's plan leaves of the tariff's price. Shares no code with `core/subscription` and `core/dunning`.
 */
export const subscriptions: Oracle = {
  name: "subscriptions",
  title: "Fees are billed once for their days, asked for in time, and plans take off what they promise",
  misses:
    "Which of two fees a payment was for, what a reminder or a document says beyond days and amounts, who is let in within " +
    "the time in which a payment may not have been heard of, an answer from a card that was cut off from the CMS, the " +
    "discount of a session just after its plan ended, and a mistake in the rules themselves: a part is the difference of " +
    "two rounded amounts here, too.",
  checks: (truth, evidence, context) => {
    const found = new Findings()
    const { subscribers, psp } = context
    if (subscribers === undefined) {
      found.blind("nobody subscribed to anything")
      return found.outcome()
    }
    const world = worldOf(subscribers, psp, evidence, context.atMs)
    if (world === undefined || evidence.entries === null) {
      found.blind("documents, debts or the ledger of this CMS cannot be seen")
      return found.outcome()
    }
    const fail = failIn(found)
    for (const wish of subscribers.refused) fail("done", "refused", `A wish was refused: ${wish}`)
    judgeDocuments(world, found, fail)
    judgeDebts(world, evidence.entries, billedMinorOf(evidence, context), found, fail)
    judgeAnswers(truth, context, suspensionsOf(world), found, fail)
    judgeCharges(truth, evidence, context, subscribers, found, fail)
    return found.outcome()
  }
}
