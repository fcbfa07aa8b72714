import { Effect } from "effect"
import type { AuthorizeRequest, AuthorizeResponse } from "#core/ocpp/v16/generated/schemas.ts"
import type { Session } from "../Session.ts"
import { idTagInfo } from "./idTagInfo.ts"

/** Authorize (1.6 section 4.1): promises nothing durable, so it waits for no commit. */
export const authorize = (request: AuthorizeRequest, { owner, nowMs }: Session): Effect.Effect<AuthorizeResponse> =>
  Effect.mapEager(owner.authorize({ uid: request.idTag, type: "ISO14443" }, nowMs()), (judgement) => ({
    idTagInfo: idTagInfo(judgement)
  }))
