import type { PresentedToken } from "#core/token/Token.ts"
import * as Faults from "#simulator/faults/Catalogue.ts"
import { strike } from "#simulator/faults/Fault.ts"
import { callOf, isEnd, resultOf, wireIdOf } from "#simulator/faults/frames.ts"
import { isAnswer, isCall, lost, twice, type Uplink } from "#simulator/faults/Uplink.ts"
import type { App } from "#simulator/fleet/Phone.ts"
import type { TrueLimit } from "#simulator/oracles/wishes.ts"
import * as Stream from "#simulator/Stream.ts"
import { goodHabits, type Habits } from "#simulator/station/Habits.ts"
import { factorySettings, type Settings } from "#simulator/station/Settings.ts"
import type { Station } from "#simulator/station/Station.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import { models } from "#simulator/vehicle/Car.ts"
import type { DeadLines } from "./DeadLines.ts"
import type { Firmware, Step, Story } from "./Story.ts"

/** A station of a story with the hands that reach it. */
export interface Actor {
  readonly station: Station
  readonly uplink: Uplink
  readonly deadLines: DeadLines
  readonly evses: number
}

/** What only the CMS and its desk can do; see `scenarios/lab/story.ts`. */
export type DeskStep = Extract<
  Step,
  {
    readonly do:
      | "block card"
      | "expire card"
      | "publish tariff"
      | "reset station"
      | "unlock connector"
      | "change availability"
      | "trigger message"
      | "close charges"
      | "set registration"
      | "kill CMS"
      | "restart CMS"
      | "database fails"
      | "database is slow"
  }
>

/** What a driver does with money that he pays ahead; see `scenarios/lab/storyWallets.ts`. */
export type WalletStep = Extract<Step, { readonly do: "top up" | "take out" | "set credit line" }>

export interface StageOptions {
  readonly story: Story
  readonly actors: ReadonlyMap<string, Actor>
  readonly timers: TimersApi
  readonly app: App
  readonly desk: (step: DeskStep) => void
  /** Where nobody takes them, nothing is moved. */
  readonly money?: (step: WalletStep) => void
  /** The station's next connection goes to the other node. */
  readonly reroute: (stationId: string) => void
}

type FaultStep = Extract<Step, { readonly do: "fault" }>

const ignore = (): void => {}
const token = (uid: string): PresentedToken => ({ uid, type: "ISO14443" })
const actionOf = (text: string): string | undefined => /^\[2,"[^"]*","(\w+)"/.exec(text)?.[1]
const idOf = (text: string): string | undefined => /^\[\d,"([^"]*)"/.exec(text)?.[1]

/**
 * Does the steps of a story, each at its instant. A step that makes no sense when its time comes (nobody there to
 * unplug) does nothing, so that a story stays one when steps are taken out.
 */
export class Stage {
  private readonly options: StageOptions
  /** What is out of order now; each mends one thing, and may be called twice. */
  private readonly mends = new Set<() => void>()
  /** Messages that are to come once more, ms later: by station and action. */
  private readonly echoes = new Map<string, number>()

  constructor(options: StageOptions) {
    this.options = options
  }

  /** Sets the alarm for every step. */
  start(): void {
    const { story, timers } = this.options
    for (const step of story.steps) timers.after(step.at * 1000, () => this.take(step))
  }

  /** All that is broken is mended: links stand, power is there, nobody holds the emergency stop. */
  heal(): void {
    this.echoes.clear()
    for (const mend of this.mends) mend()
    this.mends.clear()
    for (const { station, deadLines } of this.options.actors.values()) {
      station.restorePower()
      // By itself it would notice at its next heartbeats, which may be an hour away.
      if (deadLines.isDead) station.cutConnection()
    }
  }

  /** Everybody pulls the plug and drives home, and emergency stops are released. */
  sendHome(): void {
    for (const { station, evses } of this.options.actors.values()) {
      station.releaseEmergencyStop()
      for (let evseId = 1; evseId <= evses; evseId++) station.unplug(evseId)
    }
  }

