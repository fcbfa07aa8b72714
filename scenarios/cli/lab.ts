import { readFileSync, writeFileSync } from "node:fs"
import { Effect, Option, Result } from "effect"
import { Command, Flag } from "effect/cli"
import * as Instant from "#core/Instant.ts"
import { type EnergyPrices, energyPricesOf, priceMicrosOf } from "#core/lab/energyCost.ts"
import { outcomeJson } from "#core/lab/json.ts"
import { type Offer, offerOf } from "#core/lab/Offer.ts"
import type { Outcome } from "#core/lab/Outcome.ts"
import type { Setup } from "#core/lab/Tally.ts"
import { nearest } from "#core/nearest.ts"
import type { TransactionFilter } from "#server/books/Books.ts"
import { CannotRun, explain, WrongUse } from "#server/cli/failures.ts"
import { dataFlag, wholeNumber } from "#server/cli/flags.ts"
import { Screen } from "#server/cli/Screen.ts"
import { stores } from "#server/Serve.ts"
import { Settings } from "#server/Settings.ts"
import type { Scenario } from "../Scenario.ts"
import { labPage } from "../tarifflab/page.ts"
import { outcomeLines } from "../tarifflab/text.ts"
import { count, plural } from "./format.ts"
import { countHistory, countScenario, seedsOf } from "./labTraffic.ts"
import { Progress } from "./progress.ts"
import { prepareFiles, reportFlags } from "./reports.ts"
import { quoted } from "./request.ts"
import { sizeFlags } from "./run.ts"

const wrong = (message: string): Result.Result<never, WrongUse> => Result.fail(new WrongUse({ message }))

const fileFlag = (name: string, what: string) =>
  Flag.String(name).pipe(Flag.withMetavar("file"), Flag.withDescription(what))

const instantFlag = (name: string, what: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar("instant"),
    Flag.filter(
      (text) => Instant.parse(text) !== undefined,
      () => "an instant, as 2026-03-01T00:00:00Z"
    ),
    Flag.withDescription(what),
    Flag.optional
  )

const flags = {
  tariff: fileFlag("tariff", "What is charged now: a file with an OCPI tariff, or a list of its versions"),
  against: fileFlag("against", "What might be charged instead"),
  traffic: Flag.String("traffic").pipe(
    Flag.withMetavar("name"),
    Flag.withDescription("A scenario that wattproof list names, or history: the sessions of a database")
  ),
  seeds: wholeNumber("seeds", 1, 1_000, "a number of seeds from 1 to 1000").pipe(
    Flag.withDescription("How often the scenario is lived, each time with other chance (else 1)"),
    Flag.optional
  ),
  seed: Flag.String("seed").pipe(
    Flag.withMetavar("text"),
    Flag.withDescription("The first seed (else the scenario's own)"),
    Flag.optional
  ),
  ...sizeFlags,
  from: instantFlag("from", "Of a history: sessions that began then or later"),
  until: instantFlag("until", "Of a history: sessions that began before"),
  data: dataFlag("Of a history: directory of the embedded database (DATABASE_URL names another)"),
  energyCost: Flag.String("energy-cost").pipe(
    Flag.withMetavar("price"),
    Flag.withDescription("What a kWh costs you, net: the margin is told too"),
    Flag.optional
  ),
  energyPrices: fileFlag("energy-prices", "The same from a file: 24 prices by hour, or a series of instants").pipe(
    Flag.optional
  ),
  elasticity: Flag.String("elasticity").pipe(
    Flag.withMetavar("list"),
    Flag.withDescription("How strongly people are assumed to react, from -5 to 0 (else 0,-0.2,-0.5)"),
    Flag.withDefault("0,-0.2,-0.5")
  ),
  jump: wholeNumber("jump", 1, 10_000, "percent, from 1 to 10000").pipe(
    Flag.withDescription("From how many percent on a session's price is said to jump (else 25)"),
    Flag.withDefault(25)
  ),
  report: reportFlags.report,
  json: Flag.Boolean("json").pipe(
    Flag.withDescription("Print all of it as one JSON object"),
    Flag.withoutNegation,
    Flag.withDefault(false)
  )
}

type Given = { readonly [K in keyof typeof flags]: Command.Command.Config.Infer<typeof flags>[K] }

const jsonOf = (file: string): Result.Result<unknown, WrongUse> =>
  Result.try({
    try: () => JSON.parse(readFileSync(file, "utf8")) as unknown,
    catch: (error) =>
      new WrongUse({ message: `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}` })
  })

const offerFrom = (file: string): Result.Result<Offer, WrongUse> =>
  Result.flatMap(jsonOf(file), (json) =>
    Result.mapError(
      offerOf(json, "UTC"),
      ({ path, message }) =>
        new WrongUse({ message: `${file} holds no tariff to try, at ${path === "" ? "its top" : path}: ${message}` })
    )
  )

interface Energy {
  readonly prices: EnergyPrices | null
  readonly source: string | null
}

