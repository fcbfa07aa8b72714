import type { CallFailure } from "#core/ocpp/CallFailure.ts"
import type { PeerObserver } from "#core/ocpp/Peer.ts"
import { sometimes } from "#core/Sometimes.ts"
import { canonicalUid, type PresentedToken } from "#core/token/Token.ts"
import type { Stream } from "../Stream.ts"
import type { TrueDialect, Truth } from "../Truth.ts"
import type { TimersApi } from "../time/Timers.ts"
import { Authorizer, type AuthorizerHost } from "./Authorizer.ts"
import { noteFault } from "./bookkeeping.ts"
import { Configuration } from "./Configuration.ts"
import { Evse } from "./Evse.ts"
import type { EvseHost } from "./EvseHost.ts"
import type { Habits } from "./Habits.ts"
import type { Hardware } from "./Hardware.ts"
import { type Connect, Link, type Run } from "./Link.ts"
import { Names } from "./Names.ts"
import { Neighbours } from "./Neighbours.ts"
import { Obedience } from "./Obedience.ts"
import { type Message, Outbox, type OutboxHost } from "./Outbox.ts"
import { Registrar, type RegistrarHost } from "./Registrar.ts"
import type { Purpose } from "./Registration.ts"
import { reportedOf, Screen } from "./Screen.ts"
import type { Settings } from "./Settings.ts"
import { StationClock } from "./StationClock.ts"
import type { StopReason } from "./Transaction.ts"
import type { BootReason, Call, Nameplate, Voice } from "./Voice.ts"
import { voicesIn } from "./voices.ts"
import { countMessages, recordAcknowledgement, recordDrop, recordJudgement } from "./Witness.ts"

/** What one station is, and the world it stands in. */
export interface StationOptions {
  /** The OCPP identity. */
  readonly identity: string
  readonly hardware: Hardware
  /** Dialects it offers, the preferred one first. 1.6 goes with no other. */
  readonly dialects: ReadonlyArray<TrueDialect>
  /** HTTP Basic password; null dials without one. */
  readonly password: string | null
  readonly settings: Settings
  readonly habits: Habits
  /** Its own; nothing else may draw from it. */
  readonly stream: Stream
  readonly timers: TimersApi
  readonly run: Run
  readonly connect: Connect
  readonly truth: Truth
  readonly observer?: PeerObserver
  /** Told of every CALL that the CMS took in, with the instant at which it was meant to be sent. */
  readonly onTaken?: OnTaken
}

/** `dueAtMs` is when the station wanted to send, whatever it had to wait for before it could. */
export type OnTaken = (action: string, dueAtMs: number) => void

const nothing = (): void => {}
/** How long a reset in good order waits for the CMS to hear of the ends. */
const graceMs = 10_000

/**
 * What runs inside a station: it joins the connection, the registration, the outbox and the EVSEs, and knows power,
 * boot and reset. Its public face is `Station`.
 */
export class Firmware implements EvseHost, OutboxHost, RegistrarHost, AuthorizerHost {
  readonly identity: string
  readonly timers: TimersApi
  readonly habits: Habits
  readonly truth: Truth
  readonly nameplate: Nameplate
  readonly configuration: Configuration
  /** What it is set to now. */
  settings: Settings
  readonly link: Link
  readonly clock: StationClock
  readonly outbox: Outbox
  readonly registrar: Registrar
  readonly authorizer: Authorizer
  readonly evses: ReadonlyArray<Evse>
  readonly neighbours: Neighbours
  readonly screen: Screen
  voice: Voice
  /** The firmware runs: it has power and has booted. */
  isRunning = false
  /** Faults that are on, each as often as it is. */
  readonly faults: Array<string> = []
  private password: string | null
  private hasPower = false
  private resetWaits: BootReason | null = null
  private readonly names: Names
  private readonly onTaken: OnTaken | undefined
  private cancelBoot: () => void = nothing

  constructor(options: StationOptions) {
    const { identity, stream, timers, hardware, habits, truth } = options
    this.identity = identity
    this.timers = timers
    this.habits = habits
    this.truth = truth
    this.password = options.password
    this.onTaken = options.onTaken
    const onBack = (): void => truth.turnBack(identity, this.clock.nowAtMs())
    this.clock = new StationClock(timers.nowAtMs, habits.clockSkewMs, onBack)
    this.voice = voicesIn(habits.manner)[options.dialects[0]!]
    this.names = new Names(identity, timers.nowAtMs(), stream.split("ids"), habits.manner)
    this.screen = new Screen(this)
    this.nameplate = {
      vendor: hardware.vendor,
      model: hardware.model,
      firmware: hardware.firmware,
      serialNumber: identity.slice(0, 25)
    }
    this.configuration = new Configuration(options.settings, {
      given: reportedOf(habits),
      onPassword: (password) => {
        this.password = password
      },
      onChange: () => {
        this.settings = this.configuration.settings
        this.retune()
      }
    })
    this.settings = this.configuration.settings
    this.evses = hardware.evses.map((supply, i) => new Evse(i + 1, supply, stream, this))
    this.neighbours = new Neighbours(hardware.sharing, this.evses)
    this.outbox = new Outbox(this)
    this.registrar = new Registrar(this)
    this.authorizer = new Authorizer(this, habits.cacheLimit)
    this.link = this.makeLink(options)
  }

