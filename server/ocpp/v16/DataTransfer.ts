import { Effect } from "effect"
import { costVendor } from "#core/display/costMessages.ts"
import type { DataTransferRequest, DataTransferResponse } from "#core/ocpp/v16/generated/schemas.ts"
import type { Session } from "../Session.ts"

/**
 * DataTransfer (1.6 section 4.3). Of vendors' extensions the OCA's cost messages are spoken, with stations that show
 * costs: ConnectorUnplugged says that the driver is gone, and nobody looks at the display any more.
 */
export const dataTransfer = (
  { vendorId, messageId }: DataTransferRequest,
  { owner }: Session
): Effect.Effect<DataTransferResponse> => {
  if (vendorId !== costVendor || !owner.showsCost()) return Effect.succeed({ status: "UnknownVendorId" })
  return Effect.succeed({ status: messageId === "ConnectorUnplugged" ? "Accepted" : "UnknownMessageId" })
}
