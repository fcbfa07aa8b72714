import { sometimes } from "#core/Sometimes.ts"
import { type AuthorizationStatus, mayStop } from "#core/token/authorize.ts"
import type { PresentedToken, Token } from "#core/token/Token.ts"
import type { JudgedToken } from "#core/transaction/decide.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"

/** What a token is worth at this station, as answered to it. */
export interface Judgement extends JudgedToken {
  readonly expiresAtMs: number | null
}

/** A token that stops something, and whose it is. */
export type Stopper = Pick<Judgement, "presented" | "groupId">

/** Whether the token that stops may end what runs there. */
export const stopsRightly = ({ authorized }: Transaction, stopper: Stopper): boolean =>
  authorized === null ||
  mayStop(
    { uid: authorized.token.uid, groupId: authorized.groupId },
    { uid: stopper.presented.uid, groupId: stopper.groupId }
  )

/** What is answered of a token that the directory knows, or does not. */
export const judgementOf = (
  uid: string,
  presented: PresentedToken,
  token: (Token & { readonly limited: boolean }) | undefined,
  status: AuthorizationStatus
): Judgement => {
  if (status === "ConcurrentTx") sometimes("a card was at its limit")
  return {
    presented: { uid, type: presented.type },
    groupId: token?.groupId ?? null,
    driverId: token?.driverId ?? null,
    expiresAtMs: token?.expiresAtMs ?? null,
    status,
    ...(token?.limited === true && { limited: true })
  }
}

/** A repeated message gets the answer that the first one got, whatever has become of the card since. */
export const answeredBefore = (
  transaction: Transaction,
  judgement: Judgement | null,
  stops: boolean
): Judgement | null => {
  const { authorized } = transaction
  if (judgement === null || stops || authorized === null) return judgement
  return authorized.token.uid === judgement.presented.uid ? { ...judgement, status: authorized.status } : judgement
}
