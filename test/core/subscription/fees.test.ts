import { assert, describe, it } from "@effect/vitest"
import { dayOf, daysAfter } from "#core/invoice/days.ts"
import { allowanceAt, grantOf } from "#core/subscription/allowance.ts"
import { anchorAt, dayAfter, periodAt } from "#core/subscription/calendar.ts"
import { type Command, decide } from "#core/subscription/decide.ts"
import { feesUntil, nextDueAt, unbilled } from "#core/subscription/fees.ts"
import { evolve, type Subscription, stateAt } from "#core/subscription/Subscription.ts"
import fc from "#test/support/fastCheck.ts"
import { at, begun, plan, wished } from "./makers.ts"

const dayMs = 86_400_000
const zone = "Europe/Berlin"

describe("the calendar of periods", () => {
  it("goes to the last day of a shorter month and comes back to the 31st", () => {
    const month = { unit: "month", count: 1 } as const
    const days = [0, 1, 2, 3, 4].map((times) => dayAfter("2026-01-31", month, times))
    assert.deepStrictEqual(days, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"])
    assert.strictEqual(dayAfter("2027-08-31", month, 6), "2028-02-29")
    assert.strictEqual(dayAfter("2028-02-29", { unit: "year", count: 1 }, 1), "2029-02-28")
    assert.strictEqual(dayAfter("2028-02-29", { unit: "year", count: 1 }, 4), "2032-02-29")
  })

  it("begins periods at midnight of the billing zone, over a change of the clock too", () => {
    const anchor = anchorAt(at("2026-02-28T15:00:00+01:00"), zone, "day")
    const month = { unit: "month", count: 1 } as const
    assert.strictEqual(periodAt(anchor, month, at("2026-03-28T12:00:00Z")).fromMs, at("2026-03-28T00:00:00+01:00"))
    assert.strictEqual(periodAt(anchor, month, at("2026-03-28T12:00:00Z")).toMs, at("2026-04-28T00:00:00+02:00"))
    const bySeconds = anchorAt(at("2026-02-28T15:00:00+01:00"), zone, "second")
    assert.strictEqual(periodAt(bySeconds, month, at("2026-03-30T12:00:00Z")).fromMs, at("2026-03-28T15:00:00+01:00"))
    assert.strictEqual(periodAt(bySeconds, month, at("2026-03-30T12:00:00Z")).toMs, at("2026-04-28T15:00:00+02:00"))
  })

  it("ends a period at a time that the night skips when the clock is put forward, and no earlier", () => {
    const month = { unit: "month", count: 1 } as const
    const half = anchorAt(at("2026-01-29T02:30:00+01:00"), zone, "second")
    assert.strictEqual(periodAt(half, month, at("2026-03-20T12:00:00Z")).toMs, at("2026-03-29T03:00:00+02:00"))
    const full = anchorAt(at("2026-01-29T02:00:00+01:00"), zone, "second")
    assert.strictEqual(periodAt(full, month, at("2026-03-20T12:00:00Z")).toMs, at("2026-03-29T03:00:00+02:00"))
    const after = anchorAt(at("2026-01-29T03:00:00+01:00"), zone, "second")
    assert.strictEqual(periodAt(after, month, at("2026-03-20T12:00:00Z")).toMs, at("2026-03-29T03:00:00+02:00"))
    const twice = anchorAt(at("2026-08-25T02:30:00+02:00"), zone, "second")
    assert.strictEqual(periodAt(twice, month, at("2026-10-01T12:00:00Z")).toMs, at("2026-10-25T02:30:00+02:00"))
  })
})

const sumOf = (items: ReadonlyArray<{ readonly grossMinor: bigint }>): bigint =>
  items.reduce((sum, { grossMinor }) => sum + grossMinor, 0n)

describe("fees", () => {
  it("an upgrade in the middle of a month owes the rest at the new price and gives the rest of the old one back", () => {
    const started = begun(at("2026-04-01T08:00:00Z"), { feeMinor: 3000n })
    const upgraded = wished(
      started,
      { _tag: "Change", plan: plan({ id: "more", feeMinor: 6000n }), when: "now" },
      at("2026-04-11T20:00:00Z")
    )
    const items = feesUntil(upgraded, at("2026-04-30T00:00:00Z"))
    assert.deepStrictEqual(
      items.map(({ plan, grossMinor, fromDay, toDay }) => [plan.id, Number(grossMinor), fromDay, toDay]),
      [
        ["basic", 3000, "2026-04-01", "2026-04-30"],
        ["basic", -2000, "2026-04-11", "2026-04-30"],
        ["more", 4000, "2026-04-11", "2026-04-30"]
      ]
    )
  })

  it("a change at the period's end costs nothing before it, and a pass ends with its days", () => {
    const started = begun(at("2026-01-31T08:00:00Z"), { feeMinor: 3000n })
    const changed = wished(
      started,
      { _tag: "Change", plan: plan({ id: "more", feeMinor: 6000n }), when: "period-end" },
      at("2026-02-03T20:00:00Z")
    )
    assert.strictEqual(sumOf(feesUntil(changed, at("2026-02-27T12:00:00Z"))), 3000n)
    assert.strictEqual(sumOf(feesUntil(changed, at("2026-02-28T00:00:00+01:00"))), 9000n)
    assert.strictEqual(nextDueAt(changed, at("2026-02-03T21:00:00Z")), at("2026-02-28T00:00:00+01:00"))
    const pass = begun(at("2026-03-27T08:00:00Z"), { renews: false, interval: { unit: "day", count: 7 } })
    assert.strictEqual(stateAt(pass, at("2026-04-02T23:59:59+02:00")), "active")
    assert.strictEqual(stateAt(pass, at("2026-04-03T00:00:00+02:00")), "ended")
    assert.strictEqual(sumOf(feesUntil(pass, at("2027-01-01T00:00:00Z"))), 999n)
  })

  it("a trial is free, and what is cancelled in it was never owed", () => {
    const tried = begun(at("2026-04-10T10:00:00Z"), { trialDays: 14 })
    assert.strictEqual(stateAt(tried, at("2026-04-23T12:00:00Z")), "trialing")
    assert.deepStrictEqual(feesUntil(tried, at("2026-04-23T12:00:00Z")), [])
    assert.strictEqual(feesUntil(tried, at("2026-04-24T00:00:00+02:00"))[0]?.fromDay, "2026-04-24")
    const left = wished(tried, { _tag: "Cancel", when: "now" }, at("2026-04-20T00:00:00Z"))
    assert.deepStrictEqual(feesUntil(left, at("2027-01-01T00:00:00Z")), [])
    assert.strictEqual(stateAt(left, at("2026-04-20T00:00:00Z")), "ended")
  })
})

type Wish = { readonly afterDays: number; readonly hour: number; readonly wish: Command }

const plans = [plan(), plan({ id: "more", feeMinor: 2999n }), plan({ id: "odd", feeMinor: 1001n })]
const when = fc.constantFrom("now" as const, "period-end" as const)
const wish: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ _tag: fc.constant("Change" as const), plan: fc.constantFrom(...plans), when }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("Pause" as const), when }) },
  { weight: 2, arbitrary: fc.constant({ _tag: "Resume" as const }) }
)
const wishes = fc.array(fc.record({ afterDays: fc.nat(40), hour: fc.nat(23), wish }), { maxLength: 12 })
const firstDay = fc.constantFrom("2026-01-31", "2027-12-29", "2028-02-29", "2026-03-28")

