import { Clock, Effect, Semaphore } from "effect"
import type { Boot, Connector, Station, Variable } from "#core/station/Station.ts"
import { type AuthorizationStatus, authorize, mayStop } from "#core/token/authorize.ts"
import { canonicalUid, type PresentedToken, type Token } from "#core/token/Token.ts"
import { assess, beginAtMs } from "#core/transaction/assess.ts"
import { close, decide, type JudgedToken } from "#core/transaction/decide.ts"
import type { Sample } from "#core/transaction/Sample.ts"
import {
  begin,
  type ChargingState,
  type ClosedWhy,
  evolve,
  isComplete,
  isOpen,
  type Transaction,
  type TransactionFact
} from "#core/transaction/Transaction.ts"
import type { Fenced, UnitRefused } from "../record/Journal.ts"
import type { Claim } from "../record/Recorder.ts"
import type { Unit } from "../record/Unit.ts"
import { chargingStateOf } from "./chargingState.ts"
import { Holdings } from "./Holdings.ts"
import type { OwnerServices } from "./OwnerServices.ts"
import { patiently } from "./patiently.ts"
import { together, unitOf } from "./units.ts"

/** What a token is worth at this station, as answered to it. */
export interface Judgement extends JudgedToken {
  readonly expiresAtMs: number | null
}

/** One message about one transaction, as a dialect's handler understood it. */
export interface TransactionMessage {
  readonly kind: "Started" | "Updated" | "Ended"
  /** The id on the wire; null in a 1.6 start, which asks us for one. */
  readonly ocppId: string | null
  readonly startKey: string | null
  /**
   * What becomes of a message about a transaction that nobody knows: it begins one, it is passed over, or it begins
   * one under this other name, so that an id which was never given out is not taken for one that was.
   */
  readonly unknown: "begin" | "ignore" | { readonly as: string }
  readonly evseId: number
  readonly connectorId: number
  readonly atMs: number
  readonly seqNo: number | null
  readonly offline: boolean
  readonly presented: PresentedToken | null
  /** Whether the token was presented to stop. */
  readonly stops: boolean
  readonly samples: ReadonlyArray<Sample>
  readonly state: ChargingState | null
  readonly reason: string | null
  readonly remoteStartId: number | null
  readonly reservationId: number | null
}

/** What came of it. `judgement` is about the token that the message carried, if any. */
export interface Reported {
  /** Null only when a message about an unknown transaction was passed over. */
  readonly transaction: Transaction | null
  readonly judgement: Judgement | null
}

/** Device model variables kept per station; a station that reports more is not believed to be well. */
const variableLimit = 20_000

/**
 * The one writer of a station's state, from the claim of its connection until a newer claim fences it. Each method
 * decides on memory, records, waits for the commit, then changes memory: what it returns is in the books.
 */
export class StationOwner {
  readonly station: Station
  readonly epoch: number
  readonly holdings: Holdings
  private readonly services: OwnerServices
  private readonly turn = Semaphore.makeUnsafe(1)

  constructor(station: Station, claim: Claim, services: OwnerServices) {
    this.station = station
    this.epoch = claim.epoch
    this.holdings = new Holdings(claim.snapshot)
    this.services = services
  }

  /** A BootNotification: the station restarted and says what it is. */
  boot(boot: Boot): Effect.Effect<void, Fenced | UnitRefused> {
    return this.inTurn(
      Effect.map(this.record({ stationId: this.station.id, epoch: this.epoch, boot }), () => {
        this.holdings.boot = boot
        this.services.announce.booted(this.station.id, boot)
      })
    )
  }

  /** A StatusNotification. One that is older than what is known changes nothing. */
  status(connector: Connector): Effect.Effect<void, Fenced | UnitRefused> {
    return this.inTurn(this.takeStatus(connector))
  }

  /** NotifyReport, or the answer to GetConfiguration. */
  variables(variables: ReadonlyArray<Variable>): Effect.Effect<void, Fenced | UnitRefused> {
    const room = Math.max(0, variableLimit - this.holdings.variableCount())
    const kept = variables.slice(0, room)
    if (kept.length === 0) return Effect.void
    return this.inTurn(
      Effect.map(this.record({ stationId: this.station.id, epoch: this.epoch, variables: kept }), () => {
        for (const variable of kept) this.holdings.putVariable(variable)
      })
    )
  }

