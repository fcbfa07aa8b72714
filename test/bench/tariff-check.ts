/**
 * How long does it take to look through 1,000 tariffs? Bar: under 1 s, first use of every path included.
 * `node test/bench/tariff-check.ts`
 */
import { Result } from "effect"
import { checkTariff } from "#core/tariff/check/checkTariff.ts"
import { Tariff } from "#core/tariff/Tariff.ts"

const count = 1_000
const hour = (value: number): string => `${String(value % 24).padStart(2, "0")}:00`

/** From one element to ten, windows, weekdays, tiers, power bands, seasons: no two alike. */
const tariffOf = (index: number): Tariff => {
  const prices = (price: number) => [
    { type: "ENERGY", price: (price + (index % 17)) / 100, vat: 19, step_size: 1 + (index % 3) * 99 },
    { type: "TIME", price: 1 + (index % 5), vat: 19, step_size: 60 },
    { type: "PARKING_TIME", price: 6, vat: 19, step_size: 60 * (1 + (index % 4)) }
  ]
  const restrictions = [
    { start_time: hour(20 + (index % 4)), end_time: hour(5 + (index % 3)), day_of_week: ["SATURDAY", "SUNDAY"] },
    { start_time: hour(6 + (index % 5)), end_time: hour(17 + (index % 3)), max_kwh: 20 + (index % 7) },
    { min_kwh: 20 + (index % 7), max_power: 50 },
    { min_power: 50, max_duration: 3600 + (index % 6) * 600 },
    { min_duration: 7200, start_time: hour(8), end_time: hour(20) },
    { start_date: "2026-05-01", end_date: "2026-10-01", day_of_week: ["MONDAY", "FRIDAY"] },
    { min_current: 32 + (index % 9) },
    { day_of_week: ["SUNDAY"], max_kwh: 5 },
    { reservation: "RESERVATION" }
  ]
  const elements = restrictions.slice(0, index % 10).map((it, at) => ({
    price_components: it.reservation === undefined ? prices(30 + at) : [{ type: "TIME", price: 2, step_size: 60 }],
    restrictions: it
  }))
  const tariff = { id: `T${index}`, country_code: "DE", currency: "EUR", tax_included: "NO" }
  return Result.getOrThrow(Tariff.decode({ ...tariff, elements: [...elements, { price_components: prices(59) }] }))
}

const tariffs = Array.from({ length: count }, (_, index) => tariffOf(index))
for (let round = 1; round <= 5; round++) {
  const from = process.cpuUsage()
  let findings = 0
  for (const tariff of tariffs) findings += Result.getOrThrow(checkTariff(tariff, { timeZone: "Europe/Berlin" })).length
  const tookMs = process.cpuUsage(from).user / 1000 + process.cpuUsage(from).system / 1000
  process.stdout.write(`round ${round}: ${count} tariffs in ${tookMs.toFixed(0)} ms, ${findings} findings\n`)
  if (round === 1 && tookMs >= 1_000) process.exitCode = 1
}
