import { exponentOf, powerOfTen, roundHalfAwayFromZero } from "#core/Money.ts"
import { type Estimate, estimate } from "./confidence.ts"
import type { Offer } from "./Offer.ts"
import { once } from "./reaction.ts"
import type { Account, Reaction, Setup, Tally } from "./Tally.ts"

/** What one seed came to. */
export interface RunFigures {
  readonly seed: string
  /** What the oracles said of the run that made the traffic. */
  readonly verdict: string
  readonly sessions: number
  readonly aNetMinor: bigint
  readonly bNetMinor: bigint
  readonly costMinor: bigint | null
}

/** A comparison that is done: all that text, page and JSON tell. */
export interface Outcome {
  readonly a: Offer
  readonly b: Offer
  readonly setup: Setup
  /** What the sessions are: a scenario with its size, or a database's history. */
  readonly traffic: string
  /** Where the energy's cost is from; null when it is not asked for. */
  readonly energySource: string | null
  /** One per seed; none of a history. */
  readonly runs: ReadonlyArray<RunFigures>
  readonly tally: Tally
  /** The command that makes it again. */
  readonly repeat: string
}

/** Minor units of an amount in 10^-12 of a currency unit, rounded once. */
export const minorOfPico = (pico: bigint, currency: string): bigint =>
  roundHalfAwayFromZero(pico, powerOfTen(12 - (exponentOf(currency) ?? 2)))

/** The figures of one seed. */
export const runFigures = (seed: string, verdict: string, tally: Tally, setup: Setup): RunFigures => ({
  seed,
  verdict,
  sessions: tally.sessions,
  aNetMinor: tally.a.netMinor,
  bNetMinor: tally.b.netMinor,
  costMinor: setup.energyPrices === null ? null : minorOfPico(tally.costPico, setup.currency)
})

/** What is told with an interval. Amounts in minor units per run; the change in percent of A. */
export interface Estimates {
  readonly a: Estimate
  readonly b: Estimate
  readonly difference: Estimate
  /** Null where a run earned nothing under A. */
  readonly percent: Estimate | null
}

/** Means over seeds; null of a history. */
export const estimatesOf = ({ runs }: Outcome): Estimates | null => {
  if (runs.length === 0) return null
  const percents = runs.flatMap(({ aNetMinor, bNetMinor }) =>
    aNetMinor > 0n ? [(Number(bNetMinor - aNetMinor) / Number(aNetMinor)) * 100] : []
  )
  return {
    a: estimate(runs.map(({ aNetMinor }) => Number(aNetMinor))),
    b: estimate(runs.map(({ bNetMinor }) => Number(bNetMinor))),
    difference: estimate(runs.map(({ aNetMinor, bNetMinor }) => Number(bNetMinor - aNetMinor))),
    percent: percents.length === runs.length ? estimate(percents) : null
  }
}

/** A change in percent; null where there is nothing to compare with. */
export const percentOf = (aMinor: bigint, bMinor: bigint): number | null =>
  aMinor === 0n ? (bMinor === 0n ? 0 : null) : (Number(bMinor - aMinor) / Math.abs(Number(aMinor))) * 100

/** Drivers, stations or sites, those whose bill rises most first; equal ones by name. */
export const ranked = (
  accounts: ReadonlyMap<string, Account>
): ReadonlyArray<Account & { readonly name: string; readonly differenceMinor: bigint }> =>
  [...accounts]
    .map(([name, account]) => ({ name, ...account, differenceMinor: account.bMinor - account.aMinor }))
    .sort((x, y) => {
      const order = y.differenceMinor - x.differenceMinor
      return order !== 0n ? (order > 0n ? 1 : -1) : x.name < y.name ? -1 : 1
    })

/** How many pay more, less and the same, and what they pay more or less together. */
export const winnersOf = (accounts: ReadonlyMap<string, Account>) => {
  const sum = { more: 0, less: 0, same: 0, moreMinor: 0n, lessMinor: 0n }
  for (const { aMinor, bMinor } of accounts.values()) {
    if (bMinor > aMinor) {
      sum.more += 1
      sum.moreMinor += bMinor - aMinor
    } else if (bMinor < aMinor) {
      sum.less += 1
      sum.lessMinor += aMinor - bMinor
    } else sum.same += 1
  }
  return sum
}

const perMillion = BigInt(once)

/** B at one elasticity, in plain units, rounded once. */
export const reactionFigures = (reaction: Reaction, setup: Setup) => {
  const netMinor = roundHalfAwayFromZero(reaction.netPpm, perMillion)
  return {
    elasticity: reaction.elasticity,
    sessions: Number(reaction.sessionsPpm) / once,
    energyWh: Number(roundHalfAwayFromZero(reaction.energyPpm, perMillion * 1000n)),
    idleMs: Number(roundHalfAwayFromZero(reaction.idlePpm, perMillion)),
    netMinor,
    marginMinor:
      setup.energyPrices === null
        ? null
        : netMinor - minorOfPico(roundHalfAwayFromZero(reaction.costPpm, perMillion), setup.currency)
  }
}

/** Days on which sessions began, those between included, of all runs together: what an hour of the day is averaged over. */
export const daysOf = ({ tally, runs }: Outcome): number =>
  tally.sessions === 0 ? 1 : (tally.lastDay - tally.firstDay + 1) * Math.max(1, runs.length)
