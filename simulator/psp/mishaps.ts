import type { Books } from "./Books.ts"
import { win } from "./money.ts"

/** What is kept under these names is taken out; the returned function puts it back, behind what came since. */
const takeOut = <A>(kept: Map<string, A>, ids: ReadonlyArray<string>): (() => void) => {
  const taken = ids.flatMap((id) => (kept.has(id) ? [[id, kept.get(id)!] as const] : []))
  for (const [id] of taken) kept.delete(id)
  return () => {
    for (const [id, one] of taken) kept.set(id, one)
  }
}

const namesOf = <A extends { readonly id: string }>(kept: Map<string, A>, isOwn: (one: A) => boolean) =>
  [...kept.values()].filter(isOwn).map(({ id }) => id)

/**
 * The provider loses an intent that was taken, and its money with it: nothing of it can be read, listed or given back, and
 * nothing of it is paid out. The returned function brings all of it back. Undefined where it is no such intent, its money
 * has left already, or a bank has taken it back.
 */
export const forget = (books: Books, intentId: string): (() => void) | undefined => {
  const intent = books.intents.get(intentId)
  const charge = books.charges.get(intent?.latest_charge ?? "")
  if (intent?.status !== "succeeded" || charge === undefined || charge.disputed) return undefined
  const isOwn = (one: { readonly payment_intent: string }) => one.payment_intent === intentId
  const charges = namesOf(books.charges, isOwn)
  const refunds = namesOf(books.refunds, isOwn)
  const sources = new Set([...charges, ...refunds])
  const transactions = namesOf(books.transactions, ({ source }) => sources.has(source))
  if (transactions.some((id) => books.paidOut.has(id))) return undefined
  books.account.lose(intentId, true)
  const back = [
    takeOut(books.intents, [intentId]),
    takeOut(books.charges, charges),
    takeOut(books.refunds, refunds),
    takeOut(books.transactions, transactions)
  ]
  return () => {
    for (const restore of back) restore()
    books.account.lose(intentId, false)
  }
}

/** A bank that has kept the money thinks better of it; false where it does not have it. */
export const overturn = (books: Books, disputeId: string): boolean => {
  const dispute = books.disputes.get(disputeId)
  if (dispute?.status !== "lost") return false
  win(books, dispute)
  return true
}
