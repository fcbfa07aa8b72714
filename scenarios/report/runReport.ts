import { money as amount, count, duration, energy, plural } from "../cli/format.ts"
import type { RunRecord } from "../telemetry/RunRecord.ts"
import { course } from "./course.ts"
import { exchangeScript, exchangeStyle, exchanges } from "./exchanges.ts"
import { type Html, html, type Part, slug } from "./html.ts"
import { coverage, messages, money } from "./ledgers.ts"
import { ownCosts } from "./ownCosts.ts"
import { page, type Section, sectionOf } from "./page.ts"
import { table } from "./table.ts"
import { instant } from "./time.ts"
import { timeline } from "./timeline.ts"
import { claimOf, findings, signOf, toneOf, verdicts } from "./verdicts.ts"

const figure = (name: string, value: Part, more: Part = ""): Html =>
  html`<div><dt>${name}</dt><dd>${value} <small>${more}</small></dd></div>`

const figures = ({ result, stations, exchanges: _, ...record }: RunRecord): Html => {
  const { messages, transactions, energyWh, money } = result
  const struck = record.strikes.reduce((sum, [, times]) => sum + times, 0)
  return html`<dl class="figures">${[
    figure("stations", count(stations)),
    figure("transactions", count(transactions)),
    figure("energy", energy(energyWh).replace(" kWh", ""), "kWh"),
    figure(
      "billed",
      Object.keys(money)
        .sort()
        .map((it) => amount(BigInt(money[it]!), it))
        .join(", ") || "nothing"
    ),
    figure("messages answered", count(messages)),
    figure(record.happened, count(struck + record.cmsDeaths))
  ]}</dl>`
}

const worldOf = ({ world, store }: RunRecord["result"]): string => (store === null ? world : `${world}, ${store}`)

const lengthOf = ({ virtualSeconds, world }: RunRecord["result"]): string =>
  `${duration(virtualSeconds)} ${world === "virtual" ? "of virtual time" : "on the wall clock"}`

const banner = (record: RunRecord): Html => {
  const { result, title } = record
  return html`<div class="verdict"><span class="word"><span aria-hidden="true">${signOf[result.verdict]}</span> ${result.verdict}</span><h1>${result.scenario}</h1></div>
<p class="claim">${claimOf(result)}</p><p class="lede">${title}</p>${figures(record)}`
}

const sectionsOf = (record: RunRecord, prefix: string): ReadonlyArray<Section> =>
  [
    findings(record, prefix),
    verdicts(record, prefix),
    timeline(record, prefix),
    course(record, prefix),
    messages(record, prefix),
    money(record, prefix),
    ownCosts(record, prefix),
    coverage(record, prefix),
    exchanges(record, prefix)
  ].filter((it) => it !== undefined)

const foot = (record: RunRecord): Html => {
  const { result, repeat, startedAtMs, endedAtMs } = record
  return html`<p>Seed <code>${result.seed}</code>, commit <code>${result.commit ?? "unknown"}</code>${
    result.traceHash !== null && html`, trace <code>${result.traceHash}</code>`
  }, world ${worldOf(result)}, ${instant(startedAtMs)} to ${instant(endedAtMs)} UTC.${
    result.world === "virtual" && " The same seed and commit give this page again, byte for byte."
  }</p>${repeat !== null && html`<p>Repeat it:</p><code class="repeat">${repeat}</code>`}`
}

const brand = (records: ReadonlyArray<RunRecord>): Html =>
  html`<p class="brand"><span><b>Wattproof</b> report</span><span>${
    records.length === 1
      ? `${lengthOf(records[0]!.result)}, ${worldOf(records[0]!.result)}`
      : plural(records.length, "scenario")
  }</span></p>`

const script = exchangeScript
const style = exchangeStyle

const one = (record: RunRecord): string =>
  page({
    title: `${record.result.verdict}: ${record.result.scenario}`,
    head: html`<header class="head ${toneOf(record.result.verdict)}"><div class="wide">${brand([record])}${banner(record)}</div></header>`,
    sections: sectionsOf(record, ""),
    foot: foot(record),
    style,
    script
  })

const several = (records: ReadonlyArray<RunRecord>): string => {
  const failed = records.filter(({ result }) => result.verdict === "FAIL")
  const verdict =
    failed.length > 0 ? "FAIL" : records.every(({ result }) => result.verdict === "PASS") ? "PASS" : "NOT VERIFIABLE"
  const prefixOf = (record: RunRecord) => `${records.indexOf(record) + 1}-${slug(record.result.scenario)}-`
  const summary = table({
    caption: "Scenarios, those that failed first",
    columns: [
      { head: "scenario" },
      { head: "verdict" },
      { head: "what it found" },
      { head: "transactions", isNumber: true }
    ],
    rows: [...failed, ...records.filter((it) => !failed.includes(it))].map((record) => ({
      hasFailed: record.result.verdict === "FAIL",
      cells: [
        html`<a href="#${prefixOf(record)}run">${record.result.scenario}</a>`,
        html`<span class="badge ${toneOf(record.result.verdict)}"><span aria-hidden="true">${signOf[record.result.verdict]}</span> ${record.result.verdict}</span>`,
        claimOf(record.result),
        count(record.result.transactions)
      ]
    }))
  })
  const claim =
    failed.length === 0
      ? `${plural(records.length, "scenario")}, none failed.`
      : `${failed.length} of ${plural(records.length, "scenario")} failed.`
  return page({
    title: `${verdict}: ${plural(records.length, "scenario")}`,
    head: html`<header class="head ${toneOf(verdict)}"><div class="wide">${brand(records)}<div class="verdict"><span class="word"><span aria-hidden="true">${signOf[verdict]}</span> ${verdict}</span><h1>${claim}</h1></div></div></header>`,
    sections: [
      { id: "scenarios", title: "Scenarios", body: summary },
      ...records.map((record) => ({
        id: `${prefixOf(record)}run`,
        title: record.result.scenario,
        hasFailed: record.result.verdict === "FAIL",
        body: [
          html`<div class="head run ${toneOf(record.result.verdict)}"><div class="wide">${banner(record)}</div></div>`,
          sectionsOf(record, prefixOf(record)).map(sectionOf),
          foot(record)
        ]
      }))
    ],
    foot: "",
    style,
    script
  })
}

/** The report of one run, or of several on one page: HTML that stands alone. */
export const runReport = (records: ReadonlyArray<RunRecord>): string =>
  records.length === 1 ? one(records[0]!) : several(records)
