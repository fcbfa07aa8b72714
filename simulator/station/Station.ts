import type { CallFailure } from "#core/ocpp/CallFailure.ts"
import type { PresentedToken } from "#core/token/Token.ts"
import type { Truth } from "../Truth.ts"
import type { Display } from "../vehicle/Display.ts"
import type { Evse } from "./Evse.ts"
import type { News } from "./EvseHost.ts"
import { Firmware, type StationOptions } from "./Firmware.ts"
import type { ArrivingCar } from "./Outlet.ts"
import { isEnergized, type Phase } from "./Phase.ts"
import type { Registration } from "./Registration.ts"
import type { Settings } from "./Settings.ts"
import type { StationClock } from "./StationClock.ts"
import type { Transaction } from "./Transaction.ts"

export type { News } from "./EvseHost.ts"
export type { StationOptions } from "./Firmware.ts"
export type { ArrivingCar } from "./Outlet.ts"

/** What came of showing a token. */
export type Presented =
  | { readonly _tag: "Charging"; readonly sessionId: string }
  /** Accepted; the car is to be plugged in within ConnectionTimeOut. */
  | { readonly _tag: "PlugIn" }
  | { readonly _tag: "Stopped"; readonly sessionId: string }
  /** The CMS's status, or why the station did not ask: NoPower, Busy, MemoryFull, Offline, Error, NotYours, TooLate. */
  | { readonly _tag: "Refused"; readonly why: string }

/** What came of plugging in: it charges, it wants a token, or it cannot be. */
export type PluggedIn = "Charging" | "PresentToken" | "Refused"

/** An EVSE as a person sees it. */
export interface EvseView {
  readonly id: number
  readonly phase: Phase
  readonly hasCar: boolean
  /** How many cables it has, one usable at a time. */
  readonly connectors: number
  /** The one a car is on; null without a car. */
  readonly connectorId: number | null
  /** One can plug in. */
  readonly isFree: boolean
  /** A token could begin to charge. */
  readonly isWilling: boolean
  readonly sessionId: string | null
  /** On the dashboard of the car; null without one. */
  readonly socPercent: number | null
  /** Of the running transaction, on the wire; null while unknown. */
  readonly ocppTransactionId: string | null
}

const refused = (why: string): Presented => ({ _tag: "Refused", why })

/**
 * A simulated charging station. People and bad luck act on it by its methods, at the instant of the call; the CMS
 * hears of it through OCPP only. Holds no fiber; at rest it is a few timers.
 */
export class Station {
  readonly identity: string
  private readonly firmware: Firmware
  private barriers = 0

  constructor(options: StationOptions) {
    this.identity = options.identity
    this.firmware = new Firmware(options)
  }

  get evseCount(): number {
    return this.firmware.evses.length
  }

  get registration(): Registration {
    return this.firmware.registrar.registration
  }

  get isConnected(): boolean {
    return this.firmware.isUp()
  }

  /** The firmware runs. */
  get isRunning(): boolean {
    return this.firmware.isRunning
  }

  /** Messages that wait to be acknowledged. */
  get queued(): number {
    return this.firmware.outbox.length
  }

  get settings(): Settings {
    return this.firmware.settings
  }

  /** Whether nothing happens here and nothing is left to tell. */
  get isQuiet(): boolean {
    const { evses, outbox } = this.firmware
    return outbox.length === 0 && evses.every((evse) => evse.transaction === null)
  }

  /** What all its meters have counted in their lives, mWh. */
  get registersMilliWh(): number {
    return this.firmware.evses.reduce((sum, { outlet }) => sum + outlet.registerMilliWh(), 0)
  }

  evse(evseId: number): EvseView {
    const evse = this.at(evseId)
    return {
      id: evse.id,
      phase: evse.phase,
      hasCar: evse.outlet.hasCar,
      connectors: evse.outlet.connectors,
      connectorId: evse.outlet.hasCar ? evse.outlet.connectorId : null,
      isFree: this.isRunning && evse.isFree,
      isWilling: this.isRunning && evse.isWilling,
      sessionId: evse.transaction?.truth.id ?? null,
      socPercent: evse.outlet.socPercent,
      ocppTransactionId: evse.transaction?.wireId ?? null
    }
  }

  /** What it last told of its connectors, in the words of its dialect; nothing of those it told nothing of. */
  get toldStatuses(): ReadonlyArray<{
    readonly evseId: number
    readonly connectorId: number
    readonly status: string
  }> {
    return this.firmware.evses.flatMap(({ id, reporter }) =>
      [...reporter.told].map(([connectorId, status]) => ({ evseId: id, connectorId, status }))
    )
  }

  /** Whether one can plug in there: cheaper than a whole look. */
  isFree(evseId: number): boolean {
    return this.isRunning && this.at(evseId).isFree
  }

  /** Tells `listener` of everything at an EVSE until the returned function is called; it replaces an earlier one. */
  watch(evseId: number, listener: (news: News) => void): () => void {
    const evse = this.at(evseId)
    evse.listener = listener
    return () => {
      if (evse.listener === listener) evse.listener = null
    }
  }

  /** Changes settings as an installer does. */
  configure(settings: Partial<Settings>): void {
    this.firmware.configuration.set(settings)
  }

  // People

  plugIn(car: ArrivingCar, evseId: number): PluggedIn {
    const evse = this.at(evseId)
    if (!this.isRunning || !evse.isFree) return "Refused"
    evse.plug(car)
    return isEnergized(evse.phase) ? "Charging" : "PresentToken"
  }

