import type { Effect } from "effect"
import * as Instant from "#core/Instant.ts"
import type { CallError } from "#core/ocpp/CallError.ts"
import { committed, type Session } from "../Session.ts"

interface Request {
  readonly reason: string
  readonly chargingStation: {
    readonly vendorName: string
    readonly model: string
    readonly serialNumber?: string
    readonly firmwareVersion?: string
  }
}

interface Response {
  readonly currentTime: string
  readonly interval: number
  readonly status: "Accepted" | "Pending" | "Rejected"
}

/** BootNotification (2.x B01 to B03): what the station is, kept before it is told that it may go on. */
export const bootNotification = (request: Request, session: Session): Effect.Effect<Response, CallError> => {
  const atMs = session.nowMs()
  return committed(
    session,
    session.owner.boot({
      vendor: request.chargingStation.vendorName,
      model: request.chargingStation.model,
      serialNumber: request.chargingStation.serialNumber ?? null,
      firmwareVersion: request.chargingStation.firmwareVersion ?? null,
      reason: request.reason,
      atMs
    }),
    (status) => ({ status, currentTime: Instant.format(atMs), interval: session.heartbeatSeconds })
  )
}
