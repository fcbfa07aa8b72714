import type { BudgetState } from "./Budget.ts"
import type { Charge } from "./Charge.ts"
import { freeOf, type Wallet } from "./Wallet.ts"

/** A start on a token that is limited. */
export interface Start {
  /** See chargeKeyOf. */
  readonly key: string
  readonly transactionId: string
  readonly tokenUid: string
  readonly driverId: string | null
  /** Of its prices; null: it costs nothing. */
  readonly currency: string | null
  readonly startedAtMs: number
}

/** What a charge may use up: its driver's wallet, and what is left of its token's budgets in their present periods. */
export interface Bounds {
  readonly wallet: Wallet | undefined
  readonly budgets: ReadonlyArray<BudgetState>
}

/** An amount of both that money buys and that a meter counts. */
export interface Share {
  readonly minor: bigint
  readonly wh: number
}

export interface ReservePolicy {
  /** Set aside at a start, where there is so much: the rest is left to other charges. */
  readonly slice: Share
  /** With less than this no charge begins. */
  readonly least: Share
  /** By so much more is set aside when what is there is nearly used up. */
  readonly step: Share
}

export const standardReserve: ReservePolicy = {
  slice: { minor: 1_000n, wh: 15_000 },
  least: { minor: 100n, wh: 200 },
  step: { minor: 500n, wh: 5_000 }
}

/** What is wanted of the start of a charge that has come to something already. */
export const beside = (policy: ReservePolicy, comeTo: Share): ReservePolicy => ({
  ...policy,
  slice: sum(policy.slice, comeTo),
  least: sum(policy.least, comeTo)
})

const sum = (a: Share, b: Share): Share => ({ minor: a.minor + b.minor, wh: a.wh + b.wh })

/** Whether a start is accepted, with what is set aside for it; or why it is not, for whoever asks. */
export type Reservation =
  | { readonly _tag: "Accepted"; readonly held: Share }
  | { readonly _tag: "NoCredit"; readonly why: string }

const noCredit = (why: string): Reservation => ({ _tag: "NoCredit", why })

/** Whether a charge at prices in `currency` may begin, and what is set aside for it. */
export const reserve = ({ wallet, budgets }: Bounds, currency: string | null, policy: ReservePolicy): Reservation => {
  if (wallet !== undefined) {
    if (currency !== null && wallet.currency !== currency) return noCredit(`The wallet holds ${wallet.currency} only.`)
    if (wallet.arrearsMinor > 0n) return noCredit("Earlier charges are not paid yet.")
    if (freeOf(wallet) < policy.least.minor) return noCredit("The wallet is empty.")
  }
  for (const { budget, usedMinor, usedWh, usedSessions } of budgets) {
    const { period, maxMinor, maxWh, maxSessions } = budget
    const isForeign = maxMinor !== null && currency !== null && budget.currency !== currency
    if (isForeign) return noCredit(`The card's budget of the ${period} is in ${budget.currency} only.`)
    if (
      (maxSessions !== null && usedSessions >= maxSessions) ||
      (maxMinor !== null && maxMinor - usedMinor < policy.least.minor) ||
      (maxWh !== null && maxWh - usedWh < policy.least.wh)
    )
      return noCredit(`The card's budget of the ${period} is used up.`)
  }
  return { _tag: "Accepted", held: roomFor({ wallet, budgets }, policy.slice) }
}

/**
 * What is set aside for a charge when more is wanted: as much as there is, and never less than it has. A budget whose
 * end only keeps new charges from beginning gives what is asked.
 */
export const raise = ({ wallet, budgets }: Bounds, charge: Charge, wanted: Share): Share => {
  const stopping = budgets.filter(({ budget }) => budget.atLimit === "stop")
  const more = {
    minor: wanted.minor > charge.heldMinor ? wanted.minor - charge.heldMinor : 0n,
    wh: Math.max(0, wanted.wh - charge.heldWh)
  }
  const room = roomFor({ wallet: charge.driverId === null ? undefined : wallet, budgets: stopping }, more)
  return { minor: charge.heldMinor + room.minor, wh: charge.heldWh + room.wh }
}

/** As much of what is wanted as all bounds leave room for. */
const roomFor = ({ wallet, budgets }: Bounds, wanted: Share): Share => {
  let { minor, wh } = wanted
  const bound = (leftMinor: bigint): void => {
    if (leftMinor < minor) minor = leftMinor > 0n ? leftMinor : 0n
  }
  if (wallet !== undefined) bound(freeOf(wallet))
  for (const { budget, usedMinor, usedWh } of budgets) {
    if (budget.maxMinor !== null) bound(budget.maxMinor - usedMinor)
    if (budget.maxWh !== null) wh = Math.max(0, Math.min(wh, budget.maxWh - usedWh))
  }
  return { minor, wh }
}

/** The charge that a start begins, accepted or not: one that was refused and charges all the same is paid for. */
export const chargeOf = (start: Start, { wallet, budgets }: Bounds, reservation: Reservation, atMs: number): Charge => {
  const { key, transactionId, tokenUid, startedAtMs } = start
  const currency = start.currency ?? wallet?.currency ?? budgets[0]?.budget.currency ?? ""
  const held = reservation._tag === "Accepted" ? reservation.held : nothing
  return {
    key,
    transactionId,
    tokenUid,
    driverId: wallet?.currency === currency ? wallet.driverId : null,
    currency,
    startedAtMs,
    accepted: reservation._tag === "Accepted",
    heldMinor: held.minor,
    heldWh: held.wh,
    paidMinor: 0n,
    owed: null,
    touchedAtMs: atMs
  }
}

const nothing: Share = { minor: 0n, wh: 0 }