  /** When a message of that station is to come once more; said once. */
  echoAfterMs(stationId: string, text: string): number | undefined {
    if (this.echoes.size === 0) return undefined
    const key = `${stationId}|${actionOf(text)}`
    const afterMs = this.echoes.get(key)
    this.echoes.delete(key)
    return afterMs
  }

  private take(step: Step): void {
    const { actors, desk } = this.options
    const actor = "station" in step ? actors.get(step.station) : undefined
    switch (step.do) {
      case "block card":
      case "expire card":
      case "publish tariff":
      case "reset station":
      case "unlock connector":
      case "change availability":
      case "trigger message":
      case "close charges":
      case "set registration":
      case "kill CMS":
      case "restart CMS":
      case "database fails":
      case "database is slow":
        desk(step)
        return
      case "top up":
      case "take out":
      case "set credit line":
        this.options.money?.(step)
        return
      // Whoever decides about prices does these by himself: see `scenarios/lab/storyPrices.ts`.
      case "assign tariff":
      case "retire tariff":
      case "join group":
      case "leave group":
        return
      case "move to other node":
        this.options.reroute(step.station)
        if (step.leaving === "half-open") actor!.deadLines.strike()
        actor!.station.cutConnection()
        return
      case "plug in":
      case "present card":
      case "start by app":
      case "stop by app":
      case "unplug":
      case "car pauses":
      case "car goes on":
        this.person(step, actor!.station)
        return
      case "station pauses": {
        const { station } = actor!
        station.setPausedByStation(step.evse, true)
        this.until(step.for, () => station.setPausedByStation(step.evse, false))
        return
      }
      case "emergency stop":
      case "cut power":
      case "reboot":
      case "cut link":
        this.harm(step, actor!.station)
        return
      case "half-open link":
        actor!.deadLines.strike()
        return
      case "fault":
        this.fault(step, actor!)
        return
      case "late request":
        this.holdBack(step, actor!)
        return
      case "repeat request later":
        this.echoes.set(`${step.station}|${step.action}`, step.after * 1000)
        return
      default:
        this.meddle(step, actor!.uplink)
    }
  }

  private person(
    step: Exclude<Extract<Step, { readonly evse: number }>, { readonly do: "trigger message" }>,
    station: Station
  ): void {
    const { app } = this.options
    const { evse } = step
    switch (step.do) {
      case "plug in":
        station.plugIn({ car: models[step.car], socPercent: step.socPercent, targetPercent: 100 }, evse)
        return
      case "present card":
        station.present(token(step.card), evse, ignore)
        return
      case "start by app":
        app.start({ stationId: station.identity, evseId: evse, token: token(step.card), ...limitOf(step) }, ignore)
        return
      case "stop by app": {
        const { ocppTransactionId } = station.evse(evse)
        if (ocppTransactionId === null) return
        app.stop({ stationId: station.identity, evseId: evse, token: token("APP"), ocppTransactionId }, ignore)
        return
      }
      case "unplug":
        station.unplug(evse)
        return
      case "car pauses":
      case "car goes on":
        station.setPausedByCar(evse, step.do === "car pauses")
    }
  }

  private harm(
    step: Extract<Step, { readonly do: "emergency stop" | "cut power" | "reboot" | "cut link" }>,
    station: Station
  ): void {
    if (step.do === "reboot") station.crash(step.withMemory)
    else if (step.do === "emergency stop") {
      station.pressEmergencyStop()
      this.until(step.for, () => station.releaseEmergencyStop())
    } else if (step.do === "cut power") {
      station.cutPower(step.withMemory)
      this.until(step.for, () => station.restorePower())
    } else this.until(step.for, station.loseNetwork())
  }

  private fault({ station: id, fault: name, parameters, for: seconds }: FaultStep, { station, uplink }: Actor): void {
    const { timers, story } = this.options
    const fault = Faults.catalogue.find((entry) => entry.name === name)!.make(parameters)
    const stream = Stream.make(story.seed, "faults").split(`${id}/${name}`)
    this.until(seconds, strike(fault, { station, uplink, timers }, stream))
  }

