import type { PresentedToken } from "#core/token/Token.ts"
import type { Stream } from "../Stream.ts"
import type { Supply } from "../vehicle/Car.ts"
import {
  authorizeTransaction,
  closeTransaction,
  cutTransaction,
  noteReading,
  openTransaction,
  readingOf,
  resumeTransaction
} from "./bookkeeping.ts"
import { CarWatch } from "./CarWatch.ts"
import type { EvseHost, News } from "./EvseHost.ts"
import { LimitKeeper } from "./LimitKeeper.ts"
import type { Message } from "./Outbox.ts"
import { type ArrivingCar, Outlet } from "./Outlet.ts"
import { chargingState, isEnergized, next, type Phase, type PhaseEvent } from "./Phase.ts"
import { Sampler } from "./Sampler.ts"
import { measurandsFor } from "./Settings.ts"
import { StatusReporter } from "./StatusReporter.ts"
import type { Authorization, Reading, ReadingContext, StopReason, Transaction } from "./Transaction.ts"
import { tellChange, tellEnd, tellSample, tellStart } from "./tellings.ts"
import { startsAt, staysOpen } from "./txPoints.ts"
import type { Learned, Trigger } from "./Voice.ts"

const nothing = (): void => {}

/** One EVSE and the transaction that runs on it. It moves by the table in `Phase.ts` and tells the CMS by the outbox. */
export class Evse {
  readonly id: number
  readonly outlet: Outlet
  private readonly host: EvseHost
  private readonly sampler: Sampler
  private current: Phase = "Available"
  private isOperative = true
  private pluggedAtMs: number | null = null
  /** Granted and waiting for a car. */
  private granted: Authorization | null = null
  private running: Transaction | null = null
  /** Cut off by the power, to be gone on with or told about when it is back. */
  private interrupted: Transaction | null = null
  private cutReason: "PowerLoss" | "Reboot" = "PowerLoss"
  /** Ended while their car is still there. */
  private departing: ReadonlyArray<Transaction> = []
  readonly reporter: StatusReporter
  private readonly watch: CarWatch
  private readonly limits: LimitKeeper
  /** The last to begin here: in 2.x the next one's numbers may go on from it. */
  private latest: Transaction | null = null
  private cancelExpiry: () => void = nothing
  /** Told of everything that happens here. One listener, as one person stands here at a time. */
  listener: ((news: News) => void) | null = null

  constructor(id: number, supply: Supply, stream: Stream, host: EvseHost) {
    this.id = id
    this.host = host
    this.outlet = new Outlet({ id, supply, stream, timers: host.timers, clock: host })
    this.reporter = new StatusReporter(id, this.outlet, host)
    this.watch = new CarWatch(this.outlet, host.timers, () => this.followCar())
    this.limits = new LimitKeeper(host, this.outlet, (reason) => this.stop(reason, null))
    this.sampler = new Sampler(host, this)
  }

  get phase(): Phase {
    return this.current
  }

  get operative(): boolean {
    return this.isOperative
  }

  get transaction(): Transaction | null {
    return this.running
  }

  /** Whether a person can plug in here. */
  get isFree(): boolean {
    return this.isUsable && !this.outlet.hasCar && next(this.current, "plug") !== undefined
  }

  /** Whether a token could begin to charge here, now or once a car comes. */
  get isWilling(): boolean {
    if (!this.isUsable) return false
    if (this.running !== null) return this.running.authorization === null
    return next(this.current, "authorize") !== undefined
  }

  /** A car is plugged in; `isFree` was true. */
  plug(car: ArrivingCar): void {
    const { host, granted } = this
    this.cancelExpiry()
    this.granted = null
    this.outlet.connect(car)
    this.pluggedAtMs = host.nowAtMs()
    if (this.running !== null) this.running.truth.personId = this.outlet.personId
    this.move("plug")
    if (granted !== null) {
      this.energize(granted, "CablePluggedIn")
      return
    }
    this.reportStatus()
    if (startsAt(this.host, "EVConnected")) this.open(null, "CablePluggedIn")
  }

  /** The cable is pulled out; a transaction that runs ends with it. */
  unplug(): void {
    if (!this.outlet.hasCar) return
    if (this.running !== null) this.end("EVDisconnected", null, "unplug")
    else if (next(this.current, "unplug") !== undefined) this.move("unplug")
    this.outlet.disconnect()
    this.pluggedAtMs = null
    for (const it of [...this.departing, this.interrupted])
      if (it !== null) it.truth.unpluggedAtMs = this.host.nowAtMs()
    this.departing = []
    this.reportStatus()
  }

  /** A token was let in; `isWilling` was true. */
  admit(authorization: Authorization): void {
    const trigger = authorization.remoteStartId === null ? "Authorized" : "RemoteStart"
    if (this.current === "Finishing") this.reportStatus(false, "Plugged")
    const isWaiting = this.current === "Available"
    this.move("authorize")
    if (!isWaiting) {
      this.energize(authorization, trigger)
      return
    }
    this.granted = authorization
    this.cancelExpiry = this.host.timers.after(this.host.settings.connectionTimeOutS * 1000, () => this.expire())
    this.reportStatus()
    if (startsAt(this.host, "Authorized")) this.open(authorization, trigger)
  }

