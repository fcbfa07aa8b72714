import type { ChargeLimit } from "./Transaction.ts"

/**
 * How far the next charge of a token at an EVSE is to go, told with the start that was asked for from afar. It waits for
 * that charge to begin: of one token at one EVSE the last stands.
 */
export interface ChargeOrder {
  /** 1.6: the connector's number. */
  readonly evseId: number
  /** Canonical upper case. */
  readonly tokenUid: string
  readonly limit: ChargeLimit
  /** By our clock. */
  readonly askedAtMs: number
}

/** For how long after it was asked for a charge may begin that an order is for: people walk to their car, and plug in late. */
export const orderForMs = 15 * 60_000

/** By how much the clock of a station may be behind when it tells of a start that it made offline. */
const clockBehindMs = 5 * 60_000

/** A charge that begins, as the station dates it and as it came, both by our clock. */
export interface OrderedStart {
  /** 0: not told yet. */
  readonly evseId: number
  readonly tokenUid: string
  readonly atMs: number
  readonly receivedAtMs: number
  readonly offline: boolean
}

/** The order that a charge fulfils by beginning; undefined when nobody asked for anything. */
export const orderFor = (orders: Iterable<ChargeOrder>, start: OrderedStart): ChargeOrder | undefined => {
  for (const order of orders) {
    const isThere = start.evseId === 0 || order.evseId === start.evseId
    if (isThere && order.tokenUid === start.tokenUid && isInTime(order, start)) return order
  }
  return undefined
}

/** A start that was made offline may be told late, and one from before the order is none of its. */
const isInTime = ({ askedAtMs }: ChargeOrder, { atMs, receivedAtMs, offline }: OrderedStart): boolean =>
  offline
    ? atMs >= askedAtMs - clockBehindMs && atMs <= askedAtMs + orderForMs
    : receivedAtMs >= askedAtMs && receivedAtMs <= askedAtMs + orderForMs
