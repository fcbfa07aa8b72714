import type { PresentedToken } from "#core/token/Token.ts"
import type { Visit } from "../driver/Arrivals.ts"
import type { Stream } from "../Stream.ts"
import type { News, Presented, Station } from "../station/Station.ts"
import type { TimersApi } from "../time/Timers.ts"
import { models } from "../vehicle/Car.ts"

/** What came of a visit. */
export type Outcome =
  /** The car was charged, if only for a moment. */
  | "Charged"
  /** All EVSEs stayed taken, or out of order, for longer than the driver's patience. */
  | "FoundNoPlace"
  /** The card was refused, and there was no other, or that was refused as well. */
  | "Refused"
  /** Nothing happened for longer than the driver's patience. */
  | "GaveUp"
  /** The scenario ended first. */
  | "SentHome"

/** A driver's phone. What it asks for goes to the CMS by whatever way the scenario has. */
export interface App {
  readonly start: (
    order: { readonly stationId: string; readonly evseId: number; readonly token: PresentedToken },
    answer: (accepted: boolean) => void
  ) => void
  readonly stop: (
    order: {
      readonly stationId: string
      readonly evseId: number
      readonly token: PresentedToken
      /** Null while the station has not learnt it. */
      readonly ocppTransactionId: string | null
    },
    answer: (accepted: boolean) => void
  ) => void
}

/** One place to charge, and who stands at it. */
export interface Place {
  readonly station: Station
  readonly evseId: number
  visitor: Visitor | null
}

export interface VisitorOptions {
  readonly visit: Visit
  readonly place: Place
  readonly timers: TimersApi
  /** The visit's own. */
  readonly stream: Stream
  /** Shown first, second, and at the end. */
  readonly card: PresentedToken
  readonly secondCard: PresentedToken
  /** A card of the same group; shown at the end by one in ten who have one. */
  readonly mate: PresentedToken | undefined
  /** The driver starts and stops by phone. */
  readonly app: App | null
  readonly onGone: (outcome: Outcome, visit: Visit) => void
}

const secondMs = 1000
const minuteMs = 60 * secondMs
const pollMs = 30 * secondMs
const nothing = (): void => {}

/**
 * One driver from arrival to departure: waits for a place, plugs in and shows a card in one order or the other, tries
 * again or another card, goes away, comes back, stops and pulls the plug. Every wait is bounded by patience or dwell.
 */
export class Visitor {
  private readonly options: VisitorOptions
  private readonly arrivedAtMs: number
  private card: PresentedToken
  private triesLeft: number
  private hasCharged = false
  private isLeaving = false
  private isGone = false
  private cancel: () => void = nothing
  private cancelDwell: () => void = nothing
  private unwatch: () => void = nothing

  constructor(options: VisitorOptions) {
    this.options = options
    this.arrivedAtMs = options.timers.nowAtMs()
    this.card = options.card
    this.triesLeft = options.visit.card !== "valid" && options.visit.hasSecondCard ? 1 : 0
  }

  /** Stands in front of the station. */
  arrive(): void {
    const { place, visit } = this.options
    if (place.visitor !== null || !this.evse().isFree) {
      if (this.isTired()) this.leave("FoundNoPlace")
      else this.later(Math.min(pollMs, visit.patienceMs), () => this.arrive())
      return
    }
    place.visitor = this
    this.unwatch = place.station.watch(place.evseId, (news) => this.hear(news))
    if (this.options.app === null && this.options.stream.chance(0.3)) this.present()
    else this.plug()
  }

  /** Goes at once, with the car. */
  sendHome(): void {
    if (this.isGone) return
    const { place } = this.options
    if (place.visitor === this) place.station.unplug(place.evseId)
    this.leave(this.hasCharged ? "Charged" : "SentHome")
  }

  private evse() {
    const { station, evseId } = this.options.place
    return station.evse(evseId)
  }

  private isTired(): boolean {
    return this.options.timers.nowAtMs() - this.arrivedAtMs >= this.options.visit.patienceMs
  }

  private plug(): void {
    const { place, visit, app, stream } = this.options
    const car = { car: models[visit.car], socPercent: visit.arrivalPercent, targetPercent: visit.targetPercent }
    const plugged = place.station.plugIn(car, place.evseId)
    if (plugged === "Refused") this.retryOr(() => this.plug())
    else if (plugged === "Charging") this.settle()
    else if (app !== null) this.later(stream.int(5, 30) * secondMs, () => this.startByApp(app))
    else this.later(stream.int(3, 30) * secondMs, () => this.present())
  }

  private present(): void {
    const { station, evseId } = this.options.place
    station.present(this.card, evseId, (presented) => {
      if (!this.isGone) this.onPresented(presented)
    })
  }

