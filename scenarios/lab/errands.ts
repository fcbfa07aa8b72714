import { Effect } from "effect"
import type { PresentedToken } from "#core/token/Token.ts"
import type { Member } from "#simulator/Fleet.ts"
import type { Presented } from "#simulator/station/Station.ts"
import { models } from "#simulator/vehicle/Car.ts"
import type { LivePlan } from "../Scenario.ts"

/** Tries of anything before it is given up; at two a second, half a minute. */
const tries = 60
/** Refusals of a card by the CMS itself before the driver believes it. */
const refusals = 3
const nobodysFault = new Set(["NoPower", "Offline", "Error", "TooLate", "Busy"])

/**
 * A driver in a hurry at one EVSE: plugs in, shows the card, waits, shows it again, pulls the plug, and starts over. What
 * is refused is tried again for a while; a charge that cannot be had is not had.
 */
export const errands = Effect.fnUntraced(function* (
  { station }: Member,
  evseId: number,
  card: PresentedToken,
  plan: LivePlan
) {
  const car = { car: models.compact, socPercent: 30, targetPercent: 90 }
  const until = Effect.fnUntraced(function* (isDone: () => boolean) {
    for (let attempt = 0; attempt < tries && !isDone(); attempt++) yield* Effect.sleep("500 millis")
    return isDone()
  })
  const show = Effect.callback<Presented>((resume) => {
    station.present(card, evseId, (presented) => resume(Effect.succeed(presented)))
  })
  for (let charge = 0; charge < plan.charges; charge++) {
    if (!(yield* until(() => station.evse(evseId).isFree && station.registration === "Accepted"))) continue
    if (station.plugIn(car, evseId) === "Refused") continue
    let refused = 0
    for (let attempt = 0; attempt < tries && refused < refusals; attempt++) {
      const presented = yield* show
      if (presented._tag !== "Refused") break
      if (!nobodysFault.has(presented.why)) refused++
      yield* Effect.sleep("500 millis")
    }
    if (refused < refusals) {
      yield* Effect.sleep(plan.chargeMs)
      if (station.evse(evseId).sessionId !== null) yield* show
    }
    yield* Effect.sleep("200 millis")
    station.unplug(evseId)
    yield* Effect.sleep("200 millis")
  }
})
