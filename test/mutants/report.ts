import { type Column, table } from "#scenarios/cli/table.ts"
import type { Mutant } from "./Mutant.ts"
import type { Hunted } from "./pack.ts"

/** The share of the mutants that has to be found. */
export const bar = 0.95

/** A mutant and what became of it. */
export interface Scored {
  readonly mutant: Mutant
  readonly hunted: Hunted
}

/** What all hunts come to. */
export interface Score {
  readonly planted: number
  readonly found: number
  /** Found of planted, 0 to 1; bad mutants are counted in neither. */
  readonly score: number
  readonly meetsBar: boolean
  readonly bad: number
  /** Stories until the catch, and steps of the story made small: medians over those found by a story. */
  readonly medianRuns: number | null
  readonly medianSteps: number | null
}

const isFound = ({ hunted }: Scored): boolean => hunted.verdict._tag === "Found"
const isBad = ({ hunted }: Scored): boolean => hunted.verdict._tag === "Bad"

/** Counts. A bad mutant showed nothing, so the bar is not met while there is one. */
export const scoreOf = (all: ReadonlyArray<Scored>): Score => {
  const bad = all.filter(isBad).length
  const planted = all.length - bad
  const found = all.filter(isFound).length
  const score = planted === 0 ? 0 : found / planted
  const captures = all.flatMap(({ hunted: { verdict } }) => (verdict._tag === "Found" ? [verdict.capture] : []))
  return {
    planted,
    found,
    score,
    meetsBar: bad === 0 && score >= bar,
    bad,
    medianRuns: median(captures.map(({ runs }) => runs)),
    medianSteps: median(captures.flatMap(({ steps }) => (steps === null ? [] : [steps])))
  }
}

/** The middle one, the lower of two; null of none. */
const median = (values: ReadonlyArray<number>): number | null =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? null

const percent = (share: number): string => `${(Math.floor(share * 1000) / 10).toFixed(1)} %`
const orDash = (value: number | null): string => (value === null ? "-" : String(value))

const columns: ReadonlyArray<Column> = [
  { head: "area", align: "left" },
  { head: "planted", align: "right" },
  { head: "found", align: "right" },
  { head: "score", align: "right" },
  { head: "runs", align: "right" },
  { head: "steps", align: "right" }
]

/** What is printed: the score by area, then every survivor and every bad mutant with what is known of it. */
export const reportOf = (all: ReadonlyArray<Scored>): ReadonlyArray<string> => {
  const areas = [...new Set(all.map(({ mutant }) => mutant.area))]
  const row = (name: string, some: ReadonlyArray<Scored>): ReadonlyArray<string> => {
    const { planted, found, score, medianRuns, medianSteps } = scoreOf(some)
    return [name, `${planted}`, `${found}`, percent(score), orDash(medianRuns), orDash(medianSteps)]
  }
  const rows = areas.map((area) =>
    row(
      area,
      all.filter(({ mutant }) => mutant.area === area)
    )
  )
  return [
    ...table(columns, [...rows, row("all", all)]),
    "",
    "  runs: stories until it was found, steps: of the story made small; medians",
    ...section(
      "survivors",
      all.filter((it) => !isFound(it) && !isBad(it)),
      ({ mutant }) => [mutant.why, ...(mutant.explained === undefined ? [] : [`Explained: ${mutant.explained}`])]
    ),
    ...section("bad mutants, which show nothing", all.filter(isBad), ({ hunted: { verdict } }) =>
      verdict._tag === "Bad" ? [verdict.why.split("\n", 1)[0]!.slice(0, 300)] : []
    )
  ]
}

const section = (
  title: string,
  some: ReadonlyArray<Scored>,
  words: (scored: Scored) => ReadonlyArray<string>
): ReadonlyArray<string> =>
  some.length === 0
    ? []
    : ["", `  ${title}`, ...some.flatMap((it) => [`    ${it.mutant.id}`, ...words(it).map((line) => `      ${line}`)])]
