import type { Supply } from "../vehicle/Car.ts"

/** What a station is made of. Shared by all stations of a model. */
export interface Hardware {
  readonly vendor: string
  readonly model: string
  readonly firmware: string
  /** EVSE 1 first; each has one connector. */
  readonly evses: ReadonlyArray<Supply>
}

const ac11: Supply = Object.freeze({ kind: "AC", phases: 3, maxAmps: 16 })
const ac22: Supply = Object.freeze({ kind: "AC", phases: 3, maxAmps: 32 })
const ac7: Supply = Object.freeze({ kind: "AC", phases: 1, maxAmps: 32 })
const dc50: Supply = Object.freeze({ kind: "DC", maxWatts: 50_000, maxAmps: 125 })
const dc150: Supply = Object.freeze({ kind: "DC", maxWatts: 150_000, maxAmps: 300 })

const hardware = (model: string, evses: ReadonlyArray<Supply>): Hardware =>
  Object.freeze({ vendor: "Simulated", model, firmware: "1.0.0", evses: Object.freeze(evses) })

/** Stations as they stand in streets, car parks and at motorways. */
export const catalogue = Object.freeze({
  wallbox7: hardware("Wallbox 7", [ac7]),
  wallbox11: hardware("Wallbox 11", [ac11]),
  street22: hardware("Street 2x22", [ac22, ac22]),
  fast50: hardware("Fast 50", [dc50, ac22]),
  fast150: hardware("Fast 2x150", [dc150, dc150])
})

export type HardwareName = keyof typeof catalogue
