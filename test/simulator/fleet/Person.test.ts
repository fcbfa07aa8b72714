import { assert, it } from "@effect/vitest"
import type { Profile } from "#simulator/driver/Arrivals.ts"
import { depot, profiles, residential, workplace } from "#simulator/driver/profiles.ts"
import { weekdayOf } from "#simulator/driver/Week.ts"
import { tripsOf } from "#simulator/fleet/Crowd.ts"
import { type Manners, Person, usualManners, type Wallet } from "#simulator/fleet/Person.ts"
import * as Stream from "#simulator/Stream.ts"

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const mondayAtMs = Date.UTC(2026, 2, 2)
const card = (uid: string) => ({ uid, type: "ISO14443" as const })
const wallet: Wallet = {
  card: card("OWN"),
  second: card("SECOND"),
  account: { uid: "ACCOUNT", type: "Central" },
  mate: null,
  stray: card("STRAY")
}
const person = (name: string, profile: Profile, manners: Partial<Manners> = {}, more: Partial<Wallet> = {}) =>
  new Person({
    id: name,
    wallet: { ...wallet, ...more },
    profile,
    manners: { ...usualManners, ...manners },
    blocked: 0,
    stream: Stream.make("seed", name)
  })
const people = (count: number, profile: Profile, manners: Partial<Manners> = {}) =>
  Array.from({ length: count }, (_, index) => person(`person ${index}`, profile, manners))

for (const profile of Object.values(profiles)) {
  it(`the trips of a crowd at a ${profile.name} follow the curve of every weekday`, () => {
    const crowd = people(120, profile)
    const days = 98
    const seen = Array.from({ length: 7 }, () => new Array<number>(24).fill(0))
    for (let index = 0; index < days; index++) {
      const startsAtMs = mondayAtMs + index * dayMs
      const trips = tripsOf(crowd, profile, startsAtMs)
      assert.strictEqual(new Set(trips.map((trip) => trip.person)).size, trips.length)
      for (const { arrivesAtMs } of trips) {
        seen[weekdayOf(startsAtMs)]![Math.floor((arrivesAtMs - startsAtMs) / hourMs)]!++
      }
    }
    const places = crowd.length / profile.personsPerPlace
    let square = 0
    let cells = 0
    profile.week.forEach(({ mean, hours }, weekday) => {
      const sum = hours.reduce((total, weight) => total + weight, 0)
      hours.forEach((weight, hour) => {
        const expected = weight === 0 ? 0 : (places * (days / 7) * mean * weight) / sum
        if (expected === 0) assert.strictEqual(seen[weekday]![hour], 0)
        if (expected < 5) return
        square += (seen[weekday]![hour]! - expected) ** 2 / expected
        cells++
      })
    })
    assert.isAtLeast(cells, 10)
    // A crowd's shifts are drawn once: its waves may be off by what 120 draws are off.
    assert.isBelow(square, cells * (profile.shifts === undefined ? 1 : 4) + 4 * Math.sqrt(2 * cells))
  })
}

it("a battery remembers: who comes back has what was left less what was driven, or has charged elsewhere", () => {
  const neighbour = person("neighbour", residential)
  const stream = Stream.make("seed", "visits")
  neighbour.drivesOff(mondayAtMs, 80)
  const next = Array.from({ length: 50 }, (_, index) =>
    neighbour.stay(mondayAtMs + dayMs, mondayAtMs + dayMs, stream.split(String(index)))
  )
  const percents = next.flatMap((stay) => (stay === undefined ? [] : [stay.arrivalPercent]))
  assert.isAbove(percents.length, 30)
  assert.isTrue(percents.every((percent) => percent <= 80))
  const mean = percents.reduce((sum, percent) => sum + percent, 0) / percents.length
  assert.closeTo(mean, 80 - residential.usesPercentADay, 5)
  neighbour.drivesOff(mondayAtMs, 5)
  const elsewhere = neighbour.stay(mondayAtMs + 3 * dayMs, mondayAtMs + 3 * dayMs, stream)
  assert.isAtLeast(elsewhere?.arrivalPercent ?? 100, 4)
})

