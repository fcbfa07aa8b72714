import { minorOfPico, type Outcome, percentOf } from "#core/lab/Outcome.ts"
import { assumptions } from "#core/lab/reaction.ts"
import { quantile } from "#core/lab/Spread.ts"
import { count, energy, money, plural } from "../cli/format.ts"
import { type Html, html, type Part } from "../report/html.ts"
import { page, type Section } from "../report/page.ts"
import {
  chargedDimensions,
  differencePlot,
  hoursPlot,
  pricePlot,
  reactionPlot,
  revenuePlot,
  runsPlot
} from "./plots.ts"
import {
  accountsTable,
  changesTable,
  elementsTable,
  findingsTable,
  quantilesTable,
  reactionsTable,
  runsTable,
  totalsTable
} from "./tables.ts"
import { about, certainty, headline, hours, namesOf, payers, percent, signed } from "./words.ts"

const style = `
:root { --a: light-dark(#7b8699, #8b96a8); --b: light-dark(#2f62d4, #7ea6fb); --energy: light-dark(#2f62d4, #7ea6fb);
  --time: light-dark(#1a8f85, #4fc4b8); --idle: light-dark(#c77700, #ecb75f); --flat: light-dark(#8246af, #c39bea);
  --reserved: light-dark(#a83d6f, #ec8fb8); --rise: light-dark(#b4530a, #f0a35e); --fall: light-dark(#12766b, #58c9bb) }
.head { --tone: var(--data); --tone-ground: var(--raised) }
.rise { color: var(--rise) } .fall { color: var(--fall) }
.vs { color: var(--dim); font-weight: 400 } ul.said { margin: 8px 0 0; padding-left: 18px; color: var(--dim); max-width: 80ch }
.key i.block { height: 10px; border: 0; width: 10px; border-radius: 2px; vertical-align: -1px }
.pair tbody th { min-width: 0; white-space: nowrap } .pair td, .pair th { padding-right: 12px }
.figures { grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)) } .figures dd { white-space: nowrap; font-size: 17.5px } .figures small { display: block; white-space: normal }
.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 36px } @media (max-width: 900px) { .pair { grid-template-columns: minmax(0, 1fr) } }
`

const figure = (name: string, value: Part, more: Part = ""): Html =>
  html`<div><dt>${name}</dt><dd>${value} <small>${more}</small></dd></div>`

const figures = (outcome: Outcome): Html => {
  const { tally, setup } = outcome
  const { currency } = setup
  const cost = minorOfPico(tally.costPico, currency)
  const medianOf = (spread: Outcome["tally"]["differences"]): string => about(quantile(spread, 0.5) ?? 0, currency)
  return html`<dl class="figures">${[
    figure("revenue, net", money(tally.b.netMinor, currency), `was ${money(tally.a.netMinor, currency)}`),
    setup.energyPrices !== null &&
      figure(
        "margin after energy",
        money(tally.b.netMinor - cost, currency),
        `was ${money(tally.a.netMinor - cost, currency)}`
      ),
    figure("median session", medianOf(tally.b.perSession), `was ${medianOf(tally.a.perSession)}`),
    figure("median kWh", medianOf(tally.b.perKwh), `was ${medianOf(tally.a.perKwh)}`),
    figure("sessions", count(tally.sessions), energy(Math.floor(tally.energyMilliWh / 1000)).replace(/\.\d+/, "")),
    figure("idle", hours(tally.idleMs), `of ${hours(tally.occupiedMs)} plugged in`)
  ]}</dl>`
}

const wordOf = ({ tally }: Outcome): string =>
  percentOf(tally.a.netMinor, tally.b.netMinor) === null
    ? "new"
    : percent(percentOf(tally.a.netMinor, tally.b.netMinor)).replace("-", "−")

const header = (outcome: Outcome): Html => {
  const [a, b] = namesOf(outcome)
  return html`<header class="head"><div class="wide">
<p class="brand"><span><b>Wattproof</b> tariff lab</span><span>${outcome.traffic}</span></p>
<div class="verdict"><span class="word">${wordOf(outcome)}</span><h1>${b} <span class="vs">against</span> ${a}</h1></div>
${
  outcome.tally.sessions === 0
    ? html`<p class="claim">${headline(outcome)}</p>`
    : html`<p class="claim">${headline(outcome)} ${payers(outcome)}</p><p class="lede">${certainty(outcome)}</p>${figures(outcome)}`
}</div></header>`
}

const key = (entries: ReadonlyArray<readonly [name: string, colour: string]>): Html =>
  html`<p class="key">${entries.map(
    ([name, colour]) => html`<span><i class="block" style="background:${colour}"></i>${name}</span>`
  )}</p>`

const framed = (caption: Part, drawn: Html, below: Part = ""): Html =>
  html`<figure><figcaption>${caption}</figcaption><div class="frame">${drawn}</div>${below}</figure>`

const revenue = (outcome: Outcome): Section => {
  const { tally, setup } = outcome
  const [a, b] = namesOf(outcome)
  return {
    id: "revenue",
    title: "Revenue",
    lede: "The same sessions under both tariffs, as if nobody had behaved otherwise.",
    body: [
      framed("Net revenue by what it is for", revenuePlot(outcome), key(chargedDimensions(outcome))),
      totalsTable(outcome),
      setup.energyPrices !== null &&
        html`<p class="note">Energy costs ${money(minorOfPico(tally.costPico, setup.currency), setup.currency)}: ${outcome.energySource}.${
          tally.unpricedMilliWh > 0 &&
          ` No price covers ${energy(Math.floor(tally.unpricedMilliWh / 1000))}, which cost nothing here.`
        }</p>`,
      elementsTable(a, tally.a, setup.currency),
      elementsTable(b, tally.b, setup.currency)
    ]
  }
}

