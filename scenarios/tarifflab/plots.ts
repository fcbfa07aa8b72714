import * as Plot from "@observablehq/plot"
import { partsOf } from "#core/lab/json.ts"
import { daysOf, estimatesOf, minorOfPico, type Outcome, reactionFigures } from "#core/lab/Outcome.ts"
import { histogram, niceWidth, quantile, type Spread } from "#core/lab/Spread.ts"
import type { Part, Side } from "#core/lab/Tally.ts"
import { exponentOf } from "#core/Money.ts"
import type { Html } from "../report/html.ts"
import { plot as drawn, type PlotOptions } from "../report/plot.ts"
import { dimensionName, namesOf } from "./words.ts"

/** A plot with room for the name of its horizontal axis below the ticks. */
const plot = (options: PlotOptions): Html =>
  drawn({
    marginBottom: 42,
    ...options,
    height: (options.height ?? 200) + 14,
    x: { labelAnchor: "center", labelOffset: 38, labelArrow: "none", ...options.x }
  })

/** Minor units as units, for an axis: what is drawn may be a float, what is owed never is. */
const unitsOf = (minor: number, currency: string): number => minor / 10 ** (exponentOf(currency) ?? 2)

/** The dimensions in the order in which they are stacked, with their colours. */
export const dimensionColours: ReadonlyArray<readonly [Part["dimension"], string]> = [
  ["ENERGY", "var(--energy)"],
  ["TIME", "var(--time)"],
  ["PARKING_TIME", "var(--idle)"],
  ["FLAT", "var(--flat)"],
  ["RESERVATION_TIME", "var(--reserved)"],
  ["ADJUSTMENT", "var(--faint)"]
]

/** Net revenue of both tariffs, parted by what it is for. */
export const revenuePlot = (outcome: Outcome): Html => {
  const { tally, setup } = outcome
  const [a, b] = namesOf(outcome)
  const rows = (name: string, side: Side) =>
    dimensionColours.flatMap(([dimension]) => {
      let minor = 0n
      for (const part of partsOf(side)) if (part.dimension === dimension) minor += part.netMinor
      return minor === 0n ? [] : [{ name, dimension, amount: unitsOf(Number(minor), setup.currency) }]
    })
  return plot({
    title: `Net revenue of ${a} and ${b} by what it is for, ${setup.currency}`,
    height: 150,
    marginLeft: 150,
    x: { label: setup.currency, grid: true, ticks: 6, nice: true },
    y: { label: null, domain: [a, b], tickSize: 0 },
    color: { domain: dimensionColours.map(([it]) => it), range: dimensionColours.map(([, colour]) => colour) },
    marks: [
      Plot.barX([...rows(a, tally.a), ...rows(b, tally.b)], {
        x: "amount",
        y: "name",
        fill: "dimension",
        insetLeft: 1
      }),
      Plot.ruleX([0], { stroke: "var(--line)" })
    ]
  })
}

/** The dimensions that either tariff charges. */
export const chargedDimensions = ({ tally }: Outcome): ReadonlyArray<readonly [name: string, colour: string]> => {
  const charged = new Set([...tally.a.parts.values(), ...tally.b.parts.values()].map(({ dimension }) => dimension))
  return dimensionColours.filter(([it]) => charged.has(it)).map(([it, colour]) => [dimensionName(it), colour])
}

/** Two distributions over one axis; what lies beyond the 99th percentile of both is in the last bar. */
export const pricePlot = (title: string, spreads: readonly [Spread, Spread], currency: string): Html => {
  const most = Math.max(1, ...spreads.map((it) => quantile(it, 0.95) ?? 0))
  const width = niceWidth(most, 40)
  const bins = (spread: Spread) =>
    histogram(spread, width, most).map(({ from, to, count }) => ({
      from: unitsOf(from, currency),
      to: unitsOf(to, currency),
      count
    }))
  const at = { x1: "from", x2: "to", y: "count" }
  return plot({
    title,
    height: 200,
    x: { label: currency, ticks: 10, nice: false },
    y: { label: "sessions", grid: true, ticks: 4, nice: true },
    marks: [
      Plot.rectY(bins(spreads[0]), { ...at, fill: "var(--a)", fillOpacity: 0.55, insetLeft: 1 }),
      Plot.rectY(bins(spreads[1]), { ...at, fill: "var(--b)", fillOpacity: 0.55, insetLeft: 1 }),
      Plot.ruleY([0], { stroke: "var(--line)" })
    ]
  })
}

