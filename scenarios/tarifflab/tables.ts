import { partsOf } from "#core/lab/json.ts"
import { minorOfPico, type Outcome, percentOf, ranked, reactionFigures } from "#core/lab/Outcome.ts"
import { quantile, type Spread } from "#core/lab/Spread.ts"
import type { Account, Change, Side } from "#core/lab/Tally.ts"
import { count, duration, energy, money } from "../cli/format.ts"
import { type Html, html, type Part } from "../report/html.ts"
import { table } from "../report/table.ts"
import { instant } from "../report/time.ts"
import { about, aboutSigned, hours, namesOf, partName, percent, signed, totalRows, unitPrice, volume } from "./words.ts"

const number = (head: Part) => ({ head, isNumber: true })

/** A difference as the drivers feel it: dearer in one colour, cheaper in the other. */
const felt = (minor: bigint, currency: string): Html =>
  html`<span class="${minor > 0n ? "rise" : minor < 0n ? "fall" : "zero"}">${signed(minor, currency)}</span>`

/** Revenue and margin of both, and the difference. */
export const totalsTable = (outcome: Outcome): Html => {
  const [a, b] = namesOf(outcome)
  return table({
    caption: "All sessions together",
    columns: [{ head: "" }, number(a), number(b), number("difference"), number("")],
    rows: totalRows(outcome).map((cells) => ({ cells }))
  })
}

/** What each price component of a tariff earned. */
export const elementsTable = (name: string, side: Side, currency: string): Html =>
  table({
    caption: name,
    columns: [
      { head: "element" },
      { head: "for" },
      number("price"),
      number("billed"),
      number("net"),
      number("with tax")
    ],
    rows: partsOf(side).map((part) => ({
      cells: [
        part.element < 0 ? (part.dimension === "ADJUSTMENT" ? "limit" : "") : `v${part.version}, ${part.element + 1}`,
        partName(part),
        unitPrice(part),
        volume(part),
        money(part.netMinor, currency),
        money(part.grossMinor, currency)
      ]
    })),
    foot: [{ cells: ["all", "", "", "", money(side.netMinor, currency), money(side.grossMinor, currency)] }]
  })

const told = [0.05, 0.25, 0.5, 0.75, 0.95, 1]

/** Quantiles of what a session and a kWh cost. */
export const quantilesTable = (outcome: Outcome): Html => {
  const { tally, setup } = outcome
  const [a, b] = namesOf(outcome)
  const row = (name: string, spread: Spread, write = about) => ({
    cells: [
      name,
      ...told.map((it) => {
        const value = quantile(spread, it)
        return value === null ? "–" : write(value, setup.currency)
      })
    ]
  })
  return table({
    caption: "With tax; from EUR 10 on to three digits".replace("EUR 10", about(1_000, setup.currency)),
    columns: [{ head: "" }, ...["5 %", "25 %", "median", "75 %", "95 %", "most"].map(number)],
    rows: [
      row(`a session, ${a}`, tally.a.perSession),
      row(`a session, ${b}`, tally.b.perSession),
      row("a session, difference", tally.differences, aboutSigned),
      row(`a kWh, ${a}`, tally.a.perKwh),
      row(`a kWh, ${b}`, tally.b.perKwh)
    ]
  })
}

const mostNamed = 8

/** Those who pay most more, and most less. */
export const accountsTable = (head: string, accounts: ReadonlyMap<string, Account>, outcome: Outcome): Html => {
  const { currency } = outcome.setup
  const [a, b] = namesOf(outcome)
  const all = ranked(accounts)
  const more = all.filter(({ differenceMinor }) => differenceMinor > 0n).slice(0, mostNamed)
  const less = all.filter(({ differenceMinor }) => differenceMinor < 0n).slice(-mostNamed)
  const named = [...more, ...less]
  return table({
    caption:
      named.length === all.length
        ? `${head}: all ${count(all.length)}`
        : `${head}: ${count(named.length)} of ${count(all.length)}, those whose bill changes most`,
    columns: [{ head }, number("sessions"), number(a), number(b), number("difference")],
    rows: named.map((it) => ({
      cells: [
        it.name,
        count(it.sessions),
        money(it.aMinor, currency),
        money(it.bMinor, currency),
        felt(it.differenceMinor, currency)
      ]
    }))
  })
}

