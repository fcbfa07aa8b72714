import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { Screen } from "#server/cli/Screen.ts"
import type { Scenario } from "../Scenario.ts"
import { faultEntries, faultLines } from "./faults.ts"
import { count, wrap } from "./format.ts"
import { presetEntries, presetLines } from "./presets.ts"
import { table } from "./table.ts"

/** A scenario as `list --json` prints it. */
const entry = ({ name, title, shows, stations, days, seed, live }: Scenario) => ({
  name,
  title,
  shows,
  stations,
  days,
  seed,
  worlds: live === null ? ["virtual"] : ["virtual", "live", "remote"]
})

/** The catalogue for a person: a table whose titles go on below themselves where the terminal is narrow. */
const lines = (scenarios: ReadonlyArray<Scenario>, columns: number): ReadonlyArray<string> => {
  const rows = table(
    [
      { head: "scenario", align: "left" },
      { head: "stations", align: "right" },
      { head: "days", align: "right" },
      { head: "", align: "left" }
    ],
    scenarios.map(({ name, stations, days }) => [name, count(stations), count(days), ""])
  )
  const width = rows[0]!.length
  return rows.flatMap((row, index) => {
    const title = index === 0 ? "title" : scenarios[index - 1]!.title
    const wrapped = wrap(title, Math.max(30, columns - width))
    return wrapped.map((line, number) => `${number === 0 ? row : " ".repeat(width)}${line}`)
  })
}

/** `wattproof list`: what can be run. */
export const listCommand = (scenarios: ReadonlyArray<Scenario>) =>
  Command.make(
    "list",
    {
      faults: Flag.Boolean("faults").pipe(
        Flag.withDescription("Name the faults that run --fault takes, with their defaults"),
        Flag.withoutNegation,
        Flag.withDefault(false)
      ),
      presets: Flag.Boolean("presets").pipe(
        Flag.withDescription("Name the kinds of stations that run --presets takes"),
        Flag.withoutNegation,
        Flag.withDefault(false)
      ),
      json: Flag.Boolean("json").pipe(
        Flag.withDescription("Print one JSON array"),
        Flag.withoutNegation,
        Flag.withDefault(false)
      )
    },
    Effect.fnUntraced(function* ({ faults, presets, json }) {
      const { out } = yield* Screen
      if (faults) {
        out.write(json ? `${JSON.stringify(faultEntries())}\n` : faultLines(out.columns()).join("\n"))
        return
      }
      if (presets) {
        out.write(json ? `${JSON.stringify(presetEntries())}\n` : `${presetLines(out.columns()).join("\n")}\n`)
        return
      }
      out.write(json ? `${JSON.stringify(scenarios.map(entry))}\n` : `${lines(scenarios, out.columns()).join("\n")}\n`)
    })
  ).pipe(Command.withDescription("Name the scenarios, the faults, or the kinds of stations"))
