import { catalogue, type Hardware } from "#simulator/station/Hardware.ts"
import { type PresetName, presets } from "#simulator/station/presets/Catalogue.ts"
import type { Preset } from "#simulator/station/presets/Preset.ts"
import type { StoryStation } from "./Story.ts"

/** The preset of a station of a story; undefined where it says hardware and firmware itself. */
export const presetOf = (station: StoryStation): Preset | undefined =>
  "preset" in station ? presets[station.preset as PresetName] : undefined

/** What a station of a story is made of. */
export const hardwareOf = (station: StoryStation): Hardware =>
  "preset" in station ? presets[station.preset as PresetName].hardware : catalogue[station.hardware]
