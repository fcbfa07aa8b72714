import * as Plot from "@observablehq/plot"
import { count, duration, plural } from "../cli/format.ts"
import type { Mark, RunRecord, Span } from "../telemetry/RunRecord.ts"
import { type Html, html } from "./html.ts"
import type { Section } from "./page.ts"
import { plot } from "./plot.ts"
import { table } from "./table.ts"
import { instant, tickOf } from "./time.ts"

/** Steps of time that a lane is drawn in: finer than the eye tells apart. */
const steps = 500

interface Lane {
  readonly name: string
  readonly spans: ReadonlyArray<Span>
  readonly times: number
  readonly atOnce: number
  readonly points: ReadonlyArray<{ readonly name: string; readonly atMs: number; readonly height: number }>
}

/** How many were stricken at once in each step of the run, from 0 to 1 of the most that ever were. */
const laneOf = (name: string, spans: ReadonlyArray<Span>, times: number, fromMs: number, toMs: number): Lane => {
  const stepMs = Math.max(1, (toMs - fromMs) / steps)
  const stepAt = (atMs: number): number => Math.min(steps - 1, Math.max(0, Math.floor((atMs - fromMs) / stepMs)))
  const changes = new Array<number>(steps + 1).fill(0)
  for (const span of spans) {
    changes[stepAt(span.fromMs)]!++
    changes[stepAt(span.toMs ?? toMs) + 1]!--
  }
  let now = 0
  const heights = changes.slice(0, steps).map((change) => (now += change))
  const atOnce = Math.max(1, ...heights)
  // Only where it changes: a lane that is quiet for hours is two points.
  const points = heights.flatMap((height, index) =>
    index > 0 && heights[index - 1] === height && heights[index + 1] === height
      ? []
      : [{ name, atMs: fromMs + index * stepMs, height: height / atOnce }]
  )
  return { name, spans, times, atOnce, points: [...points, { name, atMs: toMs, height: 0 }] }
}

const lanesOf = ({ spans, strikes, cmsDeaths, startedAtMs, endedAtMs }: RunRecord): ReadonlyArray<Lane> => {
  const named: ReadonlyArray<readonly [string, number]> = [
    ...(cmsDeaths > 0 ? [["CMS down", cmsDeaths] as const] : []),
    ...strikes
  ]
  return named.map(([name, times]) =>
    laneOf(
      name,
      spans.filter((it) => it.name === name),
      times,
      startedAtMs,
      endedAtMs
    )
  )
}

/** Labels that would stand on each other go on lines of their own. */
const placed = (marks: ReadonlyArray<Mark>, fromMs: number, toMs: number) => {
  const room = (toMs - fromMs) * 0.16
  const rows: Array<number> = []
  return marks.map((mark) => {
    let row = rows.findIndex((lastMs) => mark.atMs - lastMs > room)
    if (row < 0) row = rows.length
    rows[row] = mark.atMs
    return { ...mark, row }
  })
}

type Placed = ReturnType<typeof placed>[number]

/** The names of instants, above the lanes and on the side of their line where there is room. */
const labels = (named: ReadonlyArray<Placed>, lane: string, middleMs: number) =>
  [...new Set(named.map(({ row }) => row))].flatMap((row) =>
    (["start", "end"] as const).map((textAnchor) =>
      Plot.text(
        named.filter((it) => it.row === row && it.atMs < middleMs === (textAnchor === "start")),
        {
          x: "atMs",
          fy: () => lane,
          text: (it: Mark) => `${it.name} ${instant(it.atMs).slice(11, 16)}`,
          frameAnchor: "top",
          lineAnchor: "bottom",
          textAnchor,
          dx: textAnchor === "start" ? -2 : 2,
          dy: -4 - row * 17
        }
      )
    )
  )

const drawn = (lanes: ReadonlyArray<Lane>, { marks, startedAtMs, endedAtMs }: RunRecord): Html => {
  const named = placed(marks, startedAtMs, endedAtMs)
  const rows = Math.max(0, ...named.map(({ row }) => row + 1))
  const top = 12 + rows * 17
  const names = lanes.map(({ name }) => name)
  const healed = marks.find(({ name }) => name === "faults healed")
  return plot({
    title: `When each fault was on, from ${instant(startedAtMs)} to ${instant(endedAtMs)} UTC`,
    height: top + Math.max(1, lanes.length) * 30 + 34,
    marginTop: top,
    marginBottom: 30,
    marginLeft: 128,
    x: {
      type: "utc",
      domain: [startedAtMs, endedAtMs],
      label: null,
      tickFormat: tickOf(startedAtMs, endedAtMs),
      ticks: 9
    },
    y: { axis: null, domain: [0, 1.15] },
    fy: { domain: names.length > 0 ? names : [""], label: null, axis: null, padding: 0.12 },
    marks: [
      Plot.rect(healed === undefined ? [] : [healed], {
        x1: "atMs",
        x2: () => endedAtMs,
        y1: 0,
        y2: 1.15,
        fill: "var(--good)",
        fillOpacity: 0.07
      }),
      Plot.areaY(
        lanes.flatMap(({ points }) => points),
        {
          x: "atMs",
          y: "height",
          fy: "name",
          curve: "step-after",
          fill: (it: { readonly name: string }) => (it.name === "CMS down" ? "var(--bad)" : "var(--warn)"),
          z: "name",
          fillOpacity: 0.75
        }
      ),
      Plot.ruleY(lanes, { y: 0, fy: "name", stroke: "var(--line)" }),
      Plot.text(lanes, {
        fy: "name",
        text: "name",
        frameAnchor: "left",
        dx: -128 + 2,
        textAnchor: "start",
        fill: "var(--ink)"
      }),
      Plot.ruleX(named, { x: "atMs", stroke: "var(--ink)", strokeDasharray: "2,3", strokeOpacity: 0.7 }),
      ...labels(named, names[0] ?? "", (startedAtMs + endedAtMs) / 2)
    ]
  })
}

/** Faults, deaths of the CMS and settling on one axis, and the same as a table. */
export const timeline = (record: RunRecord, prefix: string): Section => {
  const lanes = lanesOf(record)
  const settled = record.marks.find(({ name }) => name === "last transaction ends")
  const lede =
    lanes.length === 0
      ? "Nothing was made to go wrong in this run."
      : record.happened === "steps"
        ? "What the story made happen, how often and for how long, and what followed."
        : "How many stations each fault had in its hands at once; each lane by its own greatest number."
  return {
    id: `${prefix}timeline`,
    title: record.happened === "steps" ? "Steps and settling" : "Faults and settling",
    lede,
    body: [
      html`<figure><div class="frame">${drawn(lanes, record)}</div></figure>`,
      settled !== undefined &&
        html`<p class="note">The last transaction ended at ${instant(settled.atMs)} UTC; the run at ${instant(record.endedAtMs)}.</p>`,
      lanes.length > 0 &&
        html`<details class="fold"><summary>The same as a table</summary>${table({
          caption: "Faults: how often, for how long in all, and at how many stations at once at most",
          columns: [
            { head: "fault" },
            { head: "strikes", isNumber: true },
            { head: "in all", isNumber: true },
            { head: "at once", isNumber: true }
          ],
          rows: lanes.map(({ name, times, spans, atOnce }) => ({
            cells: [
              name,
              count(times),
              duration(spans.reduce((sum, it) => sum + ((it.toMs ?? record.endedAtMs) - it.fromMs), 0) / 1000),
              name === "CMS down" ? "–" : plural(atOnce, "station")
            ]
          }))
        })}</details>`
    ]
  }
}
