import type { Sample, SampleContext } from "#core/transaction/Sample.ts"
import { scaled } from "./decimal.ts"

/** A sampled value of either version: 1.6 sends strings and a unit, 2.x numbers with a unit and a multiplier. */
export interface SampledValue {
  readonly value: string | number
  readonly context?: string
  readonly measurand?: string
  readonly phase?: string
  readonly location?: string
  readonly unit?: string
  readonly unitOfMeasure?: { readonly unit?: string; readonly multiplier?: number }
}

const contexts: Readonly<Record<string, SampleContext>> = {
  "Transaction.Begin": "Begin",
  "Transaction.End": "End",
  "Interruption.Begin": "Interruption",
  "Interruption.End": "Interruption",
  "Sample.Clock": "Clock",
  "Sample.Periodic": "Periodic",
  Trigger: "Trigger",
  Other: "Other"
}

type MutableSample = { -readonly [K in keyof Sample]: Sample[K] }

/**
 * One instant's values as a sample. Defaults as in 1.6 section 7.17 and 2.x SampledValueType: Wh of
 * Energy.Active.Import.Register, Sample.Periodic, at the outlet, all phases. What has no column is kept as sent.
 */
export const toSample = (atMs: number, values: ReadonlyArray<SampledValue>, seqNo: number | null): Sample => {
  const sample: MutableSample = {
    atMs,
    context: contexts[values[0]?.context ?? "Sample.Periodic"] ?? "Other",
    registerWh: null,
    powerW: null,
    currentMa: null,
    voltageMv: null,
    socPercent: null,
    extra: null,
    seqNo
  }
  let phaseCurrentMa: number | null = null
  for (const value of values) {
    const measured = take(sample, value)
    if (measured === "phase-current") {
      const milliamps = scaled(String(value.value), 3 + (value.unitOfMeasure?.multiplier ?? 0))
      if (milliamps !== undefined) phaseCurrentMa = (phaseCurrentMa ?? 0) + milliamps
    }
    if (measured !== "taken") keep(sample, value)
  }
  if (sample.currentMa === null) sample.currentMa = phaseCurrentMa
  return sample
}

/** Puts a value in its column. "phase-current" counts towards the sum over phases; "other" has no column. */
const take = (sample: MutableSample, value: SampledValue): "taken" | "phase-current" | "other" => {
  const { measurand = "Energy.Active.Import.Register", phase } = value
  if (value.location !== undefined && value.location !== "Outlet" && measurand !== "SoC") return "other"
  if (phase !== undefined) return measurand === "Current.Import" && phase !== "N" ? "phase-current" : "other"
  const unit = value.unit ?? value.unitOfMeasure?.unit
  const exponent = value.unitOfMeasure?.multiplier ?? 0
  const number = (shift: number) => scaled(String(value.value), exponent + shift) ?? null
  switch (measurand) {
    case "Energy.Active.Import.Register":
      sample.registerWh = number(unit === "kWh" ? 3 : 0)
      return sample.registerWh === null ? "other" : "taken"
    case "Power.Active.Import":
      sample.powerW = number(unit === "kW" ? 3 : 0)
      return "taken"
    case "Current.Import":
      sample.currentMa = number(3)
      return "taken"
    case "Voltage":
      sample.voltageMv = number(3)
      return "taken"
    case "SoC":
      sample.socPercent = number(0)
      return "taken"
    default:
      return "other"
  }
}

/** At most this many values without a column are kept of one instant. */
const extraLimit = 64

const keep = (sample: MutableSample, value: SampledValue): void => {
  const { measurand = "Energy.Active.Import.Register", phase = "", location = "" } = value
  const extra = (sample.extra ?? {}) as Record<string, string>
  if (Object.keys(extra).length >= extraLimit) return
  const unit = value.unit ?? value.unitOfMeasure?.unit ?? ""
  const multiplier = value.unitOfMeasure?.multiplier ?? 0
  const power = multiplier === 0 ? "" : `e${multiplier}`
  extra[`${measurand}@${phase}@${location}`] = `${value.value}${power}${unit === "" ? "" : ` ${unit}`}`
  sample.extra = extra
}
