import { Effect } from "effect"
import * as Instant from "#core/Instant.ts"
import type { Session } from "../Session.ts"

/** Heartbeat (2.x G02): the answer sets the station's clock. */
export const heartbeat = (_request: unknown, { nowMs }: Session): Effect.Effect<{ readonly currentTime: string }> =>
  Effect.succeed({ currentTime: Instant.format(nowMs()) })
