import { assert } from "@effect/vitest"
import { Effect } from "effect"
import type { OperationRecord } from "#server/operations/Operation.ts"
import { OperationLog } from "#server/operations/OperationLog.ts"
import { t0, uuid } from "./makers.ts"
import { onEveryStore } from "./worlds.ts"

const record = (n: number, over: Partial<OperationRecord> = {}): OperationRecord => ({
  id: uuid(n),
  stationId: "CS-1",
  operation: { _tag: "Unlock", evseId: 1, connectorId: 2 },
  requestedAtMs: t0 + n,
  queuedUntilMs: t0 + 100,
  status: "Queued",
  outcome: null,
  doneAtMs: null,
  ...over
})

const idsOf = (records: ReadonlyArray<OperationRecord>) => records.map((it) => it.id)

onEveryStore("the operation log", (check) => {
  check(
    "gives back what was saved last, whatever the operation and its outcome",
    Effect.gen(function* () {
      const log = yield* OperationLog
      const queued = record(1, { operation: { _tag: "GetConfiguration", keys: ["A", "B"] } })
      yield* log.save(queued)
      assert.deepStrictEqual(yield* log.get(uuid(1)), queued)
      const values = [{ key: "A", value: null, readonly: true }]
      const done: OperationRecord = {
        ...queued,
        status: "Done",
        doneAtMs: t0 + 60,
        outcome: { _tag: "Answered", accepted: true, status: "Accepted", detail: null, values }
      }
      yield* log.save(done)
      assert.deepStrictEqual(yield* log.get(uuid(1)), done)
      assert.isUndefined(yield* log.get(uuid(2)))
    })
  )

  check(
    "lists what waits for a station, oldest first, and what is overdue anywhere",
    Effect.gen(function* () {
      const log = yield* OperationLog
      yield* log.save(record(3, { requestedAtMs: t0 }))
      yield* log.save(record(1, { requestedAtMs: t0 + 5 }))
      yield* log.save(record(2, { requestedAtMs: t0 + 5, queuedUntilMs: t0 + 50 }))
      yield* log.save(record(4, { status: "Sent", queuedUntilMs: t0 + 40, requestedAtMs: t0 + 9 }))
      yield* log.save(record(5, { stationId: "CS-2", queuedUntilMs: t0 + 30, requestedAtMs: t0 + 20 }))
      yield* log.save(record(6, { status: "Done", queuedUntilMs: t0 + 10 }))
      assert.deepStrictEqual(idsOf(yield* log.queued("CS-1")), [uuid(3), uuid(1), uuid(2)])
      assert.deepStrictEqual(idsOf(yield* log.overdue(t0 + 50, 10)), [uuid(2), uuid(4), uuid(5)])
      assert.deepStrictEqual(idsOf(yield* log.overdue(t0 + 50, 1)), [uuid(2)])
      assert.deepStrictEqual(idsOf(yield* log.overdue(t0 + 29, 10)), [])
    })
  )

  check(
    "pages through a station's operations newest first",
    Effect.gen(function* () {
      const log = yield* OperationLog
      for (const n of [2, 1, 3, 4]) yield* log.save(record(n, { stationId: n === 4 ? "CS-2" : "CS-1" }))
      const one = yield* log.list({ stationId: "CS-1", limit: 2 })
      assert.deepStrictEqual(idsOf(one.items), [uuid(3), uuid(2)])
      yield* log.save(record(9))
      yield* log.save(record(2, { status: "Done" }))
      const two = yield* log.list({ stationId: "CS-1", limit: 2, cursor: one.next! })
      assert.deepStrictEqual(two, { items: [record(1)] })
    })
  )
})