  private onPresented(presented: Presented): void {
    const { stream } = this.options
    switch (presented._tag) {
      case "Charging":
        this.settle()
        return
      case "PlugIn":
        if (this.evse().hasCar) this.settle()
        else this.later(stream.int(5, 60) * secondMs, () => this.plug())
        return
      case "Stopped":
        this.drive()
        return
      case "Refused":
        this.onRefused(presented.why)
    }
  }

  private onRefused(why: string): void {
    const isNobodysFault = why === "NoPower" || why === "Offline" || why === "Error" || why === "TooLate"
    if (this.evse().sessionId !== null) this.settle()
    else if (isNobodysFault || why === "ConcurrentTx") this.retryOr(() => this.present())
    else if (this.triesLeft > 0) {
      this.triesLeft--
      this.card = this.options.secondCard
      this.later(this.options.stream.int(5, 40) * secondMs, () => this.present())
    } else this.later(20 * secondMs, () => this.drive("Refused"))
  }

  private startByApp(app: App): void {
    const { station, evseId } = this.options.place
    app.start({ stationId: station.identity, evseId, token: this.card }, (accepted) => {
      if (this.isGone || this.hasCharged) return
      if (accepted) this.later(Math.max(this.options.visit.patienceMs, minuteMs), () => this.drive("GaveUp"))
      else this.retryOr(() => this.startByApp(app))
    })
  }

  private retryOr(again: () => void): void {
    if (!this.isTired()) {
      this.later(pollMs, again)
      return
    }
    this.drive(this.hasCharged ? "Charged" : "GaveUp")
  }

  private hear(news: News): void {
    const { visit, stream } = this.options
    if (this.isLeaving) return
    switch (news._tag) {
      case "Began":
        this.later(0, () => this.settle())
        return
      case "State":
        if (!this.hasCharged) this.later(0, () => this.settle())
        else if (news.phase === "SuspendedEV" && visit.unplugs === "whenFull") {
          this.later(stream.int(1, 10) * minuteMs, () => this.depart())
        }
        return
      case "Ended":
        if (visit.unplugs === "whenFull") this.later(stream.int(1, 10) * minuteMs, () => this.depart())
        return
      case "Expired":
        this.later(secondMs, () => this.drive(this.hasCharged ? "Charged" : "GaveUp"))
    }
  }

  /** It charges: the driver walks off. */
  private settle(): void {
    if (this.isLeaving) return
    const { visit, stream, timers } = this.options
    const evse = this.evse()
    this.cancel()
    if (evse.sessionId === null) {
      this.retryOr(() => this.present())
      return
    }
    if (evse.phase === "Authorized" || evse.phase === "Plugged") return
    if (!this.hasCharged) this.cancelDwell = timers.after(visit.dwellMs, () => this.depart())
    this.hasCharged = true
    if (evse.phase === "SuspendedEV" && visit.unplugs === "whenFull") {
      this.later(stream.int(1, 10) * minuteMs, () => this.depart())
    }
  }

  /** Back at the car: ends the charge by card, phone, or simply by the plug. */
  private depart(): void {
    if (this.isLeaving) return
    const { visit, place, stream, mate, app } = this.options
    const evse = this.evse()
    this.isLeaving = true
    this.cancel()
    this.cancelDwell()
    if (evse.sessionId === null || (visit.stopsBy === "plug" && app === null)) {
      this.drive()
      return
    }
    // A reader or an app that does not answer keeps nobody from pulling the plug.
    this.later(2 * minuteMs, () => this.drive())
    if (app !== null) {
      const { ocppTransactionId } = evse
      const order = { stationId: place.station.identity, evseId: place.evseId, token: this.card, ocppTransactionId }
      app.stop(order, () => this.driveSoon())
      return
    }
    if (mate !== undefined && stream.chance(0.1)) this.card = mate
    place.station.present(this.card, place.evseId, () => this.driveSoon())
  }

  private driveSoon(): void {
    if (!this.isGone) this.later(this.options.stream.int(3, 20) * secondMs, () => this.drive())
  }

  /** Pulls the plug, if it is in, and drives off. */
  private drive(outcome: Outcome = "Charged"): void {
    const { station, evseId } = this.options.place
    this.isLeaving = true
    station.unplug(evseId)
    this.leave(this.hasCharged ? "Charged" : outcome)
  }

  private leave(outcome: Outcome): void {
    const { place, onGone, visit } = this.options
    if (this.isGone) return
    this.isGone = true
    this.cancel()
    this.cancelDwell()
    this.unwatch()
    if (place.visitor === this) place.visitor = null
    onGone(outcome, visit)
  }

  private later(ms: number, step: () => void): void {
    this.cancel()
    this.cancel = this.options.timers.after(ms, () => {
      if (!this.isGone) step()
    })
  }
}
