import { unscaled } from "../../Money.ts"
import type { CompiledTariff } from "../compile.ts"
import type { PriceComponent, Tariff, TariffRestrictions } from "../Tariff.ts"
import { axesOf, boxOf } from "./axes.ts"
import { type Finding, finding } from "./Finding.ts"
import { isEmpty } from "./region.ts"
import { type Claim, type Point, pointIn, shows, witnessAt } from "./witness.ts"

/** What an element or component is wrong about by itself, and what two of them are together. */
export const lints = (compiled: CompiledTariff): ReadonlyArray<Finding> => [
  ...compiled.tariff.elements.flatMap((_, element) => [
    ...restrictionLints(compiled, element),
    ...componentLints(compiled.tariff, element)
  ]),
  ...stepLints(compiled),
  ...feeLints(compiled),
  ...limitLints(compiled.tariff),
  ...validityLints(compiled.tariff)
]

const bounds: ReadonlyArray<
  readonly [keyof TariffRestrictions, keyof TariffRestrictions, min: string, max: string, digits: number, unit: string]
> = [
  ["minEnergyMilliWh", "maxEnergyMilliWh", "min_kwh", "max_kwh", 6, "kWh"],
  ["minCurrentMa", "maxCurrentMa", "min_current", "max_current", 3, "A"],
  ["minPowerMilliW", "maxPowerMilliW", "min_power", "max_power", 6, "kW"],
  ["minDurationMs", "maxDurationMs", "min_duration", "max_duration", 3, "s"]
]

const restrictionLints = (compiled: CompiledTariff, element: number): ReadonlyArray<Finding> => {
  const it = compiled.tariff.elements[element]!.restrictions
  if (it === null) return []
  const path = `/elements/${element}/restrictions`
  return [
    ...contradictions(compiled, element, it, path),
    ...windowLints(compiled, element, it, path),
    ...suspicions(it, path)
  ]
}

/** Why an element never holds. */
const contradictions = (
  compiled: CompiledTariff,
  element: number,
  it: TariffRestrictions,
  path: string
): ReadonlyArray<Finding> => {
  const findings: Array<Finding> = []
  const broken = (where: string, why: string) =>
    findings.push(
      finding("lint", "error", "empty_restriction", `${path}${where}`, `Element ${element} never holds: ${why}.`)
    )
  for (const [least, most, min, max, digits, unit] of bounds) {
    const [from, to] = [it[least], it[most]]
    if (typeof from === "number" && from < 0) findings.push(negative(`${path}/${min}`))
    if (typeof to === "number" && to < 0) findings.push(negative(`${path}/${max}`))
    if (typeof from !== "number" || typeof to !== "number" || from < to) continue
    const [low, high] = [unscaled(BigInt(from), digits), unscaled(BigInt(to), digits)]
    broken(`/${max}`, `${max} is ${high} ${unit} and exclusive, ${min} is ${low} ${unit}`)
  }
  if (it.startDate !== null && it.endDate !== null && it.startDate >= it.endDate)
    broken("/end_date", `end_date ${it.endDate} is exclusive and not after start_date ${it.startDate}`)
  if (findings.length > 0) return findings
  const restrictions = restrictionsOf(compiled, element)
  if (restrictions !== null && isEmpty(boxOf(restrictions, axesOf([restrictions]))))
    broken("", "there is no day or quantity that fits all of its restrictions")
  return findings
}

const negative = (path: string): Finding =>
  finding("lint", "error", "negative_restriction", path, "A restriction is below 0, which nothing ever is.")

