import { Clock, Effect } from "effect"
import * as Instant from "#core/Instant.ts"

/** Heartbeat (2.x G02): the answer sets the station's clock. */
export const heartbeat = (): Effect.Effect<{ readonly currentTime: string }> =>
  Effect.map(Clock.currentTimeMillis, (nowMs) => ({ currentTime: Instant.format(nowMs) }))