  /** Whether a token may charge here at that instant. Promises nothing, so nothing is recorded. */
  judge(presented: PresentedToken, atMs: number, exceptTransactionId: string | null): Effect.Effect<Judgement> {
    const uid = canonicalUid(presented.uid)
    return Effect.map(patiently(this.services.directory.token(uid)), (token) => {
      const openTransactions = this.services.active.count(uid, exceptTransactionId)
      const status = authorize(token, { stationId: this.station.id, atMs, openTransactions })
      return judgementOf(uid, presented, token, status)
    })
  }

  /** Everything a station says of a transaction comes through here. */
  message(message: TransactionMessage): Effect.Effect<Reported, Fenced | UnitRefused> {
    return this.inTurn(this.takeMessage(message))
  }

  /** Settles what has waited long enough; see `settleGraceMs`. */
  settleDue(transactionId: string): Effect.Effect<void, Fenced | UnitRefused> {
    return this.inTurn(
      Effect.flatMap(Clock.currentTimeMillis, (nowMs) => {
        const transaction = this.holdings.byId(transactionId)
        if (transaction === undefined || isOpen(transaction) || transaction.settled !== null) return Effect.void
        return Effect.asVoid(this.step(transaction, [], nowMs, { settle: true }))
      })
    )
  }

  /** Ends a transaction in the books that the station will not end itself. */
  closeTransaction(transactionId: string, why: ClosedWhy): Effect.Effect<boolean, Fenced | UnitRefused> {
    return this.inTurn(
      Effect.flatMap(Clock.currentTimeMillis, (nowMs) => {
        const transaction = this.holdings.byId(transactionId)
        if (transaction === undefined || !isOpen(transaction)) return Effect.succeed(false)
        const facts = close(transaction, { atMs: nowMs, receivedAtMs: nowMs, why })
        return Effect.as(this.step(transaction, facts, nowMs, { settle: false }), true)
      })
    )
  }

  private inTurn<A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> {
    return this.turn.withPermits(1)(effect)
  }

  private record(unit: Unit): Effect.Effect<void, Fenced | UnitRefused> {
    return this.services.recorder.record(unit)
  }

  private readonly takeStatus = Effect.fnUntraced(function* (this: StationOwner, connector: Connector) {
    const known = this.holdings.connector(connector.evseId, connector.connectorId)
    if (known !== undefined && connector.statusAtMs < known.statusAtMs) return
    const nowMs = yield* Clock.currentTimeMillis
    const units: Array<Unit> = [{ stationId: this.station.id, epoch: this.epoch, connectors: [connector] }]
    const changed: Array<Planned> = []
    for (const transaction of this.holdings.all()) {
      const facts = factsOfStatus(transaction, connector, nowMs)
      if (facts.length === 0) continue
      const planned = yield* this.plan(transaction, facts, nowMs, { settle: false })
      units.push(planned.unit)
      changed.push(planned)
    }
    yield* this.record(together(units))
    this.holdings.putConnector(connector)
    this.services.announce.status(this.station.id, connector)
    for (const planned of changed) this.install(planned)
  })

  private readonly takeMessage = Effect.fnUntraced(function* (
    this: StationOwner,
    message: TransactionMessage
  ): Effect.fn.Return<Reported, Fenced | UnitRefused> {
    const receivedAtMs = yield* Clock.currentTimeMillis
    const known = yield* this.find(message)
    if (known === undefined && message.unknown !== "begin") {
      if (message.unknown === "ignore") return { transaction: null, judgement: null }
      return yield* this.takeMessage({ ...message, ocppId: message.unknown.as, unknown: "begin" })
    }
    const transaction = known ?? (yield* this.beginFrom(message, receivedAtMs))
    const judgement = message.presented === null ? null : yield* this.judgeOn(transaction, message)
    const facts = decide(transaction, {
      ...message,
      receivedAtMs,
      token: message.stops ? null : judgement,
      stopper:
        message.stops && judgement !== null
          ? { presented: judgement.presented, mayStop: this.stopsRightly(transaction, judgement) }
          : null,
      priorRegisterWh: this.holdings.registerBefore(message.evseId, message.atMs)
    })
    if (facts.length === 0) return { transaction, judgement: answeredBefore(transaction, judgement, message.stops) }
    const superseded = known === undefined ? this.supersededBy(transaction, message.atMs) : []
    const outcome = yield* Effect.result(this.step(transaction, facts, receivedAtMs, { settle: false, superseded }))
    if (outcome._tag === "Success") return { transaction: outcome.success, judgement }
    if (known !== undefined || outcome.failure._tag === "Fenced") return yield* outcome.failure
    // The books know a transaction of that name that memory had let go: a message repeated after a long time.
    const stored = yield* this.findStored(message)
    if (stored === undefined) return yield* outcome.failure
    this.holdings.put(stored)
    return yield* this.takeMessage(message)
  })

