import { Result } from "effect"
import { nearest } from "#core/nearest.ts"
import { WrongUse } from "#server/cli/failures.ts"
import type { Profile } from "#simulator/driver/Arrivals.ts"
import { kindOf } from "#simulator/fleet/Mix.ts"
import { type Preset, presetNames, presets } from "#simulator/station/presets/Catalogue.ts"
import type { Scenario } from "../Scenario.ts"
import { count, wrap } from "./format.ts"
import { table } from "./table.ts"

const all: ReadonlyArray<Preset> = presetNames.map((name) => presets[name])

/** Reads `NAME[,NAME...]`. */
const namedBy = (text: string): Result.Result<ReadonlyArray<Preset>, WrongUse> => {
  const found: Array<Preset> = []
  for (const name of text.split(",")) {
    const preset = all.find((each) => each.name === name)
    if (preset === undefined) {
      const shown = name.replace(/\p{Cc}/gu, "?").slice(0, 100)
      const meant = nearest(name, presetNames)
      const hint = meant === undefined ? "" : ` Did you mean ${meant}?`
      const message = `There is no preset "${shown}".${hint}\nAll of them: wattproof list --presets`
      return Result.fail(new WrongUse({ message }))
    }
    found.push(preset)
  }
  return Result.succeed(found)
}

/** The scenario's people at stations of these kinds, each kind as often as the others. */
export const withPresets = (scenario: Scenario, text: string | undefined): Result.Result<Scenario, WrongUse> => {
  if (text === undefined) return Result.succeed(scenario)
  const weights = new Map<Profile, number>()
  for (const [{ profile }, weight] of scenario.mix) weights.set(profile, (weights.get(profile) ?? 0) + weight)
  return Result.map(namedBy(text), (chosen) => ({
    ...scenario,
    mix: chosen.flatMap((preset) => [...weights].map(([profile, weight]) => [kindOf(preset, profile), weight] as const))
  }))
}

const dialectsOf = ({ dialects }: Preset): string => dialects.join(", ")

/** Every preset as `list --presets --json` prints it. */
export const presetEntries = () =>
  all.map((preset) => ({
    name: preset.name,
    title: preset.title,
    dialects: preset.dialects,
    evses: preset.hardware.evses,
    settings: preset.settings,
    habits: preset.habits
  }))

/** Every preset for a person: a table whose titles go on below themselves where the terminal is narrow. */
export const presetLines = (columns: number): ReadonlyArray<string> => {
  const rows = table(
    [
      { head: "preset", align: "left" },
      { head: "OCPP", align: "left" },
      { head: "EVSEs", align: "right" },
      { head: "", align: "left" }
    ],
    all.map((preset) => [preset.name, dialectsOf(preset), count(preset.hardware.evses.length), ""])
  )
  const width = rows[0]!.length
  return rows.flatMap((row, index) => {
    const title = index === 0 ? "what it is" : all[index - 1]!.title
    const wrapped = wrap(title, Math.max(30, columns - width))
    return wrapped.map((line, number) => `${number === 0 ? row : " ".repeat(width)}${line}`)
  })
}
