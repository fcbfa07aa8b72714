import * as Instant from "../../Instant.ts"
import { unscaled } from "../../Money.ts"
import type { Candidate, CompiledTariff } from "../compile.ts"
import type { CappedDimension } from "../extras/Extras.ts"
import { dayMs, localDay } from "../Zone.ts"
import { axesOf, boxOf } from "./axes.ts"
import { type Finding, finding } from "./Finding.ts"
import { isEmpty, type Region, subtract } from "./region.ts"
import { type Claim, pointIn, shows, type Witness, witnessAt, witnessFrom } from "./witness.ts"

/** What is wrong with what OCPI lacks: grace periods, quiet hours, caps, calendars, price series and discounts. */
export const extrasLints = (compiled: CompiledTariff): ReadonlyArray<Finding> => {
  const { extras, elements } = compiled.tariff
  if (extras === null && elements.every((element) => element.extras === null)) return []
  return [
    ...compiled.session.PARKING_TIME.flatMap((candidate) => [
      ...graceLints(compiled, candidate),
      ...quietLints(compiled, candidate)
    ]),
    ...capLints(compiled),
    ...holidayLints(compiled),
    ...seriesLints(compiled),
    ...discountLints(compiled)
  ]
}

/** A finding with a session that shows it, if one does. */
const shown = (
  compiled: CompiledTariff,
  [severity, code, path, message]: readonly [Finding["severity"], string, string, string],
  witness: Witness | undefined,
  claim: Claim
): Finding => {
  const evidence = witness !== undefined && shows(compiled, witness, claim) ? { witness, claim } : null
  return finding("lint", severity, code, path, message, { evidence })
}

const componentPath = ({ element, component }: Candidate): string =>
  `/elements/${element}/price_components/${component}`

const money = (micros: number, { tariff }: CompiledTariff): string =>
  `${unscaled(BigInt(micros), 6, 2)} ${tariff.currency}`

/** Parking counts from the session's begin at the earliest: a price that ends with the grace period is never asked. */
const graceLints = (compiled: CompiledTariff, candidate: Candidate): ReadonlyArray<Finding> => {
  const grace = candidate.variants?.grace ?? null
  const { restrictions: it, element, component, price } = candidate
  if (grace === null || price.priceMicros === 0 || it === null || it.maxDurationMs > grace.freeMs) return []
  const box = boxOf(it, axesOf([it]))
  const parked = isEmpty(box)
    ? undefined
    : witnessAt(pointIn(box, axesOf([it])), "session", "PARKING_TIME", compiled.zone)
  const last = parked?.periods[parked.periods.length - 1]
  const longMs = it.maxDurationMs - it.minDurationMs
  const witness =
    parked === undefined || last === undefined
      ? undefined
      : {
          ...parked,
          periods: [...parked.periods.slice(0, -1), { ...last, endAtMs: last.startAtMs + longMs, parkingMs: longMs }]
        }
  const message =
    `The first ${grace.freeMs / 1000} s of parking are free, and the price ends ${it.maxDurationMs / 1000} s after the ` +
    "session's begin: it is never charged. Shorten grace, or let the price hold longer."
  const path = `/elements/${element}/wattproof/grace`
  const claim: Claim = { kind: "never_charged", element, component }
  return [shown(compiled, ["error", "grace_never_ends", path, message], witness, claim)]
}

/** Boxes that looking for what quiet hours leave may take. */
const maxBoxes = 5_000

const quietLints = (compiled: CompiledTariff, candidate: Candidate): ReadonlyArray<Finding> => {
  const quiet = compiled.extras?.quiet ?? []
  if (quiet.length === 0 || candidate.price.priceMicros === 0) return []
  const axes = axesOf([candidate.restrictions, ...quiet])
  const box = boxOf(candidate.restrictions, axes)
  if (isEmpty(box)) return []
  const budget = { left: maxBoxes }
  const left = quiet.reduce<Region>((rest, it) => subtract(rest, boxOf(it, axes), budget), [box])
  if (left.length > 0 || budget.left < 0) return []
  const { element, component } = candidate
  const witness = witnessAt(pointIn(box, axes), "session", "PARKING_TIME", compiled.zone)
  const message = "Whenever this price holds, quiet hours hold too: it is never charged. Shorten quiet_hours."
  const claim: Claim = { kind: "never_charged", element, component }
  return [shown(compiled, ["error", "always_quiet", componentPath(candidate), message], witness, claim)]
}

