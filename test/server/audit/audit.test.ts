import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { lived, pay, stateIs, station } from "#test/server/payments/world.ts"
import { audited, violatedIn } from "./audited.ts"

/** One charge that was paid by card, an hour ago. */
const paid = Effect.fnUntraced(function* () {
  const charger = yield* station(11_000)
  const id = yield* pay({ driverId: "ada", methodId: "pm_1" })
  yield* Effect.sleep("1 hour")
  yield* charger.end
  yield* Effect.sleep("1 hour")
  yield* stateIs(id, "CAPTURED")
  return id
})

it.live(
  "holds payments to their facts, to the ledger and to what the provider has, and finds a paid charge in order",
  () =>
    lived((world) =>
      Effect.gen(function* () {
        yield* paid()
        const results = yield* audited(world)
        assert.deepStrictEqual(violatedIn(results), [])
        const checked = results.filter((it) => it.checked > 0).map((it) => it.id)
        assert.includeMembers(checked, ["I4", "I11", "I13", "I16"])
      })
    )
)

it.live("names the payment when the provider's figures, the facts kept or the ledger are not what they were", () =>
  lived((world) =>
    Effect.gen(function* () {
      const id = yield* paid()
      const [intentId] = [...world.stripe.intents.keys()]
      world.stripe.intents.get(intentId!)!.amount_received += 1
      const mirrored = yield* audited(world)
      assert.deepStrictEqual(violatedIn(mirrored), ["I13"])
      assert.strictEqual(mirrored.find((it) => it.id === "I13")!.violations[0]!.document, intentId)
      world.stripe.intents.get(intentId!)!.amount_received -= 1

      const entryId = `entry-${intentId}`
      const entry = world.state.entries.get(entryId)!
      assert.isDefined(entry)
      world.state.entries.set(entryId, { ...entry, postings: entry.postings.map((it) => ({ ...it, amountMinor: 0n })) })
      assert.includeMembers([...violatedIn(yield* audited(world))], ["I3", "I16"])
      world.state.entries.set(entryId, entry)

      const { facts } = world.state.paymentShelf.payments.get(id)!
      facts.splice(
        facts.findIndex((it) => it._tag === "Owed"),
        1
      )
      assert.deepStrictEqual(violatedIn(yield* audited(world)), ["I16"])
    })
  )
)
