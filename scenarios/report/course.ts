import * as Plot from "@observablehq/plot"
import { count, energy, plural, power } from "../cli/format.ts"
import type { RunRecord, Sample } from "../telemetry/RunRecord.ts"
import { type Html, html } from "./html.ts"
import type { Section } from "./page.ts"
import { plot } from "./plot.ts"
import { clock, instant, tickOf } from "./time.ts"

interface Powered {
  readonly atMs: number
  readonly toMs: number
  readonly kw: number
}

/** Mean power between samples. */
const powerOf = (samples: ReadonlyArray<Sample>): ReadonlyArray<Powered> =>
  samples.slice(1).map(({ atMs, deliveredMilliWh }, index) => {
    const before = samples[index]!
    const hours = (atMs - before.atMs) / 3_600_000
    return {
      atMs: before.atMs,
      toMs: atMs,
      kw: hours <= 0 ? 0 : (deliveredMilliWh - before.deliveredMilliWh) / 1e6 / hours
    }
  })

const axisOf = ({ startedAtMs, endedAtMs }: RunRecord) => ({
  type: "utc" as const,
  domain: [startedAtMs, endedAtMs],
  label: null,
  tickFormat: tickOf(startedAtMs, endedAtMs),
  ticks: 9
})

const powerPlot = (record: RunRecord, powered: ReadonlyArray<Powered>): Html =>
  plot({
    title: "Power over the run, kW",
    height: 210,
    x: axisOf(record),
    y: { label: "kW", grid: true, ticks: 4, nice: true },
    marks: [
      Plot.areaY(powered, { x: "atMs", y: "kw", curve: "step-after", fill: "var(--data-soft)" }),
      Plot.lineY(powered, { x: "atMs", y: "kw", curve: "step-after", stroke: "var(--data)", strokeWidth: 1.4 }),
      Plot.ruleY([0], { stroke: "var(--line)" })
    ]
  })

const energyPlot = (record: RunRecord): Html =>
  plot({
    title: "Energy delivered since the start of the run, kWh",
    height: 150,
    x: axisOf(record),
    y: { label: "kWh", grid: true, ticks: 3, nice: true, zero: true },
    marks: [
      Plot.lineY(record.samples, {
        x: "atMs",
        y: (it: Sample) => it.deliveredMilliWh / 1e6,
        stroke: "var(--data)",
        strokeWidth: 1.6
      }),
      Plot.ruleY([0], { stroke: "var(--line)" })
    ]
  })

const stationsPlot = (record: RunRecord): Html =>
  plot({
    title: "Connected stations and running sessions over the run",
    height: 190,
    x: axisOf(record),
    y: {
      grid: true,
      ticks: 4,
      nice: true,
      zero: true,
      label: null,
      tickFormat: (it: number) => (Number.isInteger(it) ? count(it) : "")
    },
    marks: [
      Plot.areaY(record.samples, { x: "atMs", y: "sessions", curve: "step-after", fill: "var(--data-soft)" }),
      Plot.lineY(record.samples, {
        x: "atMs",
        y: "sessions",
        curve: "step-after",
        stroke: "var(--data)",
        strokeWidth: 1.4
      }),
      Plot.lineY(record.samples, {
        x: "atMs",
        y: "connected",
        curve: "step-after",
        stroke: "var(--ink)",
        strokeWidth: 1.2,
        strokeDasharray: "5,2"
      }),
      Plot.ruleY([0], { stroke: "var(--line)" })
    ]
  })

const greatest = <A>(items: ReadonlyArray<A>, of: (item: A) => number): A | undefined =>
  items.reduce<A | undefined>((most, it) => (most === undefined || of(it) > of(most) ? it : most), undefined)

/** Power, energy, sessions and connections over the run. */
export const course = (record: RunRecord, prefix: string): Section | undefined => {
  const { samples } = record
  if (samples.length < 2) return undefined
  const powered = powerOf(samples)
  const peak = greatest(powered, ({ kw }) => kw)!
  const busiest = greatest(samples, ({ sessions }) => sessions)!
  const fewest = greatest(
    samples.filter(({ atMs }) => atMs > samples[0]!.atMs + (record.endedAtMs - record.startedAtMs) * 0.02),
    ({ connected }) => -connected
  )
  return {
    id: `${prefix}course`,
    title: "Energy, power and sessions",
    lede: `The meters counted ${energy(Math.floor(samples.at(-1)!.deliveredMilliWh / 1000))}; at most ${power(peak.kw * 1000)} at ${clock(peak.atMs).slice(0, 5)}. Times are UTC.`,
    body: [
      html`<figure><figcaption>Power, mean between two looks at every meter</figcaption><div class="frame">${powerPlot(record, powered)}</div></figure>`,
      html`<figure><figcaption>Energy since the start</figcaption><div class="frame">${energyPlot(record)}</div></figure>`,
      html`<figure><figcaption>Sessions and stations: at most ${plural(busiest.sessions, "session")} at once (${instant(busiest.atMs).slice(11, 16)})${
        fewest !== undefined &&
        `, never fewer than ${count(fewest.connected)} of ${plural(record.stations, "station")} connected after they had come up`
      }</figcaption><div class="frame">${stationsPlot(record)}</div>
<p class="key"><span><i style="border-color:var(--data)"></i>running sessions</span><span><i style="border-color:var(--ink);border-top-style:dashed"></i>connected stations</span></p></figure>`
    ]
  }
}
