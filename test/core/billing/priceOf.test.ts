import { assert, it } from "@effect/vitest"
import { heardUntilMs, priceOf, runningPrice, stoppedAt } from "#core/billing/priceOf.ts"
import { assess } from "#core/transaction/assess.ts"
import type { Sample } from "#core/transaction/Sample.ts"
import { begin, evolve, type Transaction, type TransactionFact } from "#core/transaction/Transaction.ts"
import fc from "#test/support/fastCheck.ts"
import { compiledOf, tariffOf } from "../tariff/fixtures.ts"

const minute = 60_000
const beganAtMs = Date.UTC(2026, 2, 4, 9, 50)

/** Everything that can make a price change on the way: hours, kWh, durations, idle time, steps, both limits. */
const compiled = compiledOf(
  tariffOf(
    [
      {
        price_components: [
          { type: "ENERGY", price: 0.29, vat: 19, step_size: 500 },
          { type: "TIME", price: 3, vat: 19, step_size: 300 }
        ],
        restrictions: { start_time: "10:00", end_time: "11:00", max_kwh: 3 }
      },
      {
        price_components: [{ type: "PARKING_TIME", price: 9, vat: 7, step_size: 60 }],
        restrictions: { min_duration: 1800 }
      },
      {
        price_components: [
          { type: "ENERGY", price: 0.59, vat: 19, step_size: 100 },
          { type: "FLAT", price: 0.5, vat: 7 }
        ]
      }
    ],
    { min_price: { before_taxes: 1 }, max_price: { before_taxes: 6, after_taxes: 7 } }
  ),
  "Europe/Berlin"
)

const sampleAt = (atMs: number, registerWh: number, context: Sample["context"], powerW: number | null): Sample => ({
  atMs,
  context,
  registerWh,
  powerW,
  currentMa: null,
  voltageMv: null,
  socPercent: null,
  extra: null,
  seqNo: null
})

const states = ["Charging", "SuspendedEV", "SuspendedEVSE", "EVConnected"] as const

/** Up to forty minutes' readings of a register that mostly rises, and what the car did meanwhile. */
const courses = fc.record({
  steps: fc.array(
    fc.record({
      riseWh: fc.oneof(
        { weight: 9, arbitrary: fc.nat(900) },
        { weight: 1, arbitrary: fc.integer({ min: -400, max: 0 }) }
      ),
      state: fc.option(fc.constantFrom(...states), { freq: 3 }),
      powerW: fc.option(fc.nat(22_000))
    }),
    { maxLength: 40 }
  ),
  restMs: fc.integer({ min: 0, max: 20 * minute })
})

const startedBy = (status: "Accepted" | "Blocked"): Transaction => {
  const facts: ReadonlyArray<TransactionFact> = [
    {
      _tag: "Started",
      atMs: beganAtMs,
      receivedAtMs: beganAtMs,
      seqNo: null,
      offline: false,
      evseId: 1,
      connectorId: 1,
      priorRegisterWh: null,
      remoteStartId: null,
      reservationId: null
    },
    {
      _tag: "Authorized",
      atMs: beganAtMs,
      token: { uid: "ALICE", type: "ISO14443" },
      groupId: null,
      driverId: null,
      status
    },
    { _tag: "Sampled", samples: [sampleAt(beganAtMs, 40_000, "Begin", null)], seqNo: null }
  ]
  return facts.reduce(
    evolve,
    begin({
      id: "t",
      stationId: "S",
      dialect: "1.6",
      ocppId: "1",
      startKey: null,
      evseId: 1,
      connectorId: 1,
      tariff: { id: "T", version: 1, groups: [] },
      timeZone: "Europe/Berlin"
    })
  )
}

const lived = (
  steps: ReadonlyArray<{ riseWh: number; state: (typeof states)[number] | null; powerW: number | null }>
) =>
  steps.reduce(
    ({ transaction, registerWh }, { riseWh, state, powerW }, index) => {
      const atMs = beganAtMs + (index + 1) * minute
      const shownWh = registerWh + riseWh
      const sampled = evolve(transaction, {
        _tag: "Sampled",
        samples: [sampleAt(atMs, shownWh, "Periodic", powerW)],
        seqNo: null
      })
      const after = state === null ? sampled : evolve(sampled, { _tag: "StateChanged", atMs, state, seqNo: null })
      return { transaction: after, registerWh: shownWh }
    },
    { transaction: startedBy("Accepted"), registerWh: 40_000 }
  )

it("the running cost is the final cost of the same facts, to the byte, wherever the charge stops", () => {
  fc.assert(
    fc.property(courses, ({ steps, restMs }) => {
      const { transaction } = lived(steps)
      const endAtMs = heardUntilMs(transaction) + restMs
      const running = runningPrice(compiled, transaction, endAtMs)
      const ended = evolve(transaction, {
        _tag: "Ended",
        atMs: endAtMs,
        receivedAtMs: endAtMs + 7,
        seqNo: null,
        reason: "Local",
        token: { uid: "ALICE", type: "ISO14443" },
        byStranger: false
      })
      const final = priceOf(compiled, assess(ended), [])
      assert.deepStrictEqual(running?.rating, final.rating)
      assert.deepStrictEqual(running?.chargingPeriods, final.chargingPeriods)
      // Of what is over the running cost is the bill, whatever instant is asked for.
      assert.deepStrictEqual(runningPrice(compiled, ended, endAtMs + minute)?.rating, final.rating)
    }),
    { numRuns: 300 }
  )
})

it("time that nobody told of is not in the running cost", () => {
  const { transaction } = lived([{ riseWh: 900, state: "Charging", powerW: 11_000 }])
  assert.strictEqual(heardUntilMs(transaction), beganAtMs + minute)
  const { endedAtMs } = assess(stoppedAt(transaction, heardUntilMs(transaction)))
  assert.strictEqual(endedAtMs, beganAtMs + minute)
})

it("nobody owes for what a blocked card charges, running or over", () => {
  assert.strictEqual(runningPrice(compiled, startedBy("Blocked"), beganAtMs + minute), undefined)
})
