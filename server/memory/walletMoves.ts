import type { WalletMove } from "#core/payment/topUp.ts"
import { type BudgetState, usedOf } from "#core/wallet/Budget.ts"
import type { Charge } from "#core/wallet/Charge.ts"
import { postMovement } from "#core/wallet/post.ts"
import { type Bounds, raise, type Share, type Start } from "#core/wallet/reserve.ts"
import { freedId, payArrears, settle, settlementId } from "#core/wallet/settle.ts"
import { type Cause, freeOf, isWithinLimit, type Movement, moved, type Wallet } from "#core/wallet/Wallet.ts"
import type { Debit } from "../record/Unit.ts"
import type { Moved } from "../wallet/WalletStore.ts"
import { postEntries } from "./entries.ts"
import type { MemoryState } from "./MemoryState.ts"

/** A token's budgets and their use at an instant. */
export const budgetsOf = ({ walletShelf }: MemoryState, tokenUid: string, atMs: number): ReadonlyArray<BudgetState> =>
  [...(walletShelf.budgets.get(tokenUid)?.values() ?? [])]
    .sort((a, b) => (a.period < b.period ? -1 : 1))
    .map((budget) => usedOf(budget, walletShelf.of(tokenUid), atMs))

/** What bounds a charge of that token's. */
export const boundsOf = (
  state: MemoryState,
  { tokenUid, driverId }: Pick<Start, "tokenUid" | "driverId">,
  atMs: number
): Bounds => ({
  wallet: driverId === null ? undefined : state.walletShelf.wallets.get(driverId),
  budgets: budgetsOf(state, tokenUid, atMs)
})

/** Sets more aside on a wallet, or less. */
export const hold = ({ walletShelf }: MemoryState, driverId: string | null, byMinor: bigint): void => {
  if (driverId === null || byMinor === 0n) return
  const wallet = walletShelf.wallets.get(driverId)!
  walletShelf.wallets.set(driverId, kept({ ...wallet, heldMinor: wallet.heldMinor + byMinor }))
}

/** What PostgreSQL's constraint wallets_hard_limit keeps. */
const kept = (wallet: Wallet): Wallet => {
  if (isWithinLimit(wallet)) return wallet
  throw new Error(`wallets_hard_limit: ${wallet.driverId}`)
}

/** Sets more aside for a charge that runs. */
export const raiseHold = (state: MemoryState, key: string, wanted: Share, atMs: number): Charge | undefined => {
  const charge = state.walletShelf.charges.get(key)
  if (charge === undefined || charge.owed !== null) return undefined
  const held = raise(boundsOf(state, charge, charge.startedAtMs), charge, wanted)
  hold(state, charge.driverId, held.minor - charge.heldMinor)
  const raised = { ...charge, heldMinor: held.minor, heldWh: held.wh, touchedAtMs: atMs }
  state.walletShelf.put(raised)
  return raised
}

const write = (state: MemoryState, movements: ReadonlyArray<Movement>, currency: string, provider: string | null) => {
  const { walletShelf } = state
  for (const movement of movements) {
    const own = walletShelf.movements.get(movement.driverId)
    if (own === undefined) walletShelf.movements.set(movement.driverId, [movement])
    else own.push(movement)
    walletShelf.bySource.set(movement.sourceId, movement)
  }
  const why = postEntries(
    state,
    movements.map((movement) => postMovement(movement, currency, provider))
  )
  if (why !== undefined) throw new Error(why)
}

/** Money in or out, with its entry. */
export const move = (state: MemoryState, wallet: Wallet, cause: Cause, provider: string | null): Moved => {
  const { walletShelf } = state
  const before = walletShelf.bySource.get(cause.sourceId)
  if (before !== undefined) {
    const isSame =
      before.driverId === wallet.driverId && before.kind === cause.kind && before.amountMinor === cause.amountMinor
    return isSame ? "Repeated" : "Contradicted"
  }
  if (cause.amountMinor < 0n && -cause.amountMinor > freeOf(wallet)) return "Short"
  const { wallet: after, movement } = moved(wallet, cause)
  walletShelf.wallets.set(wallet.driverId, kept(after))
  write(state, [movement], wallet.currency, provider)
  pay(state, wallet.driverId, cause)
  return "Moved"
}

