import { count } from "../cli/format.ts"
import { type Html, html, type Part } from "./html.ts"
import { type LatencyRow, stepsPerDecade } from "./Latencies.ts"
import { table } from "./table.ts"

/** A while in the unit that suits it, three digits: `850 µs`, `43.1 ms`, `2.35 s`, `12.0 min`. */
export const while_ = (us: number): string => {
  const [value, unit] =
    us < 999.5 ? [us, "µs"] : us < 999_500 ? [us / 1e3, "ms"] : us < 120e6 ? [us / 1e6, "s"] : [us / 60e6, "min"]
  return `${value >= 99.95 || unit === "µs" ? count(value) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2)} ${unit}`
}

/** The steps that any of the rows has something in. */
const spanOf = (rows: ReadonlyArray<LatencyRow>): readonly [from: number, to: number] => {
  const firsts = rows.map(({ counts }) => counts.findIndex((it) => it > 0)).filter((it) => it >= 0)
  return [Math.min(...firsts, Number.MAX_SAFE_INTEGER), Math.max(0, ...rows.map(({ counts }) => counts.length))]
}

/** The shape of a distribution as a row of bars; heights are roots of shares, so that what is rare can be seen. */
const spark = ({ counts, name }: LatencyRow, from: number, to: number): Html => {
  const most = Math.max(...counts)
  const width = 130 / Math.max(8, to - from)
  const bars = Array.from({ length: Math.max(0, to - from) }, (_, index) => {
    const share = (counts[from + index] ?? 0) / most
    const height = share === 0 ? 0 : Math.max(1.5, 20 * Math.sqrt(share))
    return height === 0
      ? ""
      : html`<rect x="${(index * width).toFixed(1)}" y="${(20 - height).toFixed(1)}" width="${(width - 0.8).toFixed(1)}" height="${height.toFixed(1)}"/>`
  })
  return html`<svg class="spark" viewBox="0 0 130 20" preserveAspectRatio="none" fill="currentColor" role="img" aria-label="distribution of ${name}">${bars}</svg>`
}

/** What else a row tells, between its name and its latencies. */
export interface MoreColumns<Row extends LatencyRow> {
  readonly heads: ReadonlyArray<string>
  readonly cells: (row: Row) => ReadonlyArray<Part>
}

/**
 * Latencies by name: p50, p95, p99 and the longest, beside the shape of the distribution on one logarithmic scale for
 * all rows.
 */
export const latencyTable = <Row extends LatencyRow>(
  caption: string,
  nameHead: string,
  rows: ReadonlyArray<Row>,
  more: MoreColumns<Row> = { heads: ["count"], cells: (row) => [count(row.count)] }
): Html => {
  const [from, to] = spanOf(rows)
  const at = (step: number): string => while_(10 ** (step / stepsPerDecade))
  const scale = from < to ? `${at(from)} to ${at(to)}` : ""
  return table({
    caption,
    columns: [
      { head: nameHead },
      ...more.heads.map((head) => ({ head, isNumber: true })),
      ...["p50", "p95", "p99", "longest"].map((head) => ({ head, isNumber: true })),
      { head: scale }
    ],
    rows: rows.map((row) => ({
      cells: [
        row.name,
        ...more.cells(row),
        ...(row.count === 0
          ? Array.from({ length: 4 }, () => html`<span class="zero">–</span>`)
          : [row.p50Us, row.p95Us, row.p99Us, row.maxUs].map(while_)),
        row.count === 0 ? "" : spark(row, from, to)
      ]
    }))
  })
}
