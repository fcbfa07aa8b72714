import { Clock, Deferred, Effect, Layer, Result } from "effect"
import { heardUntilMs } from "#core/billing/priceOf.ts"
import { Ids } from "#core/Ids.ts"
import * as Instant from "#core/Instant.ts"
import { sometimes } from "#core/Sometimes.ts"
import type { Station } from "#core/station/Station.ts"
import { select } from "#core/tariff/select.ts"
import { canonicalUid } from "#core/token/Token.ts"
import { isGivenUp } from "#core/transaction/closeByHand.ts"
import { type ChargeLimit, isOpen, noLimit, pricedBy, type Transaction } from "#core/transaction/Transaction.ts"
import { LiveEvents } from "../api/Events.ts"
import { LiveView } from "../api/Live.ts"
import { Billing } from "../billing/Billing.ts"
import { Books } from "../books/Books.ts"
import { Directory, NotFound } from "../directory/Directory.ts"
import { type Connected, Gateway } from "../ocpp/Gateway.ts"
import { Journal } from "../record/Journal.ts"
import { energyOf } from "../station/announcer.ts"
import { Owners } from "../station/Owners.ts"
import { patiently } from "../station/patiently.ts"
import type { StationOwner } from "../station/StationOwner.ts"
import type { Operation, OperationRecord, Outcome, TariffOperation } from "./Operation.ts"
import { OperationLog } from "./OperationLog.ts"
import { failed } from "./outcomes.ts"
import { passwordIn, stationKeys, withoutSecret } from "./stationKeys.ts"
import { translate2x } from "./translate2x.ts"
import { translate16 } from "./translate16.ts"
import { isTariffOperation, translateTariffs } from "./translateTariffs.ts"

type Start = Extract<Operation, { readonly _tag: "Start" }>

/** A charge that begins later than its driver was told that it does not is worse than none. */
const orderedWithinMs = 30_000

/** Overdue operations ended per round. */
const roundLimit = 200

/**
 * Asks stations for things and keeps what became of it: now when the station is in touch, later when it returns in
 * time, never when it does not. Also what the API shows of the present.
 */