/** The sessions whose price changes most, one way. */
export const changesTable = (caption: string, changes: ReadonlyArray<Change>, outcome: Outcome): Html | undefined => {
  if (changes.length === 0) return undefined
  const { currency } = outcome.setup
  const [a, b] = namesOf(outcome)
  return table({
    caption,
    columns: [
      { head: "driver" },
      { head: "station" },
      { head: "began, UTC" },
      number("plugged in"),
      number("idle"),
      number("energy"),
      number(a),
      number(b),
      number("difference")
    ],
    rows: changes.map((it) => ({
      cells: [
        it.payer,
        it.stationId,
        instant(it.startedAtMs).slice(0, 16),
        duration(it.durationMs / 1000),
        it.idleMs === 0 ? html`<span class="zero">–</span>` : duration(it.idleMs / 1000),
        energy(Math.floor(it.energyMilliWh / 1000)),
        money(it.aMinor, currency),
        money(it.bMinor, currency),
        felt(it.bMinor - it.aMinor, currency)
      ]
    }))
  })
}

/** What B comes to at each elasticity. */
export const reactionsTable = ({ tally, setup }: Outcome): Html => {
  const hasMargin = setup.energyPrices !== null
  const cost = minorOfPico(tally.costPico, setup.currency)
  return table({
    caption: "Assumed, not measured. The last columns compare with what is charged now.",
    columns: [
      { head: "elasticity" },
      number("sessions"),
      number("energy"),
      number("idle"),
      number("revenue, net"),
      number("to now"),
      ...(hasMargin ? [number("margin"), number("to now")] : [])
    ],
    rows: tally.reactions.map((reaction) => {
      const it = reactionFigures(reaction, setup)
      return {
        cells: [
          it.elasticity === 0 ? "0, nobody reacts" : String(it.elasticity),
          count(it.sessions),
          energy(it.energyWh),
          hours(it.idleMs),
          money(it.netMinor, setup.currency),
          percent(percentOf(tally.a.netMinor, it.netMinor)),
          ...(it.marginMinor === null
            ? []
            : [money(it.marginMinor, setup.currency), percent(percentOf(tally.a.netMinor - cost, it.marginMinor))])
        ]
      }
    })
  })
}

/** What each seed came to. */
export const runsTable = (outcome: Outcome): Html => {
  const { currency } = outcome.setup
  const [a, b] = namesOf(outcome)
  return table({
    caption: "Each run",
    columns: [{ head: "seed" }, { head: "oracles" }, number("sessions"), number(a), number(b), number("difference")],
    rows: outcome.runs.map((it) => ({
      hasFailed: it.verdict === "FAIL",
      cells: [
        it.seed,
        it.verdict,
        count(it.sessions),
        money(it.aNetMinor, currency),
        money(it.bNetMinor, currency),
        signed(it.bNetMinor - it.aNetMinor, currency)
      ]
    }))
  })
}

/** What looking through both tariffs found. */
export const findingsTable = (outcome: Outcome): Html | undefined => {
  const [a, b] = namesOf(outcome)
  const rows = [
    ...outcome.a.findings.map((it) => ({ name: a, it })),
    ...outcome.b.findings.map((it) => ({ name: b, it }))
  ].filter(({ it }) => it.severity !== "info")
  if (rows.length === 0) return undefined
  return table({
    caption: "Found without any session (wattproof tariff check)",
    columns: [{ head: "tariff" }, { head: "place" }, { head: "what" }],
    rows: rows.map(({ name, it }) => ({ cells: [name, html`<code>${it.path}</code>`, it.message] }))
  })
}
