/**
 * What a charge costs, worked out a second time: slowly, plainly, on exact fractions, from what truly happened and the
 * tariff's OCPI JSON. Shares no code with the CMS on purpose, not even its idea of a number. It knows ENERGY, TIME,
 * PARKING_TIME and FLAT without restrictions, VAT on top or inside, and step_size; anything else it refuses to guess.
 */

/** The part of an OCPI Tariff (2.3.0 mod_tariffs) that this rater reads; the rest must be absent. */
export interface OcpiTariff {
  readonly id: string
  readonly version?: number
  readonly currency: string
  readonly elements: ReadonlyArray<{ readonly price_components: ReadonlyArray<OcpiPriceComponent> }>
  readonly tax_included?: "YES" | "NO" | "N/A"
  readonly start_date_time?: string
  readonly end_date_time?: string
}

export interface OcpiPriceComponent {
  readonly type: "ENERGY" | "TIME" | "PARKING_TIME" | "FLAT"
  /** Per kWh, per hour, or once. */
  readonly price: number | string
  /** Percent. */
  readonly vat?: number
  /** Wh or seconds. */
  readonly step_size?: number
}

/** A charge in the quantities that are priced. */
export interface Charge {
  readonly energyWh: number
  /** From start to end, parking included. */
  readonly durationMs: number
  /** The part of it in which the car wanted no power. */
  readonly parkedMs: number
}

export interface Price {
  readonly currency: string
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly grossMinor: bigint
}

/** A fraction; `below` is positive. */
interface Fraction {
  readonly above: bigint
  readonly below: bigint
}

const fraction = (above: bigint, below: bigint): Fraction => ({ above, below })
const plus = (a: Fraction, b: Fraction): Fraction => fraction(a.above * b.below + b.above * a.below, a.below * b.below)
const times = (a: Fraction, b: Fraction): Fraction => fraction(a.above * b.above, a.below * b.below)
const over = (a: Fraction, b: Fraction): Fraction => fraction(a.above * b.below, a.below * b.above)
const whole = (value: number): Fraction => fraction(BigInt(value), 1n)

/** The decimal as it is written: "0.49" is 49/100. */
const decimal = (written: number | string): Fraction => {
  const text = String(written)
  if (!/^\d+(\.\d+)?$/.test(text)) throw new Error(`${text} is no price this rater reads`)
  const [units = "0", decimals = ""] = text.split(".")
  return fraction(BigInt(units + decimals), 10n ** BigInt(decimals.length))
}

/** To the nearest integer, a half upwards; amounts here are never negative. */
const nearest = ({ above, below }: Fraction): bigint => (2n * above + below) / (2n * below)

const minorUnits = (currency: string): bigint => (currency === "JPY" ? 1n : currency === "KWD" ? 1000n : 100n)

const roundedUp = (volume: number, step: number): number => (step > 0 ? Math.ceil(volume / step) * step : volume)

/** The price of a charge under one version of a tariff. */
export const slowRate = (tariff: OcpiTariff, charge: Charge): Price => {
  const component = (type: OcpiPriceComponent["type"]): OcpiPriceComponent | undefined => {
    for (const element of tariff.elements) {
      if ("restrictions" in element)
        throw new Error(`tariff ${tariff.id} has restrictions, which this rater cannot judge`)
      const found = element.price_components.find((it) => it.type === type)
      if (found !== undefined) return found
    }
    return undefined
  }
  if ("min_price" in tariff || "max_price" in tariff) throw new Error(`tariff ${tariff.id} has limits`)
  const energy = component("ENERGY")
  const time = component("TIME")
  const parking = component("PARKING_TIME")
  const flat = component("FLAT")

  // Wh to kWh, ms to hours. Where parking is priced and there was some, the step applies to it and not to the time.
  const stepMs = (it: OcpiPriceComponent | undefined): number => (it?.step_size ?? 0) * 1000
  const isParkingPriced = parking !== undefined && charge.parkedMs > 0
  const chargedMs = charge.durationMs - charge.parkedMs
  const quantities: ReadonlyArray<readonly [OcpiPriceComponent | undefined, Fraction]> = [
    [energy, over(whole(roundedUp(charge.energyWh, energy?.step_size ?? 0)), whole(1000))],
    [time, over(whole(isParkingPriced ? chargedMs : roundedUp(chargedMs, stepMs(time))), whole(3_600_000))],
    [parking, over(whole(roundedUp(charge.parkedMs, stepMs(parking))), whole(3_600_000))],
    [flat, whole(1)]
  ]

  let net = whole(0)
  let gross = whole(0)
  for (const [priced, quantity] of quantities) {
    if (priced === undefined) continue
    const stated = times(decimal(priced.price), quantity)
    const isTaxed = tariff.tax_included !== "N/A" && priced.vat !== undefined
    const withTax = plus(whole(1), isTaxed ? over(decimal(priced.vat), whole(100)) : whole(0))
    net = plus(net, tariff.tax_included === "YES" ? over(stated, withTax) : stated)
    gross = plus(gross, tariff.tax_included === "YES" ? stated : times(stated, withTax))
  }
  const minor = fraction(minorUnits(tariff.currency), 1n)
  const netMinor = nearest(times(net, minor))
  const grossMinor = nearest(times(gross, minor))
  return { currency: tariff.currency, netMinor, grossMinor, taxMinor: grossMinor - netMinor }
}

/** Which version of a tariff a session that starts then is priced by; undefined when none is valid. */
export const versionAt = (versions: ReadonlyArray<OcpiTariff>, startedAtMs: number): OcpiTariff | undefined => {
  let best: OcpiTariff | undefined
  for (const it of versions) {
    if (it.start_date_time !== undefined && Date.parse(it.start_date_time) > startedAtMs) continue
    if (it.end_date_time !== undefined && Date.parse(it.end_date_time) <= startedAtMs) continue
    if (best === undefined || (it.version ?? 1) > (best.version ?? 1)) best = it
  }
  return best
}

/**
 * How long the car wanted no power: while it paused itself, and while it was merely connected after it had charged.
 * Waiting to charge, and pauses that the station makes, are not its doing.
 */
export const parkedMsOf = (
  states: ReadonlyArray<{ readonly atMs: number; readonly state: string }>,
  endedAtMs: number
): number => {
  let parkedMs = 0
  let hasCharged = false
  states.forEach(({ atMs, state }, index) => {
    const untilMs = Math.min(states[index + 1]?.atMs ?? endedAtMs, endedAtMs)
    if (state === "Charging") hasCharged = true
    const isParking = state === "SuspendedEV" || (hasCharged && state !== "Charging" && state !== "SuspendedEVSE")
    if (isParking) parkedMs += Math.max(0, untilMs - atMs)
  })
  return parkedMs
}
