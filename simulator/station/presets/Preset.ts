import type { TrueDialect } from "../../Truth.ts"
import { goodHabits, type Habits } from "../Habits.ts"
import type { Hardware } from "../Hardware.ts"
import { factorySettings, type Settings } from "../Settings.ts"

/** A kind of station as it really stands somewhere: what it is made of, how it is delivered, what its firmware does. */
export interface Preset {
  /** As it is called on the command line and in stories. */
  readonly name: string
  /** One line for a list. */
  readonly title: string
  readonly hardware: Hardware
  /** Dialects it offers, the preferred one first. */
  readonly dialects: ReadonlyArray<TrueDialect>
  /** What differs from `factorySettings`. */
  readonly settings: Partial<Settings>
  /** What differs from `goodHabits`. */
  readonly habits: Partial<Habits>
}

/** The part of a station's options that its kind decides; the rest is the world it stands in. */
export interface PresetOptions {
  readonly hardware: Hardware
  readonly dialects: ReadonlyArray<TrueDialect>
  readonly settings: Settings
  readonly habits: Habits
}

/** What a caller wants different from the preset, the pace of a run on the wall clock for one. */
export interface PresetChanges {
  readonly settings?: Partial<Settings>
  readonly habits?: Partial<Habits>
}

/** Station options of a preset; what is in `changes` wins. */
export const optionsOf = (preset: Preset, changes: PresetChanges = {}): PresetOptions => ({
  hardware: preset.hardware,
  dialects: preset.dialects,
  settings: { ...factorySettings, ...preset.settings, ...changes.settings },
  habits: { ...goodHabits, ...preset.habits, ...changes.habits }
})
