import type { Effect } from "effect"
import * as Instant from "#core/Instant.ts"
import type { CallError } from "#core/ocpp/CallError.ts"
import type { StatusNotificationRequest, StatusNotificationResponse } from "#core/ocpp/v16/generated/schemas.ts"
import { believed, committed, isPlace, misplaced, nothing, type Session } from "../Session.ts"

/** StatusNotification (1.6 section 4.9). Connector n is EVSE n, connector 1; connector 0 is the station as a whole. */
export const statusNotification = (
  request: StatusNotificationRequest,
  session: Session
): Effect.Effect<StatusNotificationResponse, CallError> => {
  if (!isPlace(request.connectorId)) return misplaced
  const nowMs = session.nowMs()
  return committed(
    session,
    session.owner.status(
      {
        evseId: request.connectorId,
        connectorId: request.connectorId === 0 ? 0 : 1,
        status: request.status,
        errorCode: request.errorCode === "NoError" ? null : request.errorCode,
        info: request.info ?? request.vendorErrorCode ?? null,
        statusAtMs: request.timestamp === undefined ? nowMs : believed(request.timestamp, nowMs)
      },
      nowMs,
      request.timestamp === undefined ? undefined : Instant.parse(request.timestamp)
    ),
    nothing
  )
}