  /** Ends what was authorized here, the car stays; where the transaction ends with its car, it stays too. */
  stop(reason: StopReason, stopToken: PresentedToken | null): void {
    const { running } = this
    if (running !== null && this.outlet.hasCar && staysOpen(this.host, running, reason)) {
      if (!running.isReleased) this.release(running, reason, stopToken)
    } else if (running !== null) {
      this.granted = null
      this.end(reason, stopToken, "stop")
    } else if (this.current === "Authorized") this.expire()
    this.reportStatus()
  }

  fault(reason: StopReason): void {
    this.cancelExpiry()
    this.granted = null
    if (this.running !== null) this.end(reason, null, "fault")
    else this.move("fault")
    this.reportStatus()
  }

  repair(): void {
    if (this.current !== "Faulted") return
    this.move(this.outlet.hasCar ? "repairPlugged" : "repair")
    this.reportStatus()
  }

  setOperative(operative: boolean): void {
    this.isOperative = operative
    this.reportStatus()
  }

  /** The car itself stops drawing, or goes on. */
  setPausedByCar(paused: boolean): void {
    this.outlet.setPausedByCar(paused)
    this.followCar()
  }

  /** Load management leaves it nothing, or what it had before. */
  setPausedByStation(paused: boolean): void {
    this.outlet.setHeld(paused)
    this.followCar()
  }

  /** What the CMS's answer to one of the transaction's messages says. */
  learn(transaction: Transaction, learned: Learned): void {
    const { transactionId, idInfo, limit } = learned
    if (limit !== undefined && transaction === this.running) this.limits.take(transaction, limit, this.current)
    if (transactionId !== undefined) transaction.wireId = transaction.truth.ocppTransactionId = transactionId
    if (idInfo === undefined || idInfo.status === "Accepted") return
    transaction.truth.rejected = true
    if (transaction !== this.running || transaction.isReleased) return
    if (this.host.settings.stopOnInvalidId) {
      this.stop("DeAuthorized", null)
      return
    }
    if (!isEnergized(this.current)) return
    this.switchTo(false)
    this.followCar()
  }

  /** Reports the connector's status if it changed, or `anyway`. */
  reportStatus(anyway = false, phase = this.current): void {
    this.reporter.report(phase, this.isUsable, this.running, anyway)
    this.host.neighbours.onOccupied(this.id)
  }

  /** Another EVSE was taken that has a supply in common with this, or left. */
  reconsider(): void {
    this.reporter.report(this.current, this.isUsable, this.running, false)
  }

  /** What the EVSE may give has changed: so has the instant at which the car has enough. */
  followLimit(): void {
    if (isEnergized(this.current)) this.watch.arm()
  }

  /** A reading asked for; told as part of the running transaction if there is one. */
  trigger(): Reading {
    return this.sample("Trigger")
  }

  /** Intervals were changed. */
  retune(): void {
    this.sampler.retune()
  }

  /** The firmware stops. With a memory a running transaction is kept, without one its end will never be told. */
  powerOff(withMemory: boolean, reason: "PowerLoss" | "Reboot"): void {
    const { running, host } = this
    this.cutReason = reason
    this.granted = null
    this.running = null
    this.cancelExpiry()
    this.rest()
    if (running !== null) {
      if (host.habits.persists === "atPowerLoss") noteReading(running, this.read("Other"), false)
      const resumes = withMemory && !running.isReleased && host.habits.afterPowerCut === "resume"
      if (!resumes) cutTransaction(running, this.outlet.registerMilliWh(), this.cutReason, withMemory)
      if (withMemory) this.interrupted = running
      else this.departing = [...this.departing, running]
    } else if (this.interrupted !== null && !withMemory) this.forget(this.interrupted)
    this.switchTo(false)
    this.reporter.forget()
    const remembersEnd = withMemory && (running !== null || this.current === "Finishing")
    this.current = !this.outlet.hasCar ? "Available" : remembersEnd ? "Finishing" : "Plugged"
  }

  /** The firmware runs again: it tells what was cut off, or goes on with it. */
  powerOn(): void {
    const { interrupted, host } = this
    this.interrupted = null
    if (interrupted === null) return
    if (interrupted.isOver || !this.outlet.hasCar) {
      if (!interrupted.isOver) cutTransaction(interrupted, this.outlet.registerMilliWh(), this.cutReason, true)
      if (this.outlet.hasCar) this.departing = [...this.departing, interrupted]
      tellEnd(this.host, interrupted, { reading: readingOf(interrupted.kept), reason: this.cutReason, stopToken: null })
      return
    }
    this.running = resumeTransaction(interrupted)
    this.switchTo(interrupted.authorization !== null)
    this.current = interrupted.authorization === null ? "Plugged" : this.outlet.drawing()
    this.watch.arm()
    this.limits.keep(interrupted)
    this.sampler.start(host.nowAtMs())
    this.tellState()
  }

  private get isUsable(): boolean {
    return this.isOperative && !this.host.neighbours.take(this.id)
  }

