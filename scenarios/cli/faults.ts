import { Result } from "effect"
import { WrongUse } from "#server/cli/failures.ts"
import { catalogue, find } from "#simulator/faults/Catalogue.ts"
import type { Entry } from "#simulator/faults/Entry.ts"
import type { Plan } from "#simulator/faults/Trouble.ts"
import type { WorldName } from "../lab/Result.ts"
import type { Scenario } from "../Scenario.ts"
import { wrap } from "./format.ts"

/** How `--fault` is written. */
export const faultSyntax = "NAME[:parameter=value,...][@share][/every[+for]]"

const example = "lost-answers:ratio=0.5@0.3/120+10"
const everyOf = 120
const forOf = 10
const minuteMs = 60_000
/** On the wall clock a scenario is squeezed: what is a minute in virtual time is a tenth of a second there. */
const liveMinuteMs = 100
/** A day that its own troubles do not end is healed this long before its end. */
const healedBeforeEndMs = 60 * minuteMs

/** A fault as asked for; times in minutes of virtual time. */
interface Asked {
  readonly entry: Entry
  readonly given: Readonly<Record<string, unknown>>
  readonly share: number
  readonly every: number
  readonly lasts: number
}

const wrong = (text: string, why: string): Result.Result<never, WrongUse> =>
  Result.fail(new WrongUse({ message: `--fault ${text.replace(/\p{Cc}/gu, "?").slice(0, 120)} will not do: ${why}` }))

const numberIn = (text: string, minimum: number, maximum: number): number | undefined => {
  const value = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN
  return value >= minimum && value <= maximum ? value : undefined
}

/** A value by what its parameter is made of: "-1" may be a word. */
const valueOf = (text: string, standard: unknown): unknown => {
  if (typeof standard === "string") return text
  if (text === "true" || text === "false") return text === "true"
  return /^-?\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : text
}

/** Every parameter of a fault with its default, as it is written after the name. */
const standardOf = (entry: Entry): string =>
  Object.entries(Result.getOrThrow(entry.read({})))
    .map(([name, value]) => `${name}=${value}`)
    .join(",")

/** Reads one `--fault`. */
const asked = (text: string): Result.Result<Asked, WrongUse> => {
  const parts = /^([^:@/]*)(?::([^@/]*))?(?:@([^/]*))?(?:\/([^+]*)(?:\+(.*))?)?$/.exec(text)
  if (parts === null) return wrong(text, `it is written ${faultSyntax}, as in ${example}.`)
  const [, name = "", list, share = "1", every = String(everyOf), lasts = String(forOf)] = parts
  const found = find(name)
  if (Result.isFailure(found)) {
    return wrong(text, `${found.failure.message.replace(/\p{Cc}/gu, "?")}\nAll of them: wattproof list --faults`)
  }
  const entry = found.success
  const standards = Result.getOrThrow(entry.read({}))
  const given: Record<string, unknown> = {}
  for (const pair of list === undefined ? [] : list.split(",")) {
    const [, parameter, value] = /^([A-Za-z]+)=(.+)$/.exec(pair) ?? []
    if (parameter === undefined || value === undefined) return wrong(text, `"${pair}" is no parameter=value.`)
    given[parameter] = valueOf(value, standards[parameter])
  }
  const standard = standardOf(entry)
  if (Result.isFailure(entry.read(given))) {
    return wrong(
      text,
      standard === "" ? `${entry.name} has no parameters.` : `its parameters do not fit; they are ${standard}.`
    )
  }
  const [shareOf, everyMinutes, lastsMinutes] = [
    numberIn(share, 0, 1),
    numberIn(every, 0.01, 525_600),
    numberIn(lasts, 0, 525_600)
  ]
  if (shareOf === undefined) return wrong(text, "after @ stands the share of stations it can strike, from 0 to 1.")
  if (everyMinutes === undefined) return wrong(text, "after / stands the mean number of minutes between two strikes.")
  if (lastsMinutes === undefined) return wrong(text, "after + stands the mean number of minutes that a strike lasts.")
  return Result.succeed({ entry, given, share: shareOf, every: everyMinutes, lasts: lastsMinutes })
}

const planOf = ({ entry, given, share, every, lasts }: Asked, aMinuteMs: number): Plan => ({
  fault: entry.make(given as Parameters<Entry["make"]>[0]),
  everyMs: every * aMinuteMs,
  lastsMs: lasts * aMinuteMs,
  share,
  together: entry.together
})

/** The scenario with the faults of the command line besides its own. */
export const withFaults = (
  scenario: Scenario,
  texts: ReadonlyArray<string>,
  world: WorldName
): Result.Result<Scenario, WrongUse> => {
  if (texts.length === 0) return Result.succeed(scenario)
  const all: Array<Asked> = []
  for (const text of texts) {
    const one = asked(text)
    if (Result.isFailure(one)) return Result.fail(one.failure)
    const { entry } = one.success
    if (world !== "virtual" && !entry.worlds.includes("live")) {
      return wrong(text, `${entry.name} can be had in virtual time only. Leave --world ${world} out.`)
    }
    all.push(one.success)
  }
  const { live } = scenario
  return Result.succeed({
    ...scenario,
    troubles: [...scenario.troubles, ...all.map((one) => planOf(one, minuteMs))],
    healedBeforeEndMs: Math.max(scenario.healedBeforeEndMs, healedBeforeEndMs),
    live:
      live === null ? null : { ...live, troubles: [...live.troubles, ...all.map((one) => planOf(one, liveMinuteMs))] }
  })
}

/** Every fault as `list --faults --json` prints it. */
export const faultEntries = () =>
  catalogue.map((entry) => ({
    name: entry.name,
    family: entry.family,
    about: entry.about,
    owes: entry.owes,
    worlds: entry.worlds,
    together: entry.together,
    parameters: Result.getOrThrow(entry.read({}))
  }))

/** The catalogue of faults for a person: by family, a name with its defaults and a line of where it is seen. */
export const faultLines = (columns: number): ReadonlyArray<string> => {
  const width = Math.max(40, columns) - 4
  const families = [...new Set(catalogue.map(({ family }) => family))]
  return families.flatMap((family) => [
    family,
    ...catalogue
      .filter((entry) => entry.family === family)
      .flatMap((entry) => {
        const standard = standardOf(entry)
        const where = entry.worlds.includes("live") ? "" : " (virtual time only)"
        return [
          `  ${entry.name}${standard === "" ? "" : `:${standard}`}${where}`,
          ...wrap(entry.about, width).map((line) => `    ${line}`)
        ]
      }),
    ""
  ])
}
