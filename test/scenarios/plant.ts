import { Clock, Effect, Layer } from "effect"
import { CallError } from "#core/ocpp/CallError.ts"
import type { Assessment } from "#core/transaction/assess.ts"
import { assess } from "#core/transaction/assess.ts"
import { isOpen, type Transaction } from "#core/transaction/Transaction.ts"
import { overJournal, overStore, type PatchStores } from "#scenarios/lab/CmsProcess.ts"
import { Billing } from "#server/billing/Billing.ts"
import { Directory, type KnownToken } from "#server/directory/Directory.ts"
import type { Session } from "#server/ocpp/Session.ts"
import { handlers201 } from "#server/ocpp/v2x/handlers.ts"
import { handlers as handlers16 } from "#server/ocpp/v16/handlers.ts"
import type { Journal } from "#server/record/Journal.ts"
import type { Unit } from "#server/record/Unit.ts"
import { ActiveTokens } from "#server/station/ActiveTokens.ts"
import { Holdings } from "#server/station/Holdings.ts"
import { Numbers } from "#server/station/Numbers.ts"
import type { OwnerServices, Settler } from "#server/station/OwnerServices.ts"
import { StationOwner, type TransactionMessage } from "#server/station/StationOwner.ts"
import { pageOf } from "#server/station/units.ts"

/** A defect, put into the server from outside and taken out again. */
export interface Planted {
  readonly patchStores?: PatchStores
  readonly remove: () => void
}

const nothing = (): void => {}

/** Replaces a member of an object of the server's until the returned function is called. */
const swap = <A extends object, K extends keyof A>(holder: A, key: K, change: (old: A[K]) => A[K]): (() => void) => {
  const old = holder[key]
  Object.defineProperty(holder, key, { value: change(old), configurable: true, writable: true, enumerable: true })
  return () => {
    Object.defineProperty(holder, key, { value: old, configurable: true, writable: true, enumerable: true })
  }
}

const planted = (remove: () => void): Planted => ({ remove })

/** What a station's owner works with; a defect may reach it where the code may not. */
const servicesOf = (owner: StationOwner): OwnerServices => (owner as unknown as { services: OwnerServices }).services

type Message = StationOwner["message"]

/** Changes what happens to a message about a transaction. */
const inMessages = (
  change: (owner: StationOwner, message: TransactionMessage, nowMs: number, go: Message) => ReturnType<Message>
): Planted =>
  planted(
    swap(
      StationOwner.prototype,
      "message",
      (old) =>
        function (this: StationOwner, message) {
          const go: Message = (it) => old.call(this, it)
          return Effect.flatMap(Clock.currentTimeMillis, (nowMs) => change(this, message, nowMs, go))
        }
    )
  )

const known = (owner: StationOwner, { ocppId, startKey }: TransactionMessage): Transaction | undefined =>
  ocppId !== null
    ? owner.holdings.byOcppId(ocppId)
    : startKey !== null
      ? owner.holdings.byStartKey(startKey)
      : undefined

/** Changes what is settled. */
const inSettlement = (change: (settle: Settler["settle"]) => Settler["settle"]): Planted =>
  planted(
    swap(Billing, "layer", (layer) =>
      Layer.effect(
        Billing,
        Effect.map(Effect.service(Billing), (billing) => Billing.of({ ...billing, settle: change(billing.settle) }))
      ).pipe(Layer.provide(layer))
    )
  )

const assessedAs = (change: (assessment: Assessment, transaction: Transaction) => Partial<Assessment>): Planted =>
  inSettlement(
    (settle) => (transaction, assessment, nowMs) =>
      settle(transaction, { ...assessment, ...change(assessment, transaction) }, nowMs)
  )

const inJournal = (change: (journal: Journal["Service"]) => Partial<Journal["Service"]>): Planted => ({
  remove: nothing,
  patchStores: overJournal((journal) => ({ ...journal, ...change(journal) }))
})

const inTokens = (change: (token: KnownToken) => KnownToken): Planted => ({
  remove: nothing,
  patchStores: overStore(Directory, (directory) => ({
    ...directory,
    token: (uid) => Effect.map(directory.token(uid), (token) => (token === undefined ? undefined : change(token)))
  }))
})

/** Bills the transaction again, as if the stop had been the first. */
const doubleBilling = (): Planted =>
  inMessages((owner, message, nowMs, go) =>
    Effect.gen(function* () {
      const transaction = known(owner, message)
      if (message.kind === "Ended" && transaction?.ended && transaction.settled?.cdrId) {
        const { settler, recorder } = servicesOf(owner)
        const again = yield* settler.settle({ ...transaction, settled: null }, assess(transaction), nowMs)
        const cdrs = again!.settlement.cdrs.map((cdr) => ({ ...cdr, id: `${cdr.id}-${nowMs}` }))
        const entries = again!.settlement.entries.map((entry, index) => {
          const id = `${entry.id}-${nowMs}`
          return { ...entry, id, source: { ...entry.source, id: cdrs[index]!.id } }
        })
        yield* recorder.record({ stationId: owner.station.id, epoch: owner.epoch, cdrs, entries })
      }
      return yield* go(message)
    })
  )

