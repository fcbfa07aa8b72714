import { assert } from "@effect/vitest"
import { Clock, Effect, Layer, Redacted, Result, type Scope } from "effect"
import { Ids } from "#core/Ids.ts"
import * as Instant from "#core/Instant.ts"
import { v16 } from "#core/ocpp/Dialect.ts"
import * as Peer from "#core/ocpp/Peer.ts"
import { actions } from "#core/ocpp/v16/generated/actions.ts"
import { stateOf } from "#core/payment/state.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { overStore } from "#scenarios/lab/CmsProcess.ts"
import type { PaymentTrigger } from "#scenarios/lab/PaymentTrigger.ts"
import { Books } from "#server/books/Books.ts"
import type { Corrections } from "#server/corrections/Corrections.ts"
import { Directory } from "#server/directory/Directory.ts"
import type { Dunning } from "#server/dunning/Dunning.ts"
import * as Memory from "#server/memory/Memory.ts"
import { Gateway } from "#server/ocpp/Gateway.ts"
import { unregistered } from "#server/ocpp/stationAuth.ts"
import { PaymentDesk } from "#server/payments/Desk.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import type { Exchange } from "#server/payments/stripe/exchange.ts"
import * as StripeProvider from "#server/payments/stripe/StripeProvider.ts"
import * as Server from "#server/Server.ts"
import type { Subscriptions } from "#server/subscriptions/Subscriptions.ts"
import * as VirtualTime from "#simulator/VirtualTime.ts"
import { tariffJson } from "#test/support/cms.ts"
import { StripeStub } from "#test/support/stripe.ts"
import { transportPair } from "#test/support/transportPair.ts"

export const noonMs = Date.UTC(2026, 4, 4, 12)

/** What a test may ask of the CMS. */
export type Lived = Server.Stores | Gateway | PaymentDesk | Subscriptions | Dunning | Corrections

/** The CMS over a store in memory that outlives it, and a provider that outlives both. */
export class World {
  readonly state = new Memory.MemoryState()
  readonly stripe: StripeStub
  /** Where the next life ends. */
  trigger: PaymentTrigger | undefined
  private servers = 0

  private readonly exchange: Exchange | undefined

  constructor(nowMs: () => number, exchange?: Exchange) {
    this.stripe = new StripeStub(nowMs)
    this.exchange = exchange
  }

  /** One life of the server; `run` ends it. */
  live<A, E>(run: Effect.Effect<A, E, Lived>): Effect.Effect<A, E> {
    const seeded = Layer.effectDiscard(
      Effect.gen(function* () {
        const directory = yield* Directory
        if ((yield* directory.station("S1")) !== undefined) return
        yield* directory.publishTariff(Result.getOrThrow(Tariff.parse(tariffJson)))
        yield* directory.setDefaultTariffId("standard")
        yield* directory.createDriver({ id: "ada", name: "Ada", email: null, createdAtMs: noonMs })
        yield* directory.createStation({ ...unregistered("S1", 0), strictness: "strict" })
      }).pipe(Effect.orDie)
    )
    const { trigger } = this
    const exchange = this.exchange ?? this.stripe.exchange
    const stores = Memory.layer(this.state)
    const provider = StripeProvider.layer({
      secretKey: Redacted.make("sk_test_1"),
      webhookSecret: Redacted.make(this.stripe.secret),
      apiBase: "http://stripe.test:12111",
      exchange: trigger?.exchange(exchange) ?? exchange
    })
    const watched = trigger === undefined ? stores : overStore(PaymentStore, (store) => trigger.store(store))(stores)
    const server = Server.layer({ heartbeatSeconds: 300, payments: { provider, poll: "10 seconds" } }).pipe(
      Layer.provideMerge(seeded),
      Layer.provideMerge(Layer.merge(watched, Ids.layerSeeded(`payments ${++this.servers}`)))
    )
    return Effect.provide(run, server)
  }
}

const wattsPerMinute = (powerW: number): number => powerW / 60

