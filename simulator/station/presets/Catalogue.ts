import type { Preset } from "./Preset.ts"
import { rude16, rude21, rude201 } from "./rude.ts"
import { duo50, hyper300, twin16, twin201 } from "./shared.ts"
import { tinyWallbox, v2xWallbox } from "./wallbox.ts"

export { optionsOf, type Preset, type PresetChanges, type PresetOptions } from "./Preset.ts"

/** Every preset by its name, in the order of the list. */
export const presets = Object.freeze({
  "tiny-wallbox-16": tinyWallbox,
  "twin-16": twin16,
  "twin-201": twin201,
  "duo-50-16": duo50,
  "hyper-300-201": hyper300,
  "v2x-21": v2xWallbox,
  "rude-16": rude16,
  "rude-201": rude201,
  "rude-21": rude21
}) satisfies Readonly<Record<string, Preset>>

export type PresetName = keyof typeof presets

export const presetNames: ReadonlyArray<PresetName> = Object.freeze(Object.keys(presets) as Array<PresetName>)
