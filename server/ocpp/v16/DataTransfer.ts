import { Effect } from "effect"
import type { DataTransferRequest, DataTransferResponse } from "#core/ocpp/v16/generated/schemas.ts"

/** DataTransfer (1.6 section 4.3): no vendor's extension is spoken yet, and saying so is the specified answer. */
export const dataTransfer = (_request: DataTransferRequest): Effect.Effect<DataTransferResponse> =>
  Effect.succeed({ status: "UnknownVendorId" })
