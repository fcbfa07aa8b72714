import { formatMinor } from "#core/Money.ts"
import type { LabOutcome } from "../api/LabOutcome.ts"
import type { Estimate } from "./confidence.ts"
import {
  daysOf,
  estimatesOf,
  minorOfPico,
  type Outcome,
  percentOf,
  ranked,
  reactionFigures,
  winnersOf
} from "./Outcome.ts"
import { assumptions } from "./reaction.ts"
import { quantile, type Spread } from "./Spread.ts"
import type { Account, Change, Part, Side } from "./Tally.ts"

const quantilesOf = (spread: Spread, write: (value: number) => string) => {
  const at = (fraction: number): string | null => {
    const value = quantile(spread, fraction)
    return value === null ? null : write(value)
  }
  return { p5: at(0.05), p25: at(0.25), p50: at(0.5), p75: at(0.75), p95: at(0.95), p100: at(1) }
}

/**
 * Everything about a comparison as JSON data: amounts as decimal text in the currency, energy in Wh, times in seconds.
 * Of drivers, stations and sites at most `mostAccounts` are told one by one, those from both ends of the list.
 */
export const outcomeJson = (outcome: Outcome, mostAccounts = Number.POSITIVE_INFINITY): LabOutcome => {
  const { setup, tally, a, b } = outcome
  const money = (minor: bigint): string => formatMinor(minor, setup.currency)
  const near = (minor: number): string => money(BigInt(Math.round(minor)))
  const interval = ({ mean, margin }: Estimate) => ({
    mean: near(mean),
    plusMinus: margin === null ? null : near(margin)
  })
  const sideJson = (name: string, side: Side) => ({
    name,
    net: money(side.netMinor),
    gross: money(side.grossMinor),
    elements: partsOf(side).map((part) => partJson(part, money)),
    perSession: quantilesOf(side.perSession, near),
    perKwh: quantilesOf(side.perKwh, near)
  })
  const estimates = estimatesOf(outcome)
  const costMinor = setup.energyPrices === null ? null : minorOfPico(tally.costPico, setup.currency)
  return {
    traffic: outcome.traffic,
    currency: setup.currency,
    sessions: tally.sessions,
    unpricedSessions: tally.unpriced,
    energyWh: Math.floor(tally.energyMilliWh / 1000),
    occupiedSeconds: Math.round(tally.occupiedMs / 1000),
    idleSeconds: Math.round(tally.idleMs / 1000),
    tariff: { ...sideJson(a.name, tally.a), findings: a.findings.map(findingJson) },
    against: { ...sideJson(b.name, tally.b), findings: b.findings.map(findingJson) },
    difference: {
      net: money(tally.b.netMinor - tally.a.netMinor),
      gross: money(tally.b.grossMinor - tally.a.grossMinor),
      netPercent: percentOf(tally.a.netMinor, tally.b.netMinor),
      perSession: quantilesOf(tally.differences, near)
    },
    margin:
      costMinor === null
        ? null
        : {
            energyCost: money(costMinor),
            source: outcome.energySource,
            unpricedEnergyWh: Math.floor(tally.unpricedMilliWh / 1000),
            tariff: money(tally.a.netMinor - costMinor),
            against: money(tally.b.netMinor - costMinor)
          },
    confidence:
      estimates === null
        ? null
        : {
            level: 0.95,
            perRun: {
              tariff: interval(estimates.a),
              against: interval(estimates.b),
              difference: interval(estimates.difference)
            },
            netPercent: estimates.percent
          },
    runs: outcome.runs.map((run) => ({
      seed: run.seed,
      verdict: run.verdict,
      sessions: run.sessions,
      tariffNet: money(run.aNetMinor),
      againstNet: money(run.bNetMinor),
      energyCost: run.costMinor === null ? null : money(run.costMinor)
    })),
    whoPays: {
      sessions: { more: tally.dearer, less: tally.cheaper, same: tally.sessions - tally.dearer - tally.cheaper },
      jumpPercent: setup.jumpPercent,
      jumps: tally.jumps,
      drivers: accountsJson(tally.drivers, money, mostAccounts),
      stations: accountsJson(tally.stations, money, mostAccounts),
      sites: accountsJson(tally.sites, money, mostAccounts),
      largestRises: tally.rises.map((it) => changeJson(it, money)),
      largestFalls: tally.falls.map((it) => changeJson(it, money))
    },
    byHour: {
      days: daysOf(outcome),
      occupiedSeconds: tally.occupiedByHour.map((it) => Math.round(it / 1000)),
      idleSeconds: tally.idleByHour.map((it) => Math.round(it / 1000)),
      energyWh: tally.energyByHour.map((it) => Math.round(it / 1000))
    },
    reactions: {
      assumptions,
      elasticities: tally.reactions.map((it) => {
        const { elasticity, sessions, energyWh, idleMs, netMinor, marginMinor } = reactionFigures(it, setup)
        return {
          elasticity,
          sessions,
          energyWh,
          idleSeconds: Math.round(idleMs / 1000),
          againstNet: money(netMinor),
          margin: marginMinor === null ? null : money(marginMinor)
        }
      })
    },
    repeat: outcome.repeat
  }
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The parts of a side: versions, elements and components in order, adjustments last. */
export const partsOf = ({ parts }: Side): ReadonlyArray<Part> =>
  [...parts.values()].sort(
    (x, y) =>
      Number(x.element < 0) - Number(y.element < 0) ||
      x.version - y.version ||
      x.element - y.element ||
      x.component - y.component ||
      byText(x.dimension, y.dimension) ||
      byText(x.adjustment ?? "", y.adjustment ?? "") ||
      (x.unitPriceMicros ?? -1) - (y.unitPriceMicros ?? -1)
  )

const partJson = (part: Part, money: (minor: bigint) => string) => ({
  version: part.version,
  element: part.element,
  component: part.component,
  dimension: part.dimension,
  adjustment: part.adjustment,
  unitPriceMicros: part.unitPriceMicros,
  lines: part.lines,
  volume: part.volume,
  net: money(part.netMinor),
  gross: money(part.grossMinor)
})

const findingJson = ({ severity, code, path, message }: Outcome["a"]["findings"][number]) => ({
  severity,
  code,
  path,
  message
})

const accountsJson = (
  accounts: ReadonlyMap<string, Account>,
  money: (minor: bigint) => string,
  mostAccounts: number
) => {
  const { more, less, same, moreMinor, lessMinor } = winnersOf(accounts)
  const all = ranked(accounts)
  const leftOut = Math.max(0, all.length - mostAccounts)
  const top = Math.ceil((all.length - leftOut) / 2)
  return {
    more,
    less,
    same,
    paidMore: money(moreMinor),
    paidLess: money(lessMinor),
    each: [...all.slice(0, top), ...all.slice(top + leftOut)].map((it) => ({
      name: it.name,
      sessions: it.sessions,
      tariff: money(it.aMinor),
      against: money(it.bMinor),
      difference: money(it.differenceMinor)
    })),
    leftOut
  }
}

const changeJson = (change: Change, money: (minor: bigint) => string) => ({
  transactionId: change.id,
  stationId: change.stationId,
  driver: change.payer,
  startedAtMs: change.startedAtMs,
  durationSeconds: Math.round(change.durationMs / 1000),
  idleSeconds: Math.round(change.idleMs / 1000),
  energyWh: Math.floor(change.energyMilliWh / 1000),
  tariff: money(change.aMinor),
  against: money(change.bMinor)
})
