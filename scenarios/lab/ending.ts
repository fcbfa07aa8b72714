import type * as Fleet from "#simulator/Fleet.ts"
import { judge, verdictOf } from "#simulator/oracles/Catalogue.ts"
import type { CorrectionBook } from "#simulator/oracles/CorrectionBook.ts"
import type { Course } from "#simulator/oracles/Course.ts"
import type { DisplayRecord } from "#simulator/oracles/displays.ts"
import type { Evidence } from "#simulator/oracles/Evidence.ts"
import { billedWh } from "#simulator/oracles/match.ts"
import type { Context, TrueConnector, TrueToken } from "#simulator/oracles/Oracle.ts"
import type { DeskRecord } from "#simulator/oracles/operations.ts"
import { owingSuspensions } from "#simulator/oracles/owing.ts"
import type { PspRecord } from "#simulator/oracles/payments.ts"
import type { PrepaidRecord } from "#simulator/oracles/prepaid.ts"
import { suspensionsOf } from "#simulator/oracles/subscribed/debts.ts"
import type { SubscribersRecord } from "#simulator/oracles/subscribed/record.ts"
import { worldOf } from "#simulator/oracles/subscribed/world.ts"
import type { WireRecord } from "#simulator/oracles/Wire.ts"
import type { WishRecord } from "#simulator/oracles/wishes.ts"
import { status16, status201 } from "#simulator/station/Phase.ts"
import type { Truth } from "#simulator/Truth.ts"
import type { Scenario } from "../Scenario.ts"
import type { Mark } from "../telemetry/RunRecord.ts"
import type { Telemetry } from "../telemetry/Telemetry.ts"
import type { Deck } from "./cards.ts"
import { ownCostsOf } from "./ownCosts.ts"
import type { PriceOffice } from "./PriceOffice.ts"
import type { RunResult } from "./Result.ts"

/** What the stations know at the end of a run, while they are still switched on. */
export interface Ending {
  readonly connectors: ReadonlyArray<TrueConnector>
  readonly wire: WireRecord
  /** What drivers asked by phone; absent where nobody wrote it down. */
  readonly desk?: DeskRecord
  /** What the payment provider knows; absent where there is none. */
  readonly psp?: PspRecord
  /** Money paid ahead, and budgets; absent where there are none. */
  readonly prepaid?: PrepaidRecord
  readonly wishes?: WishRecord
  /** What operators decided about bills; absent where nobody complains. */
  readonly corrections?: CorrectionBook
  /** What the operator promises about displays; absent where nobody looks at them. */
  readonly displays?: DisplayRecord
  /** What people subscribed to; absent where nobody did. */
  readonly subscribers?: SubscribersRecord
  readonly atMs: number
}

/** What each connector is, in the words of its dialect; of stations that are in touch. */
export const connectorsOf = (fleet: Fleet.Fleet): ReadonlyArray<TrueConnector> =>
  fleet.members.flatMap(({ station, roster }) => {
    if (!station.isConnected) return []
    return Array.from({ length: roster.evses }, (_, index) => station.evse(index + 1)).flatMap((evse) =>
      Array.from({ length: evse.connectors }, (_, index): TrueConnector => {
        const { id: evseId, phase, connectorId: taken } = evse
        const connectorId = index + 1
        // With a car on one cable of an EVSE the others are of no use.
        const isBarred = phase !== "Faulted" && taken !== null && taken !== connectorId
        const [is, operative] = isBarred ? (["Available", false] as const) : ([phase, true] as const)
        const status = roster.dialect === "1.6" ? status16(is, operative) : status201(is, operative)
        return { stationId: station.identity, evseId, connectorId, status }
      })
    )
  })

/** A run that is over, and all that is known of it. */
export interface Over extends Pick<RunResult, "world" | "store" | "commit" | "traceHash" | "wallSeconds"> {
  readonly scenario: Scenario
  readonly startedAtMs: number
  readonly ending: Ending
  readonly truth: Truth
  readonly evidence: Evidence
  readonly deck: Deck
  /** The CMS was told of the cards. */
  readonly isRegistered: boolean
  /** What was followed while it lasted; null where only the end could be looked at. */
  readonly course: Course | null
  /** What prices held; those of the scenario's one tariff when not given. */
  readonly priced?: Pick<Context, "tariffsOf" | "timeZoneOf" | "isPriceTurning">
  /** What watched the run for a report. */
  readonly telemetry?: Telemetry | undefined
}