/** Takes a late reading for the proof that the charge goes on. */
const reopening = (): Planted =>
  inMessages((owner, message, nowMs, go) =>
    Effect.gen(function* () {
      const transaction = known(owner, message)
      if (message.kind === "Updated" && transaction !== undefined && !isOpen(transaction)) {
        const open = { ...transaction, ended: null, closed: null, settled: null }
        owner.holdings.put(open)
        const row = { ...pageOf(open, { assessment: null, isWaiting: false }, nowMs), version: open.factCount + 1 }
        yield* servicesOf(owner).recorder.record({
          stationId: owner.station.id,
          epoch: owner.epoch,
          transactions: [row]
        })
      }
      return yield* go(message)
    })
  )

const oldMs = 5 * 60_000

/** Says yes to what is old and keeps none of it. */
const losingReplay = (): Planted =>
  inMessages((owner, message, nowMs, go) =>
    message.kind !== "Started" && nowMs - message.atMs > oldMs
      ? Effect.succeed({ transaction: known(owner, message) ?? null, judgement: null })
      : go(message)
  )

const pricingByArrival = (): Planted => inMessages((_owner, message, nowMs, go) => go({ ...message, atMs: nowMs }))

/** Every tenth connection's 1.6 stop is taken for another car's at the same station. */
const strangersStop = (): Planted =>
  planted(
    swap(handlers16, "StopTransaction", (handle) => (request, session) => {
      const others = (session as Session).owner.holdings
        .open()
        .filter(({ ocppId }) => ocppId !== String(request.transactionId))
      const other = others[0]
      return handle!(other === undefined ? request : { ...request, transactionId: Number(other.ocppId) }, session)
    })
  )

/** Two starts in a row get the same number. */
const oneIdForTwo = (): Planted =>
  planted(
    swap(Numbers, "layer", (layer) =>
      Layer.effect(
        Numbers,
        Effect.map(Effect.service(Numbers), (numbers) => {
          let last: number | undefined
          const next = Effect.suspend(() => {
            if (last === undefined) {
              return Effect.map(numbers.next, (number) => {
                last = number
                return number
              })
            }
            const again = last
            last = undefined
            return Effect.succeed(again)
          })
          return Numbers.of({ next })
        })
      ).pipe(Layer.provide(layer))
    )
  )

/** Counts one charge too many on every card. */
const miscountingCards = (): Planted =>
  planted(
    swap(ActiveTokens, "layer", (layer) =>
      Layer.effect(
        ActiveTokens,
        Effect.map(Effect.service(ActiveTokens), (active) =>
          ActiveTokens.of({
            ...active,
            count: (uid, except) => Effect.map(active.count(uid, except), (count) => count + 1)
          })
        )
      ).pipe(Layer.provide(layer))
    )
  )

/** The lease of a card is never given back or never counted. */
const forgettingCards = (): Planted =>
  planted(
    swap(ActiveTokens, "layer", (layer) =>
      Layer.effect(
        ActiveTokens,
        Effect.map(Effect.service(ActiveTokens), (active) =>
          ActiveTokens.of({ ...active, count: () => Effect.succeed(0) })
        )
      ).pipe(Layer.provide(layer))
    )
  )

const isOnlyReadings = (unit: Unit): boolean => unit.samples !== undefined && unit.facts === undefined

/** One batch of readings in forty meets an error of the database, and is acknowledged all the same. */
const losingReadings = (): Planted => {
  let count = 0
  return inJournal((journal) => ({
    commit: (units) => {
      const kept = units.map((unit) => (isOnlyReadings(unit) && ++count % 40 === 0 ? { ...unit, samples: [] } : unit))
      return journal.commit(kept)
    }
  }))
}

/** Answers at once and writes when it is convenient. */
const answeringFirst = (): Planted =>
  inJournal((journal) => ({
    commit: (units) =>
      Effect.as(
        Effect.forkDetach(Effect.delay(journal.commit(units), "30 seconds")),
        units.map(() => "Committed" as const)
      )
  }))

const withoutEntries = (): Planted =>
  inJournal((journal) => ({
    commit: (units) => journal.commit(units.map(({ entries: _, ...unit }) => unit))
  }))

