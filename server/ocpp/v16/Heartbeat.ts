import { Clock, Effect } from "effect"
import * as Instant from "#core/Instant.ts"
import type { HeartbeatRequest, HeartbeatResponse } from "#core/ocpp/v16/generated/schemas.ts"

/** Heartbeat (1.6 section 4.6): the answer sets the station's clock. */
export const heartbeat = (_request: HeartbeatRequest): Effect.Effect<HeartbeatResponse> =>
  Effect.map(Clock.currentTimeMillis, (nowMs) => ({ currentTime: Instant.format(nowMs) }))
