import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { faults } from "#simulator/faults/Catalogue.ts"
import type { Fault } from "#simulator/faults/Fault.ts"
import { type Plan, Trouble } from "#simulator/faults/Trouble.ts"
import { today } from "#simulator/fleet/Mix.ts"
import * as Stream from "#simulator/Stream.ts"
import { models } from "#simulator/vehicle/Car.ts"
import { hourMs, inStreet, type Street } from "../fleet/Street.ts"

const minuteMs = 60_000
const everything: ReadonlyArray<Plan> = [
  { fault: faults.linkCut.make(), everyMs: 6 * hourMs, lastsMs: 30 * minuteMs },
  { fault: faults.lostAnswers.make({ ratio: 0.3 }), everyMs: 6 * hourMs, lastsMs: 30 * minuteMs },
  { fault: faults.lostRequests.make({ ratio: 0.3 }), everyMs: 6 * hourMs, lastsMs: 30 * minuteMs },
  { fault: faults.duplicates.make({ ratio: 0.3 }), everyMs: 6 * hourMs, lastsMs: 30 * minuteMs },
  { fault: faults.delay.make({ meanMs: 8_000 }), everyMs: 6 * hourMs, lastsMs: 30 * minuteMs },
  { fault: faults.halfOpen.make(), everyMs: 6 * hourMs, lastsMs: 30 * minuteMs },
  { fault: faults.flapping.make({ upMs: minuteMs, downMs: minuteMs }), everyMs: 8 * hourMs, lastsMs: 30 * minuteMs },
  { fault: faults.powerCut.make({ withMemory: true }), everyMs: 8 * hourMs, lastsMs: 15 * minuteMs },
  { fault: faults.powerCut.make({ withMemory: false }), everyMs: 24 * hourMs, lastsMs: 15 * minuteMs },
  { fault: faults.reboot.make({ withMemory: true }), everyMs: 12 * hourMs, lastsMs: 1, share: 0.5 },
  { fault: faults.disconnect.make(), everyMs: 4 * hourMs, lastsMs: 1, together: true }
]

/** The last of each session's ends the CMS took in, by what makes it the session's. */
const endsHeard = ({ cms }: Street): ReadonlyMap<string, number> => {
  const ends = new Map<string, number>()
  for (const { identity, action, payload } of cms.heard) {
    if (action === "StopTransaction") ends.set(`${identity} ${payload.transactionId}`, payload.meterStop)
    if (payload.eventType === "Ended") {
      ends.set(`${identity} ${payload.transactionInfo.transactionId}`, payload.meterValue[0].sampledValue[0].value)
    }
  }
  return ends
}

it.effect(
  "whatever goes wrong, once it is healed the CMS knows every end that a memory kept, and nothing stays open",
  () =>
    inStreet({ stations: 10 }, (street) =>
      Effect.gen(function* () {
        const { fleet, truth, timers, cms } = street
        const trouble = new Trouble(timers)
        const stream = Stream.make("seed", "trouble")
        for (const plan of everything) trouble.start(plan, fleet.members, stream)
        timers.after(20 * hourMs, () => trouble.heal())
        assert.isTrue(yield* fleet.live(2 * hourMs))
        for (const { fault } of everything) assert.isAbove(trouble.strikes.get(fault.name) ?? 0, 0, fault.name)
        assert.strictEqual(trouble.ongoing, 0)
        const ends = endsHeard(street)
        for (const session of truth.sessions) {
          assert.include(["reported", "lost"], session.endKnowledge)
          assert.strictEqual(session.lostMilliWh, 0)
          if (session.endKnowledge === "lost") continue
          assert.strictEqual(
            ends.get(`${session.stationId} ${session.ocppTransactionId}`),
            session.meterStopWh,
            session.id
          )
        }
        const reasons = new Set(truth.sessions.map((each) => each.stopReason))
        for (const reason of ["Local", "EVDisconnected", "PowerLoss", "Reboot"])
          assert.isTrue(reasons.has(reason), reason)
        assert.isAbove(truth.counters.repeated, 0)
        assert.isAbove(truth.counters.timeouts, 0)
        assert.deepStrictEqual(cms.violations, [])
      })
    )
)

it.effect("bad luck is the same for the same seed", () =>
  Effect.gen(function* () {
    const day = inStreet({ stations: 4 }, ({ fleet, timers, trace }) =>
      Effect.gen(function* () {
        const trouble = new Trouble(timers)
        for (const plan of everything) trouble.start(plan, fleet.members, Stream.make("seed", "trouble"))
        yield* fleet.live(2 * hourMs)
        return `${trace.count()} ${trace.hash()}`
      })
    )
    assert.strictEqual(yield* day, yield* day)
  })
)

/** A lone 1.6 station that charges since a minute, a fault that strikes it now, and 20 minutes for it to show. */
const struck = (fault: Fault, look: (street: Street, heal: () => void) => Effect.Effect<void>) =>
  inStreet({ stations: 1, days: 0, mix: today.slice(0, 1) }, (street) =>
    Effect.gen(function* () {
      const { fleet, timers, cms } = street
      const [member] = fleet.members
      const { station } = member!
      station.restorePower()
      yield* Effect.sleep("1 minute")
      station.plugIn({ car: models.compact, socPercent: 20, targetPercent: 100 }, 1)
      station.present({ uid: "AA", type: "ISO14443" }, 1, () => {})
      yield* Effect.sleep("1 minute")
      cms.heard.length = 0
      const trouble = new Trouble(timers)
      trouble.strike(fault, member!, Stream.make("seed", "own"), Number.POSITIVE_INFINITY)
      yield* Effect.sleep("20 minutes")
      yield* look(street, () => trouble.heal())
    })
  )