const energyOf = ({ energyCost, energyPrices }: Given, currency: string): Result.Result<Energy, WrongUse> => {
  if (Option.isSome(energyCost) && Option.isSome(energyPrices))
    return wrong("--energy-cost and --energy-prices say the same twice. Leave one of them out.")
  if (Option.isSome(energyCost)) {
    const priceMicros = priceMicrosOf(energyCost.value)
    if (priceMicros === undefined)
      return wrong(`--energy-cost ${energyCost.value.slice(0, 40)} is no price per kWh, as 0.11.`)
    return Result.succeed({
      prices: { _tag: "Flat", priceMicros },
      source: `${currency} ${energyCost.value} a kWh, as stated`
    })
  }
  if (Option.isNone(energyPrices)) return Result.succeed({ prices: null, source: null })
  const file = energyPrices.value
  return Result.flatMap(jsonOf(file), (json) =>
    Result.mapBoth(energyPricesOf(json), {
      onSuccess: (prices) => ({ prices, source: `prices by the hour from ${file}` }),
      onFailure: ({ path, message }) =>
        new WrongUse({ message: `${file} holds no energy prices, at ${path === "" ? "its top" : path}: ${message}` })
    })
  )
}

const mostElasticities = 12

/** The elasticities of a list such as `0,-0.2,-0.5`, each once, the weakest first. */
export const elasticitiesOf = (text: string): Result.Result<ReadonlyArray<number>, WrongUse> => {
  const words = text.split(",").map((it) => it.trim())
  const values = words.map((it) => (/^-?\d{1,2}(\.\d{1,4})?$/.test(it) ? Number(it) + 0 : Number.NaN))
  if (values.some((it) => !(it >= -5 && it <= 0)) || values.length > mostElasticities)
    return wrong(
      `--elasticity ${text.slice(0, 60)} will not do: give up to ${mostElasticities} numbers from -5 to 0, joined by commas, as 0,-0.2,-0.5.`
    )
  return Result.succeed([...new Set(values)].sort((a, b) => b - a))
}

interface Request {
  readonly a: Offer
  readonly b: Offer
  readonly setup: Setup
  readonly energySource: string | null
  /** Null: a database's history. */
  readonly scenario: Scenario | null
  readonly repeat: string
}

const repeatOf = (given: Given): string => {
  const optional = <A extends string | number>(
    name: string,
    value: Option.Option<A>
  ): ReadonlyArray<readonly [string, string]> => (Option.isSome(value) ? [[name, String(value.value)]] : [])
  const words: ReadonlyArray<readonly [string, string]> = [
    ["tariff", given.tariff],
    ["against", given.against],
    ["traffic", given.traffic],
    ...optional("seeds", Option.map(given.seeds, String)),
    ...optional("seed", given.seed),
    ...optional("stations", Option.map(given.stations, String)),
    ...optional("days", Option.map(given.days, String)),
    ...optional("from", given.from),
    ...optional("until", given.until),
    ...optional("data", given.data),
    ...optional("energy-cost", given.energyCost),
    ...optional("energy-prices", given.energyPrices),
    ["elasticity", given.elasticity],
    ["jump", String(given.jump)]
  ]
  // A value that begins with a hyphen would be read as a flag.
  return ["npm run wattproof -- lab", ...words.map(([name, value]) => `--${name}=${quoted(value)}`)].join(" ")
}

const scenarioOf = (given: Given, catalogue: ReadonlyArray<Scenario>): Result.Result<Scenario | null, WrongUse> => {
  if (given.traffic === "history") {
    const unwanted = (["seeds", "seed", "stations", "days"] as const).find((name) =>
      Option.isSome<unknown>(given[name])
    )
    return unwanted === undefined
      ? Result.succeed(null)
      : wrong(`--${unwanted} is about scenarios, and a history is what it is. Leave it out.`)
  }
  const unwanted = (["from", "until", "data"] as const).find((name) => Option.isSome<unknown>(given[name]))
  if (unwanted !== undefined) return wrong(`--${unwanted} is about --traffic history. Leave it out.`)
  const names = catalogue.map(({ name }) => name)
  const found = catalogue.find(({ name }) => name === given.traffic)
  if (found !== undefined) return Result.succeed(found)
  const meant = nearest(given.traffic, [...names, "history"])
  const hint = meant === undefined ? "" : ` Did you mean ${meant}?`
  return wrong(`There is no traffic "${given.traffic.slice(0, 100)}".${hint}\nThere are: history, ${names.join(", ")}.`)
}

const requestOf = (given: Given, catalogue: ReadonlyArray<Scenario>): Result.Result<Request, WrongUse> =>
  Result.gen(function* () {
    const scenario = yield* scenarioOf(given, catalogue)
    const elasticities = yield* elasticitiesOf(given.elasticity)
    const a = yield* offerFrom(given.tariff)
    const b = yield* offerFrom(given.against)
    if (a.currency !== b.currency)
      return yield* wrong(
        `${given.tariff} is in ${a.currency} and ${given.against} in ${b.currency}: nothing converts money here.`
      )
    const energy = yield* energyOf(given, a.currency)
    const setup: Setup = {
      a: a.versions,
      b: b.versions,
      currency: a.currency,
      energyPrices: energy.prices,
      elasticities,
      jumpPercent: given.jump
    }
    return { a, b, setup, energySource: energy.source, scenario, repeat: repeatOf(given) }
  })