/** One move that a payment gives rise to, within the commit that learns of it; once. */
export const movePaid = (state: MemoryState, move: WalletMove, atMs: number, provider: string): void => {
  const { walletShelf } = state
  const { driverId, kind, amountMinor, sourceId, reason } = move
  const wallet = walletShelf.wallets.get(driverId)!
  if (kind === "take-back") {
    if (walletShelf.claims.has(sourceId)) return
    walletShelf.claims.set(sourceId, { sourceId, driverId, owedMinor: amountMinor, paidMinor: 0n, reason, atMs })
    walletShelf.wallets.set(driverId, { ...wallet, arrearsMinor: wallet.arrearsMinor + amountMinor })
  } else {
    if (walletShelf.bySource.has(sourceId)) return
    const { wallet: after, movement } = moved(wallet, {
      kind,
      amountMinor,
      sourceId,
      transactionId: null,
      reason,
      atMs
    })
    walletShelf.wallets.set(driverId, kept(after))
    write(state, [movement], wallet.currency, provider)
  }
  pay(state, driverId, { sourceId, atMs })
}

/** What became free without a movement pays what is owed. */
export const payFreed = (state: MemoryState, driverId: string | null, atMs: number): void => {
  const wallet = driverId === null ? undefined : state.walletShelf.wallets.get(driverId)
  if (wallet !== undefined) pay(state, wallet.driverId, { sourceId: freedId(wallet), atMs })
}

const pay = (state: MemoryState, driverId: string, cause: Pick<Cause, "sourceId" | "atMs">): void => {
  const { walletShelf } = state
  const wallet = walletShelf.wallets.get(driverId)!
  if (wallet.arrearsMinor === 0n) return
  const paid = payArrears(wallet, walletShelf.owing(driverId), cause)
  for (const claim of paid.claims) walletShelf.claims.set(claim.sourceId, claim)
  for (const charge of paid.charges) walletShelf.put(charge)
  walletShelf.wallets.set(driverId, kept(paid.wallet))
  write(state, paid.movements, wallet.currency, null)
}

/** The bill of a charge, within the commit that books its CDRs: what `settle_charges` does on PostgreSQL. */
export const applyDebit = (state: MemoryState, debit: Debit): void => {
  const { walletShelf } = state
  const { key, transactionId, tokenUid, currency, startedAtMs, accepted, owedMinor, energyWh, revision, atMs } = debit
  let charge = walletShelf.charges.get(key)
  if (charge === undefined) {
    if (currency === null) return
    const wallet = debit.driverId === null ? undefined : walletShelf.wallets.get(debit.driverId)
    const driverId = wallet?.currency === currency ? debit.driverId : null
    const none = { heldMinor: 0n, heldWh: 0, paidMinor: 0n, owed: null, touchedAtMs: atMs }
    charge = { key, transactionId, tokenUid, driverId, currency, startedAtMs, accepted, ...none }
  }
  // What was set aside under a name that did not come into the books is billed under the name that did.
  if (charge.transactionId !== transactionId) charge = { ...charge, transactionId }
  const owed = { owedMinor, energyWh, revision }
  if (charge.driverId === null) {
    if (charge.owed !== null && charge.owed.revision >= revision) return
    walletShelf.put({ ...charge, heldMinor: 0n, heldWh: 0, owed, touchedAtMs: atMs })
    return
  }
  const before = walletShelf.wallets.get(charge.driverId)!
  const { wallet, charge: after, movements } = settle(before, charge, owed, atMs)
  if (after === charge) return
  walletShelf.put(after)
  walletShelf.wallets.set(charge.driverId, kept(wallet))
  write(state, movements, wallet.currency, null)
  pay(state, charge.driverId, { sourceId: settlementId(charge.transactionId, revision), atMs })
}
