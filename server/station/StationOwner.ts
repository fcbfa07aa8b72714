import { Effect, Exit } from "effect"
import { showsCost } from "#core/display/showsCost.ts"
import { sometimes } from "#core/Sometimes.ts"
import type { AnsweredBoot, Boot, Connector, Station, Variable } from "#core/station/Station.ts"
import { authorize } from "#core/token/authorize.ts"
import { canonicalUid, type PresentedToken } from "#core/token/Token.ts"
import { assess, beginAtMs } from "#core/transaction/assess.ts"
import type { ChargeOrder } from "#core/transaction/ChargeOrder.ts"
import { isGivenUp } from "#core/transaction/closeByHand.ts"
import { close, decide } from "#core/transaction/decide.ts"
import {
  evolve,
  isBounded,
  isLimiting,
  isOpen,
  type Transaction,
  type TransactionFact
} from "#core/transaction/Transaction.ts"
import type { Fenced, UnitRefused } from "../record/Journal.ts"
import type { Claim } from "../record/Recorder.ts"
import type { Unit } from "../record/Unit.ts"
import { type ByHand, decidedByHand, type NotPossible } from "./byHand.ts"
import { flatMapEager, mapEager } from "./eager.ts"
import { firstHeardOf } from "./firstHeardOf.ts"
import { frozenAnew } from "./frozenAnew.ts"
import { askedFor, funded } from "./funded.ts"
import { Holdings } from "./Holdings.ts"
import { hear, hearStatus, toldAgain } from "./hear.ts"
import { answeredBefore, type Judgement, judgementOf, stopsRightly } from "./Judgement.ts"
import { concernedBy, withNext } from "./letGo.ts"
import { markMessage } from "./marks.ts"
import type { OwnerServices } from "./OwnerServices.ts"
import { isKnown, orderedBy, orderUnit, type ToldLimit, withOrdered } from "./orders.ts"
import { firstTokenOf, fulfilling, type Planned, type Step, type StepOptions } from "./Planned.ts"
import { patiently } from "./patiently.ts"
import { isDue, settledStep } from "./settled.ts"
import { type Standing, standingOf } from "./standing.ts"
import { stepsOfOldStatus, stepsOfStatus, supersededBy, supersededByStart, withKnownState } from "./statusFacts.ts"
import { foundBy, storedOf } from "./stored.ts"
import type { Reported, TransactionMessage } from "./TransactionMessage.ts"
import { Turn } from "./Turn.ts"
import { plannedOf, together } from "./units.ts"

export type { Judgement } from "./Judgement.ts"
export type { Reported, TransactionMessage } from "./TransactionMessage.ts"

/** Device model variables kept per station; a station that reports more is not believed to be well. */
const variableLimit = 20_000
/** Why a step did not get into the books. */
type NotRecorded = Fenced | UnitRefused

/**
 * The one writer of a station's state, from the claim of its connection until a newer claim fences it. Each method
 * decides on memory, records, waits for the commit, then changes memory: what it returns is in the books. Every message
 * passes here, so what is known is not waited for.
 */
export class StationOwner {
  /** What the operator says of it, as of its connection, its last boot or its last start. */
  station: Station
  readonly epoch: number
  readonly holdings: Holdings
  /** What it was answered when it last booted. */
  standing: Standing
  readonly services: OwnerServices
  private readonly turn = new Turn()

  constructor(station: Station, claim: Claim, services: OwnerServices) {
    this.station = station
    this.epoch = claim.epoch
    this.holdings = new Holdings(claim.snapshot)
    this.services = services
    this.standing = standingOf(station, claim.snapshot)
  }

  /** A BootNotification: the station says what it is, as a rule because it restarted. Answers whether the operator accepts it. */
  boot(told: Boot): Effect.Effect<Standing, NotRecorded> {
    return this.turn.take(() =>
      flatMapEager(this.refreshed(), ({ id, registration }) =>
        this.stand(this.holdings.bootOf(told, registration), registration, () => {
          this.holdings.booted(told, registration)
          this.services.announce.booted(id, told)
        })
      )
    )
  }

  /** Let in since it was turned away, and it speaks without having asked again. */
  letIn(): Effect.Effect<Standing, NotRecorded> {
    return this.turn.take(() => {
      const boot = this.holdings.letIn()
      return this.stand(boot, "Accepted", () => {
        this.holdings.boot = boot
      })
    })
  }

  private stand(boot: AnsweredBoot | null, standing: Standing, then: () => void): Effect.Effect<Standing, NotRecorded> {
    const unit = { stationId: this.station.id, epoch: this.epoch, ...(boot !== null && { boot }) }
    return this.commit(unit, standing, (isDone) => {
      if (!isDone) return
      this.standing = standing
      then()
    })
  }

