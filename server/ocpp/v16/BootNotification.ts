import type { Effect } from "effect"
import * as Instant from "#core/Instant.ts"
import type { CallError } from "#core/ocpp/CallError.ts"
import type { BootNotificationRequest, BootNotificationResponse } from "#core/ocpp/v16/generated/schemas.ts"
import { committed, type Session } from "../Session.ts"

/** BootNotification (1.6 section 4.2): what the station is, kept before it is told that it may go on. */
export const bootNotification = (
  request: BootNotificationRequest,
  session: Session
): Effect.Effect<BootNotificationResponse, CallError> => {
  const atMs = session.nowMs()
  return committed(
    session,
    session.owner.boot({
      vendor: request.chargePointVendor,
      model: request.chargePointModel,
      serialNumber: request.chargePointSerialNumber ?? request.chargeBoxSerialNumber ?? null,
      firmwareVersion: request.firmwareVersion ?? null,
      // 1.6 has no word for it: a boot that was asked for is no restart.
      reason: session.triggered.has("BootNotification") ? "Triggered" : null,
      atMs
    }),
    (status) => ({ status, currentTime: Instant.format(atMs), interval: session.heartbeatSeconds })
  )
}
