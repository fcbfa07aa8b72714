import { Result } from "effect"
import { nearest } from "#core/nearest.ts"
import { WrongUse } from "#server/cli/failures.ts"
import type { ForeignBooks } from "../lab/foreign.ts"
import type { StoreName, WorldName } from "../lab/Result.ts"
import type { Scenario } from "../Scenario.ts"
import { withFaults } from "./faults.ts"
import { withPresets } from "./presets.ts"

/** What the command line of `run` says. */
export interface RunFlags {
  readonly scenario: string | undefined
  readonly seed: string | undefined
  readonly stations: number | undefined
  readonly days: number | undefined
  readonly world: WorldName
  readonly target: string | undefined
  readonly store: StoreName | undefined
  /** As written after each `--fault`. */
  readonly faults?: ReadonlyArray<string>
  /** Names joined by commas. */
  readonly presets?: string | undefined
  /** How the foreign CMS's books are read. */
  readonly books?: ForeignBooks | undefined
}

/** A run that makes sense. */
export interface RunRequest {
  readonly scenario: Scenario
  readonly seed: string
  readonly stations: number | undefined
  readonly days: number | undefined
  readonly world: WorldName
  /** The foreign CMS, in world remote only. */
  readonly target: string | undefined
  readonly books: ForeignBooks | undefined
  /** Of our own CMS; in world remote it has no meaning. */
  readonly store: StoreName
  /** The command that does the same again. */
  readonly repeat: string
}

const wrong = (message: string): Result.Result<never, WrongUse> => Result.fail(new WrongUse({ message }))

/** A word as a shell takes it. */
export const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** The command that repeats a run: everything that was asked for, and the seed in any case. */
export const repeatCommand = (flags: Omit<RunFlags, "scenario" | "seed">, scenario: string, seed: string): string => {
  const given: ReadonlyArray<readonly [string, string | number | undefined]> = [
    ["seed", seed],
    ["stations", flags.stations],
    ["days", flags.days],
    ["world", flags.world === "virtual" ? undefined : flags.world],
    ["target", flags.target],
    ["store", flags.store],
    ["presets", flags.presets],
    ["adapter", flags.books?.adapter],
    ["adapter-url", flags.books?.url],
    ...Object.keys(flags.books?.options ?? {}).map((name) => ["adapter-option", `${name}=...`] as const),
    ...(flags.faults ?? []).map((fault) => ["fault", fault] as const)
  ]
  const words = given.flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${quoted(String(value))}`]))
  return ["npm run wattproof -- run", scenario, ...words].join(" ")
}

const unknownScenario = (name: string | undefined, catalogue: ReadonlyArray<Scenario>) => {
  const names = catalogue.map((scenario) => scenario.name)
  if (name === undefined) return wrong(`run needs the name of a scenario.\nThere are: ${names.join(", ")}.`)
  const meant = nearest(name, names)
  const hint = meant === undefined ? "" : ` Did you mean ${meant}?`
  return wrong(`There is no scenario "${name.slice(0, 100)}".${hint}\nThere are: ${names.join(", ")}.`)
}

/** Holds flags against each other and the catalogue. */
export const requestOf = (flags: RunFlags, catalogue: ReadonlyArray<Scenario>): Result.Result<RunRequest, WrongUse> => {
  const { world, target, store } = flags
  const found = catalogue.find(({ name }) => name === flags.scenario)
  if (found === undefined) return unknownScenario(flags.scenario, catalogue)
  const troubled = withFaults(found, flags.faults ?? [], world)
  if (Result.isFailure(troubled)) return Result.fail(troubled.failure)
  const peopled = withPresets(troubled.success, flags.presets)
  if (Result.isFailure(peopled)) return Result.fail(peopled.failure)
  const scenario = peopled.success
  if (world === "remote" && target === undefined) {
    return wrong(
      "--world remote needs --target: where the CMS under test listens, without the station's identity,\nas in --target wss://cms.example.org/ocpp."
    )
  }
  if (world !== "remote" && target !== undefined) {
    return wrong(
      `--target names somebody else's CMS, and --world ${world} runs our own.\nAdd --world remote, or leave --target out.`
    )
  }
  if (world === "remote" && store !== undefined) {
    return wrong("--store is about our own CMS, and --world remote has none.\nLeave --store out.")
  }
  if (world !== "virtual" && scenario.live === null) {
    const others = catalogue.filter(({ live }) => live !== null).map(({ name }) => name)
    return wrong(
      `--world ${world} cannot be had for ${scenario.name}: it is lived in virtual time only.\nLeave --world out, or take one of ${others.join(", ")}.`
    )
  }
  if (world !== "virtual" && flags.days !== undefined) {
    return wrong(
      `--days is about virtual time; --world ${world} lives ${scenario.name} in seconds of its own.\nLeave --days out.`
    )
  }
  const seed = flags.seed ?? scenario.seed
  return Result.succeed({
    scenario,
    seed,
    stations: flags.stations,
    days: flags.days,
    world,
    target,
    books: flags.books,
    store: store ?? "postgres",
    repeat: repeatCommand(flags, scenario.name, seed)
  })
}
