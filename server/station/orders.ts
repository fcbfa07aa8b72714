import { sometimes } from "#core/Sometimes.ts"
import { type ChargeOrder, orderFor } from "#core/transaction/ChargeOrder.ts"
import {
  type ChargeLimit,
  isLimiting,
  isSameLimit,
  noLimit,
  type Transaction,
  type TransactionFact
} from "#core/transaction/Transaction.ts"
import type { Unit } from "../record/Unit.ts"
import type { TransactionMessage } from "./TransactionMessage.ts"

/** What a charge is to stop at, and whether its station said that it sees to it. */
export type ToldLimit = ChargeLimit & { readonly keptByStation?: true }

/** Whether a limit says nothing new of a charge. */
export const isKnown = ({ limit }: Transaction, told: ToldLimit): boolean =>
  isSameLimit(limit ?? noLimit, told) && (told.keptByStation !== true || limit?.keptByStation === true)

/**
 * The order that a charge fulfils with these facts: the first that say on whose token it runs. `aheadMs`: the station's
 * clock less ours.
 */
export const orderedBy = (
  orders: Iterable<ChargeOrder>,
  { authorized, evseId }: Transaction,
  message: TransactionMessage,
  facts: ReadonlyArray<TransactionFact>,
  aheadMs: number
): ChargeOrder | undefined => {
  if (authorized !== null) return undefined
  const first = facts.find((fact) => fact._tag === "Authorized")
  if (first === undefined) return undefined
  const { atMs, receivedAtMs, offline } = message
  const tokenUid = first.token.uid
  const start = { evseId: message.evseId || evseId, tokenUid, atMs: atMs - aheadMs, receivedAtMs, offline }
  const order = orderFor(orders, start)
  if (order !== undefined) sometimes("a charge began that had been ordered with a limit")
  return order
}

/** The facts with the limit that the charge was ordered with. */
export const withOrdered = (
  facts: ReadonlyArray<TransactionFact>,
  order: ChargeOrder | undefined,
  atMs: number
): ReadonlyArray<TransactionFact> =>
  order === undefined ? facts : [...facts, { _tag: "LimitSet", atMs, ...order.limit }]

/** What writes an order, or takes back the one that stands in its place where it limits nothing. */
export const orderUnit = (of: Pick<Unit, "stationId" | "epoch">, order: ChargeOrder): Unit =>
  isLimiting(order.limit) ? { ...of, orders: [order] } : { ...of, ordersDone: [order] }