/** What is true of every day, told by walking them: the plan that holds at its end, and the length of its period. */
const dayByDay = (subscription: Subscription, untilMs: number): { exact: number; cuts: number } => {
  let exact = 0
  const first = dayOf(subscription.startedAtMs, zone)
  for (let day = first; day < dayOf(untilMs, zone); day = daysAfter(day, 1)) {
    const holds = subscription.segments.findLast(
      ({ fromMs, untilMs }) => dayOf(fromMs, zone) <= day && (untilMs === null || dayOf(untilMs, zone) > day)
    )
    if (holds === undefined) continue
    let begin = holds.anchor.day
    for (let month = 1; ; month++) {
      const wanted = Number(holds.anchor.day.slice(8))
      const zeroBased = Number(holds.anchor.day.slice(5, 7)) - 1 + month
      const year = Number(holds.anchor.day.slice(0, 4)) + Math.floor(zeroBased / 12)
      const last = Math.round((Date.UTC(year, (zeroBased % 12) + 1, 1) - Date.UTC(year, zeroBased % 12, 1)) / dayMs)
      const end = `${year}-${String((zeroBased % 12) + 1).padStart(2, "0")}-${String(Math.min(wanted, last)).padStart(2, "0")}`
      if (end > day) {
        exact += Number(holds.plan.feeMinor) / ((at(`${end}T00:00:00Z`) - at(`${begin}T00:00:00Z`)) / dayMs)
        break
      }
      begin = end
    }
  }
  return { exact, cuts: subscription.segments.length * 2 }
}