  private switchTo(closed: boolean): void {
    this.outlet.setContactor(closed)
    this.host.neighbours.onDemand()
  }

  private move(event: PhaseEvent): void {
    const to = next(this.current, event)
    if (to === undefined) throw new Error(`${this.host.identity} EVSE ${this.id}: ${event} while ${this.current}`)
    this.current = to
  }

  private read(context: ReadingContext): Reading {
    return this.outlet.read(context, measurandsFor(this.host.settings, context === "Sample.Clock"))
  }

  /** What has changed on the running transaction, with what its meter shows. */
  private tell(running: Transaction, say: (reading: Reading) => Message | null): void {
    const reading = this.read("Other")
    tellChange(this.host, running, { reading, phase: this.current }, () => say(reading))
    this.listener?.({ _tag: "State", phase: this.current })
  }

  private expire(): void {
    this.cancelExpiry()
    this.granted = null
    if (this.running === null) this.move("expire")
    else this.end("Timeout", null, "stop")
    this.reportStatus()
    this.listener?.({ _tag: "Expired" })
  }

  /** Lets the car charge on an authorization, in a new transaction or in the one that waited for this. */
  private energize(authorization: Authorization, trigger: Trigger): void {
    const { running, host } = this
    this.switchTo(true)
    this.current = this.outlet.drawing()
    if (running === null) this.open(authorization, trigger)
    else if (running.authorization !== null) this.tellState()
    else {
      authorizeTransaction(running, authorization, host.isOnline())
      this.tell(running, (reading) => host.voice.authorized(running, this.current, reading, !host.isOnline()))
    }
    this.watch.arm()
  }

  /** A transaction begins, in whatever phase the EVSE is. */
  private open(authorization: Authorization | null, trigger: Trigger): void {
    const { host } = this
    const transaction = openTransaction(host, {
      evseId: this.id,
      outlet: this.outlet,
      authorization,
      pluggedAtMs: this.pluggedAtMs,
      begin: this.read("Transaction.Begin"),
      before: this.latest?.kept ?? null,
      state: chargingState(this.current),
      seqNo: host.habits.numbers === "perEvse" ? (this.latest?.seqNo ?? 0) : 0
    })
    this.running = transaction
    this.latest = transaction
    tellStart(host, transaction, { phase: this.current, trigger, reportStatus: () => this.reportStatus() })
    this.sampler.start(transaction.begin.atMs)
    this.listener?.({ _tag: "Began", sessionId: transaction.truth.id })
  }

  private end(reason: StopReason, stopToken: PresentedToken | null, event: "stop" | "unplug" | "fault"): void {
    const transaction = this.running!
    const reading = this.read("Transaction.End")
    this.running = null
    this.departing = [...this.departing, transaction]
    this.rest()
    this.cancelExpiry()
    this.switchTo(false)
    noteReading(transaction, reading, true)
    const { registerMilliWh } = reading
    closeTransaction(transaction, { kept: transaction.kept, registerMilliWh, reason, stopToken, knowledge: "queued" })
    this.move(event)
    tellEnd(this.host, transaction, { reading, reason, stopToken })
    this.listener?.({ _tag: "Ended", sessionId: transaction.truth.id, reason })
    this.host.onEnded()
  }

  /** Power failed again before the end could be told, and this time the memory with it. */
  private forget(interrupted: Transaction): void {
    this.interrupted = null
    if (interrupted.isOver) interrupted.truth.endKnowledge = "lost"
    else cutTransaction(interrupted, this.outlet.registerMilliWh(), this.cutReason, false)
    if (this.outlet.hasCar) this.departing = [...this.departing, interrupted]
  }

  /** Reads the meter, and tells what it shows of a running transaction. */
  sample(context: "Sample.Periodic" | "Sample.Clock" | "Trigger"): Reading {
    const [reading, running] = [this.read(context), this.running]
    if (running !== null) tellSample(this.host, running, { reading, phase: this.current }, context === "Trigger")
    return reading
  }

  /** The authorization is over, and the transaction goes on until the car is gone. */
  private release(running: Transaction, reason: StopReason, stopToken: PresentedToken | null): void {
    running.isReleased = true
    this.watch.stop()
    this.switchTo(false)
    this.move("stop")
    this.tell(running, (reading) =>
      this.host.voice.released(running, this.current, { reason, reading, stopToken, offline: !this.host.isOnline() })
    )
  }

  /** The state changed while a transaction runs. */
  private tellState(): void {
    const { running, host } = this
    if (running === null) return
    this.tell(running, (reading) => host.voice.changed(running, this.current, reading, !host.isOnline()))
    this.reportStatus()
  }

  private followCar(): void {
    if (!isEnergized(this.current)) return
    const drawing = this.outlet.drawing()
    if (drawing !== this.current) {
      this.move(drawing === "Charging" ? "draw" : drawing === "SuspendedEV" ? "carPauses" : "stationPauses")
      this.tellState()
    }
    this.host.neighbours.onDemand()
    this.watch.arm()
  }

  private rest(): void {
    this.sampler.stop()
    this.watch.stop()
    this.limits.stop()
  }
}