const readings = ({ cms }: Street): number => cms.of("MeterValues").length

it.effect("a link cut is silence, and a replay when it is healed", () =>
  struck(faults.linkCut.make(), (street, heal) =>
    Effect.gen(function* () {
      assert.strictEqual(readings(street), 0)
      heal()
      yield* Effect.sleep("3 minutes")
      assert.isAtLeast(readings(street), 22)
    })
  )
)

it.effect("lost answers let everything through once and again", () =>
  struck(faults.lostAnswers.make({ ratio: 0.5 }), ({ cms, truth }) =>
    Effect.sync(() => {
      const ids = cms.of("MeterValues").map((each) => each.messageId)
      assert.isAbove(ids.length, new Set(ids).size)
      assert.isAbove(truth.counters.timeouts, 3)
    })
  )
)

it.effect("lost requests never reach the CMS, and are repeated until they do", () =>
  struck(faults.lostRequests.make({ ratio: 0.5 }), ({ cms, truth }) =>
    Effect.sync(() => {
      const ids = cms.of("MeterValues").map((each) => each.messageId)
      assert.strictEqual(ids.length, new Set(ids).size)
      assert.isAbove(truth.counters.repeated, 3)
    })
  )
)

it.effect("duplicates arrive twice, word for word", () =>
  struck(faults.duplicates.make({ ratio: 1 }), (street) =>
    Effect.sync(() => {
      const ids = street.cms.of("MeterValues").map((each) => each.messageId)
      assert.strictEqual(ids.length, 2 * new Set(ids).size)
    })
  )
)

it.effect("a delay beyond the call timeout makes answers come too late", () =>
  struck(faults.delay.make({ meanMs: 60_000 }), ({ truth }) =>
    Effect.sync(() => assert.isAbove(truth.counters.timeouts, 2))
  )
)

it.effect("a half-open connection is noticed by the station itself, which dials again and goes on", () =>
  struck(faults.halfOpen.make(), (street) =>
    Effect.sync(() => {
      assert.strictEqual(street.cms.dials.length, 2)
      assert.isAtLeast(readings(street), 18)
      assert.isAtLeast(street.truth.counters.timeouts, 2)
    })
  )
)

it.effect("flapping makes a station dial often, and loses nothing", () =>
  struck(faults.flapping.make({ upMs: minuteMs, downMs: minuteMs }), (street, heal) =>
    Effect.gen(function* () {
      assert.isAtLeast(street.cms.dials.length, 5)
      heal()
      yield* Effect.sleep("2 minutes")
      assert.isAtLeast(readings(street), 20)
    })
  )
)

for (const withMemory of [true, false]) {
  it.effect(`a power cut ${withMemory ? "with" : "without"} memory lasts until it is healed`, () =>
    struck(faults.powerCut.make({ withMemory }), ({ cms, truth, fleet }, heal) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(cms.heard, [])
        assert.isFalse(fleet.members[0]!.station.isRunning)
        heal()
        yield* Effect.sleep("2 minutes")
        assert.strictEqual(truth.sessions[0]!.endKnowledge, withMemory ? "reported" : "lost")
      })
    )
  )

  it.effect(`a reboot ${withMemory ? "with" : "without"} memory is over by itself`, () =>
    struck(faults.reboot.make({ withMemory }), ({ cms, truth }) =>
      Effect.sync(() => {
        assert.strictEqual(cms.of("BootNotification").length, 1)
        assert.strictEqual(truth.sessions[0]!.endKnowledge, withMemory ? "reported" : "lost")
      })
    )
  )
}

it.effect("a disconnect is one more connection and nothing else", () =>
  struck(faults.disconnect.make(), (street) =>
    Effect.sync(() => {
      assert.strictEqual(street.cms.dials.length, 2)
      assert.strictEqual(street.cms.of("BootNotification").length, 0)
      assert.isAtLeast(readings(street), 19)
    })
  )
)

it.effect("struck together, all stations are gone at the same instant", () =>
  inStreet({ stations: 6, days: 0 }, ({ fleet, timers }) =>
    Effect.gen(function* () {
      fleet.start()
      yield* Effect.sleep("5 minutes")
      const trouble = new Trouble(timers)
      const plan = { fault: faults.disconnect.make(), everyMs: 10 * minuteMs, lastsMs: 1, together: true }
      trouble.start(plan, fleet.members, Stream.make("seed", "all"))
      const counts = new Set<number>()
      for (let second = 0; second < 3_600; second++) {
        yield* Effect.sleep("1 second")
        counts.add(fleet.members.filter(({ station }) => station.isConnected).length)
      }
      assert.isTrue(counts.has(0))
      assert.strictEqual((trouble.strikes.get("disconnect") ?? 0) % 6, 0)
    })
  )
)
