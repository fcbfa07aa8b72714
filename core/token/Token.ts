/** How an idToken is presented; the union of OCPP 1.6 (always ISO14443 in practice) and 2.x IdTokenEnumType. */
export type TokenType =
  | "Central"
  | "DirectPayment"
  | "eMAID"
  | "EVCCID"
  | "ISO14443"
  | "ISO15693"
  | "KeyCode"
  | "Local"
  | "MacAddress"
  | "NoAuthorization"
  | "VIN"

/**
 * A credential that may start and stop charging: an RFID card, an app's token, a contract id. `uid` compares without
 * regard to case, as OCPP's idToken and CiString20 do (2.0.1 part 2, IdTokenType); it is stored in upper case.
 */
export interface Token {
  readonly uid: string
  readonly type: TokenType
  /** Tokens of one group stop each other's transactions (parentIdTag, groupIdToken). */
  readonly groupId: string | null
  readonly driverId: string | null
  /** Party of the roaming partner who issued it, such as `DE*ABC`; null for our own. */
  readonly partnerId: string | null
  /** From this instant on the token is not valid. */
  readonly expiresAtMs: number | null
  /** From this instant on the token is blocked. An instant, not a flag: an offline start before it was lawful. */
  readonly blockedAtMs: number | null
  /** How many transactions may run on it at once; null is no limit. */
  readonly concurrencyLimit: number | null
  /** The stations it may be used at; null is everywhere. */
  readonly allowedStations: ReadonlyArray<string> | null
  /** Since when its driver may start nothing, for what is owed and not paid. Told of a token that is looked up. */
  readonly suspendedAtMs?: number | null
  readonly createdAtMs: number
}

/** The one spelling of a token's uid, on which equality and storage rest. */
export const canonicalUid = (uid: string): string => uid.trim().toUpperCase()

/** What a station says of a token it was shown. */
export interface PresentedToken {
  readonly uid: string
  readonly type: TokenType
}
