import { arrearsOf, type Charge, type Owed } from "./Charge.ts"
import { type Claim, openOf } from "./Claim.ts"
import { type Cause, freeOf, type Movement, moved, type Wallet } from "./Wallet.ts"

/** What a decision leaves behind, and the movements that it makes. */
export interface Settled {
  readonly wallet: Wallet
  readonly charge: Charge
  readonly movements: ReadonlyArray<Movement>
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)

/** The source of what a charge's bill of that revision moves. */
export const settlementId = (transactionId: string, revision: number): string => `wallet-${transactionId}-${revision}`

/** The source of what pays arrears because more became free, by no movement: it is named by those before. */
export const freedId = ({ driverId, movements }: Pick<Wallet, "driverId" | "movements">): string =>
  `freed-${driverId}-${movements}`

/** The source of what arrears are paid from: of a charge, by its transaction, or of a claim, by its source. */
export const arrearsId = (sourceId: string, owing: string): string => `${sourceId}-for-${owing}`

/**
 * A bill is paid from the wallet: at most with what was set aside for this charge and what nobody has a claim on. What
 * is beyond that stays receivable, as arrears: the wallet never falls below its limit, whatever a station delivered. A
 * lower bill gives back what was paid too much. A bill that was taken in before, or is older, moves nothing.
 */
export const settle = (wallet: Wallet, charge: Charge, owed: Owed, atMs: number): Settled => {
  if (charge.owed !== null && charge.owed.revision >= owed.revision) return { wallet, charge, movements: [] }
  const { transactionId } = charge
  const released = { ...wallet, heldMinor: wallet.heldMinor - charge.heldMinor }
  const missing = owed.owedMinor - charge.paidMinor
  const room = freeOf(released)
  const debit = missing <= 0n ? missing : least(missing, room > 0n ? room : 0n)
  const after: Charge = {
    ...charge,
    heldMinor: 0n,
    heldWh: 0,
    paidMinor: charge.paidMinor + debit,
    owed,
    touchedAtMs: atMs
  }
  const arrearsMinor = wallet.arrearsMinor - arrearsOf(charge) + arrearsOf(after)
  const rest = { ...released, arrearsMinor }
  if (debit === 0n) return { wallet: rest, charge: after, movements: [] }
  const { wallet: paid, movement } = moved(rest, {
    kind: debit > 0n ? "charge" : "give-back",
    amountMinor: -debit,
    sourceId: settlementId(transactionId, owed.revision),
    transactionId,
    reason: null,
    atMs
  })
  return { wallet: paid, charge: after, movements: [movement] }
}

/** What a wallet owes: claims and charges in arrears, the oldest of each first (by start and key, a charge). */
export interface Owing {
  readonly claims: ReadonlyArray<Claim>
  readonly charges: ReadonlyArray<Charge>
}

/** What is owed is paid from what nobody has a claim on: what was taken back first, then charges. Returned is what changed. */
export const payArrears = (
  wallet: Wallet,
  { claims, charges }: Owing,
  { sourceId, atMs }: Pick<Cause, "sourceId" | "atMs">
): Owing & { readonly wallet: Wallet; readonly movements: ReadonlyArray<Movement> } => {
  let now = wallet
  const movements: Array<Movement> = []
  const pay = (openMinor: bigint, owing: string, cause: Pick<Cause, "kind" | "transactionId" | "reason">): bigint => {
    const pays = least(openMinor, freeOf(now))
    if (pays <= 0n) return 0n
    const rest = { ...now, arrearsMinor: now.arrearsMinor - pays }
    const paid = moved(rest, { ...cause, amountMinor: -pays, sourceId: arrearsId(sourceId, owing), atMs })
    now = paid.wallet
    movements.push(paid.movement)
    return pays
  }
  const paidClaims: Array<Claim> = []
  for (const claim of claims) {
    const { sourceId: owing, reason } = claim
    const pays = pay(openOf(claim), owing, { kind: "take-back", transactionId: null, reason })
    if (pays > 0n) paidClaims.push({ ...claim, paidMinor: claim.paidMinor + pays })
  }
  const paidCharges: Array<Charge> = []
  for (const charge of charges) {
    const { transactionId } = charge
    const pays = pay(arrearsOf(charge), transactionId, { kind: "arrears", transactionId, reason: null })
    if (pays > 0n) paidCharges.push({ ...charge, paidMinor: charge.paidMinor + pays, touchedAtMs: atMs })
  }
  return { wallet: now, claims: paidClaims, charges: paidCharges, movements }
}

/** Nothing came of what was set aside: no transaction of that name is in the books, or it is over and settled. */
export const release = (wallet: Wallet, charge: Charge, atMs: number): Omit<Settled, "movements"> => ({
  wallet: { ...wallet, heldMinor: wallet.heldMinor - charge.heldMinor },
  charge: { ...charge, heldMinor: 0n, heldWh: 0, owed: charge.owed ?? nothingOwed, touchedAtMs: atMs }
})

/** Revision 0 gives way to every bill. */
const nothingOwed: Owed = { owedMinor: 0n, energyWh: 0, revision: 0 }
