import * as Instant from "#core/Instant.ts"

/** How a firmware writes what it says, where the specifications leave it a choice. Shared by all stations of a model. */
export interface Manner {
  /**
   * UTC to the millisecond; UTC to the second; or the local time of a zone five and a half hours east, to the second.
   * The last two go with a clock that ticks in whole seconds (`Habits.tickMs`).
   */
  readonly instants: "millis" | "seconds" | "offset"
  /**
   * Energy and power: whole Wh and W; kWh and kW; or, in 2.x, Wh and W in thousands by a multiplier, which 1.6 does not
   * have and writes in kWh.
   */
  readonly units: "base" | "kilo" | "multiplied"
  /** Numbers with the decimals they need, with nine of them, or with a power of ten. 2.x numbers have no such shapes. */
  readonly numbers: "plain" | "nineDecimals" | "exponent"
  /**
   * What a three-phase meter tells for each phase: the current; voltage, power and register too, beside their totals;
   * or those without totals (2.x SampledDataCtrlr.RegisterValuesWithoutPhases false allows both).
   */
  readonly phases: "current" | "also" | "only"
  /** Whether values carry what their defaults say already, and messages what a schema lets out. */
  readonly optionals: "told" | "leftOut"
  /** Names, ids and information fields: as short as they are, or as long as their fields. */
  readonly texts: "short" | "longest"
  /** Readings at start and end with their OCMF record beside them, as calibration law has it in Germany. */
  readonly records: "none" | "ocmf"
}

export const plainManner: Manner = Object.freeze({
  instants: "millis",
  units: "base",
  numbers: "plain",
  phases: "current",
  optionals: "told",
  texts: "short",
  records: "none"
})

const offsetMs = 5.5 * 3_600_000

/** An instant in the words of a manner. */
export const instantOf = ({ instants }: Manner, atMs: number): string => {
  if (instants === "millis") return Instant.format(atMs)
  if (instants === "seconds") return Instant.format(atMs).replace(".000Z", "Z")
  return Instant.format(atMs + offsetMs)
    .replace(".000Z", "Z")
    .replace("Z", "+05:30")
}

/** A text, filled up to the length of its field where the manner is so. */
export const textOf = ({ texts }: Manner, text: string, maxLength: number): string =>
  texts === "short" ? text : text.padEnd(maxLength, "0123456789").slice(0, maxLength)