const perUnit: Readonly<Record<CappedDimension, number>> = { ENERGY: 1_000, TIME: 3_600, PARKING_TIME: 3_600 }

const capLints = (compiled: CompiledTariff): ReadonlyArray<Finding> =>
  (compiled.extras?.caps ?? []).flatMap(({ dimension, amountMicros }, index): ReadonlyArray<Finding> => {
    const candidates = compiled.session[dimension]
    const path = `/wattproof/caps/${index}`
    if (candidates.length === 0)
      return [
        finding("lint", "warning", "cap_unpriced", `${path}/type`, `Nothing prices ${dimension}: the cap does nothing.`)
      ]
    const coarse = candidates.find(
      ({ price }) => price.priceMicros * price.stepSize > amountMicros * perUnit[dimension]
    )
    if (coarse === undefined) return []
    const { stepSize } = coarse.price
    const axes = axesOf([coarse.restrictions])
    const box = boxOf(coarse.restrictions, axes)
    const witness = isEmpty(box) ? undefined : witnessAt(pointIn(box, axes), "session", dimension, compiled.zone)
    const message =
      `One step of ${stepSize} ${dimension === "ENERGY" ? "Wh" : "s"} costs more than the cap of ` +
      `${money(amountMicros, compiled)}: whoever uses any of it pays the cap. Raise the cap, or make the step smaller.`
    const claim: Claim = { kind: "capped", dimension }
    return [shown(compiled, ["warning", "cap_below_step", `${path}/amount`, message], witness, claim)]
  })

/** The local day from which the tariff holds, or was written; null when it says neither. */
const firstDayOf = ({ tariff, zone }: CompiledTariff): number | null => {
  const sinceMs = tariff.startAtMs ?? tariff.lastUpdatedAtMs
  return sinceMs === null ? null : localDay(sinceMs + zone.offsetMsAt(sinceMs))
}

const noonMs = 12 * 3_600_000

const holidayLints = (compiled: CompiledTariff): ReadonlyArray<Finding> => {
  const { extras, elements } = compiled.tariff
  const holidays = extras?.holidays ?? null
  if (holidays === null) return []
  const kinds = elements.map((element) => element.extras?.holidays ?? null)
  if (kinds.every((kind) => kind === null)) {
    const message = `No element refers to the calendar "${holidays.name}": its days cost what others do.`
    return [finding("lint", "info", "holidays_unused", "/wattproof/holidays", message)]
  }
  const day = firstDayOf(compiled)
  const last = holidays.dates[holidays.dates.length - 1]!
  if (day === null || last >= Instant.format(day * dayMs).slice(0, 10)) return []
  const message =
    `The last day of the calendar "${holidays.name}" is ${last}, before the tariff holds: no day is a holiday. ` +
    "Add the days to come."
  const element = kinds.indexOf("ONLY")
  const told = ["warning", "holidays_past", "/wattproof/holidays/dates", message] as const
  const type = elements[element]?.priceComponents[0]?.type
  if (type === undefined) return [finding("lint", ...told)]
  const point = { day, timeMs: noonMs, energyMilliWh: 0, elapsedMs: 0, powerMilliW: 0, currentMa: 0 }
  const witness = witnessAt(point, "session", type, compiled.zone)
  return [shown(compiled, told, witness, { kind: "idle", element, component: 0 })]
}

const minuteMs = 60_000

