import { Effect } from "effect"
import * as Instant from "#core/Instant.ts"
import type { HeartbeatRequest, HeartbeatResponse } from "#core/ocpp/v16/generated/schemas.ts"
import type { Session } from "../Session.ts"

/** Heartbeat (1.6 section 4.6): the answer sets the station's clock. */
export const heartbeat = (_request: HeartbeatRequest, { nowMs }: Session): Effect.Effect<HeartbeatResponse> =>
  Effect.succeed({ currentTime: Instant.format(nowMs()) })