export const layer = Layer.effect(
  LiveView,
  Effect.gen(function* () {
    const log = yield* OperationLog
    const gateway = yield* Gateway
    const owners = yield* Owners
    const directory = yield* Directory
    const journal = yield* Journal
    const books = yield* Books
    const events = yield* LiveEvents
    const billing = yield* Billing
    const ids = yield* Ids
    const keys = yield* stationKeys
    const scope = yield* Effect.scope
    const waiting = new Map<string, Deferred.Deferred<OperationRecord>>()
    /** Being asked by this process just now: not overdue, whatever their time says. */
    const asking = new Set<string>()
    let lastRequestId = 0

    const done = Effect.fnUntraced(function* (record: OperationRecord, outcome: Outcome) {
      const doneAtMs = yield* Clock.currentTimeMillis
      const operation = withoutSecret(record.operation)
      const ended: OperationRecord = { ...record, operation, status: "Done", outcome, doneAtMs }
      yield* patiently(log.save(ended))
      asking.delete(record.id)
      const { id: operationId, stationId } = record
      events.publish({ _tag: "OperationDone", stationId, atMs: doneAtMs, operationId, outcome: outcome._tag })
      const waiter = waiting.get(record.id)
      if (waiter !== undefined) {
        waiting.delete(record.id)
        yield* Deferred.succeed(waiter, ended)
      }
    })

    /** What a 1.6 station says of its keys is kept; in 2.x it comes again by NotifyReport. */
    const remember = ({ owner, stationId }: Connected, outcome: Outcome): Effect.Effect<void> => {
      if (outcome._tag !== "Answered") return Effect.void
      const variables = outcome.values.map(({ key, value, readonly }) => ({
        component: "",
        variable: key,
        instance: "",
        value,
        mutability: readonly ? "ReadOnly" : "ReadWrite"
      }))
      return Effect.catch(owner.variables(variables), (failure) =>
        failure._tag === "Fenced"
          ? Effect.void
          : Effect.logError("could not keep a configuration", { stationId }, failure)
      )
    }

    /** The tariff that an operation sends: the version that holds now, or the one that a transaction is billed by. */
    const tariffOf = Effect.fnUntraced(function* (
      operation: TariffOperation,
      transaction: Transaction | undefined,
      nowMs: number
    ) {
      if (operation._tag === "SetDefaultTariff")
        return Result.getOrUndefined(select(yield* patiently(directory.tariff(operation.tariffId)), nowMs))
      const frozen = transaction?.tariff ?? null
      if (frozen === null) return undefined
      return (yield* patiently(directory.tariff(frozen.id))).find(({ version }) => version === frozen.version)
    })

    const ask = Effect.fnUntraced(function* (connected: Connected, record: OperationRecord) {
      // A station that has just returned finds what waits for it, while whoever asks now finds the station: one of the
      // two is late.
      if (asking.has(record.id)) return
      asking.add(record.id)
      const current = yield* patiently(log.get(record.id))
      if (current?.status !== "Queued") {
        asking.delete(record.id)
        return
      }
      const sent: OperationRecord = { ...record, status: "Sent" }
      yield* patiently(log.save(sent))
      const { operation, stationId } = record
      const transaction =
        "transactionId" in operation
          ? yield* patiently(journal.transaction({ id: operation.transactionId }))
          : undefined
      const refusal =
        whyNotNow(operation, connected.owner.standing) ??
        ("transactionId" in operation ? whyNotStop(transaction, stationId) : undefined)
      if (refusal !== undefined) return yield* done(sent, { _tag: "Impossible", why: refusal })
      if (operation._tag === "Trigger") connected.triggered.add(operation.message)
      const nowMs = yield* Clock.currentTimeMillis
      const hitch = operation._tag === "Start" ? yield* ordered(connected.owner, operation, nowMs) : undefined
      if (hitch !== undefined) return yield* done(sent, hitch)
      lastRequestId = Math.max(lastRequestId + 1, Math.floor(nowMs / 1000) % 2_000_000_000)
      const { peer, dialect } = connected
      const asked = isTariffOperation(operation)
        ? translateTariffs(
            dialect.version,
            peer,
            operation,
            yield* tariffOf(operation, transaction, nowMs),
            transaction
          )
        : dialect.version === "1.6"
          ? translate16(peer, operation, transaction)
          : translate2x(peer, operation, transaction, lastRequestId)
      const answer = Effect.catch(asked, (failure) => Effect.succeed(failed(failure)))
      const password = passwordIn(operation)
      const outcome = yield* password === undefined ? answer : keys.changing(stationId, password, answer)
      if (operation._tag === "GetConfiguration" && dialect.version === "1.6") yield* remember(connected, outcome)
      // What will not begin has nothing to stop at.
      if (operation._tag === "Start" && isNo(outcome)) yield* isOrdered(connected.owner, unlimited(operation), nowMs)
      yield* done(sent, outcome)
    })

    const flush = Effect.fnUntraced(function* (connected: Connected) {
      const nowMs = yield* Clock.currentTimeMillis
      for (const record of yield* patiently(log.queued(connected.stationId))) {
        if (record.queuedUntilMs >= nowMs) yield* ask(connected, record)
      }
    })

    const round = Effect.gen(function* () {
      const nowMs = yield* Clock.currentTimeMillis
      for (const record of yield* patiently(log.overdue(nowMs, roundLimit))) {
        if (asking.has(record.id)) continue
        yield* done(record, record.status === "Sent" ? { _tag: "ConnectionLost" } : { _tag: "Expired" })
      }
    })

    const fork = (effect: Effect.Effect<void>) => Effect.forkIn(effect, scope)
    const runFork = Effect.runForkWith(yield* Effect.context<never>())
    gateway.onReady((connected) => {
      runFork(fork(flush(connected)))
    })
    yield* fork(Effect.forever(Effect.andThen(Effect.sleep("30 seconds"), round)))

    /** A station that is in touch, but not here, was never offline: whoever asks is told where it is since when. */
    const whyNotHere = (stationId: string): Effect.Effect<Outcome> =>
      Effect.map(patiently(books.station(stationId)), ({ presence }) => {
        if (presence === null) return { _tag: "Expired" }
        sometimes("a station was asked for at a node that had it not")
        const since = Instant.format(presence.connectedAtMs)
        return {
          _tag: "Impossible",
          why: `as the books have it, another node of this CMS holds its connection since ${since}: ask there`
        }
      })

    const runOperation = Effect.fnUntraced(function* (
      stationId: string,
      operation: Operation,
      options: { readonly waitMs: number; readonly queueForMs: number }
    ) {
      if ((yield* directory.station(stationId)) === undefined)
        return yield* new NotFound({ kind: "station", id: stationId })
      const requestedAtMs = yield* Clock.currentTimeMillis
      const record: OperationRecord = {
        id: ids.uuid(requestedAtMs),
        stationId,
        operation,
        requestedAtMs,
        queuedUntilMs: requestedAtMs + options.queueForMs,
        status: "Queued",
        outcome: null,
        doneAtMs: null
      }
      yield* log.save(record)
      const ended = yield* Deferred.make<OperationRecord>()
      waiting.set(record.id, ended)
      const connected = gateway.connected(stationId)
      if (connected !== undefined) yield* fork(ask(connected, record))
      else if (options.queueForMs === 0) yield* done(record, yield* whyNotHere(stationId))
      const inTime = yield* Effect.timeoutOption(Deferred.await(ended), options.waitMs)
      if (inTime._tag === "Some") return inTime.value
      waiting.delete(record.id)
      return (yield* log.get(record.id)) ?? record
    })

    const limit = Effect.fnUntraced(function* (transactionId: string, wanted: ChargeLimit) {
      const transaction = owners.transaction(transactionId)
      const owner = transaction === undefined ? undefined : owners.current(transaction.stationId)
      if (owner === undefined) return false
      const nowMs = yield* Clock.currentTimeMillis
      return yield* Effect.catchTags(owner.limit(transactionId, wanted, nowMs), {
        Fenced: () => Effect.succeed(false),
        UnitRefused: Effect.die
      })
    })

    return LiveView.of({
      limit,
      limitOf: (transactionId) => owners.transaction(transactionId)?.limit ?? undefined,
      isConnected: (stationId) => {
        const connected = gateway.connected(stationId)
        if (connected === undefined) return undefined
        const { dialect, connectedAtMs, remoteAddress } = connected
        return { dialect: dialect.version, connectedAtMs, remoteAddress }
      },
      connectedIds: gateway.connectedIds,
      runOperation,
      running: (transactionId) => {
        const transaction = owners.transaction(transactionId)
        const last = transaction?.samples[transaction.samples.length - 1]
        if (transaction === undefined || last === undefined) return undefined
        return { energyWh: energyOf(transaction), powerW: last.powerW, atMs: last.atMs }
      },
      cost: Effect.fnUntraced(function* (transactionId) {
        const held = owners.transaction(transactionId)
        const transaction = held ?? (yield* journal.transaction({ id: transactionId }))
        const tariff = transaction === undefined ? null : pricedBy(transaction)
        if (transaction === undefined || tariff === null) return undefined
        const price = yield* billing.running(transaction, heardUntilMs(transaction))
        if (price === undefined) return undefined
        return { transaction, price, compiled: yield* billing.compiled(tariff, transaction.timeZone) }
      })
    })
  })
)