  private find(message: TransactionMessage): Effect.Effect<Transaction | undefined> {
    const known =
      message.ocppId !== null
        ? this.holdings.byOcppId(message.ocppId)
        : message.startKey !== null
          ? this.holdings.byStartKey(message.startKey)
          : undefined
    if (known !== undefined || message.kind === "Started") return Effect.succeed(known)
    return Effect.map(this.findStored(message), (stored) => {
      if (stored !== undefined) this.holdings.put(stored)
      return stored
    })
  }

  private findStored(message: TransactionMessage): Effect.Effect<Transaction | undefined> {
    const stationId = this.station.id
    const { ocppId, startKey } = message
    if (ocppId !== null) return patiently(this.services.journal.transaction({ stationId, ocppId }))
    if (startKey !== null) return patiently(this.services.journal.transaction({ stationId, startKey }))
    return Effect.succeed(undefined)
  }

  private readonly beginFrom = Effect.fnUntraced(function* (
    this: StationOwner,
    message: TransactionMessage,
    nowMs: number
  ) {
    return begin({
      id: this.services.ids.uuid(nowMs),
      stationId: this.station.id,
      dialect: this.services.dialect,
      ocppId: message.ocppId ?? String(yield* this.services.numbers.next),
      startKey: message.startKey,
      evseId: message.evseId,
      connectorId: message.connectorId,
      tariff: yield* this.services.tariffs.freeze(this.station, message.atMs),
      timeZone: this.station.timeZone
    })
  })

  private judgeOn(transaction: Transaction, message: TransactionMessage): Effect.Effect<Judgement> {
    return this.judge(message.presented!, message.atMs, transaction.id)
  }

  private stopsRightly(transaction: Transaction, stopper: Judgement): boolean {
    const { authorized } = transaction
    if (authorized === null) return true
    return mayStop(
      { uid: authorized.token.uid, groupId: authorized.groupId },
      { uid: stopper.presented.uid, groupId: stopper.groupId }
    )
  }

  /** Older transactions on the same EVSE: one car at a time, so the station has lost their stops. */
  private supersededBy(transaction: Transaction, atMs: number): ReadonlyArray<Transaction> {
    return this.holdings
      .openAt(transaction.evseId)
      .filter(
        (other) =>
          other.id !== transaction.id && other.connectorId === transaction.connectorId && beginAtMs(other) < atMs
      )
  }

  /** Records a step of one transaction, with what it supersedes, and applies it. */
  private readonly step = Effect.fnUntraced(function* (
    this: StationOwner,
    transaction: Transaction,
    facts: ReadonlyArray<TransactionFact>,
    nowMs: number,
    options: { readonly settle: boolean; readonly superseded?: ReadonlyArray<Transaction> }
  ): Effect.fn.Return<Transaction, Fenced | UnitRefused> {
    const planned = yield* this.plan(transaction, facts, nowMs, options)
    const closings: Array<Planned> = []
    for (const other of options.superseded ?? []) {
      const closing = close(other, { atMs: nowMs, receivedAtMs: nowMs, why: "superseded" })
      closings.push(yield* this.plan(other, closing, nowMs, { settle: false }))
    }
    const units = [planned.unit, ...closings.map((closing) => closing.unit)]
    this.reserve(planned)
    yield* Effect.onError(this.record(together(units)), () => Effect.sync(() => this.unreserve(planned)))
    this.install(planned)
    for (const closing of closings) this.install(closing)
    return planned.after
  })

