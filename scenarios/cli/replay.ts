import { readFileSync } from "node:fs"
import { basename } from "node:path"
import { Cause, Effect, Exit, Option, Result } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { CannotRun, explain, WrongUse } from "#server/cli/failures.ts"
import { wholeNumber } from "#server/cli/flags.ts"
import { Screen } from "#server/cli/Screen.ts"
import { parse, type Story } from "../explore/Story.ts"
import type { RunResult } from "../lab/Result.ts"
import { runStory } from "../lab/story.ts"
import { runStoryLive, runStoryRemote } from "../lab/storyLive.ts"
import { suiteOf } from "../report/junit.ts"
import type { Telemetry } from "../telemetry/Telemetry.ts"
import { type AdapterGiven, adapterFlags, booksOf } from "./adapterFlags.ts"
import { counted, prepareFiles, recordOf, reportFlags, telemetryFor, writeFiles } from "./reports.ts"
import { OracleFailed, targetFlag, worldFlag } from "./run.ts"
import { reach } from "./runner.ts"
import { summary } from "./summary.ts"

interface Given extends AdapterGiven {
  readonly file: string
  readonly world: "virtual" | "live" | "remote"
  readonly target: Option.Option<string>
  readonly store: Option.Option<"memory" | "postgres">
  readonly gap: Option.Option<number>
}

/** Holds flags against each other. */
const misfit = ({ world, target, store, gap, adapter, adapterUrl, adapterOption }: Given): string | null => {
  if (world === "remote" && Option.isNone(target)) {
    return "--world remote needs --target: where the CMS under test listens, without the station's identity,\nas in --target wss://cms.example.org/ocpp."
  }
  if (world !== "remote" && Option.isSome(target)) {
    return `--target names somebody else's CMS, and --world ${world} runs our own.\nAdd --world remote, or leave --target out.`
  }
  if (world === "remote" && Option.isSome(store)) {
    return "--store is about our own CMS, and --world remote has none.\nLeave --store out."
  }
  const books = booksOf({ adapter, adapterUrl, adapterOption }, world)
  if (Result.isFailure(books)) return books.failure.message
  if (world === "virtual" && Option.isSome(gap)) {
    return "--gap shortens the waits on a real clock, and --world virtual has none: it takes no time to wait there.\nLeave --gap out."
  }
  return null
}

/** The longest wait between two steps on a real clock when nothing else is asked for, s. */
const usualGapS = 3

type Lived = RunResult & { readonly leftOut?: ReadonlyArray<string> }

type Unlivable =
  | CannotRun
  | WrongUse
  | Effect.Error<ReturnType<typeof runStory>>
  | Effect.Error<ReturnType<typeof runStoryLive>>
  | Effect.Error<ReturnType<typeof runStoryRemote>>

const lived = (
  story: Story,
  given: Given,
  commit: string,
  watch: Telemetry | undefined
): Effect.Effect<Lived, Unlivable> => {
  const telemetry = watch === undefined ? {} : { telemetry: watch }
  const store = Option.getOrElse(given.store, () => "memory" as const)
  const atMostS = Option.getOrElse(given.gap, () => usualGapS)
  if (given.world === "virtual") return runStory(story, { store, commit, ...telemetry })
  if (given.world === "live") return runStoryLive(story, { store, commit, atMostS, ...telemetry })
  const target = Option.getOrThrow(given.target)
  return Effect.gen(function* () {
    const books = yield* Effect.fromResult(booksOf(given, given.world))
    yield* reach(target)
    return yield* runStoryRemote(story, { target, commit, atMostS, books, ...telemetry })
  })
}

/** The command that does the same again. */
const repeatOf = ({ file, world, target, store, gap, adapter, adapterUrl, adapterOption }: Given): string => {
  const flags = [
    ["--world", world === "virtual" ? null : world],
    ["--target", Option.getOrNull(target)],
    ["--adapter", Option.getOrNull(adapter)],
    ["--adapter-url", Option.getOrNull(adapterUrl)],
    ...adapterOption.map((text) => ["--adapter-option", `${text.slice(0, text.indexOf("="))}=...`] as const),
    ["--store", Option.getOrNull(store)],
    ["--gap", Option.getOrNull(gap)]
  ] as const
  const words = flags.flatMap(([name, value]) => (value === null ? [] : [name, String(value)]))
  return ["npm run wattproof -- replay", file, ...words].join(" ")
}

