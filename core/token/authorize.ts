import type { Token } from "./Token.ts"

/**
 * The domain's answer to a token: the intersection of 1.6 AuthorizationStatus and 2.x AuthorizationStatusEnumType
 * with the 2.x names. 1.6 knows no NotAtThisLocation or Unknown: its handlers answer Invalid for both.
 */
export type AuthorizationStatus =
  | "Accepted"
  | "Blocked"
  | "Expired"
  | "Unknown"
  | "NotAtThisLocation"
  | "ConcurrentTx"
  /** The token is good, and its wallet or budget leaves nothing to charge with. */
  | "NoCredit"

export interface AuthorizationRequest {
  readonly stationId: string
  /** The instant that the question is about: an offline start is judged by its own timestamp. */
  readonly atMs: number
  /** Transactions open on this token now, the asked-for one not counted. */
  readonly openTransactions: number
}

/** Whether `token` may charge at that station at that instant. `undefined` is a token nobody registered. */
export const authorize = (token: Token | undefined, request: AuthorizationRequest): AuthorizationStatus => {
  if (token === undefined) return "Unknown"
  const standing = standingAt(token, request)
  if (standing !== "Accepted") return standing
  const limit = token.concurrencyLimit
  return limit !== null && request.openTransactions >= limit ? "ConcurrentTx" : "Accepted"
}

/** Whether the token itself was good then and there, whatever else runs on it. */
export const standingAt = (
  token: Token,
  place: { readonly stationId: string; readonly atMs: number }
): AuthorizationStatus => {
  if (token.blockedAtMs !== null && place.atMs >= token.blockedAtMs) return "Blocked"
  if (token.suspendedAtMs != null && place.atMs >= token.suspendedAtMs) return "Blocked"
  if (token.expiresAtMs !== null && place.atMs >= token.expiresAtMs) return "Expired"
  if (token.allowedStations !== null && !token.allowedStations.includes(place.stationId)) return "NotAtThisLocation"
  return "Accepted"
}

/**
 * Whether energy drawn after this answer is owed. After ConcurrentTx and NoCredit it is: the card was good, and a station
 * that charged all the same (offline, or without StopTransactionOnInvalidId) delivered to its holder.
 */
export const isBillable = (status: AuthorizationStatus): boolean =>
  status === "Accepted" || status === "ConcurrentTx" || status === "NoCredit"

/** Whether `stopper` may end what `starter` began: the same token, or one of the same group. */
export const mayStop = (
  starter: { readonly uid: string; readonly groupId: string | null },
  stopper: { readonly uid: string; readonly groupId: string | null }
): boolean => starter.uid === stopper.uid || (starter.groupId !== null && starter.groupId === stopper.groupId)
