import { readFileSync } from "node:fs"
import { Effect, Result } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { WrongUse } from "#server/cli/failures.ts"
import { Screen } from "#server/cli/Screen.ts"
import { answerOf } from "../pricing/answer.ts"
import { type Answer, Refused } from "../pricing/PriceFile.ts"
import { plural } from "./format.ts"
import { tariffCheckCommand } from "./tariffCheck.ts"
import { tariffConvertCommand } from "./tariffConvert.ts"

/** Files that one command takes: more than any shell's command line holds. */
const maxFiles = 100_000

const answerFile = (file: string): Result.Result<Answer, Refused> =>
  Result.flatMap(
    Result.try({
      try: () => readFileSync(file, "utf8"),
      catch: (error) =>
        new Refused({
          place: "the file itself",
          message: `it cannot be read: ${error instanceof Error ? error.message : String(error)}`,
          fix: "Give the path of a file that exists and may be read."
        })
    }),
    answerOf
  )

/** `wattproof tariff price`: what a session costs under a tariff, and why. */
const priceCommand = Command.make(
  "price",
  {
    files: Argument.String("file").pipe(
      Argument.withDescription("JSON with tariffs, cdr and location_time_zone, one object per file"),
      Argument.variadic({ min: 1, max: maxFiles })
    ),
    json: Flag.Boolean("json").pipe(
      Flag.withDescription("Print one line of JSON per file"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function* ({ files, json }) {
    const { out, err } = yield* Screen
    let refused = 0
    for (const file of files) {
      const answer = answerFile(file)
      if (Result.isFailure(answer)) {
        const { place, message, fix } = answer.failure
        refused += 1
        if (json) out.write(`${JSON.stringify({ error: "Refused", place, message, fix })}\n`)
        err.write(`${err.style.red("Refused:")} ${file}, at ${place}: ${message}. ${fix}\n`)
      } else if (json) out.write(`${JSON.stringify(answer.success.json)}\n`)
      else out.write(`${[out.style.bold(file), ...answer.success.lines(Math.max(60, out.columns()))].join("\n")}\n\n`)
    }
    if (refused > 0)
      return yield* new WrongUse({ message: `${refused} of ${plural(files.length, "file")} could not be priced.` })
  })
).pipe(
  Command.withDescription("Price sessions under tariffs, and say why each line is what it is"),
  Command.withExamples([
    { command: "wattproof tariff price session.json" },
    { command: "wattproof tariff price sessions/*.json --json" }
  ])
)

/** `wattproof tariff`: questions about tariffs, answered from files. */
export const tariffCommand = Command.make("tariff").pipe(
  Command.withDescription("Price sessions and look into tariffs, from files"),
  Command.withSubcommands([priceCommand, tariffCheckCommand, tariffConvertCommand])
)
