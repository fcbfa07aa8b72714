import { assert, describe, it } from "@effect/vitest"
import { judge } from "#simulator/oracles/Catalogue.ts"
import type { Commit } from "#simulator/oracles/Commit.ts"
import type { Course } from "#simulator/oracles/Course.ts"
import { settleWithinMs } from "#simulator/oracles/liveness.ts"
import type { OpenTrueSession } from "#simulator/Truth.ts"
import {
  another,
  cdr,
  commitOf,
  entryOf,
  followed,
  gauge,
  noonMs,
  rightWorld,
  transaction,
  type World
} from "./world.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

const failing = ({ truth, evidence, context }: World): ReadonlyArray<string> =>
  judge(truth, evidence, context)
    .filter(({ verdict }) => verdict === "FAIL")
    .map(({ name }) => name)

const lied = (lie: (course: Course, world: World) => void): World => {
  const world = followed(rightWorld())
  lie(world.context.course!, world)
  return world
}
const commit = (more: Partial<Commit>): Commit => ({ ...commitOf("CP1"), ...more })
const page = (more: Partial<Commit["transactions"][number]> = {}) => ({ ...transaction(), version: 10, ...more })
const fact = (text: string, seq = 0, kind = "Started") => ({ transactionId: "T1", seq, kind, text })
const running = (course: Course, world: World): void => {
  for (const epoch of [1, 2]) {
    const owner = { stationId: "CP1", epoch, node: `node ${epoch}` }
    course.claimed(owner)
    course.wrote(owner)
  }
  another(world, { ocppTransactionId: "8", endedAtMs: null, endKnowledge: null, stationId: "CP1" })
  const id = { id: "T8", ocppId: "8", evseId: 2, settled: false, endedAtMs: null }
  course.committed(commit({ transactions: [page({ ...id, status: "Open", version: 1 })] }), noonMs)
  course.committed(commit({ transactions: [page({ ...id, status: "Ended", version: 2 })] }), noonMs + 1)
}

const lies: ReadonlyArray<readonly [what: string, caughtBy: string, lie: (course: Course, world: World) => void]> = [
  [
    "a write of a node that the station has left",
    "durability",
    (course) => {
      course.claimed({ stationId: "CP1", epoch: 1, node: "one" })
      course.wrote({ stationId: "CP1", epoch: 1, node: "one" })
      course.claimed({ stationId: "CP1", epoch: 2, node: "other" })
      course.wrote({ stationId: "CP1", epoch: 1, node: "one" })
    }
  ],
  [
    "two nodes that own a station under one epoch",
    "durability",
    (course) => {
      course.claimed({ stationId: "CP1", epoch: 1, node: "one" })
      course.claimed({ stationId: "CP1", epoch: 1, node: "other" })
    }
  ],
  [
    "a transaction that was over and is open again",
    "monotone",
    (course) => course.committed(commit({ transactions: [page({ status: "Open" })] }), noonMs + 3 * hourMs)
  ],
  [
    "a settled transaction that waits for its price again",
    "monotone",
    (course) => course.committed(commit({ transactions: [page({ settled: false })] }), noonMs + 3 * hourMs)
  ],
  [
    "a transaction that becomes another station's",
    "monotone",
    (course) => course.committed(commit({ transactions: [page({ stationId: "CP9" })] }), noonMs + 3 * hourMs)
  ],
  [
    "a fact that changes",
    "monotone",
    (course) => {
      course.committed(commit({ facts: [fact("at one")] }), noonMs)
      course.committed(commit({ facts: [fact("at two")], isRepeated: true }), noonMs)
    }
  ],
  [
    "a second start of one transaction",
    "monotone",
    (course) => course.committed(commit({ facts: [fact("one"), fact("two", 1)] }), noonMs)
  ],
  [
    "a bill that is written anew",
    "monotone",
    (course) => course.committed(commit({ cdrs: [cdr({ energyWh: 1 })] }), noonMs + 3 * hourMs)
  ],
  [
    "a ledger entry that is written anew",
    "monotone",
    (course) =>
      course.committed(commit({ entries: [{ ...entryOf(cdr()), currency: "CHF" }], transactions: [page()] }), noonMs)
  ],
  [
    "a bill that vanished",
    "monotone",
    (course) => course.committed(commit({ cdrs: [cdr({ id: "T1-9", transactionId: "T1" })] }), noonMs + 3 * hourMs)
  ],
  ["a stop that ends a car's transaction while it charges", "identity", running],
  [
    "a start that is answered before it is committed",
    "durability",
    (course) => course.acknowledged(acknowledged("start"), noonMs - 1)
  ],
  [
    "an end that is answered before it is committed",
    "durability",
    (course) => course.acknowledged(acknowledged("end"), noonMs + 2 * hourMs - 1)
  ],
  [
    "a reading that is answered before it is committed",
    "durability",
    (course) => {
      for (let count = 0; count < 4; count++) course.acknowledged(acknowledged("reading"), noonMs + hourMs)
    }
  ],
  [
    "a queue that grows beyond its bound",
    "resources",
    (course) => course.looked([gauge({ value: 65, bound: 64 })], noonMs)
  ]
]

