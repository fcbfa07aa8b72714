import { accessSync, constants, mkdirSync, writeFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { CannotRun } from "#server/cli/failures.ts"
import type { Pane } from "#server/cli/Screen.ts"
import { junit, type TestSuite } from "../report/junit.ts"
import { runReport } from "../report/runReport.ts"
import type { RunRecord } from "../telemetry/RunRecord.ts"
import { Telemetry } from "../telemetry/Telemetry.ts"

const fileFlag = (name: string, what: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar("file"),
    Flag.filter(
      (text) => text !== "",
      () => "a file"
    ),
    Flag.withDescription(what),
    Flag.optional
  )

/** Where what a run came to is written besides the screen. */
export const reportFlags = {
  report: fileFlag("report", "Write all about the run as one HTML page that needs no network"),
  junit: fileFlag("junit", "Write the verdicts as JUnit XML, a case an oracle, for CI")
}

/** What {@link reportFlags} were given. */
export interface ReportFiles {
  readonly report: Option.Option<string>
  readonly junit: Option.Option<string>
}

const cannotWrite = (file: string, error: unknown): CannotRun =>
  new CannotRun({ message: `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}` })

/** Finds out whether the files can be written before hours are spent on what is to be in them. */
export const prepareFiles = ({ report, junit: xml }: ReportFiles): Effect.Effect<void, CannotRun> =>
  Effect.forEach(
    [report, xml].flatMap(Option.toArray),
    (file) =>
      Effect.try({
        try: () => {
          const folder = dirname(resolve(file))
          mkdirSync(folder, { recursive: true })
          accessSync(folder, constants.W_OK)
        },
        catch: (error) => cannotWrite(file, error)
      }),
    { discard: true }
  )

/** Watches a run when a report of it is wanted, else nothing does. */
export const telemetryFor = ({ report }: ReportFiles): Telemetry | undefined =>
  Option.isSome(report) ? new Telemetry() : undefined

/** Counts the hard states that are passed while `run` runs into `telemetry`. */
export const counted = <A, E, R>(
  telemetry: Telemetry | undefined,
  run: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  telemetry === undefined
    ? run
    : Effect.acquireUseRelease(
        Effect.sync(() => telemetry.countHardStates()),
        () => run,
        (stop) => Effect.sync(stop)
      )

/** The record of a run that has ended, with the command that repeats it, and a name of its own where it has one. */
export const recordOf = (telemetry: Telemetry | undefined, repeat: string, name?: string): ReadonlyArray<RunRecord> => {
  const record = telemetry?.record ?? null
  if (record === null) return []
  return [{ ...record, repeat, result: { ...record.result, scenario: name ?? record.result.scenario } }]
}

/** Writes the files that were asked for, and says where they are. */
export const writeFiles = (
  files: ReportFiles,
  {
    records,
    suites,
    say
  }: {
    readonly records: ReadonlyArray<RunRecord>
    readonly suites: ReadonlyArray<TestSuite>
    readonly say: Pane
  }
): Effect.Effect<void, CannotRun> =>
  Effect.gen(function* () {
    const write = (file: string, content: () => string) =>
      Effect.try({
        try: () => {
          writeFileSync(file, content())
          say.write(`${say.style.dim(`written: ${file}`)}\n`)
        },
        catch: (error) => cannotWrite(file, error)
      })
    if (Option.isSome(files.report) && records.length > 0) yield* write(files.report.value, () => runReport(records))
    if (Option.isSome(files.junit)) yield* write(files.junit.value, () => junit(suites))
  })
