import { Clock, Effect, Fiber } from "effect"
import type { Address } from "#server/postgres/Launcher.ts"
import * as Fleet from "#simulator/Fleet.ts"
import { Trouble } from "#simulator/faults/Trouble.ts"
import * as LiveSocket from "#simulator/LiveSocket.ts"
import type { Evidence } from "#simulator/oracles/Evidence.ts"
import { tap } from "#simulator/oracles/tap.ts"
import { Wire } from "#simulator/oracles/Wire.ts"
import * as Stream from "#simulator/Stream.ts"
import { Truth } from "#simulator/Truth.ts"
import { Timers } from "#simulator/time/Timers.ts"
import { type LivePlan, type Overrides, overridden, type Scenario } from "../Scenario.ts"
import type { Telemetry } from "../telemetry/Telemetry.ts"
import { type Deck, deal } from "./cards.ts"
import { serve } from "./doors.ts"
import { conclude, connectorsOf, type Ending } from "./ending.ts"
import { errands } from "./errands.ts"
import { gather } from "./evidence.ts"
import { type ForeignBooks, foreign, spokenBy } from "./foreign.ts"
import { goodwill, paidErrands } from "./paying.ts"
import { provision } from "./provision.ts"
import {
  type Hosting,
  hurried,
  type LiveHost,
  type LivePayments,
  learnTokens,
  openPayments,
  restOfPayments
} from "./pspLive.ts"
import type { RunProgress, StoreName } from "./Result.ts"
import { memoryStore, postgresStore, type Store } from "./Store.ts"

interface Common extends Omit<Overrides, "days"> {
  /** Goes into the result. */
  readonly commit?: string
  readonly onProgress?: (progress: RunProgress) => void
  /** Watches for a report. */
  readonly telemetry?: Telemetry
}

/** How a scenario is run with real sockets on our own CMS. */
export interface LiveOptions extends Common {
  readonly store: StoreName
  /** A database to be thrown away; when not given, the run starts a PostgreSQL of its own for `store: "postgres"`. */
  readonly database?: Address
  /** Where the CMS lives; in this process when not given. */
  readonly host?: Hosting
  /** Shows the payments of the run at its end. */
  readonly onPayments?: (payments: LivePayments) => void
}

/** How a scenario is run against somebody else's CMS. It must know the stations and cards, or take in whoever comes. */
export interface RemoteOptions extends Common {
  /** `ws://host:port/path`; each station appends its identity. */
  readonly target: string
  /** Reads and fills its books; without it only what stations hear can be judged. */
  readonly books?: ForeignBooks | undefined
}

const planOf = ({ name, live }: Scenario): LivePlan => {
  if (live === null) throw new Error(`${name} is lived in virtual time only`)
  return live
}

const prepare = (given: Scenario, options: Common, startAtMs: number) => {
  const plan = planOf(given)
  const { tariff = given.tariff } = plan
  const scenario = overridden({ ...given, tariff }, { stations: plan.stations, ...options })
  const deck = deal(scenario.cards, { seed: scenario.seed, places: scenario.stations * 3, startAtMs })
  return { plan, scenario, deck, truth: new Truth() }
}

/**
 * Runs the short form of a scenario over WebSockets on loopback, against our own endpoint in this process, on the wall
 * clock. What passes is not the same twice; what must hold is.
 */
export const runLive = Effect.fnUntraced(function* (given: Scenario, options: LiveOptions) {
  const startedAtMs = yield* Clock.currentTimeMillis
  const { plan, scenario, deck, truth } = prepare(given, options, startedAtMs)
  const store: Store = options.store === "memory" ? memoryStore() : yield* postgresStore(options.database)
  const wire = yield* wireOf(plan, truth, options.telemetry, true)
  let host: LiveHost | undefined
  const payments =
    plan.payments === undefined ? undefined : yield* openPayments(plan.payments, scenario.seed, () => host?.apiAt())
  host = yield* (options.host ?? inProcess)({ store, wire, payments })
  const fleet = yield* fleetOf({ scenario, deck, truth, wire, url: host.url, startedAtMs, passwords: true })
  const registry = { stations: fleet.roster, tokens: deck.tokens.values(), tariff: scenario.tariff, atMs: startedAtMs }
  yield* Effect.orDie(Effect.provideContext(provision(registry), host.services))
  const lived = yield* day({ scenario, plan, fleet, deck, truth, wire, options, payments, isOver: host.isOver })
  const ending = yield* Effect.provideContext(afterPayments(lived, payments, deck.tokens, truth), host.services)
  if (payments !== undefined) options.onPayments?.(payments)
  const stationIds = fleet.roster.map(({ identity }) => identity)
  const evidence: Evidence = yield* Effect.provideContext(
    gather(stationIds, yield* store.readings, options.telemetry, ending.psp),
    host.services
  )
  return conclude({
    scenario,
    startedAtMs,
    ending,
    truth,
    evidence,
    deck,
    isRegistered: true,
    course: null,
    world: "live",
    store: options.store,
    commit: options.commit ?? null,
    telemetry: options.telemetry,
    traceHash: null,
    wallSeconds: ((yield* Clock.currentTimeMillis) - startedAtMs) / 1000
  })
}, Effect.scoped)

