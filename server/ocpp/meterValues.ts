import type { Sample, SampleContext } from "#core/transaction/Sample.ts"
import { scaled } from "./decimal.ts"

/** A sampled value of either version: 1.6 sends strings and a unit, 2.x numbers with a unit and a multiplier. */
export interface SampledValue {
  readonly value: string | number
  readonly context?: string
  readonly measurand?: string
  readonly phase?: string
  /** 1.6: SignedData is a record to be kept, not a number; 2.x puts it beside the value. */
  readonly format?: string
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

const register = "Energy.Active.Import.Register"

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
  let phases: PhaseSums | undefined
  let kept = 0
  for (const value of values) {
    const measured = take(sample, value)
    if (measured === "phase") phases = addPhase(phases ?? new Map(), value)
    if (measured !== "taken" && (kept++ < extraLimit || !isFull(sample.extra))) keep(sample, value)
  }
  if (phases !== undefined) takePhases(sample, phases)
  return sample
}

/** Thousandths per measurand and phase. */
type PhaseSums = Map<string, Map<string, number>>

/** A phase may come as L1 and as L1-N; it counts once. */
const addPhase = (sums: PhaseSums, value: SampledValue): PhaseSums => {
  const { measurand = register, phase = "" } = value
  const unit = value.unit ?? value.unitOfMeasure?.unit
  const shift = unit === "kWh" || unit === "kW" ? 6 : 3
  const milli = scaled(value.value, shift + (value.unitOfMeasure?.multiplier ?? 0))
  if (milli === undefined) return sums
  const known = sums.get(measurand)
  if (known === undefined) sums.set(measurand, new Map([[phase.slice(0, 2), milli]]))
  else if (!known.has(phase.slice(0, 2))) known.set(phase.slice(0, 2), milli)
  return sums
}

const total = (sums: PhaseSums, measurand: string): number | null => {
  const phases = sums.get(measurand)
  if (phases === undefined) return null
  let milli = 0
  for (const each of phases.values()) milli += each
  return milli
}

const whole = (milli: number | null): number | null => (milli === null ? null : Math.floor(milli / 1000))

/** A station may tell its phases and no total (2.x SampledDataCtrlr.RegisterValuesWithoutPhases): they add up to it. */
const takePhases = (sample: MutableSample, sums: PhaseSums): void => {
  sample.registerWh ??= whole(total(sums, register))
  sample.powerW ??= whole(total(sums, "Power.Active.Import"))
  sample.currentMa ??= total(sums, "Current.Import")
}

const onePhase = /^L[123](-N)?$/
const addsUp = new Set([register, "Power.Active.Import", "Current.Import"])

/** Puts a value in its column. "phase" counts towards the sum over phases; "other" has no column. */
const take = (sample: MutableSample, value: SampledValue): "taken" | "phase" | "other" => {
  const { measurand = register, phase } = value
  if (value.format === "SignedData") return "other"
  if (value.location !== undefined && value.location !== "Outlet" && measurand !== "SoC") return "other"
  if (phase !== undefined) return addsUp.has(measurand) && onePhase.test(phase) ? "phase" : "other"
  const unit = value.unit ?? value.unitOfMeasure?.unit
  const exponent = value.unitOfMeasure?.multiplier ?? 0
  const number = (shift: number) => scaled(value.value, exponent + shift) ?? null
  switch (measurand) {
    case register:
      sample.registerWh = number(unit === "kWh" ? 3 : 0) ?? sample.registerWh
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

const isFull = (extra: Sample["extra"]): boolean => Object.keys(extra ?? {}).length >= extraLimit

/** By measurand and phase. There are few, and every reading has some: a text that is made anew is a new key each time. */
const names = new Map<string, Map<string, string>>()
const namesLimit = 100

/** The name of a value without a column. */
const nameOf = (measurand: string, phase: string, location: string): string => {
  const known = location === "" ? names.get(measurand)?.get(phase) : undefined
  if (known !== undefined) return known
  const name = `${measurand}@${phase}@${location}`
  if (location !== "" || names.size >= namesLimit) return name
  const ofMeasurand = names.get(measurand)
  if (ofMeasurand === undefined) names.set(measurand, new Map([[phase, name]]))
  else if (ofMeasurand.size < namesLimit) ofMeasurand.set(phase, name)
  return name
}

const keep = (sample: MutableSample, value: SampledValue): void => {
  const { measurand = register, phase = "", location = "" } = value
  const name = value.format === "SignedData" ? `${measurand}.Signed` : measurand
  const extra = (sample.extra ?? {}) as Record<string, string>
  const unit = value.unit ?? value.unitOfMeasure?.unit ?? ""
  const multiplier = value.unitOfMeasure?.multiplier ?? 0
  const power = multiplier === 0 ? "" : `e${multiplier}`
  extra[nameOf(name, phase, location)] = `${value.value}${power}${unit === "" ? "" : ` ${unit}`}`
  sample.extra = extra
}
