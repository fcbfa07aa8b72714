import { judge, verdictOf } from "#simulator/oracles/Catalogue.ts"
import type { Evidence } from "#simulator/oracles/Evidence.ts"
import { billedWh } from "#simulator/oracles/match.ts"
import type { TrueToken } from "#simulator/oracles/Oracle.ts"
import type { OcpiTariff } from "#simulator/oracles/SlowRater.ts"
import type { WireRecord, WireTally } from "#simulator/oracles/Wire.ts"
import { type OpenTrueSession, Truth, type TruthCounters } from "#simulator/Truth.ts"
import { Meter } from "./Meter.ts"
import type { SliceResult } from "./Slice.ts"

const faultLimit = 50

/** What all workers know, as one. */
export interface Merged {
  readonly truth: Truth
  readonly meter: Meter
  readonly wire: WireRecord
  readonly connectors: SliceResult["connectors"]
}

/** Joins what the workers know: the same whatever their number and the order in which they were done. */
export const merge = (results: ReadonlyArray<SliceResult>): Merged => {
  const truth = new Truth()
  const meter = new Meter()
  const sessions = results.flatMap((result) => result.sessions)
  sessions.sort((a, b) => a.startedAtMs - b.startedAtMs || (a.id < b.id ? -1 : 1))
  for (const session of sessions) truth.begin(session as OpenTrueSession)
  for (const { acknowledgements, judgements, counters } of results) {
    for (const acknowledgement of acknowledgements) truth.acknowledge(acknowledgement)
    for (const judgement of judgements) truth.judge(judgement)
    for (const key of Object.keys(counters) as Array<keyof TruthCounters>) truth.counters[key] += counters[key]
  }
  for (const result of results) meter.merge(result.meter)
  return {
    truth,
    meter,
    connectors: results.flatMap((result) => result.connectors),
    wire: {
      calls: results.reduce((sum, { wire }) => sum + wire.calls, 0),
      tallies: together(results.flatMap(({ wire }) => wire.tallies)),
      faults: results.flatMap(({ wire }) => wire.faults).slice(0, faultLimit),
      faultCount: results.reduce((sum, { wire }) => sum + wire.faultCount, 0),
      sawServer: results.some(({ wire }) => wire.sawServer)
    }
  }
}

/** Frames by version and sender, of all workers. */
const together = (all: ReadonlyArray<WireTally>): ReadonlyArray<WireTally> => {
  const sums = new Map<string, WireTally>()
  for (const each of all) {
    const key = `${each.version} ${each.from}`
    const known = sums.get(key)
    sums.set(
      key,
      known === undefined
        ? each
        : {
            ...each,
            calls: known.calls + each.calls,
            results: known.results + each.results,
            errors: known.errors + each.errors
          }
    )
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, tally]) => tally)
}

/** What the CMS was told before the load began; null when it is another's. */
export interface Registered {
  readonly tokens: ReadonlyMap<string, TrueToken>
  readonly tariff: ReadonlyArray<OcpiTariff>
}

/** Has every oracle judge a load, and adds up what was charged. */
export const conclude = (merged: Merged, evidence: Evidence, registered: Registered | null, atMs: number) => {
  const { truth, wire, connectors } = merged
  const oracles = judge(truth, evidence, {
    atMs,
    tokens: registered?.tokens ?? new Map(),
    isRegistered: registered !== null,
    tariffsOf: () => registered?.tariff ?? [],
    connectors,
    wire,
    // Commits and memory of a server in a process of its own are seen by nobody here.
    course: null
  })
  const money: Record<string, bigint> = {}
  for (const { currency, grossMinor } of evidence.cdrs ?? []) money[currency] = (money[currency] ?? 0n) + grossMinor
  return {
    verdict: verdictOf(oracles),
    oracles,
    transactions: evidence.transactions?.length ?? truth.sessions.length,
    energyWh: evidence.cdrs === null ? truth.deliveredWh : billedWh(evidence.cdrs),
    money: Object.fromEntries(Object.entries(money).map(([currency, minor]) => [currency, String(minor)]))
  }
}
