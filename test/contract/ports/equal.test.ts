import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { begin, evolve, type Transaction, type TransactionFact } from "#core/transaction/Transaction.ts"
import { Books } from "#server/books/Books.ts"
import { Journal } from "#server/record/Journal.ts"
import { identityOf } from "#server/record/stored.ts"
import type { TransactionRow, Unit } from "#server/record/Unit.ts"
import fc from "#test/support/fastCheck.ts"
import { fact, reading, row, sample, started, stateChanged, t0, uuid } from "./makers.ts"
import { memory, postgres, type World } from "./worlds.ts"

/** One thing that happens; what it means depends on what happened before. */
interface Step {
  readonly kind: "start" | "state" | "read" | "end" | "close" | "settle" | "again" | "claim" | "stale"
  readonly transaction: number
  readonly delta: number
  readonly flush: boolean
}

const stepArbitrary: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("start", "state", "read", "read", "read", "end", "close", "settle", "again", "claim", "stale"),
  transaction: fc.nat(4),
  delta: fc.integer({ min: -5, max: 40 }),
  flush: fc.boolean()
})

const stationOf = (n: number): string => `CS-${n % 2}`

/** What the books should hold, and the units that bring them there. */
class Model {
  readonly transactions = new Map<string, Transaction>()
  readonly epochs = new Map<string, number>([
    ["CS-0", 1],
    ["CS-1", 1]
  ])
  private readonly done: Array<Unit> = []

  /** A unit and what should become of it. */
  step({ kind, transaction: n, delta }: Step): readonly [Unit, string] {
    const stationId = stationOf(n)
    const epoch = this.epochs.get(stationId)!
    const again = this.done.findLast((unit) => unit.stationId === stationId && unit.epoch === epoch)
    if (kind === "again" && again !== undefined) return [again, "Repeated"]
    const identity = identityOf(row({ id: uuid(n), stationId, evseId: 1 + (n % 3), startKey: `key-${n}` }))
    const before = this.transactions.get(identity.id) ?? begin(identity)
    const facts = this.factsOf(kind, before.evseId, t0 + n * 7 + delta)
    const after = facts.reduce(evolve, before)
    const unit = unitOf(before, facts, after, kind === "stale" ? epoch - 1 : epoch)
    if (kind === "stale") return [unit, "Fenced"]
    this.transactions.set(after.id, after)
    this.done.push(unit)
    return [unit, "Committed"]
  }

  private factsOf(kind: Step["kind"], evseId: number, atMs: number): ReadonlyArray<TransactionFact> {
    switch (kind) {
      case "start":
        return [{ ...started(atMs), evseId, seqNo: null }]
      case "end":
        return [
          sampled(atMs, 2),
          { _tag: "Ended", atMs, receivedAtMs: atMs, seqNo: 9, reason: "Local", token: null, byStranger: false }
        ]
      case "close":
        return [{ _tag: "Closed", atMs, receivedAtMs: atMs, why: "operator" }]
      case "settle":
        return [{ _tag: "Settled", atMs, cdrId: null, revision: 0 }]
      case "state":
        return [stateChanged(atMs), { _tag: "Noted", atMs, seqNo: Math.abs(atMs % 10) }]
      default:
        return [sampled(atMs, 1 + (Math.abs(atMs) % 3))]
    }
  }
}

const sampled = (atMs: number, count: number): Extract<TransactionFact, { _tag: "Sampled" }> => ({
  _tag: "Sampled",
  seqNo: 3,
  samples: Array.from({ length: count }, (_, part) =>
    sample(atMs + part * 1000, part === 1 ? null : 1000 + part, {
      seqNo: 3,
      extra: part === 2 ? { "Frequency@@": "50.01" } : null
    })
  )
})

const pageFor = (after: Transaction): TransactionRow =>
  row({
    ...identityOf(after),
    status: after.ended !== null ? "Ended" : after.closed !== null ? "Closed" : "Open",
    settleAtMs: after.ended !== null && after.settled === null ? t0 + after.factCount : null,
    version: after.factCount
  })

const unitOf = (
  before: Transaction,
  facts: ReadonlyArray<TransactionFact>,
  after: Transaction,
  epoch: number
): Unit => ({
  stationId: before.stationId,
  epoch,
  transactions: [pageFor(after)],
  facts: facts.flatMap((it, index) => (it._tag === "Sampled" ? [] : [fact(before.id, before.factCount + index, it)])),
  samples: facts.flatMap((it, index) =>
    it._tag === "Sampled"
      ? it.samples.map((one, part) => {
          const { stationId, evseId } = before
          return reading(before.id, before.factCount + index, one, { part, stationId, evseId })
        })
      : []
  )
})

/** Everything a store has to say after these steps. */
const live = Effect.fnUntraced(function* (world: World, steps: ReadonlyArray<Step>) {
  const ports = yield* (yield* world.open).startNode
  return yield* Effect.provideContext(
    Effect.gen(function* () {
      const journal = yield* Journal
      const books = yield* Books
      const model = new Model()
      const stationIds = [...model.epochs.keys()]
      assert.deepStrictEqual(yield* journal.claim(stationIds), [1, 1])
      let batch: Array<readonly [Unit, string]> = []
      const flush = Effect.suspend(() => {
        const sent = batch
        batch = []
        return Effect.map(journal.commit(sent.map(([unit]) => unit)), (outcomes) =>
          assert.deepStrictEqual(
            outcomes.map((it) => (typeof it === "string" ? it : it._tag)),
            sent.map(([, expected]) => expected)
          )
        )
      })
      for (const step of steps) {
        if (step.kind === "claim") {
          yield* flush
          const stationId = stationOf(step.transaction)
          const [epoch] = yield* journal.claim([stationId])
          model.epochs.set(stationId, epoch!)
        } else {
          batch.push(model.step(step))
          if (step.flush) yield* flush
        }
      }
      yield* flush
      const snapshots = yield* journal.load(stationIds)
      for (const loaded of snapshots.flatMap((snapshot) => snapshot.transactions)) {
        assert.deepStrictEqual(loaded, model.transactions.get(loaded.id))
      }
      const pages = (yield* books.transactions({ limit: 100 })).items
      assert.deepStrictEqual(
        pages,
        [...model.transactions.values()].map(pageFor).toSorted((a, b) => (a.id < b.id ? 1 : -1))
      )
      const details = yield* Effect.forEach(pages, ({ id }) =>
        Effect.all([books.facts(id), books.samples(id, { limit: 1000 }), journal.transaction({ id })])
      )
      return { snapshots, pages, details, due: yield* journal.due(t0 + 20, 3), open: yield* journal.openOn("CARD") }
    }),
    ports
  )
})

describe("the two stores", () => {
  it("hold the same after the same units, whatever is repeated, stale or claimed between", () =>
    fc.assert(
      fc.asyncProperty(fc.array(stepArbitrary, { minLength: 1, maxLength: 80 }), (steps) =>
        Effect.runPromise(
          Effect.scoped(
            Effect.gen(function* () {
              assert.deepStrictEqual(yield* live(postgres, steps), yield* live(memory, steps))
            })
          )
        )
      ),
      { numRuns: 10, seed: 20260301 }
    ))
})
