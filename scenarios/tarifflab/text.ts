import { partsOf } from "#core/lab/json.ts"
import { type Outcome, percentOf, ranked, reactionFigures } from "#core/lab/Outcome.ts"
import { quantile, type Spread } from "#core/lab/Spread.ts"
import type { Side } from "#core/lab/Tally.ts"
import { count, cut, energy, money, plural, wrap } from "../cli/format.ts"
import { facts, table } from "../cli/table.ts"
import {
  about,
  aboutSigned,
  certainty,
  headline,
  hours,
  namesOf,
  partName,
  payers,
  percent,
  signed,
  totalRows,
  unitPrice,
  volume
} from "./words.ts"

/** How a line may be painted. */
export interface Paint {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly yellow: (text: string) => string
}

const left = (head: string) => ({ head, align: "left" as const })
const right = (head: string) => ({ head, align: "right" as const })

const revenue = (outcome: Outcome): ReadonlyArray<string> => {
  const [a, b] = namesOf(outcome)
  return table([left(""), right(cut(a, 24)), right(cut(b, 24)), right("difference"), right("")], totalRows(outcome))
}

const parts = (name: string, side: Side, currency: string): ReadonlyArray<string> =>
  table(
    [left(cut(name, 24)), left("price"), right("billed"), right("net")],
    partsOf(side).map((part) => [
      `${partName(part)}${part.element < 0 ? "" : `, v${part.version} element ${part.element + 1}`}`,
      unitPrice(part),
      volume(part),
      money(part.netMinor, currency)
    ])
  )

const told = [0.05, 0.25, 0.5, 0.75, 0.95] as const
const spreadRow = (
  name: string,
  spread: Spread,
  currency: string,
  write: (minor: number, currency: string) => string = about
): ReadonlyArray<string> => [
  name,
  ...told.map((it) => {
    const value = quantile(spread, it)
    return value === null ? "–" : write(value, currency)
  })
]

const movers = (title: string, accounts: Outcome["tally"]["drivers"], outcome: Outcome): ReadonlyArray<string> => {
  const { currency } = outcome.setup
  const all = ranked(accounts)
  const more = all.filter(({ differenceMinor }) => differenceMinor > 0n).slice(0, 3)
  const less = all.filter(({ differenceMinor }) => differenceMinor < 0n).slice(-3)
  const rows = [...more, ...less]
  if (rows.length === 0) return []
  return [
    "",
    ...table(
      [left(title), right("sessions"), right("before"), right("after"), right("difference")],
      rows.map((it) => [
        cut(it.name, 30),
        count(it.sessions),
        money(it.aMinor, currency),
        money(it.bMinor, currency),
        signed(it.differenceMinor, currency)
      ])
    )
  ]
}

const reactions = ({ tally, setup }: Outcome): ReadonlyArray<string> =>
  table(
    [left("elasticity"), right("sessions"), right("energy"), right("idle"), right("revenue, net"), right("to A")],
    tally.reactions.map((it) => {
      const figures = reactionFigures(it, setup)
      return [
        String(it.elasticity),
        count(figures.sessions),
        energy(figures.energyWh),
        hours(figures.idleMs),
        money(figures.netMinor, setup.currency),
        percent(percentOf(tally.a.netMinor, figures.netMinor))
      ]
    })
  )

/** A comparison as lines for a person. */
export const outcomeLines = (outcome: Outcome, paint: Paint, columns: number): ReadonlyArray<string> => {
  const { tally, setup } = outcome
  const { currency } = setup
  const [a, b] = namesOf(outcome)
  const failed = outcome.runs.filter(({ verdict }) => verdict === "FAIL")
  const warnings = [...outcome.a.findings, ...outcome.b.findings].filter(({ severity }) => severity === "warning")
  const noted = notes(outcome, failed.length, warnings.length, columns).map((line) => paint.yellow(line))
  if (tally.sessions === 0) return [paint.bold(headline(outcome)), "", `  traffic  ${outcome.traffic}`, ...noted]
  const changed = `${count(tally.dearer)} of ${plural(tally.sessions, "session")} dearer, ${count(tally.cheaper)} cheaper; ${count(tally.jumps)} by more than ${setup.jumpPercent} %`
  return [
    paint.bold(headline(outcome)),
    ...wrap(`${certainty(outcome)} ${payers(outcome)}`, columns),
    "",
    ...revenue(outcome),
    "",
    ...facts([
      ["traffic", outcome.traffic],
      ["sessions", changed],
      ["energy", energy(Math.floor(tally.energyMilliWh / 1000))],
      ["idle", `${hours(tally.idleMs)} of ${hours(tally.occupiedMs)} plugged in`],
      ...(outcome.energySource === null ? [] : [["energy cost", outcome.energySource] as const])
    ]),
    "",
    ...parts(a, tally.a, currency),
    "",
    ...parts(b, tally.b, currency),
    "",
    ...table(
      [left("with tax"), ...["5 %", "25 %", "median", "75 %", "95 %"].map(right)],
      [
        spreadRow(`a session, ${cut(a, 20)}`, tally.a.perSession, currency),
        spreadRow(`a session, ${cut(b, 20)}`, tally.b.perSession, currency),
        spreadRow(`a kWh, ${cut(a, 20)}`, tally.a.perKwh, currency),
        spreadRow(`a kWh, ${cut(b, 20)}`, tally.b.perKwh, currency),
        spreadRow("difference", tally.differences, currency, aboutSigned)
      ]
    ),
    ...movers("drivers", tally.drivers, outcome),
    ...movers("stations", tally.stations, outcome),
    ...movers("sites", tally.sites, outcome),
    "",
    ...reactions(outcome),
    ...wrap(
      `Assumed, not measured: how ${b} would fare if people react with that elasticity (0: not at all).`,
      columns - 2
    ).map((line) => `  ${paint.dim(line)}`),
    ...noted,
    "",
    paint.dim("Once more:"),
    `  ${outcome.repeat}`
  ]
}

const notes = ({ tally }: Outcome, failed: number, warnings: number, columns: number): ReadonlyArray<string> => {
  const said = [
    ...(tally.unpriced > 0
      ? [`${plural(tally.unpriced, "session")} began when one of the tariffs was not valid, and count nowhere.`]
      : []),
    ...(tally.unpricedMilliWh > 0
      ? [`The energy prices do not cover ${energy(Math.floor(tally.unpricedMilliWh / 1000))}, which cost nothing here.`]
      : []),
    ...(failed > 0 ? [`The oracles failed ${plural(failed, "run")}: this traffic is not to be trusted.`] : []),
    ...(warnings > 0
      ? [`${plural(warnings, "warning")} about these tariffs: see --report, or wattproof tariff check.`]
      : [])
  ]
  return said.length === 0 ? [] : ["", ...said.flatMap((it) => wrap(it, columns))]
}