/** Runs the short form of a scenario against another CMS. What only its books could tell is seen through an adapter. */
export const runRemote = Effect.fnUntraced(function* (given: Scenario, options: RemoteOptions) {
  const startedAtMs = yield* Clock.currentTimeMillis
  const cms = yield* foreign(options.books)
  const { plan, scenario: meant, deck: dealt, truth } = prepare(given, options, startedAtMs)
  const spoken = { ...meant, mix: spokenBy(cms, meant.mix) }
  const wire = yield* wireOf(plan, truth, options.telemetry, false)
  const url = options.target
  const fleet = yield* fleetOf({
    scenario: spoken,
    deck: dealt,
    truth,
    wire,
    url,
    startedAtMs,
    passwords: false
  })
  const tokens = [...dealt.tokens.values()]
  const { isRegistered, ...entered } = yield* cms.enter({
    stations: fleet.roster,
    tokens,
    tariff: spoken.tariff,
    atMs: startedAtMs
  })
  const scenario = { ...spoken, tariff: entered.tariff }
  const deck = { ...dealt, tokens: new Map(entered.tokens) }
  const ending = yield* day({ scenario, plan, fleet, deck, truth, wire, options })
  const stationIds = fleet.roster.map(({ identity }) => identity)
  const evidence = yield* cms.read(stationIds, startedAtMs)
  return conclude({
    scenario,
    startedAtMs,
    ending,
    truth,
    evidence,
    deck,
    isRegistered,
    course: null,
    world: "remote",
    store: null,
    commit: options.commit ?? null,
    telemetry: options.telemetry,
    traceHash: null,
    wallSeconds: ((yield* Clock.currentTimeMillis) - startedAtMs) / 1000
  })
}, Effect.scoped)

/** Our CMS in this process. */
const inProcess: Hosting = Effect.fnUntraced(function* ({ store, wire, payments }) {
  const settings = payments === undefined ? {} : { payments: hurried(payments.apiBase, payments.plan) }
  const { url, port, services } = yield* Effect.orDie(serve({ stores: store.layer, wire, ...settings }))
  return { url, apiAt: () => `http://127.0.0.1:${port}`, services }
})

const wireOf = (
  plan: LivePlan,
  truth: Truth,
  telemetry: Telemetry | undefined,
  seesCms: boolean
): Effect.Effect<Wire> =>
  Effect.map(Timers, ({ nowAtMs }) => {
    telemetry?.begin({ nowAtMs, seesCms, expectedMs: expectedMs(plan) })
    return new Wire({
      nowAtMs,
      answerWithinMs: 20_000,
      faithful: plan.troubles.length === 0,
      broken: (stationId, messageId) => truth.isBroken(stationId, messageId),
      listener: telemetry?.wire
    })
  })

const expectedMs = ({ charges, chargeMs }: LivePlan): number => charges * (chargeMs + 4_000) + quietAfterMs

