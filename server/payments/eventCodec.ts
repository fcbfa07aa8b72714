import { Schema } from "effect"

/** A webhook as it is kept in the inbox. */
const StoredEvent = Schema.Struct({
  id: Schema.String,
  type: Schema.String,
  createdAtMs: Schema.Int,
  intentId: Schema.NullOr(Schema.String),
  paymentId: Schema.NullOr(Schema.String),
  payout: Schema.NullOr(
    Schema.Struct({
      id: Schema.String,
      amountMinor: Schema.BigIntFromString,
      currency: Schema.String,
      arrivedAtMs: Schema.Int
    })
  )
})

export const encodeEvent = Schema.encodeSync(StoredEvent)
/** A defect when it is none. */
export const decodeEvent = Schema.decodeUnknownSync(StoredEvent)