  nowAtMs(): number {
    const { tickMs } = this.habits
    const atMs = this.clock.nowAtMs()
    return tickMs === 1 ? atMs : atMs - (((atMs % tickMs) + tickMs) % tickMs)
  }

  private dueAtMs(): number {
    return this.timers.dueAtMs?.() ?? this.timers.nowAtMs()
  }

  isUp(): boolean {
    return this.link.isUp
  }

  isOnline(): boolean {
    return this.link.isUp && this.registrar.registration === "Accepted"
  }

  /** What is told of transactions waits where a boot may be answered with no. */
  mayDeliver(): boolean {
    return this.isOnline() && !this.registrar.isAsking
  }

  /** A fault is on until the returned function is called; every session that lives through it says so. */
  suffer(fault: string): () => void {
    this.faults.push(fault)
    for (const { transaction } of this.evses) if (transaction !== null) noteFault(transaction, fault)
    return () => {
      const index = this.faults.indexOf(fault)
      if (index >= 0) this.faults.splice(index, 1)
    }
  }

  /** Gives power: the firmware boots, and dials when it has. */
  powerOn(): void {
    if (this.hasPower) return
    this.hasPower = true
    this.bootIn(this.habits.bootMs, "PowerUp")
  }

  /** Takes the power away, in the middle of whatever happens. */
  powerOff(withMemory: boolean): void {
    if (!this.hasPower) return
    this.hasPower = false
    this.halt("cut", withMemory, "PowerLoss")
  }

  /** The firmware crashes and boots again; `withMemory` as in a power cut. */
  crash(withMemory: boolean): void {
    if (!this.isRunning) return
    this.halt("cut", withMemory, "Reboot")
    this.bootIn(this.habits.bootMs, "Watchdog")
  }

  /** Ends all transactions and boots again: in good order, or at once and telling the ends later. */
  reset(reason: "SoftReset" | "HardReset", bootReason: BootReason): void {
    if (!this.isRunning) return
    if (reason === "HardReset") {
      this.link.shut("close")
      this.stopAll(reason)
      this.reboot(bootReason)
      return
    }
    this.stopAll(reason)
    const since = this.timers.nowAtMs()
    const look = () => {
      if (!this.isRunning) return
      if (this.outbox.length === 0 || this.timers.nowAtMs() - since >= graceMs) this.reboot(bootReason)
      else this.timers.after(500, look)
    }
    this.timers.soon(look)
  }

  /** Boots again as soon as no transaction runs. */
  resetWhenIdle(bootReason: BootReason): void {
    this.resetWaits = bootReason
    this.onEnded()
  }

  stopAll(reason: StopReason): void {
    for (const evse of this.evses) evse.stop(reason, null)
  }

  post(message: Message): void {
    if (!this.isOnline()) this.truth.counters.queued++
    message.dueAtMs = this.dueAtMs()
    this.outbox.post(message)
  }

  /** Sends a CALL that may get lost. */
  call(
    call: Call,
    done: (response: unknown) => void,
    failed: (failure: CallFailure) => void,
    purpose: Purpose = "other"
  ): void {
    const { onTaken, registrar } = this
    const dueAtMs = this.dueAtMs()
    const taken = (response: unknown): void => {
      onTaken?.(call.action.name, dueAtMs)
      done(response)
    }
    const send = () => this.link.call(call.action, call.payload, onTaken === undefined ? done : taken, failed)
    registrar.say({ action: call.action.name, purpose, send, failed })
  }

  deliver(
    message: Message,
    payload: unknown,
    messageId: string,
    done: (response: unknown) => void,
    failed: (failure: CallFailure) => void
  ): void {
    this.link.call(message.action, payload, done, failed, messageId)
  }

  payloadOf(message: Message): unknown {
    return this.voice.payloadOf(message, this.habits)
  }

