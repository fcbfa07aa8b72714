import { assert, it } from "@effect/vitest"
import { Line, type Waiter } from "#simulator/fleet/Line.ts"
import type { Place } from "#simulator/fleet/Place.ts"
import type { Visitor } from "#simulator/fleet/Visitor.ts"
import type { Station } from "#simulator/station/Station.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import fc from "#test/support/fastCheck.ts"

const somebody = {} as Visitor

/** Places whose plugs are free or out of order, and timers that fire when told to. */
const site = (count: number) => {
  const broken = new Set<number>()
  const pending: Array<() => void> = []
  const timers: TimersApi = {
    nowAtMs: () => 0,
    soon: (callback) => callback(),
    after: (_ms, callback) => {
      pending.push(callback)
      return () => {
        const index = pending.indexOf(callback)
        if (index >= 0) pending.splice(index, 1)
      }
    }
  }
  const station = { isFree: (evseId: number) => !broken.has(evseId) } as Station
  const places = Array.from({ length: count }, (_, index): Place => {
    return { station, evseId: index + 1, supply: index % 2 === 0 ? "AC" : "DC", visitor: null }
  })
  return { broken, pending, places, line: new Line(places, timers) }
}

interface Named extends Waiter {
  readonly name: number
}

/** Takes what is given and stays; `served` tells who got what, in order. */
const waiter = (
  name: number,
  served: Array<readonly [name: number, evseId: number]>,
  kind?: Place["supply"]
): Named => ({
  name,
  fits: (place) => kind === undefined || place.supply === kind,
  takes: (place) => {
    assert.isNull(place.visitor)
    place.visitor = somebody
    served.push([name, place.evseId])
  }
})

it("nobody overtakes: whatever comes and goes, plugs are taken in the order of arrival", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.oneof(fc.constant("arrive"), fc.nat(3), fc.constant("give up")), { maxLength: 60 }),
      (count, events) => {
        const { line, places } = site(count)
        const served: Array<readonly [number, number]> = []
        const waiting: Array<Named> = []
        let arrived = 0
        for (const event of events) {
          if (event === "arrive") {
            const next = waiter(++arrived, served)
            if (line.join(next)) waiting.push(next)
          } else if (event === "give up") {
            const first = waiting.find(({ name }) => !served.some(([taken]) => taken === name))
            if (first !== undefined) line.leave(first)
          } else {
            const place = places[event]
            if (place === undefined || place.visitor === null) continue
            place.visitor = null
            line.vacated()
          }
          // A free plug and somebody in line never go together.
          assert.isTrue(line.length === 0 || places.every(({ visitor }) => visitor !== null))
        }
        const order = served.map(([name]) => name)
        assert.deepStrictEqual(
          order,
          order.toSorted((a, b) => a - b)
        )
      }
    )
  )
})

it("a plug that does not fit the first goes to the first whom it fits, who keeps nobody from theirs", () => {
  const { line, places } = site(2)
  const served: Array<readonly [number, number]> = []
  for (const place of places) place.visitor = somebody
  line.join(waiter(1, served, "DC"))
  line.join(waiter(2, served, "AC"))
  line.join(waiter(3, served, "AC"))
  places[0]!.visitor = null
  line.vacated()
  assert.deepStrictEqual(served, [[2, 1]])
  places[1]!.visitor = null
  line.vacated()
  assert.deepStrictEqual(served, [
    [2, 1],
    [1, 2]
  ])
})

it("a plug that comes into order by itself is noticed, and nobody looks once the line is empty", () => {
  const { line, broken, pending } = site(1)
  const served: Array<readonly [number, number]> = []
  broken.add(1)
  line.join(waiter(1, served))
  assert.deepStrictEqual(served, [])
  broken.clear()
  pending.shift()!()
  assert.deepStrictEqual(served, [[1, 1]])
  assert.deepStrictEqual(pending, [])
})

it("who arrives when a plug has just come into order does not overtake those who waited for it", () => {
  const { line, broken, pending } = site(1)
  const served: Array<readonly [number, number]> = []
  broken.add(1)
  line.join(waiter(1, served))
  broken.clear()
  line.join(waiter(2, served))
  assert.deepStrictEqual(served, [])
  pending.shift()!()
  assert.deepStrictEqual(served, [[1, 1]])
  assert.strictEqual(line.length, 1)
})

it("a line has an end: who finds it too long does not join", () => {
  const { line, places } = site(1)
  places[0]!.visitor = somebody
  const joined = Array.from({ length: 60 }, (_, index) => line.join(waiter(index, [])))
  assert.strictEqual(joined.filter(Boolean).length, 40)
  assert.strictEqual(line.length, 40)
})