  /** Folds the facts in and, where the transaction is over for good, settles it in the same commit. */
  private readonly plan = Effect.fnUntraced(function* (
    this: StationOwner,
    before: Transaction,
    facts: ReadonlyArray<TransactionFact>,
    nowMs: number,
    options: { readonly settle: boolean }
  ): Effect.fn.Return<Planned> {
    const folded = facts.reduce(evolve, before)
    if (isOpen(folded)) {
      const unit = unitOf(this.epoch, before, facts, folded, { assessment: null, settlement: null }, nowMs)
      return { before, facts, after: folded, unit, cdrs: [] }
    }
    const assessment = assess(folded)
    const due = options.settle || isComplete(folded) || folded.settled !== null
    const settled = due ? yield* this.services.settler.settle(folded, assessment, nowMs) : null
    const all = settled === null ? facts : [...facts, settled.fact]
    const after = settled === null ? folded : evolve(folded, settled.fact)
    const settlement = settled?.settlement ?? null
    const unit = unitOf(this.epoch, before, all, after, { assessment, settlement }, nowMs)
    return { before, facts: all, after, unit, cdrs: settlement?.cdrs ?? [] }
  })

  private reserve({ before, after }: Planned): void {
    const uid = after.authorized?.token.uid
    if (uid !== undefined && before.authorized === null && isOpen(after)) this.services.active.take(uid, after.id)
  }

  private unreserve({ before, after }: Planned): void {
    const uid = after.authorized?.token.uid
    if (uid !== undefined && before.authorized === null) this.services.active.release(uid, after.id)
  }

  private install(planned: Planned): void {
    const { before, after } = planned
    this.holdings.put(after)
    const uid = after.authorized?.token.uid
    if (uid !== undefined && !isOpen(after)) this.services.active.release(uid, after.id)
    this.services.announce.transaction(before, planned.facts, after, planned.cdrs)
  }
}

interface Planned {
  readonly before: Transaction
  readonly facts: ReadonlyArray<TransactionFact>
  readonly after: Transaction
  readonly unit: Unit
  readonly cdrs: NonNullable<Unit["cdrs"]>
}

const judgementOf = (
  uid: string,
  presented: PresentedToken,
  token: Token | undefined,
  status: AuthorizationStatus
): Judgement => ({
  presented: { uid, type: presented.type },
  groupId: token?.groupId ?? null,
  driverId: token?.driverId ?? null,
  expiresAtMs: token?.expiresAtMs ?? null,
  status
})

/** A repeated message gets the answer that the first one got, whatever has become of the card since. */
const answeredBefore = (transaction: Transaction, judgement: Judgement | null, stops: boolean): Judgement | null => {
  const { authorized } = transaction
  if (judgement === null || stops || authorized === null) return judgement
  return authorized.token.uid === judgement.presented.uid ? { ...judgement, status: authorized.status } : judgement
}

/**
 * What a connector's status says of the transactions there. In 1.6 it is the only source of the charging state. A
 * connector that is free again, by a report later than all we know of an open transaction, has lost its stop.
 */
const factsOfStatus = (
  transaction: Transaction,
  connector: Connector,
  nowMs: number
): ReadonlyArray<TransactionFact> => {
  if (transaction.evseId !== connector.evseId || transaction.connectorId !== connector.connectorId) return []
  const atMs = connector.statusAtMs
  if (atMs < beginAtMs(transaction)) return []
  if (connector.status === "Available") {
    const last = transaction.samples[transaction.samples.length - 1]
    if (last !== undefined && last.atMs > atMs) return []
    return close(transaction, { atMs, receivedAtMs: nowMs, why: "connector-free" })
  }
  const state = transaction.dialect === "1.6" ? chargingStateOf(connector.status) : null
  if (state === null || (transaction.ended !== null && atMs >= transaction.ended.atMs)) return []
  if (transaction.settled !== null && transaction.ended === null) return []
  const holding = transaction.states.findLast((entry) => entry.atMs <= atMs)
  return holding?.state === state ? [] : [{ _tag: "StateChanged", atMs, state, seqNo: null }]
}