/** What prices hold in a scenario: those that its office decided on, else the one tariff of all stations. */
export const pricedBy = (
  scenario: Scenario,
  office: PriceOffice | undefined
): Pick<Context, "tariffsOf" | "timeZoneOf" | "isPriceTurning"> =>
  office === undefined
    ? { tariffsOf: () => scenario.tariff }
    : {
        isPriceTurning: (session) => office.book.isBetween(session),
        tariffsOf: (_stationId, session) => office.book.tariffsOf(session),
        timeZoneOf: (stationId) => office.book.timeZoneOf(stationId)
      }

/** Has every oracle judge a run. */
export const conclude = (over: Over): RunResult => {
  const { scenario, ending, truth, evidence, course } = over
  const context: Context = {
    atMs: ending.atMs,
    tokens: withSuspensions(over),
    isRegistered: over.isRegistered,
    ...(over.priced ?? pricedBy(scenario, undefined)),
    connectors: ending.connectors,
    wire: ending.wire,
    ...(ending.desk === undefined ? {} : { desk: ending.desk }),
    ...(ending.psp === undefined ? {} : { psp: ending.psp }),
    ...(ending.prepaid === undefined ? {} : { prepaid: ending.prepaid }),
    ...(ending.wishes === undefined ? {} : { wishes: ending.wishes }),
    ...(ending.corrections === undefined ? {} : { corrections: ending.corrections }),
    ...(ending.displays === undefined ? {} : { displays: ending.displays }),
    ...(ending.subscribers === undefined ? {} : { subscribers: ending.subscribers }),
    course
  }
  const oracles = judge(truth, evidence, context)
  const result: RunResult = {
    scenario: scenario.name,
    seed: scenario.seed,
    world: over.world,
    store: over.store,
    commit: over.commit,
    traceHash: over.traceHash,
    verdict: verdictOf(oracles),
    oracles,
    ...totals(evidence, truth),
    virtualSeconds: (ending.atMs - over.startedAtMs) / 1000,
    wallSeconds: over.wallSeconds,
    peakRssBytes: process.resourceUsage().maxRSS * 1024
  }
  over.telemetry?.end({
    ...scenario,
    marks: marksOf(over),
    startedAtMs: over.startedAtMs,
    endedAtMs: ending.atMs,
    result,
    truth,
    evidence
  })
  return result
}

/** The tokens, with when their drivers may start nothing for what they owe. */
const withSuspensions = ({ deck, ending, evidence }: Over): ReadonlyMap<string, TrueToken> => {
  const { subscribers, psp, atMs } = ending
  const world = subscribers === undefined ? undefined : worldOf(subscribers, psp, evidence, atMs)
  const owing = psp?.dunning === undefined ? [] : owingSuspensions(psp.dunning, evidence)
  if (world === undefined && owing.length === 0) return deck.tokens
  const suspensions = new Map(world === undefined ? [] : suspensionsOf(world))
  for (const [driverId, suspension] of owing)
    suspensions.set(driverId, [...(suspensions.get(driverId) ?? []), suspension])
  return new Map(
    [...deck.tokens].map(([uid, token]) => {
      const own = suspensions.get(token.driverId ?? "")
      return [uid, own === undefined ? token : { ...token, suspensions: own }] as const
    })
  )
}

/** What a scenario in virtual time does at instants of its own. */
const marksOf = ({ scenario, world, startedAtMs }: Over): ReadonlyArray<Mark> => {
  if (world !== "virtual") return []
  const endAtMs = startedAtMs + scenario.days * dayMs
  const home = { name: "drivers sent home", atMs: endAtMs }
  return scenario.troubles.length === 0
    ? [home]
    : [{ name: "faults healed", atMs: endAtMs - scenario.healedBeforeEndMs }, home]
}

const dayMs = 86_400_000

const totals = (evidence: Evidence, truth: Truth) => {
  const ownCosts = ownCostsOf(truth, evidence)
  const money: Record<string, bigint> = {}
  for (const { currency, grossMinor } of evidence.cdrs ?? []) money[currency] = (money[currency] ?? 0n) + grossMinor
  return {
    messages: truth.counters.answered,
    transactions: evidence.transactions?.length ?? truth.sessions.length,
    energyWh: evidence.cdrs === null ? truth.deliveredWh : billedWh(evidence.cdrs),
    money: Object.fromEntries(Object.entries(money).map(([currency, minor]) => [currency, String(minor)])),
    ...(ownCosts !== undefined && { ownCosts })
  }
}