const fleetOf = Effect.fnUntraced(function* (options: {
  readonly scenario: Scenario
  readonly deck: Deck
  readonly truth: Truth
  readonly wire: Wire
  readonly url: string
  readonly startedAtMs: number
  readonly passwords: boolean
}) {
  const { scenario, deck, truth, wire, url } = options
  const connect = LiveSocket.connect({ url })
  return yield* Fleet.make({
    seed: scenario.seed,
    stations: scenario.stations,
    mix: scenario.mix,
    startAtMs: options.startedAtMs,
    days: 0,
    truth,
    cards: deck.pool,
    password: (identity) => (options.passwords && identity.endsWith("2") ? `key-of-${identity}-0123456789` : null),
    ...(scenario.settings === undefined ? {} : { settings: scenario.settings }),
    ...(scenario.habits === undefined ? {} : { habits: scenario.habits }),
    pace: {
      settings: {
        sampleIntervalS: 1,
        transactionRetryS: 1,
        backOffWaitMinimumS: 1,
        backOffRandomRangeS: 1,
        backOffRepeatTimes: 0
      },
      habits: { bootMs: 200, callTimeoutMs: 2_000 }
    },
    powerWithinMs: 500,
    observe: (identity) => wire.complaints(identity, "station"),
    connect: (dial, answer) =>
      connect(dial, (answered) => {
        if (answered._tag === "Refused") answer(answered)
        else {
          const version = answered.subprotocol.replace("ocpp", "")
          const end = wire.end(dial.identity, version, "station")
          answer({ ...answered, transport: tap(answered.transport, end) })
        }
      })
  })
})

/** Charges everywhere at once, then quiet, then what the stations know. */
const day = Effect.fnUntraced(function* (life: {
  readonly scenario: Scenario
  readonly plan: LivePlan
  readonly fleet: Fleet.Fleet
  readonly deck: Deck
  readonly truth: Truth
  readonly wire: Wire
  readonly options: Common
  readonly payments?: LivePayments | undefined
  readonly isOver?: (() => boolean) | undefined
}) {
  const { scenario, plan, fleet, deck, truth, wire, options, payments, isOver = () => false } = life
  const timers = yield* Timers
  const startAtMs = timers.nowAtMs()
  const untilMs = startAtMs + expectedMs(plan)
  const report = Effect.sync(() =>
    options.onProgress?.({
      atMs: timers.nowAtMs(),
      startAtMs,
      untilMs,
      messages: truth.counters.answered,
      sessions: truth.sessions.length,
      connected: fleet.members.filter(({ station }) => station.isConnected).length
    })
  )
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(report, Effect.sleep("500 millis"))))
  yield* Effect.addFinalizer(() => Effect.sync(() => fleet.stop()))
  options.telemetry?.probe(fleet.members.map(({ station }) => station))
  fleet.start()
  const trouble = new Trouble(timers, options.telemetry?.strikes)
  for (const each of plan.troubles) trouble.start(each, fleet.members, Stream.make(scenario.seed, "trouble"))
  payments?.begin()
  const paying =
    payments === undefined
      ? undefined
      : { ...payments, truth, timers, stream: Stream.make(scenario.seed, "drivers"), isOver }
  const giving = paying === undefined ? undefined : yield* Effect.forkScoped(goodwill(paying))
  let place = 0
  const visits = fleet.members.flatMap((member) =>
    Array.from({ length: member.roster.evses }, (_, index) =>
      paying === undefined
        ? errands(member, index + 1, deck.pool.valid[place++]!, plan)
        : paidErrands(member, index + 1, plan, paying)
    )
  )
  yield* Effect.all(visits, { concurrency: "unbounded", discard: true })
  trouble.heal()
  payments?.heal()
  // Who goes on giving money back never lets the payments come to rest.
  if (giving !== undefined) yield* Fiber.interrupt(giving)
  yield* fleet.settle(30_000)
  yield* Effect.sleep(quietAfterMs)
  return { connectors: connectorsOf(fleet), wire: wire.record(), atMs: timers.nowAtMs() }
})

/** Between the last acknowledgement and the look into the books. */
const quietAfterMs = 1_500
/** The longest wait for payments to come to rest. */
const restWithinMs = 60_000

/** What the provider knows, once payments have come to rest, and what is true of the tokens they made. */
const afterPayments = Effect.fnUntraced(function* (
  ending: Ending,
  payments: LivePayments | undefined,
  tokens: Deck["tokens"],
  truth: Truth
) {
  if (payments === undefined) return ending
  yield* restOfPayments(payments.provider, restWithinMs)
  yield* learnTokens(tokens, truth)
  return { ...ending, psp: payments.provider.record, atMs: yield* Clock.currentTimeMillis } satisfies Ending
})