  /** A StatusNotification received at `nowMs`; its clock showed `shownAtMs`. One that is older than what is known is no news. */
  status(connector: Connector, nowMs: number, shownAtMs?: number): Effect.Effect<void, NotRecorded> {
    const told = { nowMs, shownAtMs }
    if (!hearStatus(this.services, this.station.id, this.holdings, connector, told)) return Effect.void
    return this.turn.take(() => this.takeStatus(connector, nowMs))
  }

  /** NotifyReport, or the answer to GetConfiguration. */
  variables(variables: ReadonlyArray<Variable>): Effect.Effect<void, NotRecorded> {
    const kept = variables.slice(0, Math.max(0, variableLimit - this.holdings.variableCount()))
    if (kept.length === 0) return Effect.void
    return this.turn.take(() =>
      this.commit({ stationId: this.station.id, epoch: this.epoch, variables: kept }, undefined, (isCommitted) => {
        if (!isCommitted) return
        for (const variable of kept) this.holdings.putVariable(variable)
      })
    )
  }

  /** Whether a token may charge here at that instant. Promises nothing, so nothing is recorded. */
  judge(presented: PresentedToken, atMs: number, except: Transaction | null): Effect.Effect<Judgement> {
    const uid = canonicalUid(presented.uid)
    return flatMapEager(patiently(this.services.directory.token(uid)), (token) => {
      const judged = (openTransactions: number): Judgement =>
        judgementOf(uid, presented, token, authorize(token, { stationId: this.station.id, atMs, openTransactions }))
      if (token === undefined || token.concurrencyLimit === null) return Effect.succeed(judged(0))
      return mapEager(this.services.active.count(uid, except), judged)
    })
  }

  /** The same before a start, with what there is to charge with: an Authorize. */
  authorize(presented: PresentedToken, atMs: number): Effect.Effect<Judgement> {
    return flatMapEager(this.judge(presented, atMs, null), (it) => askedFor(this.services, this.station, it, atMs))
  }

  /** Everything a station says of a transaction comes through here. */
  message(message: TransactionMessage): Effect.Effect<Reported, NotRecorded> {
    const heard = hear(this.services, this.station.id, this.holdings, message)
    return this.turn.take(() => flatMapEager(withNext(this, heard), (it) => this.takeMessage(it)))
  }

  /** Settles what has waited long enough; see `settleGraceMs`. */
  settleDue(transactionId: string, nowMs: number): Effect.Effect<void, NotRecorded> {
    return this.turn.take(() => {
      const known = this.holdings.byId(transactionId)
      const found = known === undefined ? this.stored({ id: transactionId }) : Effect.succeed(known)
      return flatMapEager(found, (it) => {
        if (it === undefined || isOpen(it)) return Effect.void
        sometimes("a transaction settled by the sweeper")
        return this.step(it, [], nowMs, () => undefined, { settle: true })
      })
    })
  }

  /** A transaction by its id on the wire, as the books have it where memory has let it go. */
  recall(ocppId: string): Effect.Effect<Transaction | undefined> {
    const known = this.holdings.byOcppId(ocppId)
    if (known !== undefined) return Effect.succeed(known)
    return this.turn.take(() => this.stored({ stationId: this.station.id, ocppId }))
  }

  private stored(by: Parameters<OwnerServices["journal"]["transaction"]>[0]): Effect.Effect<Transaction | undefined> {
    return patiently(this.services.journal.transaction(by))
  }

  /** Sets what an open transaction is to stop at; false when it is not open. What is so already is not written again. */
  limit(transactionId: string, limit: ToldLimit, nowMs: number): Effect.Effect<boolean, NotRecorded> {
    return this.turn.take(() => {
      const transaction = this.holdings.byId(transactionId)
      if (transaction === undefined || !isOpen(transaction)) return Effect.succeed(false)
      if (isKnown(transaction, limit)) return Effect.succeed(true)
      return this.step(transaction, [{ _tag: "LimitSet", atMs: nowMs, ...limit }], nowMs, () => true)
    })
  }

  /** A charge as an operator wants it, open or over; as it is where that was done before. */
  byHand(id: string, decide: ByHand, nowMs: number): Effect.Effect<Transaction, NotRecorded | NotPossible> {
    return this.turn.take(() =>
      Effect.flatMap(decidedByHand(this.services, this.holdings, id, decide), ({ transaction, facts }) =>
        facts.length === 0 ? Effect.succeed(transaction) : this.step(transaction, facts, nowMs, (after) => after)
      )
    )
  }

  /** How far the next charge of a token at an EVSE is to go. One without a limit takes an older order back. */
  order(order: ChargeOrder): Effect.Effect<void, NotRecorded> {
    return this.turn.take(() => {
      if (!isLimiting(order.limit) && !this.holdings.hasOrder(order)) return Effect.void
      const unit = orderUnit({ stationId: this.station.id, epoch: this.epoch }, order)
      return this.commit(unit, undefined, (isCommitted) => {
        if (isCommitted) this.holdings.putOrder(order)
      })
    })
  }

