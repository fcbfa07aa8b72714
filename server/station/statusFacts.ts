import { sometimes } from "#core/Sometimes.ts"
import type { Connector } from "#core/station/Station.ts"
import { beginAtMs } from "#core/transaction/assess.ts"
import { isGivenUp } from "#core/transaction/closeByHand.ts"
import { close } from "#core/transaction/decide.ts"
import { evolve, isOpen, type Transaction, type TransactionFact } from "#core/transaction/Transaction.ts"
import { chargingStateOf } from "./chargingState.ts"
import { type Holdings, isBehind } from "./Holdings.ts"
import type { Step } from "./Planned.ts"
import type { TransactionMessage } from "./TransactionMessage.ts"

/**
 * What a connector's status says of the transactions there. In 1.6 it is the only source of the charging state. A
 * connector that is free again, by a report later than all we know of an open transaction, has lost its stop. A 2.x
 * transaction whose start was lost may never have named its EVSE: it is over when no car is left at the whole station.
 */
export const factsOfStatus = (
  transaction: Transaction,
  connector: Connector,
  nowMs: number,
  holdings?: Holdings
): ReadonlyArray<TransactionFact> => {
  if (transaction.evseId === 0) {
    const isLast = connector.status === "Available" && holdings !== undefined && isElsewhereFree(holdings, connector)
    if (!isLast || !isOpen(transaction)) return []
    sometimes("a charge of unknown place ended with the last car")
  } else if (transaction.evseId !== connector.evseId || transaction.connectorId !== connector.connectorId) return []
  const atMs = connector.statusAtMs
  if (connector.status === "Available" && isOfClockSetRight(transaction, atMs, nowMs)) {
    return closedAsBegun(transaction, nowMs)
  }
  if (atMs < beginAtMs(transaction)) return []
  if (connector.status === "Available") {
    // Told of the very instant of the start, it is what the connector was until then.
    if (atMs === beginAtMs(transaction)) return []
    const last = transaction.samples[transaction.samples.length - 1]
    if (last !== undefined && last.atMs > atMs) return []
    return close(transaction, { atMs, receivedAtMs: nowMs, why: "connector-free" })
  }
  const state = transaction.dialect === "1.6" ? chargingStateOf(connector.status) : null
  if (state === null || (transaction.ended !== null && atMs >= transaction.ended.atMs)) return []
  if (transaction.settled !== null && transaction.ended === null && !isGivenUp(transaction)) return []
  const holding = transaction.states.findLast((entry) => entry.atMs <= atMs)
  return holding?.state === state ? [] : [{ _tag: "StateChanged", atMs, state, seqNo: null }]
}

/** It is over, and no later instant is known of it than its begin or its last reading. */
const closedAsBegun = (transaction: Transaction, nowMs: number): ReadonlyArray<TransactionFact> => {
  const lastMs = transaction.samples[transaction.samples.length - 1]?.atMs ?? 0
  return close(transaction, {
    atMs: Math.max(beginAtMs(transaction), lastMs),
    receivedAtMs: nowMs,
    why: "connector-free"
  })
}

/** A clock that is off by less is right. */
const rightWithinMs = 60_000

/**
 * Whether a report is told at once by a clock that is right, of a charge that began by one that was ahead, as before a restart:
 * nothing is told before it happens, so that the report is the later one though it is dated earlier.
 */
const isOfClockSetRight = ({ started }: Transaction, atMs: number, nowMs: number): boolean =>
  started !== null &&
  atMs < started.atMs &&
  started.atMs > started.receivedAtMs + rightWithinMs &&
  Math.abs(nowMs - atMs) < rightWithinMs

/** What a connector's status adds to each of them, those left out to which it adds nothing. */
export const stepsOfStatus = (
  transactions: ReadonlyArray<Transaction>,
  connector: Connector,
  nowMs: number,
  holdings: Holdings
): ReadonlyArray<Step> =>
  transactions
    .filter((it) => !isGivenUp(it) || !transactions.some((other) => isBehind(other, it)))
    .map((transaction) => ({ transaction, facts: factsOfStatus(transaction, connector, nowMs, holdings) }))
    .filter(({ facts }) => facts.length > 0)

/**
 * The same of a status that is no news of the connector: late, or by a clock that was set back. What it was then is news of
 * a charge there whose end nobody told; that it was free is none.
 */
export const stepsOfOldStatus = (
  transactions: ReadonlyArray<Transaction>,
  connector: Connector,
  nowMs: number,
  holdings: Holdings
): ReadonlyArray<Step> => {
  if (connector.status === "Available") return []
  const unended = transactions.filter(({ ended }) => ended === null)
  return stepsOfStatus(unended, connector, nowMs, holdings)
}

