import type { Supply } from "../vehicle/Car.ts"

/**
 * What the EVSEs of a station have in common: a fuse of so many amperes a phase, power modules of so many watts, or all
 * of it, so that one is in use at a time (a charger with a CCS and a CHAdeMO cable).
 */
export type Sharing =
  | { readonly kind: "fuse"; readonly amps: number }
  | { readonly kind: "power"; readonly watts: number }
  | { readonly kind: "oneAtATime" }

/** What a station is made of. Shared by all stations of a model. */
export interface Hardware {
  readonly vendor: string
  readonly model: string
  readonly firmware: string
  /** EVSE 1 first; each has one connector where its supply does not say otherwise. */
  readonly evses: ReadonlyArray<Supply>
  /** Nothing when not given: each EVSE has its own supply. */
  readonly sharing?: Sharing
}

const ac11: Supply = Object.freeze({ kind: "AC", phases: 3, maxAmps: 16 })
const ac22: Supply = Object.freeze({ kind: "AC", phases: 3, maxAmps: 32 })
const ac7: Supply = Object.freeze({ kind: "AC", phases: 1, maxAmps: 32 })
const dc50: Supply = Object.freeze({ kind: "DC", maxWatts: 50_000, maxAmps: 125 })
const dc150: Supply = Object.freeze({ kind: "DC", maxWatts: 150_000, maxAmps: 300 })

const dc300: Supply = Object.freeze({ kind: "DC", maxWatts: 300_000, maxAmps: 500, connectors: 2 })

const v2x11: Supply = Object.freeze({ kind: "DC", maxWatts: 11_000, maxAmps: 32, isBidirectional: true })

const hardware = (model: string, evses: ReadonlyArray<Supply>, sharing?: Sharing): Hardware =>
  Object.freeze({
    vendor: "Simulated",
    model,
    firmware: "1.0.0",
    evses: Object.freeze(evses),
    ...(sharing === undefined ? {} : { sharing: Object.freeze(sharing) })
  })

/** Stations as they stand in streets, car parks and at motorways. */
export const catalogue = Object.freeze({
  wallbox7: hardware("Wallbox 7", [ac7]),
  wallbox11: hardware("Wallbox 11", [ac11]),
  street22: hardware("Street 2x22", [ac22, ac22]),
  fast50: hardware("Fast 50", [dc50, ac22]),
  fast150: hardware("Fast 2x150", [dc150, dc150]),
  twin22: hardware("Twin 2x22", [ac22, ac22], { kind: "fuse", amps: 32 }),
  duo50: hardware("Duo 50", [dc50, dc50], { kind: "oneAtATime" }),
  wallboxV2x: hardware("Wallbox V2X", [v2x11]),
  hyper300: hardware("Hyper 300", [dc300, dc300], { kind: "power", watts: 300_000 })
})

export type HardwareName = keyof typeof catalogue