  /** What its clock shows at an instant of ours, as far as its messages told. */
  readonly shown = (nowMs: number): number => this.services.clocks.shown(this.station.id, nowMs)

  /** Whether this station is told what its charges cost. */
  readonly showsCost = (): boolean => showsCost(this.station, this.holdings.display)

  /** The operator may have changed the tariff, the time zone or the registration since the station connected. */
  private refreshed(): Effect.Effect<Station> {
    return mapEager(patiently(this.services.directory.station(this.station.id)), (station) => {
      this.station = station ?? this.station
      return this.station
    })
  }

  /**
   * Has the unit written. Memory follows the books at the commit itself, whether somebody still waits or not: `settled`
   * is told then, before `value` is handed on.
   */
  private commit<A>(unit: Unit, value: A, settled: (isCommitted: boolean) => void): Effect.Effect<A, NotRecorded> {
    return this.services.recorder.record<A>(unit, (outcome) => {
      settled(Exit.isSuccess(outcome))
      return Exit.isSuccess(outcome) ? Exit.succeed(value) : Exit.failCause(outcome.cause)
    })
  }

  private takeStatus(connector: Connector, nowMs: number): Effect.Effect<void, NotRecorded> {
    const isNews = this.holdings.isNews(connector, this.services.clocks.surelyShown(this.station.id, nowMs), nowMs)
    if (!isNews) this.holdings.passOver(connector, nowMs)
    const concerned = concernedBy(this.services, this.holdings, this.station.id, connector)
    const stepsOf = isNews ? stepsOfStatus : stepsOfOldStatus
    const steps = mapEager(concerned, (all) => stepsOf(all, connector, nowMs, this.holdings))
    const plans = flatMapEager(steps, (it) => this.planAll(it, nowMs))
    return flatMapEager(plans, (planned) => {
      if (!isNews && planned.length === 0) return Effect.void
      const own = { stationId: this.station.id, epoch: this.epoch, connectors: isNews ? [connector] : [] }
      return this.commit(together([own, ...planned.map(({ unit }) => unit)]), undefined, (isCommitted) => {
        if (!isCommitted) return
        if (isNews) this.holdings.putConnector(connector, nowMs)
        if (isNews) this.services.announce.status(this.station.id, connector)
        for (const each of planned) this.install(each)
      })
    })
  }

  private takeMessage(message: TransactionMessage): Effect.Effect<Reported, NotRecorded> {
    return flatMapEager(foundBy(this.services.journal, this.holdings, this.station.id, message), (known) => {
      if (known !== undefined) return this.reportKnown(known, toldAgain(known, message))
      if (message.unknown === "begin") return this.beginWith(message)
      if (message.unknown === "ignore") return Effect.succeed({ transaction: null, judgement: null })
      return this.takeMessage({ ...message, ocppId: message.unknown.as, unknown: "begin" })
    })
  }

  private reportKnown(known: Transaction, message: TransactionMessage): Effect.Effect<Reported, NotRecorded> {
    return frozenAnew(this.services, this.station, known, message, (it) =>
      this.report(it, message, supersededByStart(this.holdings, it, message))
    )
  }

  private beginWith(message: TransactionMessage): Effect.Effect<Reported, NotRecorded> {
    const first = flatMapEager(this.refreshed(), (station) => firstHeardOf(this.services, station, message))
    const begun = flatMapEager(first, (transaction) =>
      this.report(transaction, message, message.isOver ? [] : supersededBy(this.holdings, transaction, message.atMs))
    )
    return Effect.catch(begun, (failure) => {
      if (failure._tag === "Fenced") return Effect.fail(failure)
      // The books know a transaction of that name that memory had let go: a message repeated after a long time.
      return Effect.flatMap(storedOf(this.services.journal, this.station.id, message), (stored) =>
        stored === undefined ? Effect.fail(failure) : this.reportKnown(stored, toldAgain(stored, message))
      )
    })
  }

  /** What a message says of a transaction that is known, or just begun and in nobody's books yet. */
  private report(
    transaction: Transaction,
    message: TransactionMessage,
    superseded: ReadonlyArray<Transaction> = []
  ): Effect.Effect<Reported, NotRecorded> {
    if (message.presented === null) return this.reportJudged(transaction, message, null, superseded)
    return flatMapEager(this.judge(message.presented, message.judgedAtMs ?? message.atMs, transaction), (it) =>
      funded(this.services, transaction, message, it, (judgement) =>
        this.reportJudged(transaction, message, judgement, superseded)
      )
    )
  }