const isElsewhereFree = (holdings: Holdings, { evseId, connectorId }: Connector): boolean =>
  holdings
    .connectors()
    .every((it) => it.status === "Available" || (it.evseId === evseId && it.connectorId === connectorId))

/** How far ahead of its start a transaction's first state may be told. */
const aheadMs = 5_000

/**
 * The facts of a message, and with a start what its connector's status, known before, says: nothing ties
 * StatusNotification to a start, which may be delivered minutes after the statuses that followed it. In 1.6 they are the
 * charging state; a connector that was reported free since means that the stop is on its way behind the start, or lost
 * like others that the station gave up. What comes still counts.
 */
export const withKnownState = (
  holdings: Holdings,
  transaction: Transaction,
  message: Pick<
    TransactionMessage,
    "kind" | "evseId" | "connectorId" | "atMs" | "receivedAtMs" | "isOver" | "nextAtMs"
  >,
  facts: ReadonlyArray<TransactionFact>
): ReadonlyArray<TransactionFact> => {
  if (message.kind !== "Started" || transaction.started !== null) return facts
  const next = nextAt(holdings, transaction, message)
  if (next !== undefined) {
    sometimes("a start came when the next one had begun")
    const begun = facts.reduce(evolve, transaction)
    return [...facts, ...close(begun, { atMs: next, receivedAtMs: message.receivedAtMs, why: "superseded" })]
  }
  if (message.isOver === true) {
    sometimes("a start came when its connector was free again")
    return [...facts, ...closedAsBegun(facts.reduce(evolve, transaction), message.receivedAtMs)]
  }
  const connector = holdings.connector(message.evseId, message.connectorId)
  if (connector === undefined || connector.statusAtMs < message.atMs - aheadMs) return facts
  // By a clock that was set back since, the connector was free before this start was made, not after it.
  if (holdings.isSetBack(connector, message)) return facts
  if (connector.status === "Available") return withLateEnd(transaction, facts, connector, message.receivedAtMs)
  const state = transaction.dialect === "1.6" ? chargingStateOf(connector.status) : null
  if (state === null || state === "EVConnected") return facts
  return [...facts, { _tag: "StateChanged", atMs: Math.max(message.atMs, connector.statusAtMs), state, seqNo: null }]
}

/** Older transactions on the same connector: one car at a time, so the station has lost their stops. */
export const supersededBy = (
  holdings: Holdings,
  { id, evseId, connectorId }: Pick<Transaction, "id" | "evseId" | "connectorId">,
  atMs: number
): ReadonlyArray<Transaction> =>
  holdings
    .openAt(evseId)
    .filter((other) => other.id !== id && other.connectorId === connectorId && beginAtMs(other) < atMs)

/** The same for a transaction that is known from what followed its start, which may be the first to name its place. */
export const supersededByStart = (
  holdings: Holdings,
  { id, started }: Transaction,
  {
    kind,
    evseId,
    connectorId,
    atMs,
    isOver
  }: Pick<TransactionMessage, "kind" | "evseId" | "connectorId" | "atMs" | "isOver">
): ReadonlyArray<Transaction> =>
  kind === "Started" && started === null && isOver !== true
    ? supersededBy(holdings, { id, evseId, connectorId }, atMs)
    : []

/** When the next car's transaction began, open or over by now: one that began before it is over, whatever is lost. */
const nextAt = (
  holdings: Holdings,
  { id }: Transaction,
  { evseId, connectorId, atMs, nextAtMs }: Pick<TransactionMessage, "evseId" | "connectorId" | "atMs" | "nextAtMs">
): number | undefined => {
  let next = nextAtMs
  for (const other of holdings.openAt(evseId)) {
    const begunAtMs = beginAtMs(other)
    if (other.id === id || other.connectorId !== connectorId || begunAtMs <= atMs) continue
    if (next === undefined || begunAtMs < next) next = begunAtMs
  }
  return next
}

const withLateEnd = (
  transaction: Transaction,
  facts: ReadonlyArray<TransactionFact>,
  connector: Connector,
  nowMs: number
): ReadonlyArray<TransactionFact> => {
  const begun = facts.reduce(evolve, transaction)
  const isOfFuture = connector.statusAtMs > nowMs && beginAtMs(begun) <= nowMs
  if (connector.statusAtMs <= beginAtMs(begun) || isOfFuture) return facts
  const ending = factsOfStatus(begun, connector, nowMs)
  if (ending.length > 0) sometimes("a start came when its connector was free again")
  return [...facts, ...ending]
}