/** By how much sessions get dearer or cheaper. */
export const differencePlot = ({ tally, setup }: Outcome): Html => {
  const low = quantile(tally.differences, 0.01) ?? 0
  const high = quantile(tally.differences, 0.99) ?? 0
  const width = niceWidth(Math.max(high, 0) - Math.min(low, 0), 44)
  const changed = new Map([...tally.differences].filter(([difference]) => difference !== 0))
  const bars = histogram(changed, width, Math.max(high + 1, width)).map(({ from, to, count }) => ({
    from: unitsOf(from, setup.currency),
    to: unitsOf(to, setup.currency),
    count,
    fill: from >= 0 ? "var(--rise)" : "var(--fall)"
  }))
  return plot({
    title: `Sessions by how much dearer or cheaper they get, ${setup.currency}`,
    height: 190,
    x: { label: `difference, ${setup.currency}`, ticks: 10 },
    y: { label: "sessions", grid: true, ticks: 4, nice: true },
    marks: [
      Plot.rectY(bars, { x1: "from", x2: "to", y: "count", fill: "fill", insetLeft: 1 }),
      Plot.ruleY([0], { stroke: "var(--line)" }),
      Plot.ruleX([0], { stroke: "var(--ink)" })
    ]
  })
}

/** Cars plugged in at once by the hour of the local day, idle ones apart. */
export const hoursPlot = (outcome: Outcome): Html => {
  const { tally } = outcome
  const perHourMs = daysOf(outcome) * 3_600_000
  const bars = tally.occupiedByHour.flatMap((occupiedMs, hour) => {
    const idleMs = tally.idleByHour[hour]!
    return [
      { hour, cars: (occupiedMs - idleMs) / perHourMs, fill: "var(--energy)" },
      { hour, cars: idleMs / perHourMs, fill: "var(--idle)" }
    ]
  })
  return plot({
    title: "Cars plugged in at once, by hour of the day",
    height: 200,
    x: { label: "hour of the local day", tickFormat: (it: number) => String(it) },
    y: { label: "cars", grid: true, ticks: 4, nice: true },
    marks: [Plot.barY(bars, { x: "hour", y: "cars", fill: "fill" }), Plot.ruleY([0], { stroke: "var(--line)" })]
  })
}

/** The difference in each run, and the interval of their mean. */
export const runsPlot = (outcome: Outcome): Html | undefined => {
  const estimates = estimatesOf(outcome)
  if (estimates === null || estimates.difference.margin === null) return undefined
  const { currency } = outcome.setup
  const { mean, margin } = estimates.difference
  const units = (minor: number): number => unitsOf(minor, currency)
  const points = outcome.runs.map(({ aNetMinor, bNetMinor, seed }) => ({
    seed,
    difference: units(Number(bNetMinor - aNetMinor))
  }))
  return plot({
    title: `Difference of net revenue in each run, ${currency}`,
    height: 110,
    x: { label: `difference a run, ${currency}`, ticks: 8, nice: true, grid: true },
    y: { axis: null, domain: [-1, 1] },
    marks: [
      Plot.ruleX([0], { stroke: "var(--ink)" }),
      Plot.rect([{ x1: units(mean - margin), x2: units(mean + margin) }], {
        x1: "x1",
        x2: "x2",
        y1: -1,
        y2: 1,
        fill: "var(--data-soft)"
      }),
      Plot.ruleX([units(mean)], { stroke: "var(--data)", strokeWidth: 2 }),
      Plot.dot(points, { x: "difference", y: 0, r: 4.5, fill: "var(--data)", fillOpacity: 0.7 })
    ]
  })
}

/** Revenue under B by elasticity, with what A earns as a line; margin too where energy has a price. */
export const reactionPlot = ({ tally, setup }: Outcome): Html => {
  const units = (minor: bigint): number => unitsOf(Number(minor), setup.currency)
  const figures = tally.reactions.map((it) => reactionFigures(it, setup))
  const rows = figures.map(({ elasticity, netMinor }) => ({ elasticity: String(elasticity), amount: units(netMinor) }))
  const margins = figures.flatMap(({ elasticity, marginMinor }) =>
    marginMinor === null ? [] : [{ elasticity: String(elasticity), amount: units(marginMinor) }]
  )
  const baseline = [units(tally.a.netMinor)]
  const marginBaseline =
    setup.energyPrices === null ? [] : [units(tally.a.netMinor - minorOfPico(tally.costPico, setup.currency))]
  return plot({
    title: `Net revenue by assumed elasticity, ${setup.currency}`,
    height: 46 + 44 * rows.length,
    marginLeft: 64,
    x: { label: setup.currency, grid: true, ticks: 6, nice: true, zero: true },
    y: { label: "elasticity", domain: rows.map(({ elasticity }) => elasticity), tickSize: 0 },
    marks: [
      Plot.barX(rows, { x: "amount", y: "elasticity", fill: "var(--b)", fillOpacity: 0.55 }),
      Plot.barX(margins, { x: "amount", y: "elasticity", fill: "var(--b)" }),
      Plot.ruleX([0], { stroke: "var(--line)" }),
      Plot.ruleX(baseline, { stroke: "var(--ink)", strokeWidth: 1.6 }),
      Plot.ruleX(marginBaseline, { stroke: "var(--ink)", strokeWidth: 1.6, strokeDasharray: "4,3" })
    ]
  })
}
