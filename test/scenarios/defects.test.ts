import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { cmsRestart } from "#scenarios/cms-restart.ts"
import { displays } from "#scenarios/displays.ts"
import { firstCharge } from "#scenarios/first-charge.ts"
import { runVirtual } from "#scenarios/Lab.ts"
import { lossyUplink } from "#scenarios/lossy-uplink.ts"
import type { Scenario } from "#scenarios/Scenario.ts"
import { strangers } from "#scenarios/strangers.ts"
import { defects } from "./plant.ts"

/** Each defect alone, a scenario that must catch it, and the oracle that must say so; others may speak up too. */
const cases: ReadonlyArray<
  readonly [what: string, defect: keyof typeof defects, scenario: Scenario, caughtBy: string]
> = [
  ["a repeated stop is billed again", "doubleBilling", lossyUplink, "money"],
  ["a late update re-opens a transaction that is over", "reopening", lossyUplink, "monotone"],
  ["what a station replays after being offline is thrown away", "losingReplay", lossyUplink, "durability"],
  ["a session is timed by when its messages arrive", "pricingByArrival", lossyUplink, "money"],
  ["a session gets the price of today instead of the price at its start", "newestPrice", lossyUplink, "money"],
  ["a stop ends another car's session", "strangersStop", cmsRestart, "identity"],
  ["two cars get one transaction id", "oneIdForTwo", firstCharge, "identity"],
  ["an expired card is accepted", "expiredAccepted", strangers, "authorization"],
  ["a blocked card is accepted", "blockedAccepted", strangers, "authorization"],
  ["a card for other stations is accepted", "anywhereAccepted", strangers, "authorization"],
  ["a card for one charge at a time is accepted twice", "forgettingCards", strangers, "authorization"],
  ["a card for one charge at a time is refused without one", "miscountingCards", strangers, "authorization"],
  ["a reading is acknowledged although the database failed", "losingReadings", firstCharge, "durability"],
  ["an answer goes out before the commit, and no crash shows it", "answeringFirst", firstCharge, "durability"],
  ["the meter's whole life is billed", "zeroBaseline", firstCharge, "energy"],
  ["parking is billed as charging", "parkingAsCharging", firstCharge, "money"],
  ["the session fee is forgotten", "withoutFee", firstCharge, "money"],
  ["a bill never reaches the ledger", "withoutEntries", firstCharge, "money"],
  ["a session that is over is never priced", "neverSettling", firstCharge, "liveness"],
  ["a connector's status is acknowledged and not kept", "deafToStatus", firstCharge, "status"],
  ["an event is never answered", "silent", firstCharge, "protocol"],
  ["statuses that come together lock each other out", "deadlock", firstCharge, "protocol"],
  ["a stop that is in order is refused", "refusingStops", firstCharge, "protocol"],
  ["a transaction's name is another station's too", "oneNameForAll", firstCharge, "durability"],
  ["a display shows minutes that nobody measured", "carriedOn", displays, "displays"],
  ["nothing that is over is ever forgotten", "hoarding", { ...firstCharge, days: 4 }, "resources"]
]

describe("a planted defect is caught", () => {
  for (const [what, defect, scenario, caughtBy] of cases) {
    it.live(`${what}: ${scenario.name} catches it by the ${caughtBy} oracle`, () =>
      Effect.acquireUseRelease(
        Effect.sync(() => defects[defect]()),
        ({ patchStores }) =>
          Effect.gen(function* () {
            const patched = patchStores === undefined ? {} : { patchStores }
            const result = yield* runVirtual(scenario, { store: "memory", stations: 8, ...patched })
            const caught = result.oracles.filter(({ verdict }) => verdict === "FAIL")
            assert.include(
              caught.map(({ name }) => name),
              caughtBy
            )
            assert.strictEqual(result.verdict, "FAIL")
            assert.isNotEmpty(caught.find(({ name }) => name === caughtBy)?.failures)
          }),
        ({ remove }) => Effect.sync(remove)
      )
    )
  }

  it("no defect is left without a case", () => {
    assert.sameMembers(
      cases.map(([, defect]) => defect),
      Object.keys(defects)
    )
  })
})
