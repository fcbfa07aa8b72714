import type { OcpiTariff, Stretch } from "#simulator/rater/Model.ts"
import fc from "#test/support/fastCheck.ts"

const hour = 3_600_000
const zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]
const days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
const times = ["00:00", "02:00", "02:30", "03:00", "08:15", "17:00", "20:00", "23:59"]
const dates = ["2024-01-01", "2024-03-31", "2024-04-01", "2024-10-27", "2024-10-28", "2024-12-31"]

const some = <T>(values: ReadonlyArray<T>) => fc.constantFrom(...values)
/** Mostly absent. */
const seldom = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value })
const rare = <T>(values: ReadonlyArray<T>) => seldom(some(values))

/** What JSON would hold: no key without a value. */
const defined = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, it]) => it !== undefined)) as {
    [K in keyof T as undefined extends T[K] ? never : K]: T[K]
  } & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> }

const component = fc
  .record({
    type: some(["ENERGY", "TIME", "PARKING_TIME", "FLAT"] as const),
    price: some([0, 0.1, 0.25, 0.3333, 1, 2.5, 7]),
    vat: fc.option(some([0, 7, 8.875, 19, 20]), { nil: undefined, freq: 3 }),
    step_size: some([0, 1, 60, 300, 500, 900, 1000])
  })
  .map(defined)

const restrictions = fc
  .record({
    start_time: rare(times),
    end_time: rare(times),
    start_date: rare(dates),
    end_date: rare(dates),
    day_of_week: seldom(fc.subarray(days)),
    min_kwh: rare([0, 1, 2.5, 5]),
    max_kwh: rare([1, 2.5, 5, 5.000001]),
    min_power: rare([3.7, 11, 22]),
    max_power: rare([3.7, 11, 22]),
    min_current: rare([16, 32]),
    max_current: rare([16, 32]),
    min_duration: rare([0, 600, 1800, 3600]),
    max_duration: rare([600, 1800, 3600, 7200]),
    reservation: rare(["RESERVATION", "RESERVATION_EXPIRES"] as const)
  })
  .map(defined)

const limit = fc
  .record({
    before_taxes: some([0, 0.5, 2, 5.55]),
    after_taxes: fc.option(some([0, 0.5, 2, 6]), { nil: undefined })
  })
  .map(defined)

/** Tariffs of every feature, as JSON; most of them priced by several elements at once. */
export const tariffs: fc.Arbitrary<OcpiTariff> = fc
  .record({
    id: fc.constant("T"),
    currency: some(["EUR", "EUR", "JPY", "KWD"]),
    tax_included: some(["YES", "NO", "N/A"] as const),
    min_price: seldom(limit),
    max_price: seldom(limit),
    elements: fc.array(
      fc
        .record({
          price_components: fc.array(component, { minLength: 1, maxLength: 3 }),
          restrictions: fc.option(restrictions, { nil: undefined })
        })
        .map(defined),
      { minLength: 1, maxLength: 5 }
    )
  })
  .map(defined)

const caps = fc
  .subarray(["ENERGY", "TIME", "PARKING_TIME"] as const)
  .chain((types) =>
    fc.tuple(...types.map((type) => fc.record({ type: fc.constant(type), amount: some([0.1, 1, 2.5]) })))
  )

const discount = fc
  .record({
    name: fc.constant("less"),
    type: fc.option(some(["ENERGY", "TIME", "PARKING_TIME", "FLAT"] as const), { nil: undefined }),
    how: some([{ percent: 10 }, { percent: 33.3333 }, { percent: 100 }, { amount: 0.5 }, { amount: 3 }] as const),
    groups: fc.option(some([["fleet"], ["staff", "guests"]] as const), { nil: undefined })
  })
  .map(({ how, ...rest }) => defined({ ...rest, ...how }))

const energyPrices = fc
  .record({
    surcharge: some([0, 0.05, 0.1525]),
    start: some(["2024-03-30T23:00:00Z", "2024-10-26T22:00:00Z", "2024-04-06T12:30:00Z"]),
    minutes: some([15, 60, 180]),
    prices: fc.array(some([-0.2, -0.05, 0, 0.1, 0.34567, 1]), { minLength: 4, maxLength: 24 })
  })
  .map(({ surcharge, start, minutes, prices }) => {
    const at = (index: number) => new Date(Date.parse(start) + index * minutes * 60_000).toISOString()
    const entries = prices.map((price, index) => ({ start_date_time: at(index), price }))
    return { surcharge, prices: entries, end_date_time: at(prices.length) }
  })

