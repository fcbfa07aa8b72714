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
    return { measurand, value, unit, multiplier: 0, phase, location: null }
  }
  const value = shaped(fromMilli(milli, 3), manner)
  const isMultiplied = manner.units === "multiplied" && multiplies
  return {
    measurand,
    value,
    unit: isMultiplied ? unit : unit === "Wh" ? "kWh" : "kW",
    multiplier: isMultiplied ? 3 : 0,
    phase,
    location: null
  }
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
const withPhases = (
  measurand: string,
  unit: "Wh" | "W",
  totalMilli: number,
  phasesMilli: ReadonlyArray<number>,
  options: Options
): ReadonlyArray<Quantity> => {
  const total = scaledQuantity(measurand, totalMilli, unit, null, options)
  if (options.manner.phases === "current" || phasesMilli.length === 0) return [total]
  const each = phasesMilli.map((milli, index) => scaledQuantity(measurand, milli, unit, names[index]!, options))
  return options.manner.phases === "only" ? each : [total, ...each]
}

const shown = ({ registerMilliWh, registerWh }: Reading): number => shownMilliWh(registerMilliWh, registerWh)

/** One measurand of a reading: nothing where the outlet has no such thing. */
export const quantitiesOf = (reading: Reading, measurand: string, options: Options): ReadonlyArray<Quantity> => {
  const { manner } = options
  const { exportMilliWh } = reading
  const importedW = Math.max(0, reading.powerW)
  const plain = { measurand, multiplier: 0, phase: null, location: null } as const
  switch (measurand) {
    case register:
      return withPhases(measurand, "Wh", shown(reading), reading.phaseRegistersMilliWh, options)
    case "Power.Active.Import":
      return withPhases(measurand, "W", importedW * 1000, split(importedW * 1000, reading.phases, options), options)
    case "Energy.Active.Export.Register":
      if (exportMilliWh === null) return []
      return [scaledQuantity(measurand, exportMilliWh, "Wh", null, options)]
    case "Power.Active.Export":
      if (exportMilliWh === null) return []
      return [scaledQuantity(measurand, Math.max(0, -reading.powerW) * 1000, "W", null, options)]
    case "Current.Import": {
      const value = shaped(Math.max(0, reading.currentA).toFixed(2), manner)
      if (reading.phases === 0) return [{ ...plain, value, unit: "A" }]
      return names.slice(0, reading.phases).map((phase) => ({ ...plain, value, unit: "A", phase }))
    }
    case "Voltage": {
      const value = shaped(reading.voltageV.toFixed(1), manner)
      if (manner.phases === "current" || reading.phases === 0) return [{ ...plain, value, unit: "V" }]
      return names.slice(0, reading.phases).map((phase) => ({ ...plain, value, unit: "V", phase }))
    }
    case "SoC":
      if (reading.socPercent === null) return []
      return [{ ...plain, value: shaped(String(reading.socPercent), manner), unit: "Percent", location: "EV" }]
    default:
      return []
  }
}
