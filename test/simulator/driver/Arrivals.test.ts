import { assert, it } from "@effect/vitest"
import { type Day, type Profile, plan, type Visit } from "#simulator/driver/Arrivals.ts"
import { profiles, workplace } from "#simulator/driver/profiles.ts"
import { returnOf, untilDeparture, type Weekday, weekdayOf, workingWeek } from "#simulator/driver/Week.ts"
import * as Stream from "#simulator/Stream.ts"
import fc from "#test/support/fastCheck.ts"

const hourMs = 3_600_000
const monday: Day = { startsAtMs: 1_800_230_400_000, weekday: 1 }
const many = (profile: Profile, evses: number, day = monday): Array<Visit> =>
  Array.from({ length: evses }, (_, index) => plan(day, profile, Stream.make("seed", `evse ${index}`))).flat()
const share = (visits: ReadonlyArray<Visit>, test: (visit: Visit) => boolean) =>
  visits.filter(test).length / visits.length

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
    fc.property(
      fc.string(),
      fc.constantFrom(...Object.values(profiles)),
      fc.constantFrom<Weekday>(0, 1, 2, 3, 4, 5, 6),
      (name, profile, weekday) => {
        const visits = plan({ ...monday, weekday }, profile, Stream.make("seed", name))
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
      }
    )
  )
})

it("as many come as the profile says, on a working day and on another", () => {
  assert.closeTo(many(workplace, 2000, { ...monday, weekday: 3 }).length / 2000, 1.6, 0.1)
  assert.closeTo(many(workplace, 2000, { ...monday, weekday: 0 }).length / 2000, 0.15, 0.03)
})

/** Chi-square over the cells in which five or more are expected; its degrees of freedom are its mean. */
const chiSquare = (seen: ReadonlyArray<number>, expected: ReadonlyArray<number>) => {
  let square = 0
  let cells = 0
  for (let cell = 0; cell < seen.length; cell++) {
    if (expected[cell]! < 5) continue
    square += (seen[cell]! - expected[cell]!) ** 2 / expected[cell]!
    cells++
  }
  return { square, cells }
}

for (const [name, profile] of Object.entries(profiles)) {
  it(`the arrivals of 1,000 days at a ${name} follow the curve of every weekday`, () => {
    const seen = Array.from({ length: 7 }, () => new Array<number>(24).fill(0))
    const days = new Array<number>(7).fill(0)
    const stream = Stream.make("seed", `thousand days of ${name}`)
    for (let index = 0; index < 1000; index++) {
      const startsAtMs = monday.startsAtMs + index * 24 * hourMs
      const weekday = weekdayOf(startsAtMs)
      days[weekday]!++
      for (const visit of plan({ startsAtMs, weekday }, profile, stream)) {
        seen[weekday]![Math.floor((visit.arrivesAtMs - startsAtMs) / hourMs)]!++
      }
    }
    const expected = profile.week.map(({ mean, hours }, weekday) => {
      const sum = hours.reduce((total, weight) => total + weight, 0)
      return hours.map((weight) => (sum === 0 ? 0 : (days[weekday]! * mean * weight) / sum))
    })
    const { square, cells } = chiSquare(seen.flat(), expected.flat())
    assert.isAtLeast(cells, 20)
    // Four standard deviations above its mean: about one seed in ten thousand.
    assert.isBelow(square, cells + 4 * Math.sqrt(2 * cells))
    for (let hour = 0; hour < 24; hour++) {
      for (let weekday = 0; weekday < 7; weekday++) {
        if (expected[weekday]![hour] === 0) assert.strictEqual(seen[weekday]![hour], 0)
      }
    }
  })
}

it("the curves are those of their places", () => {
  const crest = (profile: Profile, weekday: Weekday) => {
    const { hours } = profile.week[weekday]
    return hours.indexOf(Math.max(...hours))
  }
  assert.strictEqual(crest(profiles.workplace, 2), 8)
  assert.strictEqual(crest(profiles.residential, 2), 18)
  assert.strictEqual(crest(profiles.motorway, 5), 16)
  assert.strictEqual(crest(profiles.motorway, 6), 10)
  assert.isAbove(profiles.motorway.week[5].mean, profiles.motorway.week[2].mean)
  assert.isBelow(profiles.workplace.week[5].mean, profiles.workplace.week[3].mean)
  for (const profile of Object.values(profiles)) {
    for (const { mean } of profile.week) assert.isAtMost(mean, profile.personsPerPlace)
  }
})

it("a depot's vehicles come back in the waves of their shifts and on no Sunday", () => {
  const { week } = profiles.depot
  assert.strictEqual(week[0].mean, 0)
  assert.closeTo(week[1].mean, 0.95, 1e-9)
  const { hours } = week[1]
  for (const quiet of [0, 8, 12, 16, 20]) assert.strictEqual(hours[quiet], 0)
  for (const wave of [14, 17, 22]) assert.isAbove(hours[wave]!, 0.1)
})

it("a shift's returns keep to its spread, and its vehicle is there until it leaves again", () => {
  const early = profiles.depot.shifts![0]!
  const stream = Stream.make("seed", "shift")
  for (let index = 0; index < 1000; index++) {
    const returnedMs = returnOf(early, stream)
    assert.isAtMost(Math.abs(returnedMs / 60_000 - early.returnsAtMinute), early.spreadMinutes)
    const leavesMs = (returnedMs + untilDeparture(early, returnedMs)) % (24 * hourMs)
    assert.strictEqual(leavesMs, early.leavesAtMinute * 60_000)
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
  const none = { mean: 0, hours: workplace.week[1].hours }
  const nobody: Profile = { ...workplace, week: workingWeek(none, none) }
  assert.deepStrictEqual(plan(monday, nobody, Stream.make("seed", "x")), [])
  const crowd: Profile = { ...workplace, week: workingWeek({ ...none, mean: 1e6 }, none) }
  assert.strictEqual(plan(monday, crowd, Stream.make("seed", "x")).length, 1000)
})
