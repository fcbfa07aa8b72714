import { Effect } from "effect"

/** DataTransfer (2.x P02): no vendor's extension is spoken yet, and saying so is the specified answer. */
export const dataTransfer = (): Effect.Effect<{ readonly status: "UnknownVendorId" }> =>
  Effect.succeed({ status: "UnknownVendorId" })