  onAcknowledged(message: Message, response: unknown): void {
    const witness = { truth: this.truth, stationId: this.identity, atMs: this.timers.nowAtMs() }
    recordAcknowledgement(witness, message)
    this.onTaken?.(message.action.name, message.dueAtMs)
    const { transaction } = message
    if (transaction === null) return
    const learned = this.voice.learn(message, response)
    if (learned.totalCost !== undefined) this.screen.answered(transaction, learned.totalCost, message.kind === "end")
    const token = recordJudgement(witness, message, learned)
    if (token !== undefined) this.authorizer.learn(token, learned.idInfo!)
    this.evses[transaction.evseId - 1]!.learn(transaction, learned)
  }

  onRepeated(): void {
    this.truth.counters.repeated++
    sometimes("a message was repeated after a break")
  }

  onDropped(message: Message): void {
    recordDrop(this.truth, this.identity, message)
  }

  onJudged(token: PresentedToken, status: string): void {
    this.truth.judge({
      stationId: this.identity,
      tokenUid: canonicalUid(token.uid),
      atMs: this.timers.nowAtMs(),
      action: "Authorize",
      status,
      sessionId: null
    })
  }

  onEnded(): void {
    const { resetWaits } = this
    if (resetWaits === null || this.evses.some((evse) => evse.transaction !== null)) return
    this.resetWaits = null
    this.timers.soon(() => this.reset("SoftReset", resetWaits))
  }

  onAccepted(isFirst: boolean): void {
    if (isFirst) {
      this.truth.counters.boots++
      this.reportStation()
      for (const evse of this.evses) evse.reportStatus(true)
    }
    this.outbox.resume()
  }

  setHeartbeatS(seconds: number): void {
    this.configuration.set({ heartbeatS: seconds })
  }

  readonly nextMessageId = (): string => this.names.message()
  readonly nextTransactionId = (): string => this.names.transaction()
  readonly nextSessionId = (): string => this.names.session()

  /** The state of the station as a whole (1.6 connector 0). */
  reportStation(): void {
    const operative = this.evses.some((evse) => evse.operative)
    const faulted = this.evses.every((evse) => evse.phase === "Faulted")
    const message = this.voice.stationStatus(operative, faulted, this.nowAtMs())
    if (message !== null) this.post(message)
  }

  /** The state of everything, whether it changed or not. */
  reportAll(): void {
    if (!this.isRunning) return
    this.reportStation()
    for (const evse of this.evses) evse.reportStatus(true)
  }

  private reboot(reason: BootReason): void {
    this.halt("close", true, "Reboot")
    this.bootIn(this.habits.bootMs, reason)
  }

  private halt(how: "close" | "cut", withMemory: boolean, reason: "PowerLoss" | "Reboot"): void {
    this.cancelBoot()
    this.cancelBoot = nothing
    this.resetWaits = null
    this.isRunning = false
    for (const evse of this.evses) evse.powerOff(withMemory, reason)
    this.registrar.halt()
    this.outbox.halt()
    this.link.shut(how)
    if (withMemory) return
    this.outbox.clear()
    this.authorizer.cache.clear()
  }

  private bootIn(ms: number, reason: BootReason): void {
    this.cancelBoot = this.timers.after(ms, () => {
      this.isRunning = true
      this.registrar.begin(this.habits.tellsBootReason ? reason : "Unknown")
      for (const evse of this.evses) evse.powerOn()
      this.link.open()
    })
  }

  private retune(): void {
    if (!this.isRunning) return
    this.registrar.retune()
    for (const evse of this.evses) evse.retune()
  }

  private makeLink(options: StationOptions): Link {
    const { habits, timers } = this
    const obedience = new Obedience(this)
    const voices = voicesIn(habits.manner)
    const firmware = this
    return new Link({
      timers,
      run: options.run,
      connect: options.connect,
      stream: options.stream.split("link"),
      dial: {
        identity: this.identity,
        subprotocols: options.dialects.map((version) => voices[version].dialect.subprotocol),
        get password() {
          return firmware.password
        }
      },
      callTimeoutMs: habits.callTimeoutMs,
      timeoutsBeforeReconnect: habits.timeoutsBeforeReconnect,
      backOff: () => ({
        waitMinimumS: this.settings.backOffWaitMinimumS,
        randomRangeS: this.settings.backOffRandomRangeS,
        repeatTimes: this.settings.backOffRepeatTimes
      }),
      dialectOf: (subprotocol) => {
        const version = options.dialects.find((each) => voices[each].dialect.subprotocol === subprotocol)
        if (version === undefined) return undefined
        this.voice = voices[version]
        return this.voice.dialect
      },
      handle: (action, payload) => this.voice.handle(obedience, action, payload),
      observer: countMessages(this.truth, options.observer),
      nextMessageId: () => this.nextMessageId(),
      onUp: () => {
        this.truth.counters.connects++
        this.registrar.onUp()
        this.outbox.resume()
      },
      onDown: nothing
    })
  }
}
