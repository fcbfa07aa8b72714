import * as Plot from "@observablehq/plot"
import type { Failure, OracleResult, Verdict } from "#simulator/oracles/Oracle.ts"
import { count, duration, energy, memory, money, plural } from "../cli/format.ts"
import { type Html, html } from "../report/html.ts"
import { latencyTable } from "../report/latencyTable.ts"
import { page } from "../report/page.ts"
import { plot } from "../report/plot.ts"
import { table } from "../report/table.ts"
import type { LoadPoint, LoadResult, Usage } from "./Result.ts"

const toneOf: Readonly<Record<Verdict, string>> = { PASS: "PASS", FAIL: "FAIL", "NOT VERIFIABLE": "BLIND" }

const perSecond = (rate: number): string => `${rate >= 100 ? count(rate) : String(Math.round(rate * 100) / 100)}/s`

const claimOf = ({ verdict, oracles }: LoadResult): string => {
  if (verdict === "FAIL") {
    return `Failed: ${oracles
      .filter((it) => it.verdict === "FAIL")
      .map(({ name }) => name)
      .join(", ")}.`
  }
  return verdict === "PASS"
    ? "Every oracle that could see holds: what was loaded was also right."
    : "No oracle could see enough of this CMS to judge it."
}

const figures = (result: LoadResult): Html => {
  const { rate, profile, stations, connectSeconds, messagesPerSecond, fleet, server } = result
  const isServing = profile === "charging" || profile === "heartbeats"
  const all: ReadonlyArray<readonly [name: string, value: string, more: string]> = [
    [
      "stations",
      count(stations),
      connectSeconds === null ? "not all connected" : `connected in ${duration(connectSeconds)}`
    ],
    ...(isServing ? [["arrivals", perSecond(rate.reached), `of ${perSecond(rate.due)} due`] as const] : []),
    ["messages", perSecond(messagesPerSecond), `${count(result.messages)} in all`],
    ["transactions", count(result.transactions), energy(result.energyWh)],
    ["fleet", memory(fleet.peakRssBeforeBooksBytes), plural(result.workers, "worker")],
    ...(server?.peakRssBytes == null ? [] : [["server", memory(server.peakRssBytes), "resident at most"] as const])
  ]
  return html`<dl class="figures">${all.map(
    ([name, value, more]) => html`<div><dt>${name}</dt><dd>${value} <small>${more}</small></dd></div>`
  )}</dl>`
}

const oracleTable = (oracles: ReadonlyArray<OracleResult>): Html =>
  table({
    caption: "Verdicts",
    columns: [
      { head: "oracle" },
      { head: "claim" },
      { head: "verdict" },
      ...["checked", "failed"].map((head) => ({ head, isNumber: true }))
    ],
    rows: oracles.map(({ name, title, verdict, checked, failed }) => ({
      hasFailed: verdict === "FAIL",
      cells: [
        name,
        title,
        html`<span class="badge ${toneOf[verdict]}">${verdict}</span>`,
        count(checked),
        count(failed)
      ]
    }))
  })

const failuresShown = 10

const failureOf = ({ sentence, stationId, sessionId, transactionId, expected, found }: Failure): Html =>
  html`<div class="failure"><p>${sentence}</p><p class="where">${[stationId, sessionId, transactionId].filter((it) => it !== null).join(", ")}</p><dl><dt>expected</dt><dd class="expected">${expected}</dd><dt>found</dt><dd class="found">${found}</dd></dl></div>`

const failures = (oracles: ReadonlyArray<OracleResult>): ReadonlyArray<Html> =>
  oracles
    .filter(({ verdict }) => verdict === "FAIL")
    .map(
      (oracle) =>
        html`<h3>${oracle.name}: ${plural(oracle.failed, "failure")}</h3>${oracle.failures.slice(0, failuresShown).map(failureOf)}`
    )

interface Line {
  readonly title: string
  readonly unit: string
  readonly value: (point: LoadPoint) => number | null
}

const lines: ReadonlyArray<Line> = [
  { title: "Messages answered", unit: "a second", value: ({ messagesPerSecond }) => messagesPerSecond },
  { title: "99th percentile of the second before", unit: "ms", value: ({ p99Ms }) => p99Ms },
  { title: "Sessions at the plugs", unit: "sessions", value: ({ sessions }) => sessions },
  { title: "Stations connected", unit: "stations", value: ({ connected }) => connected }
]