const extras = fc.record({
  quiet_hours: fc.array(
    fc.record({ start_time: some(times), end_time: some(times), day_of_week: rare([["SUNDAY"], days]) }).map(defined),
    { maxLength: 2 }
  ),
  holidays: fc.constant({ name: "Feasts", dates: ["2024-03-31", "2024-04-01", "2024-10-27"] }),
  caps,
  energy_prices: energyPrices,
  discounts: fc.array(discount, { maxLength: 3 })
})

const elementExtras = fc
  .record({
    holidays: rare(["ONLY", "EXCEPT"] as const),
    grace: fc.option(
      fc.record({ seconds: some([60, 600, 1800.5, 3600]), per: some(["STRETCH", "SESSION"] as const) }),
      { nil: undefined }
    ),
    energy_prices: some([true, true, false])
  })
  .map(defined)

/** The same tariffs with what OCPI lacks: every one has all of it, each element a part. */
export const extraTariffs: fc.Arbitrary<OcpiTariff> = fc
  .tuple(tariffs, extras, fc.array(elementExtras, { minLength: 5, maxLength: 5 }))
  .map(([tariff, wattproof, own]) => ({
    ...tariff,
    wattproof,
    elements: tariff.elements.map((element, index) => ({ ...element, wattproof: own[index]! }))
  }))

const stretch = fc.record({
  ms: some([60_000, 600_000, 1_800_000, hour, 2 * hour, 1_234_567]),
  gapMs: some([0, 0, 0, 60_000]),
  kind: some(["charging", "charging", "parking", "reserved", "both"] as const),
  energyMilliWh: some([0, 1_000_000, 1_500_000, 2_500_000, 115_200, 1]),
  power: fc.option(fc.tuple(some([0, 3700, 10_999, 11_000, 22_000]), some([0, 0, 500])), { nil: undefined }),
  current: fc.option(fc.tuple(some([15_999, 16_000, 32_000, 48_000]), some([0, 0, 1])), { nil: undefined })
})

/** Sessions of one to six stretches in one go, mostly about a night in which a clock is turned. */
export const sessions: fc.Arbitrary<ReadonlyArray<Stretch>> = fc
  .tuple(
    some(["2024-03-30T22:00:00Z", "2024-03-31T00:30:00Z", "2024-10-26T23:00:00Z", "2024-04-06T13:00:00Z"]),
    fc.integer({ min: 0, max: 96 }),
    fc.array(stretch, { minLength: 1, maxLength: 6 })
  )
  .map(([start, quarters, parts]) => {
    let atMs = Date.parse(start) + quarters * 900_000
    return parts.map(({ ms, gapMs, kind, energyMilliWh, power, current }): Stretch => {
      const startAtMs = atMs
      atMs += ms + gapMs
      return {
        startAtMs,
        energyMilliWh: kind === "charging" || kind === "both" ? energyMilliWh : 0,
        chargingMs: kind === "charging" ? ms : kind === "both" ? Math.floor(ms / 2) : 0,
        parkingMs: kind === "parking" ? ms : kind === "both" ? ms - Math.floor(ms / 2) : 0,
        reservedMs: kind === "reserved" ? ms : 0,
        minPowerW: power?.[0] ?? null,
        maxPowerW: power === undefined ? null : power[0] + power[1],
        minCurrentMa: current?.[0] ?? null,
        maxCurrentMa: current === undefined ? null : current[0] + current[1]
      }
    })
  })

export const options = fc.record({
  timeZone: some(zones),
  reservationExpired: fc.boolean(),
  steps: some(["parking-absorbs", "sequential", "none"] as const),
  groups: fc.subarray(["fleet", "staff", "others"])
})

/** The same stretches as the CMS holds them. */
export const periodsOf = (stretches: ReadonlyArray<Stretch>) =>
  stretches.map((it) => ({ ...it, endAtMs: it.startAtMs + it.chargingMs + it.parkingMs + it.reservedMs }))
