import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import type { PresentedToken } from "#core/token/Token.ts"
import { workplace } from "#simulator/driver/profiles.ts"
import { busier } from "#simulator/driver/Week.ts"
import type { CrowdOptions } from "#simulator/fleet/Crowd.ts"
import { carPark } from "#simulator/fleet/Mix.ts"
import { usualManners } from "#simulator/fleet/Person.ts"
import { hourMs, inStreet } from "./Street.ts"

const never = (): never => {
  throw new Error("nobody has a phone here")
}
const card = (uid: string): PresentedToken => ({ uid, type: "ISO14443" })

/** Colleagues who only have cards, their own. */
const colleagues = (more: Partial<CrowdOptions> = {}): CrowdOptions => ({
  profile: { ...workplace, week: busier(3, workplace.week), personsPerPlace: 7 },
  stationsPerSite: 2,
  manners: { ...usualManners, startsBy: [["card", 1]] },
  wallet: (index) => ({
    card: card(`OWN${index}`),
    second: card(`SECOND${index}`),
    account: null,
    mate: null,
    stray: card(`STRAY${index}`)
  }),
  app: { start: never, stop: never },
  adHoc: { start: never },
  blockedMidSession: 0,
  block: never,
  ...more
})

it.effect("every session of a crowd is a person's, on a card that this person showed there", () =>
  inStreet({ stations: 4, mix: carPark, days: 2, crowd: colleagues() }, ({ fleet, truth }) =>
    Effect.gen(function* () {
      assert.strictEqual(fleet.persons, 4 * 2 * 7)
      assert.isTrue(yield* fleet.live(hourMs))
      assert.isAbove(truth.sessions.length, 20)
      for (const session of truth.sessions) {
        const number = session.personId?.slice("workplace-".length)
        assert.match(session.tokenUid ?? "", new RegExp(`^(OWN|SECOND|STRAY)${Number(number) - 1}$`))
        const shown = truth.startOf(session)
        assert.strictEqual(shown?.way, "card")
        assert.isAtMost(shown!.atMs, session.endedAtMs!)
      }
      const { FoundNoPlace, Charged, NeededNothing } = fleet.outcomes
      assert.isAbove(FoundNoPlace, 5)
      assert.isAbove(NeededNothing, 0)
      assert.isAtLeast(Charged, 20)
      assert.strictEqual(
        Object.values(fleet.outcomes).reduce((sum, count) => sum + count, 0),
        fleet.visits
      )
      assert.strictEqual(fleet.driversPresent, 0)
    })
  )
)

it.effect("a further site changes nothing of what the first lived through", () =>
  Effect.gen(function* () {
    const lives = (stations: number) =>
      inStreet({ stations, mix: carPark, crowd: colleagues() }, ({ fleet, truth }) =>
        Effect.map(fleet.live(hourMs), () =>
          truth.sessions
            .filter(({ stationId }) => Number(stationId.slice(3)) <= 2)
            .map(({ ocppTransactionId: _, ...session }) => session)
        )
      )
    const alone = yield* lives(2)
    assert.isAbove(alone.length, 3)
    assert.deepStrictEqual(yield* lives(4), alone)
  })
)

it.effect("the operator blocks a card while its owner charges, and the charge goes on", () =>
  Effect.gen(function* () {
    const blocked: Array<string> = []
    const crowd = colleagues({ blockedMidSession: 1, block: ({ uid }) => blocked.push(uid) })
    yield* inStreet({ stations: 2, mix: carPark, crowd }, ({ fleet, truth }) =>
      Effect.gen(function* () {
        yield* fleet.live(hourMs)
        assert.isAbove(blocked.length, 3)
        const started = truth.sessions.map(({ tokenUid }) => tokenUid)
        for (const uid of blocked) assert.include(started, uid)
        assert.isTrue(truth.sessions.every(({ stopReason }) => stopReason !== "DeAuthorized"))
      })
    )
  })
)
