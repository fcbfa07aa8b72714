import * as Instant from "#core/Instant.ts"
import type { AuthorizationStatus } from "#core/token/authorize.ts"
import type { PresentedToken, TokenType } from "#core/token/Token.ts"
import type { Judgement } from "../../station/StationOwner.ts"

/** IdTokenType of 2.0.1 and 2.1, as far as it concerns us; 2.1 leaves `type` open. */
export interface IdToken {
  readonly idToken: string
  readonly type: string
}

export interface IdTokenInfo {
  readonly status: AuthorizationStatus | "Invalid"
  readonly groupIdToken?: { readonly idToken: string; readonly type: "Central" }
  readonly cacheExpiryDateTime?: string
}

export const presentedOf = (token: IdToken): PresentedToken => ({ uid: token.idToken, type: token.type as TokenType })

/** idTokenInfo as 2.x answers it; required whenever the request carried an idToken. */
export const idTokenInfo = (judgement: Judgement): IdTokenInfo => ({
  status: judgement.status,
  ...(judgement.groupId !== null ? { groupIdToken: { idToken: judgement.groupId, type: "Central" as const } } : {}),
  ...(judgement.expiresAtMs !== null ? { cacheExpiryDateTime: Instant.format(judgement.expiresAtMs) } : {})
})