const confidence = (outcome: Outcome): Section | undefined => {
  const drawn = runsPlot(outcome)
  if (drawn === undefined) return undefined
  return {
    id: "confidence",
    title: "How sure",
    lede: certainty(outcome),
    body: [
      framed("Difference of net revenue in each run, with the mean and its 95 % interval (Student's t)", drawn),
      html`<details class="fold"><summary>${plural(outcome.runs.length, "run")}</summary>${runsTable(outcome)}</details>`
    ]
  }
}

const prices = (outcome: Outcome): Section => {
  const { tally, setup } = outcome
  const [a, b] = namesOf(outcome)
  const both = key([
    [a, "var(--a)"],
    [b, "var(--b)"]
  ])
  return {
    id: "prices",
    title: "What drivers pay",
    lede: "With tax. The dearest 5 % are in the last bar of each plot.",
    body: [
      framed(
        "Price of a session",
        pricePlot("Sessions by price", [tally.a.perSession, tally.b.perSession], setup.currency),
        both
      ),
      framed(
        "Price of a kWh, all charges included, of sessions with 0.1 kWh or more",
        pricePlot("Sessions by price of a kWh", [tally.a.perKwh, tally.b.perKwh], setup.currency),
        both
      ),
      quantilesTable(outcome)
    ]
  }
}

const changes = (outcome: Outcome): Section => {
  const { tally, setup } = outcome
  const same = tally.sessions - tally.dearer - tally.cheaper
  return {
    id: "who",
    title: "Who pays more, who less",
    lede: `${count(tally.dearer)} of ${plural(tally.sessions, "session")} dearer, ${count(tally.cheaper)} cheaper, ${count(same)} the same; ${count(tally.jumps)} by more than ${setup.jumpPercent} %.`,
    body: [
      framed(
        `Sessions by difference; together ${signed(tally.b.grossMinor - tally.a.grossMinor, setup.currency)} with tax`,
        differencePlot(outcome),
        key([
          ["dearer", "var(--rise)"],
          ["cheaper", "var(--fall)"]
        ])
      ),
      html`<div class="pair"><div>${accountsTable("drivers", tally.drivers, outcome)}</div><div>${accountsTable("stations", tally.stations, outcome)}</div></div>`,
      ...(tally.sites.size === 0
        ? []
        : [html`<div class="pair"><div>${accountsTable("sites", tally.sites, outcome)}</div></div>`]),
      html`<h3>Sessions whose price changes most</h3>${outcome.runs.length > 1 && html`<p class="note">A number in brackets is of the seed: the same name in another seed is another person.</p>`}`,
      changesTable("Dearer", tally.rises, outcome),
      changesTable("Cheaper", tally.falls, outcome)
    ]
  }
}

const use = (outcome: Outcome): Section => {
  const { tally } = outcome
  const busiest = tally.occupiedByHour.indexOf(Math.max(...tally.occupiedByHour))
  const share = tally.occupiedMs === 0 ? 0 : (tally.idleMs / tally.occupiedMs) * 100
  return {
    id: "use",
    title: "When, and how long idle",
    lede: `${share.toFixed(0)} % of the time plugged in nothing is charged. The busiest hour begins at ${busiest}:00, local time.`,
    body: framed(
      "Cars plugged in at once, mean of the days",
      hoursPlot(outcome),
      key([
        ["charging, or about to", "var(--energy)"],
        ["idle", "var(--idle)"]
      ])
    )
  }
}

const reactions = (outcome: Outcome): Section => {
  const [a, b] = namesOf(outcome)
  const hasMargin = outcome.setup.energyPrices !== null
  return {
    id: "reactions",
    title: "If people react",
    lede: `Assumed, not measured: how ${b} fares if people react to it with that elasticity.`,
    body: [
      framed(
        `Net revenue of ${b}${hasMargin ? ", the strong part of it the margin after energy" : ""}; the line is what ${a} earns${hasMargin ? ", dashed its margin" : ""}`,
        reactionPlot(outcome)
      ),
      reactionsTable(outcome),
      html`<ul class="said">${assumptions.map((it) => html`<li>${it}</li>`)}</ul>`
    ]
  }
}

const warnings = (outcome: Outcome): Section | undefined => {
  const found = findingsTable(outcome)
  const { unpriced } = outcome.tally
  const failed = outcome.runs.filter(({ verdict }) => verdict === "FAIL").length
  if (found === undefined && unpriced === 0 && failed === 0) return undefined
  return {
    id: "warnings",
    title: "Warnings",
    hasFailed: failed > 0,
    body: [
      unpriced > 0 &&
        html`<p>${plural(unpriced, "session")} began when one of the tariffs was not valid, and count nowhere.</p>`,
      failed > 0 && html`<p>The oracles failed ${plural(failed, "run")}: this traffic is not to be trusted.</p>`,
      found
    ]
  }
}

const foot = (outcome: Outcome): Html =>
  html`<p>Every session is cut into charging periods and rated anew under each tariff, by the engine that makes the bills; sums are of rounded bills. ${
    outcome.runs.length > 0 && "The same seeds give this page again, byte for byte."
  }</p><p>Once more:</p><code class="repeat">${outcome.repeat}</code>`

/** A comparison as one HTML page that stands alone. */
export const labPage = (outcome: Outcome): string => {
  const sections =
    outcome.tally.sessions === 0
      ? [warnings(outcome)]
      : [
          revenue(outcome),
          confidence(outcome),
          prices(outcome),
          changes(outcome),
          use(outcome),
          reactions(outcome),
          warnings(outcome)
        ]
  return page({
    title: `${headline(outcome)}`,
    head: header(outcome),
    sections: sections.filter((it) => it !== undefined),
    foot: foot(outcome),
    style
  })
}