  /** Shows a token at an EVSE, to start or to stop. Answers once; with the network, later. */
  present(token: PresentedToken, evseId: number, answer: (presented: Presented) => void): void {
    const { firmware } = this
    const evse = this.at(evseId)
    if (!this.isRunning) {
      answer(refused("NoPower"))
      return
    }
    const shown = firmware.habits.lowerCaseUids ? { ...token, uid: token.uid.toLowerCase() } : token
    const { transaction } = evse
    if (transaction !== null && transaction.authorization !== null) {
      this.presentToStop(shown, evse, transaction, answer)
      return
    }
    if (!evse.isWilling) {
      answer(refused(evse.operative ? "Busy" : "Unavailable"))
      return
    }
    if (firmware.habits.refusesWhenFull && !firmware.outbox.hasRoom) {
      answer(refused("MemoryFull"))
      return
    }
    firmware.authorizer.ask(shown, ({ accepted, status, groupId, offline }) => {
      if (!accepted) return answer(refused(status))
      if (!this.isRunning || !evse.isWilling) return answer(refused("TooLate"))
      evse.admit({ token: shown, groupId, offline, remoteStartId: null })
      const sessionId = evse.transaction?.truth.id
      answer(isEnergized(evse.phase) && sessionId !== undefined ? { _tag: "Charging", sessionId } : { _tag: "PlugIn" })
    })
  }

  /** Pulls the cable out; false when there is none. */
  unplug(evseId: number): boolean {
    const evse = this.at(evseId)
    if (!evse.outlet.hasCar) return false
    evse.unplug()
    return true
  }

  pressEmergencyStop(): void {
    if (!this.isRunning) return
    for (const evse of this.firmware.evses) evse.fault("EmergencyStop")
    this.firmware.reportStation()
  }

  releaseEmergencyStop(): void {
    if (!this.isRunning) return
    for (const evse of this.firmware.evses) evse.repair()
    this.firmware.reportStation()
  }

  /** The car by itself stops drawing, or goes on. */
  setPausedByCar(evseId: number, paused: boolean): void {
    this.at(evseId).setPausedByCar(paused)
  }

  /** Load management leaves the EVSE nothing, or what it had before. */
  setPausedByStation(evseId: number, paused: boolean): void {
    this.at(evseId).setPausedByStation(paused)
  }

  /** Sends a Heartbeat now, behind whatever CALL is open. `over` hears "Result", or why there was none. */
  heartbeat(over: (outcome: "Result" | CallFailure["_tag"]) => void): void {
    const { firmware } = this
    if (!firmware.isOnline()) {
      over("Disconnected")
      return
    }
    firmware.call(
      firmware.voice.heartbeat,
      () => over("Result"),
      ({ _tag }) => over(_tag)
    )
  }

  // Power

  /** Gives power for the first time or again. It boots, then dials. */
  restorePower(): void {
    this.firmware.powerOn()
  }

  cutPower(withMemory: boolean): void {
    this.firmware.powerOff(withMemory)
  }

  /** The firmware crashes and boots again by itself. */
  crash(withMemory: boolean): void {
    this.firmware.crash(withMemory)
  }

  // Trouble

  /** Its own clock. */
  get clock(): StationClock {
    return this.firmware.clock
  }

  /** The meter of each EVSE: what it counted, whole Wh, and what it shows. */
  get meters(): ReadonlyArray<{ readonly countedWh: () => number; readonly display: Display }> {
    return this.firmware.evses.map(({ outlet }) => ({
      countedWh: () => Math.floor(outlet.registerMilliWh() / 1000),
      display: outlet.display
    }))
  }

  /** Forgets every message that waits, and reports anew what it is. */
  loseQueue(): void {
    this.firmware.outbox.clear()
    this.firmware.reportAll()
  }

  /** Ends every transaction that runs, as a person does who presses stop. */
  stopAll(): void {
    this.firmware.stopAll("Local")
  }

  /** The account of what truly happened here. */
  get truth(): Truth {
    return this.firmware.truth
  }

  /** Tells the true account that a fault is on, until the returned function is called. */
  suffer(fault: string): () => void {
    return this.firmware.suffer(fault)
  }

  // Network

  /** Takes the network away until the returned function is called. Several absences overlap: the last one counts. */
  loseNetwork(): () => void {
    let isOver = false
    this.barriers++
    this.firmware.link.bar()
    return () => {
      if (isOver) return
      isOver = true
      if (--this.barriers === 0) this.firmware.link.unbar()
    }
  }

  /** No network for `ms`. */
  goOffline(ms: number): void {
    this.firmware.timers.after(ms, this.loseNetwork())
  }

  /** Cuts the connection; the station dials again after its back-off. */
  cutConnection(): void {
    this.firmware.link.drop()
  }

  private at(evseId: number): Evse {
    const evse = this.firmware.evses[evseId - 1]
    if (evse === undefined) throw new Error(`${this.identity} has no EVSE ${evseId}`)
    return evse
  }

  /** The token that started, or one of its group, stops; at some readers, any that is good. */
  private presentToStop(
    token: PresentedToken,
    evse: Evse,
    transaction: Transaction,
    answer: (presented: Presented) => void
  ): void {
    const { token: own, groupId: ownGroup } = transaction.authorization!
    const stop = () => {
      if (!this.isRunning || evse.transaction !== transaction) return answer(refused("TooLate"))
      evse.stop("Local", token)
      answer({ _tag: "Stopped", sessionId: transaction.truth.id })
    }
    if (token.uid === own.uid) {
      stop()
      return
    }
    this.firmware.authorizer.ask(token, ({ accepted, groupId }) => {
      const isAnybody = this.firmware.habits.stopsFor === "anybody"
      if (accepted && (isAnybody || (groupId !== null && groupId === ownGroup))) return stop()
      answer(refused("NotYours"))
    })
  }
}
