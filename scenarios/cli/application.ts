import { Cause, Effect, Exit } from "effect"
import { CliConfig, CliOutput, Command, GlobalFlag } from "effect/cli"
import { type AuditFailed, auditCommand } from "#server/cli/audit.ts"
import type { CannotRun, WrongUse } from "#server/cli/failures.ts"
import { explainInvocation } from "#server/cli/invocation.ts"
import { type Pane, plain, Screen } from "#server/cli/Screen.ts"
import { serveCommand } from "#server/cli/serve.ts"
import { LabBench } from "#server/lab/LabBench.ts"
import type { Scenario } from "../Scenario.ts"
import { commit, version } from "./commit.ts"
import { demoCommand } from "./demo.ts"
import { exploreCommand } from "./explore.ts"
import { labCommand } from "./lab.ts"
import { labBench } from "./labBench.ts"
import { listCommand } from "./list.ts"
import { loadCommand } from "./load.ts"
import { loadRunner } from "./loading.ts"
import { replayCommand } from "./replay.ts"
import { type OracleFailed, type Runner, runCommand } from "./run.ts"
import { tariffCommand } from "./tariff.ts"

/** What the process ends with. */
export const exitCodes = {
  /** Done; of a run: all oracles hold; of an audit: all invariants. */
  done: 0,
  oracleFailed: 1,
  wrongUse: 2,
  /** A port, a directory, a database, or a run that could not come to its end. */
  cannotRun: 3,
  /** A bug of ours (EX_SOFTWARE of sysexits). */
  defect: 70,
  interrupted: 130
} as const

/** What the commands work on. */
export interface Parts {
  readonly scenarios: ReadonlyArray<Scenario>
  readonly runner: Runner
  /** Real time for the pace of a progress line, ms from any beginning. */
  readonly nowMs: () => number
}

const commandOf = ({ scenarios, runner, nowMs }: Parts) =>
  Command.make("wattproof").pipe(
    Command.withDescription("A charging management system that is proven by simulation"),
    Command.withSubcommands([
      serveCommand,
      demoCommand(nowMs),
      runCommand(scenarios, runner, nowMs),
      exploreCommand(commit, nowMs),
      replayCommand(commit),
      loadCommand(loadRunner(commit), nowMs),
      tariffCommand,
      auditCommand,
      labCommand(scenarios, nowMs),
      listCommand(scenarios)
    ])
  )

/** Help goes where results go; what is wrong with a command line is said shortly, where errors go. */
const presenter = (out: Pane, err: Pane): CliOutput.Presenter => {
  const formatter = CliOutput.defaultFormatter({ colors: out.style !== plain, globalFlags: "none" })
  return {
    present: (event) =>
      Effect.sync(() => {
        if (event._tag === "Help") out.write(`${formatter.formatHelpDoc(event.helpDoc)}\n`)
        else if (event._tag === "Version") out.write(`${event.name} ${event.version}\n`)
        else complain(err, "Wrong use.", explainInvocation(event.commandPath, event.errors))
      })
  }
}

const complain = (err: Pane, title: string, message: string): void =>
  err.write(`${err.style.bold(err.style.red(title))} ${message}\n`)

type Failure = WrongUse | CannotRun | OracleFailed | AuditFailed

const isFailure = (error: unknown): error is Failure =>
  typeof error === "object" &&
  error !== null &&
  "_tag" in error &&
  (error._tag === "WrongUse" ||
    error._tag === "CannotRun" ||
    error._tag === "OracleFailed" ||
    error._tag === "AuditFailed")

/** Says what went wrong, unless that was done already, and returns the exit code. */
const report = (exit: Exit.Exit<void, unknown>, err: Pane): number => {
  if (Exit.isSuccess(exit)) return exitCodes.done
  if (Cause.hasInterruptsOnly(exit.cause)) return exitCodes.interrupted
  const error = exit.cause.reasons.find(Cause.isFailReason)?.error
  if (isFailure(error)) {
    if (error._tag === "OracleFailed" || error._tag === "AuditFailed") return exitCodes.oracleFailed
    complain(err, error._tag === "WrongUse" ? "Wrong use." : "Cannot run.", error.message)
    return error._tag === "WrongUse" ? exitCodes.wrongUse : exitCodes.cannotRun
  }
  // Help was shown, because there was no command or something was wrong with it.
  if (error !== undefined) return exitCodes.wrongUse
  complain(err, "A defect of Wattproof.", `Please report it, with the command and this:\n${Cause.pretty(exit.cause)}`)
  return exitCodes.defect
}

/** Runs a command line to its end and returns the exit code. What it has to say is on the Screen by then. */
export const execute = (parts: Parts, args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { out, err } = yield* Screen
    const exit = yield* Command.runWith(commandOf(parts), { version })(args).pipe(
      Effect.provideService(CliOutput.Presenter, presenter(out, err)),
      Effect.provideService(LabBench, labBench(parts.scenarios)),
      Effect.provideService(CliConfig.CliConfig, {
        builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions]
      }),
      Effect.exit
    )
    return report(exit, err)
  })