it("who has enough drives past", () => {
  const colleague = person("colleague", { ...workplace, targetPercent: [[80, 1]], usesPercentADay: 0 })
  colleague.drivesOff(mondayAtMs, 80)
  assert.isUndefined(colleague.stay(mondayAtMs + dayMs, mondayAtMs + dayMs, Stream.make("seed", "stay")))
})

it("a vehicle keeps to its shift and is plugged in until it leaves", () => {
  const van = person("van", depot)
  const { leavesAtMinute } = van.shift!
  const arrivesAtMs = mondayAtMs + van.shift!.returnsAtMinute * 60_000
  const stay = van.stay(arrivesAtMs, mondayAtMs, Stream.make("seed", "stay"))
  assert.strictEqual(((arrivesAtMs + stay!.dwellMs) % dayMs) / 60_000, leavesAtMinute)
})

it("what is tried is what the person carries and how the person is", () => {
  const ways = (manners: Partial<Manners>, more: Partial<Wallet> = {}) =>
    person("somebody", workplace, manners, more)
      .means()
      .map((means) => (means.way === "qr" ? "qr" : `${means.way} ${means.token.uid}`))
  const only = (way: "card" | "app" | "qr" | "cardAndApp", triesSecond: number, wrongCardFirst = 0) => ({
    startsBy: [[way, 1]] as const,
    triesSecond,
    wrongCardFirst
  })
  assert.deepStrictEqual(ways(only("card", 0)), ["card OWN"])
  assert.deepStrictEqual(ways(only("card", 1)), ["card OWN", "card SECOND"])
  assert.deepStrictEqual(ways(only("card", 1), { second: null }), ["card OWN"])
  assert.deepStrictEqual(ways(only("card", 0, 1)), ["card STRAY", "card OWN"])
  assert.deepStrictEqual(ways(only("app", 0)), ["app ACCOUNT"])
  assert.deepStrictEqual(ways(only("app", 0), { account: null }), ["card OWN"])
  assert.deepStrictEqual(ways(only("qr", 0)), ["qr"])
  const both = person("both", workplace, only("cardAndApp", 0))
  assert.deepStrictEqual(both.atOnce, { way: "app", token: wallet.account! })
  assert.deepStrictEqual(both.means(), [{ way: "card", token: wallet.card }])
})

it("a car's will has its shares, and a person keeps cable and timer", () => {
  const crowd = people(400, residential, { delaysStart: 0.5, refuses: 0.2, pauses: 0, warmsCabin: 0 })
  const stay = {
    car: "compact",
    arrivalPercent: 40,
    targetPercent: 80,
    dwellMs: 12 * hourMs,
    unplugs: "whenFull",
    patienceMs: 1,
    stopsBy: "card"
  } as const
  const wills = crowd.map((each, index) => each.carOf(stay, Stream.make("seed", String(index))).will)
  const refusing = wills.filter((will) => will?.idle?.[0]?.[1] === Number.POSITIVE_INFINITY)
  const delayed = wills.filter((will) => will?.idle?.[0]?.[0] === 0 && !refusing.includes(will))
  assert.closeTo(refusing.length / 400, 0.2, 0.06)
  assert.closeTo(delayed.length / 400, 0.4, 0.06)
  // Who stays an hour has no use for a timer.
  const short = { ...stay, dwellMs: hourMs }
  for (const each of crowd) {
    const { will, cableAmps } = each.carOf(short, Stream.make("seed", "short"))
    assert.isTrue(will === undefined || will.idle![0]![1] === Number.POSITIVE_INFINITY)
    assert.strictEqual(cableAmps, each.carOf(stay, Stream.make("seed", "long")).cableAmps)
  }
})
