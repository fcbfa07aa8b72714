import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { format } from "#core/Money.ts"
import { checkCompiled, checkTariff } from "#core/tariff/check/checkTariff.ts"
import { rateWitness, shows } from "#core/tariff/check/witness.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import fc from "#test/support/fastCheck.ts"
import { compiledOf } from "../fixtures.ts"

type Wire = Record<string, unknown>

const decoded = (elements: ReadonlyArray<unknown>, rest: Wire = {}): Tariff =>
  Result.getOrThrow(Tariff.decode({ id: "T", currency: "EUR", tax_included: "NO", elements, ...rest }))

const codes = (elements: ReadonlyArray<unknown>, rest: Wire = {}, options = {}): ReadonlyArray<string> =>
  Result.getOrThrow(checkTariff(decoded(elements, rest), options))
    .filter(({ code }) => code !== "never_priced")
    .map(({ code, path }) => `${code}@${path}`)

const energy = (price: number, restrictions?: Wire, rest: Wire = {}) => ({
  price_components: [{ type: "ENERGY", price, step_size: 1, ...rest }],
  ...(restrictions && { restrictions })
})

/** Whatever somebody may write into a tariff's elements, over few figures so that they meet. */
const restrictions = fc.record(
  {
    start_time: fc.constantFrom("00:00", "08:00", "17:00", "22:00"),
    end_time: fc.constantFrom("00:00", "06:00", "08:00", "20:00"),
    start_date: fc.constantFrom("2024-01-10", "2024-02-01"),
    end_date: fc.constantFrom("2024-01-12", "2024-03-31"),
    min_kwh: fc.constantFrom(0, 5, 10),
    max_kwh: fc.constantFrom(5, 10, 20),
    min_duration: fc.constantFrom(0, 1800, 3600),
    max_duration: fc.constantFrom(1800, 7200),
    min_power: fc.constantFrom(11, 50),
    max_power: fc.constantFrom(22, 50),
    min_current: fc.constantFrom(16, 32),
    max_current: fc.constantFrom(32, 48),
    day_of_week: fc.subarray(["MONDAY", "FRIDAY", "SATURDAY", "SUNDAY"] as const),
    reservation: fc.constantFrom("RESERVATION", "RESERVATION_EXPIRES")
  },
  { requiredKeys: [] }
)
const tariffs = fc
  .array(
    fc.record(
      {
        price_components: fc.array(
          fc.record({
            type: fc.constantFrom("ENERGY", "TIME", "PARKING_TIME", "FLAT"),
            price: fc.constantFrom(0, 0.3, 2, 6),
            step_size: fc.constantFrom(0, 1, 60, 900, 10_000)
          }),
          { minLength: 1, maxLength: 3 }
        ),
        restrictions
      },
      { requiredKeys: ["price_components"] }
    ),
    { minLength: 1, maxLength: 6 }
  )
  .map((elements) => compiledOf(decoded(elements), "Europe/Berlin"))