const restrictionsOf = (compiled: CompiledTariff, element: number) => {
  for (const scope of [compiled.session, compiled.reserved, compiled.expired]) {
    for (const candidates of [scope.ENERGY, scope.TIME, scope.PARKING_TIME, scope.FLAT]) {
      const found = candidates.find((candidate) => candidate.element === element)
      if (found !== undefined) return found.restrictions
    }
  }
  return null
}

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`

const windowLints = (
  compiled: CompiledTariff,
  element: number,
  it: TariffRestrictions,
  path: string
): ReadonlyArray<Finding> => {
  const { startMinute, endMinute, daysOfWeek } = it
  if (startMinute === null) return []
  if (startMinute === endMinute) {
    const message =
      `start_time and end_time are both ${clock(startMinute)}. OCPI does not say what that means: here it is the whole ` +
      "day, elsewhere never. Leave both out for the whole day."
    return [finding("lint", "warning", "whole_day_window", `${path}/start_time`, message)]
  }
  if (endMinute === null || endMinute === 0 || endMinute > startMinute || daysOfWeek === null) return []
  if (daysOfWeek.length === 7) return []
  const message =
    `The window ${clock(startMinute)}-${clock(endMinute)} passes midnight and day_of_week is that of the moment: ` +
    `the hours after midnight count only on ${daysOfWeek.join(", ")} themselves, not on the mornings that follow.`
  return [
    finding("lint", "info", "wrapped_window_weekdays", `${path}/day_of_week`, message, {
      evidence: morningAfter(compiled, element, it)
    })
  ]
}

const weekdays = ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"] as const

/** The night's own morning, on which the element does not hold: nothing of it is charged. */
const morningAfter = (compiled: CompiledTariff, element: number, it: TariffRestrictions): Finding["evidence"] => {
  const restrictions = restrictionsOf(compiled, element)
  const dimension = compiled.tariff.elements[element]!.priceComponents[0]!.type
  if (restrictions === null || it.reservation !== null || dimension === "FLAT") return null
  const axes = axesOf([restrictions])
  const box = boxOf(restrictions, axes)
  if (isEmpty(box)) return null
  const point = pointIn(box, axes)
  const last = [...Array(7).keys()].find((offset) => {
    const [today, next] = [weekdays[(offset + 1) % 7]!, weekdays[(offset + 2) % 7]!]
    return it.daysOfWeek!.includes(today) && !it.daysOfWeek!.includes(next)
  })
  if (last === undefined) return null
  // Days since 1970 on a Thursday: 19736 is Sunday, 14 January 2024.
  const morning: Point = { ...point, day: 19_736 + last + 2, timeMs: 0 }
  const witness = witnessAt(morning, "session", dimension, compiled.zone)
  const claim: Claim = { kind: "idle", element, component: 0 }
  return witness !== undefined && shows(compiled, witness, claim) ? { witness, claim } : null
}

/** More than any charger gives: whoever writes 11000 means watts. */
const maxKilowatts = 1_000
const phaseCurrents: ReadonlySet<number> = new Set([10_000, 13_000, 16_000, 20_000, 25_000])

const suspicions = (it: TariffRestrictions, path: string): ReadonlyArray<Finding> => {
  const findings: Array<Finding> = []
  for (const [key, name] of [["minPowerMilliW", "min_power"] as const, ["maxPowerMilliW", "max_power"] as const]) {
    const power = it[key]
    if (power === null || power <= maxKilowatts * 1_000_000) continue
    const watts = unscaled(BigInt(power), 6)
    const message = `${name} is ${watts} kW. OCPI counts kW: if ${watts} W is meant, write ${unscaled(BigInt(power), 9)}.`
    findings.push(finding("lint", "warning", "implausible_power", `${path}/${name}`, message))
  }
  for (const [key, name] of [["minCurrentMa", "min_current"] as const, ["maxCurrentMa", "max_current"] as const]) {
    const current = it[key]
    if (current === null || !phaseCurrents.has(current)) continue
    const amperes = current / 1000
    const message = `${name} is ${amperes} A. OCPI sums the phases: ${amperes} A on each of three is ${amperes * 3}.`
    findings.push(finding("lint", "info", "phase_current", `${path}/${name}`, message))
  }
  return findings
}

const componentLints = (tariff: Tariff, index: number): ReadonlyArray<Finding> => {
  const { priceComponents, restrictions } = tariff.elements[index]!
  return priceComponents.flatMap((component, at) => {
    const path = `/elements/${index}/price_components/${at}`
    const findings = priceLints(tariff, component, path)
    if (priceComponents.findIndex(({ type }) => type === component.type) < at) {
      const message = `Element ${index} has a second price for ${component.type}. OCPI does not say which one counts: here the first, elsewhere another.`
      findings.push(finding("lint", "error", "duplicate_dimension", path, message))
    }
    const isTimeOrFee = component.type === "TIME" || component.type === "FLAT"
    if ((restrictions?.reservation ?? null) !== null && !isTimeOrFee) {
      const message = `A reservation has no ${component.type}: only FLAT and TIME are possible there, so this price is never charged.`
      findings.push(finding("lint", "error", "reservation_dimension", path, message))
    }
    return findings
  })
}

/** Where one unit of the currency is of the order of a euro, so that a figure can be held against habit. */
const hardCurrencies: ReadonlySet<string> = new Set(["EUR", "USD", "GBP", "CHF", "CAD", "AUD", "NZD"])

const money = (micros: number, currency: string): string => `${unscaled(BigInt(micros), 6, 2)} ${currency}`

const priceLints = (tariff: Tariff, component: PriceComponent, path: string): Array<Finding> => {
  const { priceMicros: price, type, vatPpm } = component
  const findings: Array<Finding> = []
  const found = (severity: Finding["severity"], code: string, at: string, message: string) =>
    findings.push(finding("lint", severity, code, `${path}/${at}`, message))
  if (price < 0) found("error", "negative_price", "price", "The price is below 0: charging longer would cost less.")
  if (vatPpm !== null && (vatPpm < 0 || vatPpm > 1_000_000))
    found("error", "vat_out_of_range", "vat", "vat is a percentage from 0 to 100.")
  if (vatPpm !== null && vatPpm > 0 && vatPpm < 10_000) {
    const percent = unscaled(BigInt(vatPpm), 4)
    const message = `vat is ${percent} %. It looks like a fraction: OCPI counts percent, write ${unscaled(BigInt(vatPpm), 2)}.`
    found("warning", "vat_fraction", "vat", message)
  }
  if (tariff.taxIncluded === "YES" && vatPpm === null && price > 0)
    found("info", "tax_included_without_rate", "vat", "The tax is inside the price, but no rate says how much it is.")
  if (tariff.taxIncluded === "N/A" && vatPpm !== null)
    found("info", "tax_rate_ignored", "vat", "tax_included is N/A, so this rate has no effect.")
  if (!hardCurrencies.has(tariff.currency) || price <= 0) return findings
  const shown = money(price, tariff.currency)
  if ((type === "TIME" || type === "PARKING_TIME") && price < 300_000) {
    const message = `${type} costs ${shown} an hour. If that is meant per minute, write ${unscaled(BigInt(price * 60), 6, 2)}.`
    found("warning", "implausible_time_price", "price", message)
  }
  if (type === "ENERGY" && (price >= 5_000_000 || price < 10_000)) {
    const message = `Energy costs ${shown} per kWh. OCPI counts whole units of the currency per kWh, not cents and not Wh.`
    found("warning", "implausible_energy_price", "price", message)
  }
  return findings
}

/** A step of TIME counts for nothing once any parking is priced: only the parking is rounded (OCPI mod_cdrs). */
const stepLints = (compiled: CompiledTariff): ReadonlyArray<Finding> => {
  const { TIME, PARKING_TIME } = compiled.session
  if (PARKING_TIME.length === 0) return []
  return TIME.filter(({ price }) => price.stepSize > 1).flatMap(({ element, component, price }) => {
    const evidence = parkedSession(compiled, element, component)
    if (evidence === null) return []
    const path = `/elements/${element}/price_components/${component}/step_size`
    const message =
      `The step of ${price.stepSize} s is not applied in a session that has priced parking: there only PARKING_TIME is ` +
      "rounded, and charging time is billed to the second."
    return [finding("lint", "warning", "unused_time_step_size", path, message, { evidence })]
  })
}

/** A minute and a bit of charging, then parking. */
const parkedSession = (compiled: CompiledTariff, element: number, component: number): Finding["evidence"] => {
  const candidate = compiled.session.TIME.find((it) => it.element === element)!
  const axes = axesOf([...compiled.session.TIME, ...compiled.session.PARKING_TIME].map((it) => it.restrictions))
  for (const parking of compiled.session.PARKING_TIME) {
    const box = boxOf(candidate.restrictions, axes)
    const also = boxOf(parking.restrictions, axes)
    const both = box.map((bits, axis) => bits & also[axis]!)
    if (isEmpty(both)) continue
    const witness = witnessAt(pointIn(both, axes), "session", "TIME", compiled.zone)
    if (witness === undefined) continue
    const charged = witness.periods[witness.periods.length - 1]!
    // Half a second beyond a minute is a multiple of no step.
    const charging = { ...charged, endAtMs: charged.endAtMs + 500, chargingMs: charged.chargingMs + 500 }
    const parked = { ...charging, startAtMs: charging.endAtMs, endAtMs: charging.endAtMs + 60_000, chargingMs: 0 }
    const periods = [...witness.periods.slice(0, -1), charging, { ...parked, parkingMs: 60_000 }]
    const claim: Claim = { kind: "no_step", element, component }
    const whole = { ...witness, periods }
    if (shows(compiled, whole, claim)) return { witness: whole, claim }
  }
  return null
}

/** A fee is charged once, at the first moment at which one holds: a later one is not charged on top. */
const feeLints = (compiled: CompiledTariff): ReadonlyArray<Finding> => {
  const fees = compiled.session.FLAT
  const findings: Array<Finding> = []
  for (const late of fees) {
    const since = late.restrictions
    if (since === null || (since.minDurationMs === 0 && since.minEnergyMilliWh === 0)) continue
    const early = fees.find(
      ({ element, restrictions: it }) =>
        element !== late.element && (it === null || (it.minDurationMs === 0 && it.minEnergyMilliWh === 0))
    )
    if (early === undefined) continue
    const path = `/elements/${late.element}/price_components/${late.component}`
    const axes = axesOf(fees.map((it) => it.restrictions))
    const box = boxOf(since, axes)
    const claim: Claim = { kind: "idle", element: late.element, component: late.component }
    const witness = isEmpty(box) ? undefined : witnessAt(pointIn(box, axes), "session", "FLAT", compiled.zone)
    const message =
      `A fee is charged once per session: this one begins to hold later than that of element ${early.element}, ` +
      "which by then is charged already. It is not added."
    findings.push(
      finding("lint", "warning", "flat_split", path, message, {
        evidence: witness !== undefined && shows(compiled, witness, claim) ? { witness, claim } : null
      })
    )
  }
  return findings
}

const limitLints = ({ minPrice, maxPrice }: Tariff): ReadonlyArray<Finding> => {
  if (minPrice === null || maxPrice === null) return []
  const findings: Array<Finding> = []
  if (minPrice.beforeTaxesMicros > maxPrice.beforeTaxesMicros)
    findings.push(
      finding("lint", "error", "limits_reversed", "/max_price/before_taxes", "max_price is below min_price.")
    )
  const [least, most] = [minPrice.afterTaxesMicros, maxPrice.afterTaxesMicros]
  if (least !== null && most !== null && least > most)
    findings.push(
      finding("lint", "error", "limits_reversed", "/max_price/after_taxes", "max_price is below min_price after taxes.")
    )
  return findings
}

const validityLints = ({ startAtMs, endAtMs }: Tariff): ReadonlyArray<Finding> =>
  startAtMs !== null && endAtMs !== null && startAtMs >= endAtMs
    ? [
        finding(
          "lint",
          "error",
          "never_valid",
          "/end_date_time",
          "end_date_time is not after start_date_time: no session is ever priced by this tariff."
        )
      ]
    : []
