import { assert, it } from "@effect/vitest"
import * as fc from "fast-check"
import { type Day, type Profile, plan, type Visit } from "#simulator/driver/Arrivals.ts"
import { profiles, workplace } from "#simulator/driver/profiles.ts"
import * as Stream from "#simulator/Stream.ts"

const hourMs = 3_600_000
const monday: Day = { startsAtMs: 1_800_230_400_000, isWeekend: false }
const many = (profile: Profile, evses: number, day = monday): Array<Visit> =>
  Array.from({ length: evses }, (_, index) => plan(day, profile, Stream.make("seed", `evse ${index}`))).flat()
const share = (visits: ReadonlyArray<Visit>, test: (visit: Visit) => boolean) =>
  visits.filter(test).length / visits.length
const hourOf = (visit: Visit) => Math.floor((visit.arrivesAtMs - monday.startsAtMs) / hourMs)

it("a plan is fixed by day, profile and stream, whatever was planned or drawn before", () => {
  const stream = Stream.make("seed", "evse")
  const first = plan(monday, workplace, stream)
  stream.next()
  plan({ ...monday, startsAtMs: monday.startsAtMs + 24 * hourMs }, workplace, stream)
  assert.deepStrictEqual(plan(monday, workplace, stream), first)
  assert.deepStrictEqual(plan(monday, workplace, Stream.make("seed", "evse")), first)
})

it("a profile that changes how people behave does not change when they arrive", () => {
  const stream = Stream.make("seed", "evse")
  const changed: Profile = { ...profiles.public, cards: [["blocked", 1]], cars: [["van", 1]] }
  assert.deepStrictEqual(
    plan(monday, changed, stream).map((visit) => visit.arrivesAtMs),
    plan(monday, profiles.public, stream).map((visit) => visit.arrivesAtMs)
  )
})

it("every visit lies within its day, in order of arrival, and is one a person could mean", () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom(...Object.values(profiles)), fc.boolean(), (name, profile, isWeekend) => {
      const visits = plan({ ...monday, isWeekend }, profile, Stream.make("seed", name))
      assert.strictEqual(new Set(visits.map((visit) => visit.id)).size, visits.length)
      let last = monday.startsAtMs
      for (const visit of visits) {
        assert.isAtLeast(visit.arrivesAtMs, last)
        assert.isBelow(visit.arrivesAtMs, monday.startsAtMs + 24 * hourMs)
        last = visit.arrivesAtMs
        assert.isTrue(Number.isInteger(visit.arrivesAtMs) && Number.isInteger(visit.dwellMs))
        assert.isAtLeast(visit.dwellMs, profile.dwell.minMs)
        assert.isAtMost(visit.dwellMs, profile.dwell.maxMs)
        assert.isAtLeast(visit.patienceMs, profile.patience.minMs)
        assert.isTrue(visit.arrivalPercent >= 2 && visit.arrivalPercent <= visit.targetPercent)
        assert.isAtMost(visit.targetPercent, 100)
      }
    })
  )
})

it("as many come as the profile says, on a working day and on another", () => {
  assert.closeTo(many(workplace, 2000).length / 2000, 1.6, 0.1)
  assert.closeTo(many(workplace, 2000, { ...monday, isWeekend: true }).length / 2000, 0.15, 0.03)
})

it("they come at the hours of the place", () => {
  const visits = many(workplace, 2000)
  const sum = workplace.hourWeights.reduce((total, weight) => total + weight, 0)
  for (let hour = 0; hour < 24; hour++) {
    assert.closeTo(
      share(visits, (visit) => hourOf(visit) === hour),
      workplace.hourWeights[hour]! / sum,
      0.02
    )
  }
})

it("cards, cars that stay and stops by card have the shares the profile says", () => {
  const visits = many(profiles.public, 800)
  assert.closeTo(
    share(visits, (visit) => visit.card === "valid"),
    0.9,
    0.02
  )
  assert.closeTo(
    share(visits, (visit) => visit.card === "expired"),
    0.03,
    0.01
  )
  assert.closeTo(
    share(visits, (visit) => visit.unplugs === "whenDwellEnds"),
    0.12,
    0.02
  )
  assert.closeTo(
    share(visits, (visit) => visit.stopsBy === "card"),
    0.5,
    0.03
  )
  assert.closeTo(
    share(visits, (visit) => visit.dwellMs > profiles.public.dwell.medianMs),
    0.5,
    0.03
  )
})

it("a place where nobody comes has an empty plan, and one that everybody wants has a bound", () => {
  const nobody: Profile = { ...workplace, visits: { weekday: 0, weekend: 0 } }
  assert.deepStrictEqual(plan(monday, nobody, Stream.make("seed", "x")), [])
  const crowd: Profile = { ...workplace, visits: { weekday: 1e6, weekend: 0 } }
  assert.strictEqual(plan(monday, crowd, Stream.make("seed", "x")).length, 1000)
})