/** Counts from 0 instead of from the register at the start. */
const zeroBaseline = (): Planted =>
  assessedAs(({ measurement }, { samples }) => {
    const baseWh = samples[0]?.registerWh ?? 0
    const curve = measurement.curve.map((point) => ({ ...point, registerWh: point.registerWh + baseWh }))
    return { measurement: { ...measurement, curve } }
  })

const parkingAsCharging = (): Planted =>
  assessedAs(({ startedAtMs }) => ({ states: [{ atMs: startedAtMs, state: "Charging" }] }))

/** The session fee is never asked for. */
const withoutFee = (): Planted => ({
  remove: nothing,
  patchStores: overStore(Directory, (directory) => ({
    ...directory,
    tariff: (id) =>
      Effect.map(directory.tariff(id), (versions) =>
        versions.map((tariff) => ({
          ...tariff,
          elements: tariff.elements.map((element) => ({
            ...element,
            priceComponents: element.priceComponents.filter(({ type }) => type !== "FLAT")
          }))
        }))
      )
  }))
})

/** The newest price for everybody, whenever they started. */
const newestPrice = (): Planted => {
  const latest = Number.MAX_SAFE_INTEGER / 2
  return planted(
    swap(Billing, "layer", (layer) =>
      Layer.effect(
        Billing,
        Effect.map(Effect.service(Billing), (billing) =>
          Billing.of({ ...billing, freeze: (start) => billing.freeze({ ...start, atMs: latest }) })
        )
      ).pipe(Layer.provide(layer))
    )
  )
}

const neverSettling = (): Planted => inSettlement(() => () => Effect.succeed(null))

const deafToStatus = (): Planted => planted(swap(handlers16, "StatusNotification", () => () => Effect.succeed({})))

/** One event in fifty is never answered. */
const silent = (): Planted => {
  let count = 0
  return planted(
    swap(
      handlers201,
      "TransactionEvent",
      (handle) => (request, session) => (++count % 50 === 0 ? Effect.never : handle!(request, session))
    )
  )
}

/** Statuses take long, and from the third at a time on they lock each other out: nothing about those is ever answered. */
const deadlock = (): Planted => {
  let running = 0
  return planted(
    swap(handlers16, "StatusNotification", (handle) => (request, session) => {
      if (++running >= 3) return Effect.never
      return Effect.ensuring(
        Effect.delay(handle!(request, session), "15 seconds"),
        Effect.sync(() => running--)
      )
    })
  )
}

/** What is refused is repeated: a charger that has something to tell does not believe it. */
const refusingStops = (): Planted => {
  let count = 0
  return planted(
    swap(handlers16, "StopTransaction", (handle) => (request, session) => {
      if (++count % 10 !== 0) return handle!(request, session)
      return Effect.fail(new CallError({ code: "NotSupported", description: "unknown transaction" }))
    })
  )
}

/** The names of 2.x transactions are cut to what they have in common: each station's first is every station's first. */
const oneNameForAll = (): Planted => {
  const owners = new Map<string, string>()
  return inMessages((owner, message, _nowMs, go) => {
    const name = message.ocppId?.split("-").at(-1)
    if (name === undefined || message.startKey !== null) return go(message)
    const holder = owners.get(name) ?? owner.station.id
    owners.set(name, holder)
    return holder === owner.station.id ? go(message) : Effect.succeed({ transaction: null, judgement: null })
  })
}

/** Nothing that is over is ever forgotten. */
const hoarding = (): Planted =>
  planted(swap(Holdings.prototype as unknown as { forgetOld: () => void }, "forgetOld", () => () => {}))

/** What is shown while a charge runs counts the minutes that nobody has measured yet. */
const carriedOn = (): Planted =>
  planted(
    swap(Billing, "layer", (layer) =>
      Layer.effect(
        Billing,
        Effect.map(Effect.service(Billing), (billing) =>
          Billing.of({
            ...billing,
            running: (transaction, atMs) => billing.running(transaction, atMs + (isOpen(transaction) ? 600_000 : 0))
          })
        )
      ).pipe(Layer.provide(layer))
    )
  )

/** Every defect that is planted, by what somebody who had it would say. */
export const defects = {
  doubleBilling,
  reopening,
  losingReplay,
  pricingByArrival,
  strangersStop,
  oneIdForTwo,
  miscountingCards,
  forgettingCards,
  losingReadings,
  answeringFirst,
  withoutEntries,
  zeroBaseline,
  parkingAsCharging,
  withoutFee,
  newestPrice,
  neverSettling,
  deafToStatus,
  silent,
  deadlock,
  refusingStops,
  oneNameForAll,
  hoarding,
  carriedOn,
  expiredAccepted: () => inTokens((token) => ({ ...token, expiresAtMs: null })),
  blockedAccepted: () => inTokens((token) => ({ ...token, blockedAtMs: null })),
  anywhereAccepted: () => inTokens((token) => ({ ...token, allowedStations: null }))
}