/** A 1.6 station that does what it is asked: starts, meters every minute, stops; its clock is ahead of the true time. */
export const station = Effect.fnUntraced(function* (powerW: number, aheadMs = 0) {
  const gateway = yield* Gateway
  const scope = yield* Effect.scope
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const ends = transportPair()
  const told = { starts: 0, stops: 0, energyWh: 0, accepts: true }
  let transactionId: number | undefined
  let last = 0
  const begin = Effect.fnUntraced(function* (idTag: string) {
    const nowMs = (yield* Clock.currentTimeMillis) + aheadMs
    const start = { connectorId: 1, idTag, meterStart: 0, timestamp: Instant.format(nowMs) }
    const answer = yield* peer.call(actions.StartTransaction, start)
    transactionId = answer.transactionId
    told.energyWh = 0
    while (transactionId !== undefined) {
      yield* Effect.sleep("1 minute")
      if (transactionId === undefined) return
      told.energyWh += wattsPerMinute(powerW)
      const timestamp = Instant.format((yield* Clock.currentTimeMillis) + aheadMs)
      const sampledValue = [{ value: String(Math.round(told.energyWh)) }]
      yield* peer.call(actions.MeterValues, {
        connectorId: 1,
        transactionId,
        meterValue: [{ timestamp, sampledValue }]
      })
    }
  })
  /** The plug is pulled, or the CMS asks to stop. */
  const end = Effect.fnUntraced(function* () {
    const ended = transactionId
    if (ended === undefined) return
    transactionId = undefined
    const timestamp = Instant.format((yield* Clock.currentTimeMillis) + aheadMs)
    yield* peer.call(actions.StopTransaction, { transactionId: ended, meterStop: Math.round(told.energyWh), timestamp })
  })
  const peer: Peer.Peer = Peer.make({
    dialect: v16,
    side: "station",
    transport: ends.station,
    nextMessageId: () => `m${++last}`,
    run,
    handle: (action, payload) => {
      if (action.name === "RemoteStartTransaction") {
        told.starts++
        if (!told.accepts) return Effect.succeed({ status: "Rejected" }) as Effect.Effect<never>
        run(Effect.forkIn(Effect.orDie(begin((payload as { readonly idTag: string }).idTag)), scope))
        return Effect.succeed({ status: "Accepted" }) as Effect.Effect<never>
      }
      if (action.name === "RemoteStopTransaction") {
        told.stops++
        run(Effect.forkIn(Effect.orDie(end()), scope))
        return Effect.succeed({ status: "Accepted" }) as Effect.Effect<never>
      }
      return undefined
    }
  })
  peer.start()
  gateway.accept({ stationId: "S1", dialect: v16, transport: ends.server, remoteAddress: "memory" })
  yield* peer.call(actions.BootNotification, { chargePointVendor: "Acme", chargePointModel: "One" })
  return { told, begin, end: end(), peer }
})

/** A driver at the station: opens a payment for EVSE 1. */
export const pay = Effect.fnUntraced(function* (
  payer: { readonly driverId: string; readonly methodId: string } | null
) {
  const { open } = yield* PaymentDesk
  assert.isDefined(open)
  const charger = (yield* (yield* Directory).station("S1"))!
  const quote = (yield* open!.quote(charger, 1))!
  const { payment } = yield* open!.start({ station: charger, evseId: 1, quote, payer })
  return payment.id
})

/** The card that Ada keeps with the provider. */
export const card = { driverId: "ada", methodId: "pm_1" }

/** A charge of an hour that is paid by Ada's card, at its end; its payment. */
export const charged = Effect.fnUntraced(function* () {
  const charger = yield* station(11_000)
  const id = yield* pay(card)
  yield* Effect.sleep("1 hour")
  yield* charger.end
  return id
})

export const paymentOf = (id: string) =>
  Effect.map(
    Effect.flatMap(PaymentStore, (store) => store.get(id)),
    (it) => it!.payment
  )

export const stateIs = Effect.fnUntraced(function* (id: string, expected: string) {
  assert.strictEqual(stateOf(yield* paymentOf(id)), expected)
})

export const balances = Effect.map(
  Effect.flatMap(Books, (books) => books.balances),
  (all) =>
    Object.fromEntries(all.filter(({ amountMinor }) => amountMinor !== 0n).map((it) => [it.account, it.amountMinor]))
)

/** A day in virtual time. */
export const day = <E>(test: (world: World) => Effect.Effect<void, E>) =>
  VirtualTime.run(
    Effect.clockWith((clock) => test(new World(() => clock.currentTimeMillisUnsafe()))),
    { startAtMs: noonMs, untilMs: noonMs + 60 * 86_400_000 }
  )

/** A day in virtual time that one CMS lives through. */
export const lived = <E>(test: (world: World) => Effect.Effect<void, E, Lived | Scope.Scope>) =>
  day((world) => world.live(Effect.scoped(test(world))))