const acknowledged = (kind: "start" | "reading" | "end") => ({
  stationId: "CP1",
  sessionId: "CP1#1",
  action: "any",
  kind,
  messageId: "m",
  atMs: 0
})

/** A session that is over at noon plus two hours and settled so much later. */
const settledAfter = (lateMs: number, healedAtMs?: number): World => {
  const world = rightWorld()
  const overAtMs = noonMs + 2 * hourMs
  if (healedAtMs !== undefined) {
    return followed(world, (course) => course.healed(healedAtMs), overAtMs + lateMs)
  }
  return followed(world, () => {}, overAtMs + lateMs)
}

describe("the course of a run", () => {
  it("is right when every commit came before its answer and nothing changed after it", () => {
    const { truth, evidence, context } = followed(rightWorld())
    for (const { name, verdict, failures, checked } of judge(truth, evidence, context)) {
      assert.deepStrictEqual({ name, verdict, failures }, { name, verdict: "PASS", failures: [] })
      assert.isAbove(checked, 0)
    }
  })

  for (const [what, caughtBy, lie] of lies) {
    it(`${what} is caught by the ${caughtBy} oracle`, () => {
      assert.include(failing(lied(lie)), caughtBy)
    })
  }

  it("forgives a late price within the stated bound, and tells how long the slowest took", () => {
    const { truth, evidence, context } = settledAfter(settleWithinMs)
    const liveness = judge(truth, evidence, context).find(({ name }) => name === "liveness")
    assert.strictEqual(liveness?.verdict, "PASS")
    assert.deepStrictEqual(liveness?.notes, [
      "after healing, the slowest of 2 sessions took 45.0 min (CP1#1); the bound is 45.0 min"
    ])
  })

  it("a price after the stated bound is caught by the liveness oracle", () => {
    assert.include(failing(settledAfter(settleWithinMs + 1)), "liveness")
  })

  it("the bound counts from the end of the faults", () => {
    assert.notInclude(failing(settledAfter(3 * hourMs, noonMs + 5 * hourMs)), "liveness")
  })

  const forgotten = (unpluggedAtMs: number | null): World => {
    const overAtMs = noonMs + 2 * hourMs
    const world = rightWorld({ endKnowledge: "lost", unpluggedAtMs: null })
    const session = world.truth.sessions[0]! as OpenTrueSession
    session.endKnowledge = "lost"
    const leaves = (course: Course): void => {
      if (unpluggedAtMs === null) return
      session.unpluggedAtMs = unpluggedAtMs
      course.looked([gauge()], unpluggedAtMs)
    }
    return followed(world, leaves, overAtMs + 3 * hourMs)
  }

  it("an end that its station forgot is due once the cable is out, and not before", () => {
    const wordsOf = ({ truth, evidence, context }: World) =>
      judge(truth, evidence, context)
        .find(({ name }) => name === "liveness")!
        .failures.map(({ sentence }) => sentence)
    const late = "A session was settled too late."
    assert.notInclude(wordsOf(forgotten(noonMs + 4 * hourMs + 30 * minuteMs)), late)
    assert.notInclude(wordsOf(forgotten(null)), late)
    assert.include(wordsOf(forgotten(noonMs + 4 * hourMs + 14 * minuteMs)), late)
  })

  it("a transaction that was closed waits for its price again where something was told of it, and else never", () => {
    const closed = page({ id: "T7", ocppId: "7", status: "Closed" })
    const sentencesAfter = (readings: ReadonlyArray<string>) => {
      const { truth, evidence, context } = lied((course) => {
        course.committed(commit({ transactions: [closed] }), noonMs)
        course.committed(commit({ transactions: [{ ...closed, settled: false, version: 11 }], readings }), noonMs + 1)
      })
      return judge(truth, evidence, context).flatMap(({ failures }) => failures.map(({ sentence }) => sentence))
    }
    const broken = "A settled transaction is no longer settled."
    assert.include(sentencesAfter([]), broken)
    assert.notInclude(sentencesAfter(["T7"]), broken)
  })

  it("a bill that the books have and nobody committed is caught by the monotone oracle", () => {
    const world = followed(rightWorld())
    const forged = cdr({ id: "forged" })
    const evidence = { ...world.evidence, cdrs: [...world.evidence.cdrs!, forged] }
    assert.include(failing({ ...world, evidence }), "monotone")
  })
})
