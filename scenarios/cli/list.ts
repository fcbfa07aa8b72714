import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { Screen } from "#server/cli/Screen.ts"
import type { Scenario } from "../Scenario.ts"
import { plural, wrap } from "./format.ts"

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

/** The catalogue for a person: name, title and size of each. */
const lines = (scenarios: ReadonlyArray<Scenario>, columns: number): ReadonlyArray<string> => {
  const width = Math.max(0, ...scenarios.map(({ name }) => name.length))
  const indent = " ".repeat(width + 4)
  return scenarios.flatMap((scenario) => {
    const size = `${plural(scenario.stations, "station")}, ${plural(scenario.days, "day")}`
    const text = wrap(`${scenario.title} (${size})`, Math.max(30, columns - indent.length))
    return text.map((line, index) => (index === 0 ? `  ${scenario.name.padEnd(width)}  ${line}` : `${indent}${line}`))
  })
}

/** `wattproof list`: what can be run. */
export const listCommand = (scenarios: ReadonlyArray<Scenario>) =>
  Command.make(
    "list",
    {
      json: Flag.Boolean("json").pipe(
        Flag.withDescription("Print one JSON array"),
        Flag.withoutNegation,
        Flag.withDefault(false)
      )
    },
    Effect.fnUntraced(function* ({ json }) {
      const { out } = yield* Screen
      out.write(json ? `${JSON.stringify(scenarios.map(entry))}\n` : `${lines(scenarios, out.columns()).join("\n")}\n`)
    })
  ).pipe(Command.withDescription("Name the scenarios"))