  private reportJudged(
    transaction: Transaction,
    message: TransactionMessage,
    judgement: Judgement | null,
    superseded: ReadonlyArray<Transaction>
  ): Effect.Effect<Reported, NotRecorded> {
    const { stops, receivedAtMs } = message
    const decided = decide(transaction, {
      ...message,
      token: stops ? null : judgement,
      stopper: stops && judgement !== null ? { ...judgement, mayStop: stopsRightly(transaction, judgement) } : null,
      priorRegisterWh: transaction.started === null ? this.holdings.registerBefore(message.evseId, message.atMs) : null
    })
    const fulfils = orderedBy(this.holdings.orders(), transaction, message, decided, this.shown(0))
    const facts = withOrdered(withKnownState(this.holdings, transaction, message, decided), fulfils, receivedAtMs)
    markMessage(transaction, message, facts.length > 0)
    if (facts.length === 0) {
      if (message.kind === "Ended" && this.showsCost()) this.services.showCost(this, transaction, transaction, [])
      return Effect.succeed({ transaction, judgement: answeredBefore(transaction, judgement, stops) })
    }
    const reported = (after: Transaction): Reported => ({ transaction: after, judgement })
    return this.step(transaction, facts, receivedAtMs, reported, { superseded, fulfils })
  }

  /** Records a step of one transaction, with what it supersedes, applies it, and tells what came of it. */
  private step<A>(
    transaction: Transaction,
    facts: ReadonlyArray<TransactionFact>,
    nowMs: number,
    result: (after: Transaction) => A,
    { superseded = [], settle = false, fulfils }: StepOptions = {}
  ): Effect.Effect<A, NotRecorded> {
    return flatMapEager(this.plan(transaction, facts, nowMs, settle), (decided) => {
      const planned = fulfilling(decided, fulfils)
      if (superseded.length === 0) return this.write(planned, planned.unit, [], result(planned.after))
      sometimes("a transaction superseded by the next one")
      const steps = superseded.map((other) => ({
        transaction: other,
        facts: close(other, { atMs: beginAtMs(planned.after), receivedAtMs: nowMs, why: "superseded" })
      }))
      return flatMapEager(this.planAll(steps, nowMs), (closings) =>
        this.write(
          planned,
          together([planned.unit, ...closings.map(({ unit }) => unit)]),
          closings,
          result(planned.after)
        )
      )
    })
  }

  /** The token's place is taken before the commit; after it, the books say so, or nobody does. */
  private write<A>(
    planned: Planned,
    unit: Unit,
    closings: ReadonlyArray<Planned>,
    result: A
  ): Effect.Effect<A, NotRecorded> {
    const { after } = planned
    const { active } = this.services
    const uid = firstTokenOf(planned)
    if (uid !== undefined && isOpen(after)) active.take(uid, after)
    return this.commit(unit, result, (isCommitted) => {
      if (uid !== undefined) active.settle(uid, after, isCommitted)
      if (!isCommitted) return
      this.install(planned)
      for (const closing of closings) this.install(closing)
    })
  }

  private planAll(steps: ReadonlyArray<Step>, nowMs: number): Effect.Effect<ReadonlyArray<Planned>> {
    if (steps.length === 0) return Effect.succeed([])
    return Effect.forEach(steps, ({ transaction, facts }) => this.plan(transaction, facts, nowMs, false))
  }

  /** Folds the facts in and, where the transaction is over for good, settles it in the same commit. */
  private plan(
    before: Transaction,
    facts: ReadonlyArray<TransactionFact>,
    nowMs: number,
    settle: boolean
  ): Effect.Effect<Planned> {
    const folded = facts.reduce(evolve, before)
    const isWaiting = !isOpen(folded) && !settle && !isDue(folded, facts)
    const step = { epoch: this.epoch, before, nowMs, isWaiting }
    if (isOpen(folded)) return Effect.succeed(plannedOf(step, facts, folded, null, null))
    const assessment = assess(folded)
    if (isWaiting) return Effect.succeed(plannedOf(step, facts, folded, assessment, null))
    return mapEager(this.services.settler.settle(folded, assessment, nowMs), (settled) => {
      if (settled === null) return plannedOf(step, facts, folded, assessment, null)
      const { fact, after, assessment: known } = settledStep(folded, assessment, settled, this.showsCost())
      return plannedOf(step, [...facts, fact], after, known, settled.settlement)
    })
  }

  private install(planned: Planned): void {
    const { before, after } = planned
    this.holdings.put(after)
    if (planned.fulfils !== undefined) this.holdings.dropOrder(planned.fulfils)
    if (isBounded(after) || isGivenUp(after)) this.services.funds.follow(after)
    if (this.showsCost()) this.services.showCost(this, before, after, planned.cdrs)
    this.services.announce.transaction(before, planned.facts, after, planned.cdrs)
  }
}