describe("what a check finds", () => {
  it("is shown by its witness: the rating of it says the same", () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(tariffs, (compiled) => {
        for (const { code, evidence, jump, family } of checkCompiled(compiled)) {
          if (evidence !== null) {
            seen.add(code)
            assert.isTrue(shows(compiled, evidence.witness, evidence.claim), code)
          }
          if (jump !== null) {
            seen.add(code)
            const [before, after] = [rateWitness(compiled, jump.before).net, rateWitness(compiled, jump.after).net]
            assert.deepStrictEqual([format(before), format(after)], [jump.netBefore, jump.netAfter])
            assert.strictEqual(Number(jump.netAfter) > Number(jump.netBefore), code === "price_leap")
          }
          if (family === "gap" || family === "overlap" || family === "unreachable") assert.isNotNull(evidence, code)
        }
      }),
      { numRuns: 400 }
    )
    assert.includeMembers([...seen], ["gap", "never_priced", "unreachable_element"])
  })

  it("misses no gap: a session that goes unpriced somewhere has a finding for it", () => {
    const instants = fc.integer({ min: 0, max: 60 * 24 * 60 }).map((minute) => 1_704_067_200_000 + minute * 60_000)
    fc.assert(
      fc.property(tariffs, instants, fc.nat(25), fc.constantFrom(3, 11, 22, 60), (compiled, startAtMs, kWh, kW) => {
        const period = { startAtMs, endAtMs: startAtMs + 60_000, chargingMs: 60_000, parkingMs: 0, reservedMs: 0 }
        const signals = { minPowerW: kW * 1000, maxPowerW: kW * 1000, minCurrentMa: 40_000, maxCurrentMa: 40_000 }
        const before = { ...period, ...signals, energyMilliWh: kWh * 1_000_000, endAtMs: startAtMs, chargingMs: 0 }
        const periods = [before, { ...period, ...signals, energyMilliWh: 1_000_000 }]
        const witness = { localAt: "", timeZone: "Europe/Berlin", scope: "session" as const, periods }
        const isUnpriced = shows(compiled, witness, { kind: "unpriced", dimension: "ENERGY" })
        const gaps = checkCompiled(compiled).filter(
          ({ family, where }) => family === "gap" && where?.dimension === "ENERGY"
        )
        if (isUnpriced) assert.isNotEmpty(gaps)
      }),
      { numRuns: 300 }
    )
  })

  it("of an unreachable price is true of every session", () => {
    fc.assert(
      fc.property(tariffs, fc.nat(40_000), fc.nat(30), fc.nat(7200), (compiled, minute, kWh, seconds) => {
        const startAtMs = 1_704_067_200_000 + minute * 60_000
        const endAtMs = startAtMs + seconds * 1000 + 1
        const signals = { minPowerW: 30_000, maxPowerW: 30_000, minCurrentMa: 40_000, maxCurrentMa: 40_000 }
        const first = { startAtMs, endAtMs, energyMilliWh: kWh * 1_000_000, chargingMs: 1, parkingMs: 1, reservedMs: 0 }
        const periods = [first, { ...first, startAtMs: endAtMs, endAtMs: endAtMs + 1 }].map((it) => ({
          ...it,
          ...signals
        }))
        const witness = { localAt: "", timeZone: "", scope: "session" as const, periods }
        const priced = rateWitness(compiled, witness).lines.map(
          (line) => `/elements/${line.element}/price_components/${line.component}`
        )
        for (const { code, path } of checkCompiled(compiled)) {
          if (code === "unreachable_element") assert.notInclude(priced, path)
        }
      }),
      { numRuns: 300 }
    )
  })
})

