import { Effect } from "effect"
import type * as Wire from "#core/api/Limits.ts"
import { Conflict } from "#core/api/Problems.ts"
import { type ChargeLimit, isLimiting, noLimit } from "#core/transaction/Transaction.ts"
import type { ToldLimit } from "../station/orders.ts"
import type { LiveView } from "./Live.ts"

const minuteMs = 60_000

/** What a client wants a charge to stop at. */
export const limitOf = ({ energyWh, minutes, amountMinor }: typeof Wire.ChargeLimit.Type): ChargeLimit => ({
  maxWh: energyWh ?? null,
  maxMs: minutes === undefined ? null : minutes * minuteMs,
  maxMinor: amountMinor === undefined ? null : Number(amountMinor)
})

/** The same, as a client would say it. */
export const wireLimitOf = ({ maxWh, maxMs, maxMinor }: ChargeLimit): typeof Wire.ChargeLimit.Type => ({
  ...(maxWh === null ? {} : { energyWh: maxWh }),
  ...(maxMs === null ? {} : { minutes: maxMs / minuteMs }),
  ...(maxMinor === null ? {} : { amountMinor: String(maxMinor) })
})

/** What a charge is to stop at; null when nobody said. */
export const standingLimitView = (limit: ToldLimit | undefined): typeof Wire.StandingLimit.Type | null =>
  limit === undefined || !isLimiting(limit)
    ? null
    : {
        energyWh: limit.maxWh,
        minutes: limit.maxMs === null ? null : limit.maxMs / minuteMs,
        amountMinor: limit.maxMinor === null ? null : String(limit.maxMinor),
        keptByStation: limit.keptByStation === true
      }

/** Sets what a charge is to stop at, or takes it back: 409 where it is not open on this node. */
export const setLimit = (
  live: LiveView["Service"],
  transactionId: string,
  wanted: typeof Wire.ChargeLimit.Type | undefined
): Effect.Effect<void, Conflict> =>
  Effect.flatMap(live.limit(transactionId, wanted === undefined ? noLimit : limitOf(wanted)), (isSet) =>
    isSet
      ? Effect.void
      : Effect.fail(
          new Conflict({
            detail: "The charge is over, or its station is not connected here: nobody could stop it.",
            kind: "transaction",
            id: transactionId
          })
        )
  )
