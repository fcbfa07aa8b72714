import type { Profile } from "../driver/Arrivals.ts"
import { depot, motorway, publicPlace, residential, workplace } from "../driver/profiles.ts"
import type { Habits } from "../station/Habits.ts"
import { catalogue, type Hardware } from "../station/Hardware.ts"
import type { Preset } from "../station/presets/Preset.ts"
import type { Settings } from "../station/Settings.ts"
import type { TrueDialect } from "../Truth.ts"

/** A kind of station: its hardware, the dialects it offers, who comes to it, and what differs from the fleet's rule. */
export interface Kind {
  readonly name: string
  readonly hardware: Hardware
  readonly dialects: ReadonlyArray<TrueDialect>
  readonly profile: Profile
  readonly settings?: Partial<Settings>
  readonly habits?: Partial<Habits>
}

/** Kinds with their weights. */
export type Mix = ReadonlyArray<readonly [Kind, weight: number]>

const kind = (
  name: string,
  hardware: Hardware,
  dialects: ReadonlyArray<TrueDialect>,
  profile: Profile,
  settings: Partial<Settings> = {}
): Kind => Object.freeze({ name, hardware, dialects, profile, settings })

/** A preset as a kind of station, and who comes to it. */
export const kindOf = ({ name, hardware, dialects, settings, habits }: Preset, profile: Profile): Kind =>
  Object.freeze({ name, hardware, dialects, profile, settings, habits })

/** What a network looks like today: old and new dialects side by side, AC at work and at home, DC in public. */
export const today: Mix = [
  [kind("office 1.6", catalogue.street22, ["1.6"], workplace), 4],
  [kind("office 2.0.1", catalogue.street22, ["2.0.1"], workplace), 3],
  [kind("home 1.6", catalogue.wallbox11, ["1.6"], residential), 2],
  [kind("home 2.0.1", catalogue.wallbox7, ["2.0.1"], residential), 2],
  [kind("fast 1.6", catalogue.fast50, ["1.6"], publicPlace), 2],
  [kind("fast 2.0.1", catalogue.fast150, ["2.0.1"], publicPlace), 2],
  [kind("fast 2.1", catalogue.fast150, ["2.1", "2.0.1"], publicPlace), 1],
  [kind("parking 2.0.1", catalogue.street22, ["2.0.1"], publicPlace, { txStartPoint: "EVConnected" }), 1]
]

/** A company's car park. */
export const carPark: Mix = [
  [kind("office 1.6", catalogue.street22, ["1.6"], workplace), 3],
  [kind("office 2.0.1", catalogue.street22, ["2.0.1"], workplace), 3],
  [kind("parking 2.0.1", catalogue.street22, ["2.0.1"], workplace, { txStartPoint: "EVConnected" }), 1]
]

/** Fast chargers beside a motorway. */
export const serviceArea: Mix = [
  [kind("fast 1.6", catalogue.fast50, ["1.6"], motorway), 1],
  [kind("fast 2.0.1", catalogue.fast150, ["2.0.1"], motorway), 3],
  [kind("fast 2.1", catalogue.fast150, ["2.1", "2.0.1"], motorway), 2]
]

/** Posts at the kerb, and a few wallboxes that neighbours share. */
export const street: Mix = [
  [kind("kerb 1.6", catalogue.street22, ["1.6"], residential), 3],
  [kind("kerb 2.0.1", catalogue.street22, ["2.0.1"], residential), 2],
  [kind("shared wallbox 1.6", catalogue.wallbox11, ["1.6"], residential), 2],
  [kind("shared wallbox 2.0.1", catalogue.wallbox7, ["2.0.1"], residential), 1]
]

/** A yard where every vehicle has its plug. */
export const yard: Mix = [
  [kind("yard 1.6", catalogue.wallbox11, ["1.6"], depot), 3],
  [kind("yard 2.0.1", catalogue.street22, ["2.0.1"], depot), 3]
]

/** The same kinds under one profile. */
export const withProfile = (mix: Mix, profile: Profile): Mix =>
  mix.map(([each, weight]) => [{ ...each, profile }, weight] as const)

/** Only the kinds that prefer this dialect. */
export const only = (mix: Mix, dialect: TrueDialect): Mix => mix.filter(([each]) => each.dialects[0] === dialect)