const liveScenario = Effect.fnUntraced(function* (
  request: Request,
  scenario: Scenario,
  given: Given,
  nowMs: () => number
) {
  const { err } = yield* Screen
  const seeds = seedsOf(
    Option.getOrElse(given.seed, () => scenario.seed),
    Option.getOrElse(given.seeds, () => 1)
  )
  let progress: Progress | undefined
  let shown = ""
  const counted = yield* Effect.ensuring(
    countScenario(scenario, {
      setup: request.setup,
      seeds,
      stations: Option.getOrUndefined(given.stations),
      days: Option.getOrUndefined(given.days),
      onProgress: (seed, it) => {
        if (seed !== shown) {
          progress?.end()
          progress = new Progress(
            err,
            seeds.length === 1 ? scenario.name : `${scenario.name} ${seeds.indexOf(seed) + 1}/${seeds.length}`,
            nowMs
          )
          shown = seed
        }
        progress?.report(it)
      }
    }),
    Effect.sync(() => progress?.end())
  )
  const stations = Option.getOrElse(given.stations, () => scenario.stations)
  const days = Option.getOrElse(given.days, () => scenario.days)
  const often = seeds.length === 1 ? `seed ${seeds[0]}` : plural(seeds.length, "seed")
  return { ...counted, traffic: `${scenario.name}: ${plural(stations, "station")}, ${plural(days, "day")}, ${often}` }
})

const readHistory = Effect.fnUntraced(function* (request: Request, given: Given) {
  const { err } = yield* Screen
  const environment = yield* Effect.mapError(Settings, (error) => explain(error, undefined))
  if (Option.isSome(given.data) && Option.isSome(environment.databaseUrl))
    return yield* new WrongUse({
      message:
        "--data names a directory for the embedded database, but DATABASE_URL names a database of your own.\nUnset DATABASE_URL, or leave --data out."
    })
  const settings = { ...environment, data: Option.getOrElse(given.data, () => environment.data) }
  const filter: TransactionFilter = {
    ...Option.match(given.from, { onNone: () => ({}), onSome: (it) => ({ startedFromMs: Instant.parse(it)! }) }),
    ...Option.match(given.until, { onNone: () => ({}), onSome: (it) => ({ startedBeforeMs: Instant.parse(it)! }) })
  }
  const say = (sessions: number): void => {
    if (err.isTerminal) err.write(`\r\u001b[K${plural(sessions, "session")} read`)
  }
  const counted = yield* countHistory(request.setup, filter, say).pipe(
    Effect.provide(stores(settings)),
    Effect.mapError((error) => explain(error, settings)),
    Effect.ensuring(Effect.sync(() => err.isTerminal && err.write("\r\u001b[K")))
  )
  const span = [
    ...Option.toArray(Option.map(given.from, (it) => `from ${it}`)),
    ...Option.toArray(Option.map(given.until, (it) => `until ${it}`))
  ]
  const { sessions, unpriced, stations } = counted.tally
  const traffic = [
    `history: ${count(sessions + unpriced)} sessions at ${plural(stations.size, "station")}`,
    ...span
  ].join(", ")
  return { ...counted, traffic }
})

/** `wattproof lab`: the same traffic under two tariffs. */
export const labCommand = (catalogue: ReadonlyArray<Scenario>, nowMs: () => number) =>
  Command.make(
    "lab",
    flags,
    Effect.fnUntraced(function* (given) {
      const { out, err } = yield* Screen
      const request = yield* Effect.fromResult(requestOf(given, catalogue))
      yield* prepareFiles({ report: given.report, junit: Option.none() })
      const { scenario, a, b, setup, energySource, repeat } = request
      const counted =
        scenario === null ? yield* readHistory(request, given) : yield* liveScenario(request, scenario, given, nowMs)
      const outcome: Outcome = { a, b, setup, energySource, repeat, ...counted }
      const lines = given.json
        ? [JSON.stringify(outcomeJson(outcome))]
        : outcomeLines(outcome, out.style, Math.max(60, out.columns()))
      out.write(`${lines.join("\n")}\n`)
      if (Option.isSome(given.report)) {
        const file = given.report.value
        yield* Effect.try({
          try: () => writeFileSync(file, labPage(outcome)),
          catch: (error) =>
            new CannotRun({
              message: `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`
            })
        })
        const say = given.json ? err : out
        say.write(`${say.style.dim(`written: ${file}`)}\n`)
      }
    })
  ).pipe(
    Command.withDescription("Try a tariff before publishing it: the same sessions under two tariffs"),
    Command.withExamples([
      {
        command:
          "wattproof lab --tariff now.json --against idle-fee.json --traffic morning-peak --seeds 5 --report lab.html"
      },
      { command: "wattproof lab --tariff now.json --against new.json --traffic history --energy-cost 0.11 --json" }
    ])
  )
