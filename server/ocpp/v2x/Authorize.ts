import { Effect } from "effect"
import type { Session } from "../Session.ts"
import { type IdToken, type IdTokenInfo, idTokenInfo, presentedOf } from "./idTokenInfo.ts"

/** Authorize (2.x C01): promises nothing durable, so it waits for no commit. */
export const authorize = (
  request: { readonly idToken: IdToken },
  { owner, nowMs }: Session
): Effect.Effect<{ readonly idTokenInfo: IdTokenInfo }> =>
  Effect.mapEager(owner.authorize(presentedOf(request.idToken), nowMs()), (judgement) => ({
    idTokenInfo: idTokenInfo(judgement)
  }))
