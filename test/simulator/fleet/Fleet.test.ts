import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { publicPlace } from "#simulator/driver/profiles.ts"
import { workingWeek } from "#simulator/driver/Week.ts"
import { today, withProfile } from "#simulator/fleet/Mix.ts"
import type { TrueSession } from "#simulator/Truth.ts"
import { hourMs, inStreet, startAtMs } from "./Street.ts"

const busy = withProfile(today, publicPlace)
const crowded = { ...publicPlace.week[1], mean: 60 }
const byStation = (sessions: ReadonlyArray<TrueSession>, last: number) =>
  sessions.filter((each) => Number(each.stationId.slice(3)) <= last).toSorted((a, b) => (a.id < b.id ? -1 : 1))

it.effect(
  "a day ends with every car gone, every end acknowledged, and what was billed equal to what was delivered",
  () =>
    inStreet({ stations: 12 }, ({ fleet, truth, cms }) =>
      Effect.gen(function* () {
        assert.isTrue(yield* fleet.live(hourMs))
        assert.isAtLeast(truth.sessions.length, 20)
        assert.strictEqual(fleet.driversPresent, 0)
        for (const session of truth.sessions) {
          assert.strictEqual(session.endKnowledge, "reported")
          assert.isNotNull(session.unpluggedAtMs)
          assert.isAtMost(session.pluggedAtMs ?? session.startedAtMs, session.startedAtMs)
          assert.isAtMost(session.endedAtMs!, session.unpluggedAtMs!)
          assert.closeTo(session.meterStopWh! - session.meterStartWh, session.deliveredMilliWh / 1000, 1)
          assert.isAtMost(session.endedAtMs! - session.startedAtMs, 24 * hourMs)
        }
        const visits = Object.values(fleet.outcomes).reduce((sum, count) => sum + count, 0)
        assert.strictEqual(visits, fleet.visits)
        assert.deepStrictEqual(cms.violations, [])
        const { sent, answered } = truth.counters
        assert.strictEqual(sent, answered)
        assert.isTrue(new Set(truth.sessions.map((each) => each.dialect)).size >= 2)
      })
    )
)

it.effect("the same seed lives the same day to the byte, another seed another", () =>
  Effect.gen(function* () {
    const day = (seed: string) =>
      inStreet({ stations: 3, seed }, ({ fleet, trace }) =>
        Effect.map(fleet.live(hourMs), () => `${trace.count()} ${trace.hash()}`)
      )
    const first = yield* day("one")
    assert.strictEqual(yield* day("one"), first)
    assert.notStrictEqual(yield* day("two"), first)
  })
)

it.effect("an eleventh station changes nothing of what the first ten lived through", () =>
  Effect.gen(function* () {
    const lives = (stations: number) =>
      inStreet({ stations, cards: {} }, ({ fleet, truth }) =>
        Effect.map(fleet.live(hourMs), () =>
          // 1.6 transaction ids are the CMS's, one counter for all.
          byStation(truth.sessions, 10).map(({ ocppTransactionId: _, ...session }) => session)
        )
      )
    assert.deepStrictEqual(yield* lives(11), yield* lives(10))
  })
)

it.effect("drivers with a bad card are refused, and half of them have another", () =>
  inStreet(
    {
      stations: 8,
      mix: withProfile(today, { ...publicPlace, cards: [["blocked", 1]], hasSecondCard: 0.5 }),
      cards: { blocked: [{ uid: "BAD", type: "ISO14443" }] }
    },
    ({ fleet, truth, cms }) =>
      Effect.gen(function* () {
        cms.script.set("Authorize", ({ payload }) => {
          const status = (payload.idTag ?? payload.idToken.idToken) === "BAD" ? "Blocked" : "Accepted"
          return payload.idTag === undefined ? { idTokenInfo: { status } } : { idTagInfo: { status } }
        })
        yield* fleet.live(hourMs)
        const { Refused, Charged } = fleet.outcomes
        assert.isAbove(Refused, 10)
        assert.isAbove(Charged, 10)
        assert.isTrue(truth.sessions.every((each) => each.tokenUid !== "BAD"))
        assert.isAbove(truth.judgements.filter((each) => each.status === "Blocked").length, Refused)
      })
  )
)

it.effect("a driver with a phone starts and stops through whatever the scenario has the phone do", () =>
  Effect.gen(function* () {
    let orders = 0
    let send: (stationId: string, name: string, payload: object) => void = () => {}
    const phone = {
      start: (
        { stationId, evseId, token }: { stationId: string; evseId: number; token: { uid: string } },
        answer: (accepted: boolean) => void
      ) => {
        orders++
        send(stationId, "RemoteStartTransaction", { connectorId: evseId, idTag: token.uid })
        answer(true)
      },
      stop: (
        { stationId, ocppTransactionId }: { stationId: string; ocppTransactionId: string | null },
        answer: (accepted: boolean) => void
      ) => {
        send(stationId, "RemoteStopTransaction", { transactionId: Number(ocppTransactionId) })
        answer(true)
      }
    }
    const mix = today.filter(([kind]) => kind.dialects[0] === "1.6")
    yield* inStreet({ stations: 6, mix, app: { share: 1, phone } }, ({ fleet, truth, cms }) =>
      Effect.gen(function* () {
        send = (stationId, name, payload) => {
          Effect.runFork(cms.command(stationId, name, payload))
        }
        yield* fleet.live(hourMs)
        assert.isAbove(orders, 5)
        assert.isAtLeast(truth.sessions.length, orders - 2)
        assert.isTrue(truth.sessions.every((each) => each.remoteStartId !== null))
        assert.isTrue(truth.sessions.some((each) => each.stopReason === "Remote"))
      })
    )
  })
)

it.effect("somebody who finds the place taken waits, and leaves when patience ends", () =>
  inStreet({ stations: 3, mix: withProfile(busy, { ...publicPlace, week: workingWeek(crowded, crowded) }) }, (street) =>
    Effect.gen(function* () {
      yield* street.fleet.live(hourMs)
      assert.isAbove(street.fleet.outcomes.FoundNoPlace, 20)
      assert.isAbove(street.fleet.outcomes.Charged, 20)
      for (const a of street.truth.sessions) {
        for (const b of street.truth.sessions) {
          if (a === b || a.stationId !== b.stationId || a.evseId !== b.evseId) continue
          assert.isTrue(a.endedAtMs! <= b.startedAtMs || b.endedAtMs! <= a.startedAtMs, `${a.id} and ${b.id} overlap`)
        }
      }
    })
  )
)

it.effect("the roster tells what the CMS must know before anything moves", () =>
  inStreet({ stations: 30 }, ({ fleet, cms, truth }) =>
    Effect.gen(function* () {
      assert.strictEqual(fleet.roster.length, 30)
      assert.deepStrictEqual(
        fleet.roster.slice(0, 2).map((each) => each.identity),
        ["CP-0001", "CP-0002"]
      )
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(cms.dials, [])
      fleet.start()
      yield* Effect.sleep("5 minutes")
      assert.strictEqual(truth.counters.boots, 30)
      assert.strictEqual(fleet.endsAtMs, startAtMs + 24 * hourMs)
      fleet.stop()
      assert.isFalse(fleet.members.some(({ station }) => station.isConnected))
    })
  )
)