describe("whatever is changed, and however often", () => {
  const live = (day: string, steps: ReadonlyArray<Wish>) => {
    let nowMs = at(`${day}T09:30:00+01:00`)
    let subscription = begun(nowMs)
    const billed: Array<{ readonly id: string; readonly grossMinor: bigint }> = []
    const bill = () => {
      const items = unbilled(subscription, nowMs)
      billed.push(...items)
      const itemIds = items.map(({ id }) => id)
      subscription = evolve(subscription, { _tag: "Billed", atMs: nowMs, invoiceId: null, itemIds, replaces: [] })
    }
    bill()
    for (const { afterDays, hour, wish } of [...steps, { afterDays: 3, hour: 5, wish: undefined }]) {
      nowMs += afterDays * dayMs + hour * 3_600_000 + 1
      bill()
      const command: Command = wish ?? { _tag: "Cancel", when: "now" }
      const decision = decide(subscription, command, nowMs)
      if (decision._tag === "Decided") subscription = decision.facts.reduce(evolve, subscription)
      bill()
    }
    return { subscription, billed, nowMs }
  }

  it("the fees sum to what each day costs, to half a cent for each cut", () => {
    fc.assert(
      fc.property(firstDay, wishes, (day, steps) => {
        const { subscription, billed, nowMs } = live(day, steps)
        const { exact, cuts } = dayByDay(subscription, nowMs)
        assert.closeTo(Number(sumOf(billed)), exact, 0.5 * cuts + 1e-6)
      }),
      { numRuns: 200 }
    )
  })

  it("every fee stands once, and billing it on the way or at the end comes to the same", () => {
    fc.assert(
      fc.property(firstDay, wishes, (day, steps) => {
        const { subscription, billed, nowMs } = live(day, steps)
        assert.strictEqual(new Set(billed.map(({ id }) => id)).size, billed.length)
        assert.strictEqual(sumOf(billed), sumOf(feesUntil(subscription, nowMs)))
        assert.deepStrictEqual(unbilled(subscription, nowMs + 400 * dayMs), [])
      }),
      { numRuns: 200 }
    )
  })

  it("changing to the same plan again and again costs what it always did, to the cent", () => {
    fc.assert(
      fc.property(firstDay, fc.array(fc.nat(9), { maxLength: 8 }), (day, pauses) => {
        const same = { _tag: "Change", plan: plan(), when: "now" } as const
        const steps = pauses.map((afterDays) => ({ afterDays, hour: 1, wish: same }))
        let nowMs = at(`${day}T09:30:00+01:00`)
        let subscription = begun(nowMs)
        const firstEnd = periodAt(subscription.segments[0]!.anchor, plan().interval, nowMs).toMs
        for (const { afterDays, wish } of steps) {
          nowMs += afterDays * dayMs + 1
          if (nowMs < firstEnd) subscription = wished(subscription, wish, nowMs)
        }
        assert.strictEqual(sumOf(feesUntil(subscription, firstEnd - 1)), 999n)
        assert.strictEqual(sumOf(feesUntil(subscription, firstEnd)), 1998n)
      }),
      { numRuns: 100 }
    )
  })

  it("what a period includes is never given twice", () => {
    const included = { energyWh: 30_000, minutes: 60 }
    const started = begun(at("2026-04-01T08:00:00Z"), { included })
    const changed = wished(
      started,
      { _tag: "Change", plan: plan({ id: "more", included: { energyWh: 60_000, minutes: null } }), when: "now" },
      at("2026-04-11T08:00:00Z")
    )
    assert.deepStrictEqual(allowanceAt(changed, at("2026-04-20T00:00:00Z")), {
      periodFromMs: at("2026-04-01T00:00:00+02:00"),
      energyMilliWh: 50_000_000,
      chargingMs: 20 * 60_000
    })
    const allowance = { energyMilliWh: 50, chargingMs: 10 }
    assert.deepStrictEqual(
      grantOf({ energyMilliWh: 40, chargingMs: 40 }, allowance, { energyMilliWh: 30, chargingMs: 30 }),
      { energyMilliWh: 20, chargingMs: 0 }
    )
  })
})