/** Writes what a start is to stop at; or what came of the start, which is not asked for then. */
const ordered = Effect.fnUntraced(function* (owner: StationOwner, operation: Start, nowMs: number) {
  if (!(yield* isOrdered(owner, operation, nowMs))) return { _tag: "ConnectionLost" } satisfies Outcome
  if ((yield* Clock.currentTimeMillis) <= nowMs + orderedWithinMs) return undefined
  yield* isOrdered(owner, unlimited(operation), nowMs)
  const why = "it took too long to write down what the charge is to stop at: whoever asked for it may be gone"
  return { _tag: "Impossible", why } satisfies Outcome
})

/**
 * Writes what the charge is to stop at before the station is asked to start it; a start without a limit takes an older
 * order back. False: another connection has taken the station over.
 */
const isOrdered = (
  owner: StationOwner,
  { evseId, tokenUid, limit = noLimit }: Start,
  askedAtMs: number
): Effect.Effect<boolean> =>
  owner
    .order({ evseId, tokenUid: canonicalUid(tokenUid), limit, askedAtMs })
    .pipe(Effect.as(true), Effect.catchTags({ Fenced: () => Effect.succeed(false), UnitRefused: Effect.die }))

const unlimited = (start: Start): Start => ({ ...start, limit: noLimit })

/** Whether it is certain that what was asked will not be done. */
const isNo = (outcome: Outcome): boolean =>
  outcome._tag === "Refused" || outcome._tag === "Impossible" || (outcome._tag === "Answered" && !outcome.accepted)

/**
 * A station that is turned away is sent nothing, and one that is held in Pending starts nothing (1.6 section 4.2; 2.x
 * B02.FR.05, B03.FR.04).
 */
const whyNotNow = (operation: Operation, registration: Station["registration"]): string | undefined => {
  if (registration === "Rejected")
    return "the station is turned away (registration Rejected): nothing may be asked of it"
  // 1.6 section 4.2, 2.x B02.FR.05.
  if (registration === "Pending" && (operation._tag === "Start" || operation._tag === "Stop"))
    return "the station is held in Pending: it may not be asked to start or stop a charge"
  return undefined
}

const whyNotStop = (transaction: Transaction | undefined, stationId: string): string | undefined => {
  if (transaction === undefined || transaction.stationId !== stationId) return "no such transaction on this station"
  return isOpen(transaction) || isGivenUp(transaction) ? undefined : "the transaction is over already"
}
