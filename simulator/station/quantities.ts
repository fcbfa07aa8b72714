import type { Manner } from "./Manner.ts"
import { type Reading, shownMilliWh } from "./Transaction.ts"

/** One value of a reading before a dialect writes it. */
export interface Quantity {
  readonly measurand: string
  /** A decimal, exact. */
  readonly value: string
  readonly unit: "Wh" | "kWh" | "W" | "kW" | "A" | "V" | "Percent"
  /** 2.x: ten to this times the value; 0 in the other dialect. */
  readonly multiplier: 0 | 3
  readonly phase: "L1" | "L2" | "L3" | null
  readonly location: "EV" | null
}

export const register = "Energy.Active.Import.Register"
const names = ["L1", "L2", "L3"] as const

/** Integer thousandths as a decimal without trailing zeros. */
const fromMilli = (milli: number, shift: 0 | 3): string => {
  const sign = milli < 0 ? "-" : ""
  const digits = String(Math.abs(milli)).padStart(4 + shift, "0")
  const places = 3 + shift
  const fraction = digits.slice(-places).replace(/0+$/, "")
  return `${sign}${digits.slice(0, -places)}${fraction === "" ? "" : `.${fraction}`}`
}

/** The same number with nine decimals, or as one digit, its decimals and a power of ten. */
const shaped = (value: string, { numbers }: Manner): string => {
  if (numbers === "plain") return value
  const [whole = "0", fraction = ""] = value.split(".")
  if (numbers === "nineDecimals") return `${whole}.${fraction.padEnd(9, "0").slice(0, 9)}`
  const sign = whole.startsWith("-") ? "-" : ""
  const unsigned = whole.replace("-", "")
  const digits = `${unsigned}${fraction}`.replace(/^0+/, "")
  if (digits === "") return "0E0"
  const power = unsigned.replace(/^0+/, "").length > 0 ? unsigned.length - 1 : -1 - fraction.search(/[1-9]/)
  const rest = digits.slice(1).replace(/0+$/, "")
  return `${sign}${digits[0]}${rest === "" ? "" : `.${rest}`}E${power}`
}

/** Every reading of every meter passes here: all quantities are objects of one shape. */
const quantity = (
  measurand: string,
  value: string,
  unit: Quantity["unit"],
  multiplier: Quantity["multiplier"] = 0,
  phase: Quantity["phase"] = null,
  location: Quantity["location"] = null
): Quantity => ({ measurand, value, unit, multiplier, phase, location })

/** `toFixed`, without its exact arithmetic where the last place is beyond doubt. */
const fixed = (value: number, places: 1 | 2): string => {
  const scale = places === 1 ? 10 : 100
  const scaled = value * scale
  const nearest = Math.round(scaled)
  if (value < 0 || nearest > 1e9 || Math.abs(scaled - nearest) > 0.49) return value.toFixed(places)
  const whole = Math.floor(nearest / scale)
  const rest = nearest - whole * scale
  return `${whole}.${places === 2 && rest < 10 ? "0" : ""}${rest}`
}

/** Energy or power in the units of the manner; plain numbers are whole. */
const scaledQuantity = (
  measurand: string,
  milli: number,
  unit: "Wh" | "W",
  phase: Quantity["phase"],
  { manner, multiplies }: Options
): Quantity => {
  if (manner.units === "base") {
    const value = manner.numbers === "plain" ? String(Math.floor(milli / 1000)) : shaped(fromMilli(milli, 0), manner)
    return quantity(measurand, value, unit, 0, phase)
  }
  const value = shaped(fromMilli(milli, 3), manner)
  const isMultiplied = manner.units === "multiplied" && multiplies
  const kilo = unit === "Wh" ? "kWh" : "kW"
  return quantity(measurand, value, isMultiplied ? unit : kilo, isMultiplied ? 3 : 0, phase)
}

interface Options {
  readonly manner: Manner
  /** The dialect knows multipliers (2.x). */
  readonly multiplies: boolean
}

/** Shares of as many phases, adding up to the total; none where they are not told. */
const split = (total: number, phases: number, { manner }: Options): ReadonlyArray<number> =>
  manner.phases === "current"
    ? []
    : Array.from({ length: phases }, (_, index) => Math.floor((total + phases - 1 - index) / phases))

/** Energy or power in all and by phases, as the manner has it. */
const addWithPhases = (
  all: Array<Quantity>,
  measurand: string,
  unit: "Wh" | "W",
  totalMilli: number,
  phasesMilli: ReadonlyArray<number>,
  options: Options
): void => {
  const { phases } = options.manner
  const areTold = phases !== "current" && phasesMilli.length > 0
  if (!areTold || phases !== "only") all.push(scaledQuantity(measurand, totalMilli, unit, null, options))
  if (!areTold) return
  for (let index = 0; index < phasesMilli.length; index++) {
    all.push(scaledQuantity(measurand, phasesMilli[index]!, unit, names[index]!, options))
  }
}

/** One value of each phase that carries current. */
const addByPhase = (
  all: Array<Quantity>,
  measurand: string,
  value: string,
  unit: "A" | "V",
  phases: Reading["phases"]
): void => {
  for (let index = 0; index < phases; index++) all.push(quantity(measurand, value, unit, 0, names[index]!))
}

const shown = ({ registerMilliWh, registerWh }: Reading): number => shownMilliWh(registerMilliWh, registerWh)

/** Adds one measurand of a reading: nothing where the outlet has no such thing. */
const addQuantities = (all: Array<Quantity>, reading: Reading, measurand: string, options: Options): void => {
  const { manner } = options
  const { exportMilliWh, phases } = reading
  const importedW = Math.max(0, reading.powerW)
  switch (measurand) {
    case register:
      addWithPhases(all, measurand, "Wh", shown(reading), reading.phaseRegistersMilliWh, options)
      return
    case "Power.Active.Import":
      addWithPhases(all, measurand, "W", importedW * 1000, split(importedW * 1000, phases, options), options)
      return
    case "Energy.Active.Export.Register":
      if (exportMilliWh !== null) all.push(scaledQuantity(measurand, exportMilliWh, "Wh", null, options))
      return
    case "Power.Active.Export":
      if (exportMilliWh === null) return
      all.push(scaledQuantity(measurand, Math.max(0, -reading.powerW) * 1000, "W", null, options))
      return
    case "Current.Import": {
      const value = shaped(fixed(Math.max(0, reading.currentA), 2), manner)
      if (phases === 0) all.push(quantity(measurand, value, "A"))
      else addByPhase(all, measurand, value, "A", phases)
      return
    }
    case "Voltage": {
      const value = shaped(fixed(reading.voltageV, 1), manner)
      if (manner.phases === "current" || phases === 0) all.push(quantity(measurand, value, "V"))
      else addByPhase(all, measurand, value, "V", phases)
      return
    }
    case "SoC": {
      const { socPercent } = reading
      if (socPercent !== null) {
        all.push(quantity(measurand, shaped(String(socPercent), manner), "Percent", 0, null, "EV"))
      }
    }
  }
}

/** Those measurands of a reading, as far as the outlet has them; the register where it has none of them. */
export const quantitiesOf = (
  reading: Reading,
  measurands: ReadonlyArray<string>,
  options: Options
): ReadonlyArray<Quantity> => {
  const all: Array<Quantity> = []
  for (const measurand of measurands) addQuantities(all, reading, measurand, options)
  if (all.length === 0) addQuantities(all, reading, register, options)
  return all
}