describe("a tariff check", () => {
  it("finds nothing in a plain tariff", () => {
    const all = [
      { type: "ENERGY", price: 0.49, vat: 19 },
      { type: "TIME", price: 0 },
      { type: "PARKING_TIME", price: 6, step_size: 60 }
    ]
    assert.deepStrictEqual(codes([{ price_components: all }]), [])
  })

  it("finds restrictions that contradict each other", () => {
    const fallback = energy(0.3)
    const of = (restrictions: Wire) => codes([energy(0.2, restrictions), fallback])
    const at = "empty_restriction@/elements/0/restrictions"
    assert.deepStrictEqual(of({ min_kwh: 10, max_kwh: 10 }), [`${at}/max_kwh`])
    assert.deepStrictEqual(of({ start_date: "2024-05-01", end_date: "2024-05-01" }), [`${at}/end_date`])
    // Wednesday and Thursday.
    const midweek = { start_date: "2024-05-01", end_date: "2024-05-03" }
    assert.deepStrictEqual(of({ ...midweek, day_of_week: ["FRIDAY"] }), [at])
    assert.deepStrictEqual(of({ ...midweek, day_of_week: ["THURSDAY"] }), [])
  })

  it("finds an element that several earlier ones cover only together", () => {
    const elements = [
      energy(0.2, { start_time: "22:00", end_time: "06:00" }),
      energy(0.3, { start_time: "06:00", end_time: "22:00" }),
      energy(0.4, { day_of_week: ["SUNDAY"] })
    ]
    assert.deepStrictEqual(codes(elements), ["unreachable_element@/elements/2/price_components/0"])
  })

  it("finds two prices between which only the order decides, and takes an exception for what it is", () => {
    const weekend = { day_of_week: ["SATURDAY", "SUNDAY"] }
    const night = { start_time: "22:00", end_time: "06:00" }
    const crossing = [energy(0.2, weekend), energy(0.3, night), energy(0.4)]
    assert.deepStrictEqual(codes(crossing), ["overlap@/elements/1/price_components/0"])
    const compiled = compiledOf(decoded(crossing))
    const { evidence } = checkCompiled(compiled).find(({ code }) => code === "overlap")!
    assert.isTrue(shows(compiled, evidence!.witness, evidence!.claim))
    assert.containSubset(evidence!.claim, { kind: "priced_by", element: 0 })
    assert.deepStrictEqual(codes([energy(0.2, { ...weekend, ...night }), energy(0.3, night), energy(0.4)]), [
      "wrapped_window_weekdays@/elements/0/restrictions/day_of_week"
    ])
  })

  it("suspects figures in another unit", () => {
    assert.deepStrictEqual(codes([energy(0.2, { min_power: 11_000 }), energy(0.3)]), [
      "implausible_power@/elements/0/restrictions/min_power"
    ])
    assert.deepStrictEqual(codes([energy(0.2, { min_current: 16 }), energy(0.3)]), [
      "phase_current@/elements/0/restrictions/min_current"
    ])
    assert.deepStrictEqual(codes([energy(49)]), ["implausible_energy_price@/elements/0/price_components/0/price"])
    assert.deepStrictEqual(codes([energy(0.4, undefined, { vat: 0.19 })]), [
      "vat_fraction@/elements/0/price_components/0/vat"
    ])
    assert.deepStrictEqual(codes([{ price_components: [{ type: "PARKING_TIME", price: 0.1 }] }]), [
      "implausible_time_price@/elements/0/price_components/0/price"
    ])
  })

  it("finds a second fee that is never added, and a start that equals an end", () => {
    const fee = (price: number, restrictions?: Wire) => ({
      price_components: [{ type: "FLAT", price }],
      ...(restrictions && { restrictions })
    })
    assert.deepStrictEqual(codes([fee(0.5, { max_duration: 600 }), fee(0.9, { min_duration: 600 })]), [
      "flat_split@/elements/1/price_components/0"
    ])
    assert.deepStrictEqual(codes([energy(0.2, { start_time: "08:00", end_time: "08:00" })]), [
      "whole_day_window@/elements/0/restrictions/start_time"
    ])
  })

  it("holds an ad hoc price at a fast charger against the law, and no other", () => {
    const components = [
      { type: "ENERGY", price: 0.5, vat: 19 },
      { type: "TIME", price: 3, vat: 19 },
      { type: "FLAT", price: 1, vat: 19 }
    ]
    const adHoc = { type: "AD_HOC_PAYMENT", country_code: "DE" }
    const severities = (rest: Wire, options = {}) =>
      Result.getOrThrow(checkTariff(decoded([{ price_components: components }], rest), options))
        .filter(({ family }) => family === "law")
        .map(({ code, severity }) => `${code} ${severity}`)
    const both = (severity: string) => [`afir_time_price ${severity}`, `afir_session_fee ${severity}`]
    assert.deepStrictEqual(severities(adHoc, { maxPowerKw: 150 }), both("error"))
    assert.deepStrictEqual(severities(adHoc), both("warning"))
    assert.deepStrictEqual(severities(adHoc, { maxPowerKw: 22 }), [])
    assert.deepStrictEqual(severities({ ...adHoc, type: "REGULAR" }, { maxPowerKw: 150 }), [])
    assert.deepStrictEqual(severities({ ...adHoc, country_code: "US" }, { maxPowerKw: 150 }), [])
    assert.deepStrictEqual(codes([energy(0.5)], adHoc), ["gross_price_missing@/elements/0/price_components/0/vat"])
  })

  it("says of a tariff too intricate to be looked through that it was not", () => {
    const two = (n: number) => String(n % 24).padStart(2, "0")
    const elements = Array.from({ length: 500 }, (_, i) =>
      energy((100 + i) / 1000, {
        start_time: `${two(i)}:${String(i % 60).padStart(2, "0")}`,
        end_time: `${two(i * 7 + 5)}:${String((i * 13) % 60).padStart(2, "0")}`,
        min_kwh: i % 37,
        max_kwh: 40 + (i % 41),
        min_power: i % 29,
        max_power: 30 + (i % 31),
        min_duration: (i % 23) * 60,
        max_duration: 3600 + (i % 19) * 60
      })
    )
    assert.include(codes(elements), "too_complex@/elements")
  })
})