/** `wattproof replay FILE`: lives a story once more, in virtual time, over real sockets, or on another's CMS. */
export const replayCommand = (commit: () => string) =>
  Command.make(
    "replay",
    {
      file: Argument.String("file").pipe(Argument.withDescription("A story, as explore writes it")),
      store: Flag.Literals("store", ["memory", "postgres"]).pipe(
        Flag.withDescription("Where our CMS keeps its books: memory, or a throw-away PostgreSQL (else memory)"),
        Flag.optional
      ),
      world: worldFlag,
      target: targetFlag,
      ...adapterFlags,
      gap: wholeNumber("gap", 1, 3600, "a number of seconds from 1 to 3600").pipe(
        Flag.withDescription(
          `On a real clock: the longest wait between two steps, and the longest outage, s (else ${usualGapS})`
        ),
        Flag.optional
      ),
      json: Flag.Boolean("json").pipe(
        Flag.withDescription("Print the result as one JSON object"),
        Flag.withoutNegation,
        Flag.withDefault(false)
      ),
      ...reportFlags
    },
    Effect.fnUntraced(function* ({ json, report, junit, ...given }) {
      const { file } = given
      const files = { report, junit }
      const { out, err } = yield* Screen
      const why = misfit(given)
      if (why !== null) return yield* new WrongUse({ message: why })
      const text = yield* Effect.try({
        try: () => readFileSync(file, "utf8"),
        catch: (error) => new WrongUse({ message: `${file} cannot be read: ${String(error)}` })
      })
      const story = yield* Effect.mapError(
        parse(text),
        ({ why }) => new WrongUse({ message: `${file} is no story: ${why}` })
      )
      yield* prepareFiles(files)
      const telemetry = telemetryFor(files)
      const living = counted(telemetry, lived(story, given, commit(), telemetry))
      const result = yield* ended(yield* Effect.exit(living))
      const columns = Math.max(60, out.columns())
      const lines = json
        ? [JSON.stringify(result)]
        : [
            story.about,
            ...(result.leftOut === undefined || result.leftOut.length === 0
              ? []
              : [`Left out, because the ${result.world} world cannot do it: ${result.leftOut.join(", ")}.`]),
            "",
            ...summary(result, { repeat: repeatOf(given), style: out.style, columns })
          ]
      out.write(`${lines.join("\n")}\n`)
      const name = basename(file, ".story.json")
      yield* writeFiles(files, {
        records: recordOf(telemetry, repeatOf(given), name),
        suites: [suiteOf({ ...result, scenario: name }, repeatOf(given))],
        say: json ? err : out
      })
      const failed = result.oracles.filter(({ verdict }) => verdict === "FAIL").map(({ name }) => name)
      if (failed.length > 0) return yield* new OracleFailed({ oracles: failed })
    })
  ).pipe(
    Command.withDescription("Live a story from a file, and have every oracle judge it"),
    Command.withExamples([
      { command: "wattproof replay scenarios/stories/limited-card-after-plug.story.json" },
      { command: "wattproof replay scenarios/stories/limited-card-after-plug.story.json --world live --gap 5" }
    ])
  )

/** A story that does not come to its end is a defect that it shows, and is told as one. */
const ended = (exit: Exit.Exit<Lived, Unlivable>): Effect.Effect<Lived, CannotRun | WrongUse> => {
  if (Exit.isSuccess(exit)) return Effect.succeed(exit.value)
  const failure = exit.cause.reasons.find(Cause.isFailReason)?.error
  const unended = new CannotRun({ message: `The story did not come to its end.\n${Cause.pretty(exit.cause)}` })
  if (failure === undefined) return Effect.fail(unended)
  switch (failure._tag) {
    case "AdapterFailed":
      return Effect.fail(new CannotRun({ message: `The adapter cannot go on: ${failure.message}` }))
    case "WrongUse":
    case "CannotRun":
      return Effect.fail(failure)
    case "TimeUp":
    case "Deadlock":
    case "Livelock":
    case "ForeignWorkStalled":
      return Effect.fail(unended)
    default:
      return Effect.fail(explain(failure, undefined))
  }
}
