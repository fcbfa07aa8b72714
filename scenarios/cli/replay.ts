import { readFileSync } from "node:fs"
import { Cause, Effect, Exit } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { CannotRun, explain, WrongUse } from "#server/cli/failures.ts"
import { Screen } from "#server/cli/Screen.ts"
import { parse } from "../explore/Story.ts"
import type { RunResult } from "../lab/Result.ts"
import { runStory } from "../lab/story.ts"
import { OracleFailed } from "./run.ts"
import { summary } from "./summary.ts"

/** `wattproof replay FILE`: lives a story once more, in virtual time. */
export const replayCommand = (commit: () => string) =>
  Command.make(
    "replay",
    {
      file: Argument.String("file").pipe(Argument.withDescription("A story, as explore writes it")),
      store: Flag.Literals("store", ["memory", "postgres"]).pipe(
        Flag.withDescription("Where the CMS keeps its books: memory, or a throw-away PostgreSQL (else memory)"),
        Flag.withDefault("memory")
      ),
      json: Flag.Boolean("json").pipe(
        Flag.withDescription("Print the result as one JSON object"),
        Flag.withoutNegation,
        Flag.withDefault(false)
      )
    },
    Effect.fnUntraced(function* ({ file, store, json }) {
      const { out } = yield* Screen
      const text = yield* Effect.try({
        try: () => readFileSync(file, "utf8"),
        catch: (error) => new WrongUse({ message: `${file} cannot be read: ${String(error)}` })
      })
      const story = yield* Effect.mapError(
        parse(text),
        ({ why }) => new WrongUse({ message: `${file} is no story: ${why}` })
      )
      const result = yield* ended(yield* Effect.exit(runStory(story, { store, commit: commit() })))
      const repeat = ["npm run wattproof -- replay", file, ...(store === "memory" ? [] : ["--store", store])].join(" ")
      const columns = Math.max(60, out.columns())
      const lines = json
        ? [JSON.stringify(result)]
        : [story.about, "", ...summary(result, { repeat, style: out.style, columns })]
      out.write(`${lines.join("\n")}\n`)
      const failed = result.oracles.filter(({ verdict }) => verdict === "FAIL").map(({ name }) => name)
      if (failed.length > 0) return yield* new OracleFailed({ oracles: failed })
    })
  ).pipe(
    Command.withDescription("Live a story from a file, and have every oracle judge it"),
    Command.withExamples([{ command: "wattproof replay scenarios/stories/two-cards.story.json" }])
  )

/** A story that does not come to its end is a defect that it shows, and is told as one. */
const ended = (
  exit: Exit.Exit<RunResult, Effect.Error<ReturnType<typeof runStory>>>
): Effect.Effect<RunResult, CannotRun | WrongUse> => {
  if (Exit.isSuccess(exit)) return Effect.succeed(exit.value)
  const failure = exit.cause.reasons.find(Cause.isFailReason)?.error
  const unended = new CannotRun({ message: `The story did not come to its end.\n${Cause.pretty(exit.cause)}` })
  if (failure === undefined) return Effect.fail(unended)
  switch (failure._tag) {
    case "TimeUp":
    case "Deadlock":
    case "Livelock":
    case "ForeignWorkStalled":
      return Effect.fail(unended)
    default:
      return Effect.fail(explain(failure, undefined))
  }
}
