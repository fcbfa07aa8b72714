import { assert } from "@effect/vitest"
import { Effect } from "effect"
import type { LabOutcome } from "#core/api/LabOutcome.ts"
import { outcomeJson } from "#core/lab/json.ts"
import { type LabRequest, prepare } from "#core/lab/Request.ts"
import { Counter } from "#core/lab/Tally.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { LabRunStore } from "#server/lab/LabRunStore.ts"
import { idle, plain, session } from "#test/core/lab/traffic.ts"
import { t0, uuid } from "./makers.ts"
import { onEveryStore } from "./worlds.ts"

const request: LabRequest = {
  tariff: [Tariff.encode(plain)],
  against: [Tariff.encode(idle)],
  fromMs: t0,
  untilMs: null,
  energyCost: ["0.1", 0.2],
  elasticities: [0, -0.5],
  jumpPercent: 25
}

const outcome: LabOutcome = (() => {
  const prepared = prepare({ ...request, energyCost: 0.1 })
  if (prepared._tag === "Failure") throw prepared.failure
  const counter = new Counter(prepared.success.setup)
  counter.add(session("s1", 10_000, 60, 30))
  const { tally } = counter
  return outcomeJson({ ...prepared.success, tally, traffic: "one", energySource: null, runs: [], repeat: "again" })
})()

const asked = (n: number) => ({ id: uuid(n), request, requestedAtMs: t0 + n })

onEveryStore("the runs of the lab", (check) => {
  check(
    "are taken up oldest first, one at a time, and again when nobody has been heard of for the length of a lease",
    Effect.gen(function* () {
      const store = yield* LabRunStore
      assert.isTrue(yield* store.add(asked(2), 10))
      assert.isTrue(yield* store.add(asked(1), 10))
      const first = yield* store.claim(t0 + 10, t0 + 20)
      assert.deepStrictEqual(first, {
        ...asked(1),
        status: "Running",
        doneAtMs: null,
        sessions: 0,
        percent: null,
        outcome: null,
        why: null
      })
      assert.strictEqual((yield* store.claim(t0 + 10, t0 + 20))?.id, uuid(2))
      assert.isUndefined(yield* store.claim(t0 + 19, t0 + 30))
      assert.isTrue(yield* store.progress(uuid(1), { sessions: 40, percent: 7 }, t0 + 25))
      assert.strictEqual((yield* store.claim(t0 + 20, t0 + 30))?.id, uuid(2))
      assert.deepInclude(yield* store.get(uuid(1)), { sessions: 40, percent: 7 })
      assert.strictEqual((yield* store.claim(t0 + 25, t0 + 30))?.id, uuid(1))
    })
  )

  check(
    "end once, and keep what they came to",
    Effect.gen(function* () {
      const store = yield* LabRunStore
      for (const n of [1, 2, 3]) yield* store.add(asked(n), 10)
      yield* store.claim(t0 + 10, t0 + 20)
      assert.isTrue(yield* store.end(uuid(1), { status: "Done", outcome, sessions: 1, report: "<p>one</p>" }, t0 + 15))
      assert.strictEqual(yield* store.report(uuid(1)), "<p>one</p>")
      assert.isUndefined(yield* store.report(uuid(2)))
      assert.isUndefined(yield* store.report("no-id-of-ours"))
      assert.isFalse(yield* store.end(uuid(1), { status: "Failed", why: "late" }, t0 + 16))
      assert.isFalse(yield* store.progress(uuid(1), { sessions: 2, percent: null }, t0 + 30))
      assert.deepInclude(yield* store.get(uuid(1)), { status: "Done", outcome, sessions: 1, doneAtMs: t0 + 15 })
      assert.isTrue(yield* store.end(uuid(2), { status: "Cancelled" }, t0 + 17))
      assert.isFalse(yield* store.progress(uuid(2), { sessions: 2, percent: null }, t0 + 30))
      assert.isTrue(yield* store.end(uuid(3), { status: "Failed", why: "no such zone" }, t0 + 18))
      assert.deepInclude(yield* store.get(uuid(3)), { status: "Failed", why: "no such zone", outcome: null })
      assert.isUndefined(yield* store.claim(t0 + 99, t0 + 100))
      assert.isUndefined(yield* store.get("no-id-of-ours"))
      assert.isFalse(yield* store.end(uuid(9), { status: "Cancelled" }, t0))
    })
  )

  check(
    "are at most so many unfinished, and are listed newest first without what they came to",
    Effect.gen(function* () {
      const store = yield* LabRunStore
      for (const n of [1, 2]) assert.isTrue(yield* store.add(asked(n), 2))
      assert.isFalse(yield* store.add(asked(3), 2))
      yield* store.end(uuid(1), { status: "Done", outcome, sessions: 1, report: null }, t0 + 15)
      assert.isTrue(yield* store.add(asked(3), 2))
      const one = yield* store.list({ limit: 2 })
      assert.deepStrictEqual(
        one.items.map(({ id }) => id),
        [uuid(3), uuid(2)]
      )
      const two = yield* store.list({ limit: 2, cursor: one.next! })
      assert.deepStrictEqual(two, {
        items: [{ ...asked(1), status: "Done", doneAtMs: t0 + 15, sessions: 1, percent: null, why: null }]
      })
    })
  )
})
