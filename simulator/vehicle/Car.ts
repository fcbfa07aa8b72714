import { type BatterySpec, typicalCurve } from "./Battery.ts"

/** What a car can take. */
export interface CarSpec {
  readonly model: string
  readonly battery: BatterySpec
  /** The onboard charger: phases it uses, amperes a phase, and what it does not start on less than (6 A when not given). */
  readonly ac: { readonly phases: 1 | 2 | 3; readonly maxAmps: number; readonly minAmps?: number }
  /** Fast charging at the battery itself; absent in cars that have no inlet for it. */
  readonly dc?: { readonly maxWatts: number }
  /** What it gives back where the outlet can take it (ISO 15118-20, V2X), W at the plug; absent where it cannot. */
  readonly exportWatts?: number
}

/**
 * What an EVSE can give, and with `isBidirectional` take back within the same limits; by one of `connectors` cables at a
 * time, one where not given.
 */
export type Supply = (
  | { readonly kind: "AC"; readonly phases: 1 | 3; readonly maxAmps: number }
  | { readonly kind: "DC"; readonly maxWatts: number; readonly maxAmps: number }
) & { readonly isBidirectional?: true; readonly connectors?: number }

/** Phase to neutral, V. */
export const mainsVolts = 230
/** The most that an outlet delivers, W. */
export const maxPowerW = (supply: Supply): number =>
  supply.kind === "DC" ? supply.maxWatts : supply.phases * supply.maxAmps * mainsVolts

/** IEC 61851-1: a car does not charge on less, A. */
export const minAmps = 6
/** Of what the meter counts, what reaches the battery: an onboard charger loses more than a cable. */
export const efficiencyPermille = { AC: 910, DC: 970 } as const
/** What leaves the battery for what the meter counts as exported: the same losses the other way. */
export const drainPermille = { AC: 1_099, DC: 1_031 } as const

const battery = (capacityWh: number, maxPowerW: number, nominalVolts: number): BatterySpec => ({
  capacityWh,
  maxPowerW,
  nominalVolts,
  curve: typicalCurve
})

/** Cars as they are met on the road. */
export const models = {
  plugIn: { model: "plug-in hybrid", battery: battery(12_000, 11_000, 350), ac: { phases: 1, maxAmps: 16 } },
  city: {
    model: "city",
    battery: battery(40_000, 46_000, 350),
    ac: { phases: 1, maxAmps: 32 },
    dc: { maxWatts: 46_000 }
  },
  compact: {
    model: "compact",
    battery: battery(58_000, 120_000, 350),
    ac: { phases: 3, maxAmps: 16 },
    dc: { maxWatts: 120_000 },
    exportWatts: 10_000
  },
  strong: {
    model: "compact 22 kW",
    battery: battery(52_000, 130_000, 400),
    ac: { phases: 3, maxAmps: 32 },
    dc: { maxWatts: 130_000 }
  },
  saloon: {
    model: "saloon",
    battery: battery(77_000, 240_000, 700),
    ac: { phases: 3, maxAmps: 16 },
    dc: { maxWatts: 240_000 },
    exportWatts: 11_000
  },
  van: {
    model: "van",
    battery: battery(100_000, 125_000, 400),
    ac: { phases: 3, maxAmps: 16 },
    dc: { maxWatts: 125_000 }
  },
  /** Two phases of three: the third carries nothing, which a station that reports three equal currents gets wrong. */
  twoPhase: {
    model: "two-phase compact",
    battery: battery(32_000, 40_000, 320),
    ac: { phases: 2, maxAmps: 16 },
    dc: { maxWatts: 40_000 }
  },
  /** A motor that doubles as its charger: it wants 13 A or nothing. */
  choosy: {
    model: "city 22 kW, 13 A at least",
    battery: battery(41_000, 43_000, 360),
    ac: { phases: 3, maxAmps: 32, minAmps: 13 }
  },
  deliveryVan: {
    model: "delivery van",
    battery: battery(60_000, 80_000, 400),
    ac: { phases: 3, maxAmps: 16 },
    dc: { maxWatts: 80_000 }
  }
} as const satisfies Record<string, CarSpec>

export type ModelName = keyof typeof models