const seriesLints = (compiled: CompiledTariff): ReadonlyArray<Finding> => {
  const { extras, elements, startAtMs } = compiled.tariff
  const series = extras?.energyPrices ?? null
  if (series === null) return []
  const path = "/wattproof/energy_prices"
  const element = elements.findIndex((it) => it.extras?.usesEnergyPrices === true)
  if (element < 0) {
    const message = "No element has energy_prices: the series prices nothing. Set it at the element that prices ENERGY."
    return [finding("lint", "warning", "series_unused", path, message)]
  }
  const findings: Array<Finding> = []
  const costs = (atMs: number, unitPriceMicros: number) => {
    const charging = { energyMilliWh: 1_000_000, chargingMs: minuteMs, endAtMs: atMs + minuteMs }
    const claim: Claim = { kind: "costs", dimension: "ENERGY", unitPriceMicros }
    return [witnessFrom(atMs, charging, compiled.zone), claim] as const
  }
  const { prices, endAtMs, surchargeMicros } = series
  if (startAtMs !== null && endAtMs <= startAtMs) {
    const own = elements[element]!.priceComponents.find(({ type }) => type === "ENERGY")?.priceMicros ?? 0
    const message = `The series ends at ${Instant.format(endAtMs)}, before the tariff holds: every hour costs ${money(own, compiled)}.`
    const told = ["warning", "series_past", `${path}/end_date_time`, message] as const
    findings.push(shown(compiled, told, ...costs(startAtMs, own)))
  }
  const untilMs = (index: number) => prices[index + 1]?.startAtMs ?? endAtMs
  const usualMs = Math.min(...prices.map(({ startAtMs: fromMs }, index) => untilMs(index) - fromMs))
  const longer = prices.findIndex(({ startAtMs: fromMs }, index) => untilMs(index) - fromMs > usualMs)
  const priceOf = (index: number) => Math.max(0, prices[index]!.priceMicros + surchargeMicros)
  if (longer >= 0) {
    const message =
      `The price from ${Instant.format(prices[longer]!.startAtMs)} holds for ${(untilMs(longer) - prices[longer]!.startAtMs) / minuteMs} ` +
      `minutes, the shortest for ${usualMs / minuteMs}: a price may be missing, and the one before it is charged instead.`
    const told = ["warning", "series_gap", `${path}/prices/${longer}`, message] as const
    findings.push(shown(compiled, told, ...costs(untilMs(longer) - usualMs, priceOf(longer))))
  }
  const below = prices.findIndex(({ priceMicros }) => priceMicros + surchargeMicros < 0)
  if (below >= 0) {
    const message = "With its surcharge this price is below 0. Nobody is paid for charging: it is held at 0."
    const told = ["info", "series_held_at_zero", `${path}/prices/${below}/price`, message] as const
    findings.push(shown(compiled, told, ...costs(prices[below]!.startAtMs, 0)))
  }
  return findings
}

const discountLints = (compiled: CompiledTariff): ReadonlyArray<Finding> =>
  (compiled.extras?.discounts ?? []).flatMap(({ name, dimension, ratePpm, groups }, index) => {
    const path = `/wattproof/discounts/${index}`
    const { session, reserved } = compiled
    if (dimension !== null && session[dimension].length === 0) {
      const message = `Nothing prices ${dimension}: the discount "${name}" does nothing.`
      return [finding("lint", "warning", "discount_unpriced", `${path}/type`, message)]
    }
    if (ratePpm !== 1_000_000) return []
    const of = dimension ?? (["ENERGY", "TIME", "PARKING_TIME", "FLAT"] as const).find((it) => session[it].length > 0)
    const candidate = of === undefined ? reserved.TIME[0] : session[of].find(({ price }) => price.priceMicros > 0)
    const whose = groups === null ? "everybody" : `drivers of ${groups.join(", ")}`
    const what = dimension === null ? "everything" : dimension
    const message = `The discount "${name}" takes 100 %: ${what} is free for ${whose}. Say so by a price of 0, if it is meant.`
    const told = ["warning", "discount_makes_free", `${path}/percent`, message] as const
    if (of === undefined || candidate === undefined) return [finding("lint", ...told)]
    const axes = axesOf([candidate.restrictions])
    const box = boxOf(candidate.restrictions, axes)
    const witness = isEmpty(box) ? undefined : witnessAt(pointIn(box, axes), "session", of, compiled.zone)
    const paying = witness && { ...witness, groups: groups ?? [] }
    return [shown(compiled, told, paying, { kind: "made_free", dimension: of })]
  })
