import type { Effect } from "effect"
import * as Instant from "#core/Instant.ts"
import type { CallError } from "#core/ocpp/CallError.ts"
import { believed, committed, isPlace, misplaced, nothing, type Session } from "../Session.ts"

interface Request {
  readonly timestamp: string
  readonly connectorStatus: "Available" | "Occupied" | "Reserved" | "Unavailable" | "Faulted"
  readonly evseId: number
  readonly connectorId: number
}

/** StatusNotification (2.x G01). */
export const statusNotification = (
  request: Request,
  session: Session
): Effect.Effect<Record<string, never>, CallError> => {
  if (!isPlace(request.evseId) || !isPlace(request.connectorId)) return misplaced
  const nowMs = session.nowMs()
  return committed(
    session,
    session.owner.status(
      {
        evseId: request.evseId,
        connectorId: request.connectorId,
        status: request.connectorStatus,
        errorCode: null,
        info: null,
        statusAtMs: believed(request.timestamp, nowMs)
      },
      nowMs,
      Instant.parse(request.timestamp)
    ),
    nothing
  )
}
