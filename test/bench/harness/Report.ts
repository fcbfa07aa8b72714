/** One figure of a benchmark. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What it is held against, in words and by number. */
  readonly bar?: { readonly atLeast?: number; readonly atMost?: number }
}

export interface Result {
  readonly benchmark: string
  readonly figures: ReadonlyArray<Figure>
}

/** What a benchmark is given. */
export interface Context {
  /** Says what is being done now. */
  readonly note: (text: string) => void
  /** Where CPU profiles of the server go, if they are wanted. */
  readonly profileInto: string | undefined
  /** Seconds measured for each figure. */
  readonly seconds: number
}

export type Benchmark = (context: Context) => Promise<ReadonlyArray<Figure>>

/** Whether a figure reaches its bar; undefined when it has none. */
export const passes = ({ value, bar }: Figure): boolean | undefined => {
  if (bar === undefined) return undefined
  return (bar.atLeast === undefined || value >= bar.atLeast) && (bar.atMost === undefined || value <= bar.atMost)
}

const written = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en-US") : value.toFixed(Math.abs(value) >= 10 ? 1 : 2)

const barOf = (figure: Figure): string => {
  const { bar } = figure
  if (bar === undefined) return ""
  const limit = bar.atLeast === undefined ? `at most ${written(bar.atMost!)}` : `at least ${written(bar.atLeast)}`
  return `${limit}: ${passes(figure) === true ? "met" : "MISSED"}`
}

/** An aligned table. */
export const table = (results: ReadonlyArray<Result>): string => {
  const figures = results.flatMap((result) => result.figures)
  const wide = Math.max(0, ...figures.map(({ name }) => name.length)) + 2
  const lines: Array<string> = []
  for (const { benchmark, figures } of results) {
    lines.push(benchmark)
    for (const figure of figures) {
      const row = `  ${figure.name.padEnd(wide)}${written(figure.value).padStart(10)} ${figure.unit.padEnd(14)} ${barOf(figure)}`
      lines.push(row.trimEnd())
    }
  }
  return lines.join("\n")
}