  /** Waits for the next message of the action, and does to it, or to its answer, what is asked. */
  private meddle(
    step: Extract<Step, { readonly do: "lose request" | "lose answer" | "double request" | "delay answer" }>,
    uplink: Uplink
  ): void {
    let asked: string | undefined
    let isSpent = false
    const end = this.until(
      undefined,
      uplink.disturb((direction, text) => {
        if (isSpent) return undefined
        if (asked === undefined) {
          if (direction !== "toCms" || !isCall(text) || actionOf(text) !== step.action) return undefined
          asked = idOf(text)
          if (step.do !== "lose request" && step.do !== "double request") return undefined
          spend()
          return step.do === "lose request" ? lost : twice
        }
        if (direction !== "toStation" || !isAnswer(text) || idOf(text) !== asked) return undefined
        spend()
        return step.do === "delay answer" ? { copies: 1, delayMs: step.by * 1000 } : lost
      })
    )
    const spend = (): void => {
      isSpent = true
      this.options.timers.soon(end)
    }
  }

  /** Loses the next message of the action as often as it is tried, and brings a copy of it later. */
  private holdBack(step: Extract<Step, { readonly do: "late request" }>, actor: Actor): void {
    const { uplink } = actor
    const { timers } = this.options
    let held: string | undefined
    let left = step.tries
    const end = this.until(
      undefined,
      uplink.disturb((direction, text) => {
        if (direction !== "toCms" || !isCall(text) || actionOf(text) !== step.action) return undefined
        const said = text.slice(text.indexOf(",", 4))
        if (held === undefined) {
          held = said
          this.until(step.by, () => deliverLate(actor, text))
        }
        if (said !== held) return undefined
        if (--left === 0) timers.soon(end)
        return lost
      })
    )
  }

  /** Mends after so many seconds, or when all is mended; the returned function mends now. */
  private until(seconds: number | undefined, mend: () => void): () => void {
    const once = (): void => {
      if (this.mends.delete(once)) mend()
    }
    this.mends.add(once)
    if (seconds !== undefined) this.options.timers.after(seconds * 1000, once)
    return once
  }
}

/** Brings what was held back, and writes down what the CMS knows from its answer on. */
const deliverLate = ({ station, uplink, deadLines }: Actor, text: string): void => {
  // What a fault made unreadable no modem brings either.
  const call = callOf(text)
  // Nor is it brought for a station that is turned away: who hears from it takes it to be let in.
  if (call === undefined || deadLines.isDead || station.registration !== "Accepted") return
  const wireId = wireIdOf(call)
  const kind = isEnd(call) ? "end" : call.payload.eventType === "Started" ? "start" : undefined
  // Whole as a frame, and wrong inside all the same: what a fault did to it, it did to the copy.
  const again = (messageId: string): void => station.truth.repeatMessage(station.identity, call.messageId, messageId)
  uplink.inject(call.action, call.payload, again, (answer) => {
    if (wireId === undefined || kind === undefined || resultOf(answer) === undefined) return
    station.truth.toldLate(station.identity, wireId, kind)
  })
}

const limitOf = ({ limit }: Extract<Step, { readonly do: "start by app" }>): { readonly limit?: TrueLimit } => {
  if (limit === undefined) return {}
  const { wh, minutes, cents } = limit
  return {
    limit: { maxWh: wh ?? null, maxMs: minutes === undefined ? null : minutes * 60_000, maxMinor: cents ?? null }
  }
}

/** The rule, with what the story says is different. */
export const settingsOf = (firmware: Firmware): Settings => {
  const { retryMessageId, afterPowerCut, persists, stopsFor, ...rest } = firmware
  const { sendsBeginReading, sendsTransactionData, lowerCaseUids, readingsPerMessage, readsAtStart, ...more } = rest
  const { dropsAfterAttempts, unknownTransactionId, replays, units, ...settings } = more
  return { ...factorySettings, ...settings }
}

export const habitsOf = (firmware: Firmware): Habits => {
  const { sampleIntervalS, clockAlignedS, txStartPoint, txStopPoint, allowOfflineForUnknown, ...rest } = firmware
  const { localPreAuthorize, stopOnInvalidId, authorizeRemoteStart, units, ...habits } = rest
  const manner = units === undefined ? goodHabits.manner : Object.freeze({ ...goodHabits.manner, units })
  return { ...goodHabits, ...habits, manner }
}