const course = ({ timeline, outages }: LoadResult): ReadonlyArray<Html> => {
  const domain = [timeline[0]?.atSeconds ?? 0, timeline.at(-1)?.atSeconds ?? 1]
  return lines.map(({ title, unit, value }) => {
    const points = timeline.flatMap((point) => {
      const y = value(point)
      return y === null ? [] : [{ x: point.atSeconds, y }]
    })
    const drawn = plot({
      title: `${title}, ${unit}`,
      height: 180,
      marginBottom: 40,
      x: { label: "seconds after the first arrival", domain },
      y: { label: unit, zero: true, grid: true },
      marks: [
        Plot.ruleX(
          outages.map(({ atSeconds }) => atSeconds),
          { stroke: "var(--bad)", strokeDasharray: "3 3" }
        ),
        Plot.lineY(points, { x: "x", y: "y", stroke: "var(--data)", strokeWidth: 1.75 }),
        Plot.ruleY([0], { stroke: "var(--line)" })
      ]
    })
    return html`<figure><figcaption>${title}</figcaption><div class="frame">${drawn}</div></figure>`
  })
}

const usageRow = (name: string, usage: Usage | null) =>
  usage === null
    ? []
    : [
        {
          cells: [
            name,
            usage.peakRssBytes === null ? "–" : memory(usage.peakRssBytes),
            usage.cpuSeconds === null ? "–" : duration(usage.cpuSeconds)
          ]
        }
      ]

const resources = ({ fleet, server, database }: LoadResult): Html =>
  table({
    caption: "Memory and CPU",
    columns: [{ head: "process" }, { head: "resident at most", isNumber: true }, { head: "CPU", isNumber: true }],
    rows: [
      ...usageRow("fleet", { ...fleet, peakRssBytes: fleet.peakRssBeforeBooksBytes }),
      ...usageRow("server", server),
      ...usageRow("database", database)
    ]
  })

const errorTable = (errors: LoadResult["errors"]): Html =>
  table({
    caption: "What went wrong on the way, by kind",
    columns: [{ head: "kind" }, { head: "times", isNumber: true }],
    rows: Object.entries(errors).map(([kind, times]) => ({ cells: [kind, count(times)] }))
  })

const outageTable = ({ outages }: LoadResult): Html | false =>
  outages.length > 0 &&
  table({
    caption: "All connections lost at one instant",
    columns: [
      { head: "how" },
      ...["at", "serving again after", "everybody back after"].map((head) => ({ head, isNumber: true }))
    ],
    rows: outages.map(({ kind, atSeconds, downSeconds, allBackSeconds }) => ({
      cells: [
        kind === "restart" ? "server killed" : "all cut",
        duration(atSeconds),
        downSeconds === null ? "–" : duration(downSeconds),
        allBackSeconds === null ? "not all" : duration(allBackSeconds)
      ]
    }))
  })

/** A load as one page that needs no network: verdicts, latencies, its course, errors and what it cost. */
export const loadPage = (result: LoadResult, repeat: string): string => {
  const { verdict, oracles, latencies, errors, target, profile, seed, commit } = result
  const bills = Object.entries(result.money).map(([currency, minor]) => money(BigInt(minor), currency))
  return page({
    title: `${verdict}: load ${profile}`,
    head: html`<header class="head ${toneOf[verdict]}"><div class="wide"><p class="brand"><b>Wattproof</b><span>load</span></p>
<div class="verdict"><span class="word">${verdict}</span><h1>${profile}, ${plural(result.stations, "station")}, ${target ?? "our server"}</h1></div>
<p class="claim">${claimOf(result)}</p>${figures(result)}</div></header>`,
    sections: [
      {
        id: "oracles",
        title: "Oracles",
        body: [oracleTable(oracles), failures(oracles)],
        hasFailed: verdict === "FAIL"
      },
      {
        id: "latencies",
        title: "Latencies",
        lede: "From the instant at which each message was meant to be sent until its result arrived: a CMS that is late makes these longer and the schedule no slower.",
        body: latencyTable("By action", "action", latencies)
      },
      {
        id: "course",
        title: "Course",
        lede: "A point a second; dashed where all connections were lost.",
        body: [course(result), outageTable(result)]
      },
      {
        id: "errors",
        title: "Errors",
        body: Object.keys(errors).length === 0 ? html`<p class="note">None.</p>` : errorTable(errors)
      },
      {
        id: "resources",
        title: "Resources",
        body: [
          resources(result),
          html`<p class="note">The fleet's own timers were late by ${Math.round(result.fleetLateMs)} ms at most.</p>`
        ]
      }
    ],
    foot: html`<p>Billed: ${bills.join(", ") || "nothing that could be seen"}. Seed ${seed}, commit ${commit ?? "unknown"}.</p><code class="repeat">${repeat}</code>`
  })
}
