import type { PresentedToken } from "#core/token/Token.ts"
import type { Stay } from "../driver/Arrivals.ts"
import type { Stream } from "../Stream.ts"
import type { ArrivingCar, News, Presented } from "../station/Station.ts"
import type { TimersApi } from "../time/Timers.ts"
import { models } from "../vehicle/Car.ts"
import type { Line, Waiter } from "./Line.ts"
import type { AdHoc, App, Means } from "./Phone.ts"
import { fits, type Place } from "./Place.ts"

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
  /** The battery was full enough to drive on. */
  | "NeededNothing"

/** What a person of the crowd brings beside the means to pay. */
export interface Guest {
  readonly personId: string
  readonly car: Pick<ArrivingCar, "cableAmps" | "will">
  /** Used in the same moment as the first of the means. */
  readonly atOnce: Means | null
  /** Told of everything shown to a reader or ordered by phone, when it is. */
  readonly onShown: (place: Place, token: PresentedToken, way: Means["way"]) => void
  /** It charges, on this token as far as the person knows. */
  readonly onCharging: (token: PresentedToken) => void
}

export interface VisitorOptions {
  readonly stay: Stay
  readonly line: Line
  readonly timers: TimersApi
  /** The visit's own. */
  readonly stream: Stream
  /** Tried one after the other, as they are refused; not empty. */
  readonly means: ReadonlyArray<Means>
  /** A card of the same group as the first; shown at the end by this share of those who have one. */
  readonly mate: { readonly card: PresentedToken; readonly chance: number } | null
  readonly app: App | null
  readonly adHoc: AdHoc | null
  /** Null: nobody in particular. */
  readonly guest: Guest | null
  /** `socPercent` is null for a car that never was on a cable. */
  readonly onGone: (outcome: Outcome, socPercent: number | null) => void
}

const secondMs = 1000
const minuteMs = 60 * secondMs
const pollMs = 30 * secondMs
const nothing = (): void => {}

/**
 * One driver from arrival to departure: waits in line for a place, plugs in and shows a card in one order or the other,
 * tries again or another card, goes away, comes back, stops and pulls the plug. Every wait is bounded by patience or
 * dwell.
 */
export class Visitor implements Waiter {
  private readonly options: VisitorOptions
  private readonly arrivedAtMs: number
  private place: Place | null = null
  private attempt = 0
  /** Of an ad hoc charge. */
  private made: PresentedToken | null = null
  private hasCharged = false
  private isLeaving = false
  private isGone = false
  private cancel: () => void = nothing
  private cancelDwell: () => void = nothing
  private unwatch: () => void = nothing

  constructor(options: VisitorOptions) {
    this.options = options
    this.arrivedAtMs = options.timers.nowAtMs()
  }

  /** Comes to the site: a place that is free, or the line. */
  arrive(): void {
    const { line, stay } = this.options
    this.later(stay.patienceMs, () => this.leave("FoundNoPlace"))
    if (!line.join(this)) this.leave("FoundNoPlace")
  }

  fits(place: Place): boolean {
    return fits(models[this.options.stay.car], place)
  }

  takes(place: Place, hasWaited: boolean): void {
    const { stream } = this.options
    this.cancel()
    place.visitor = this
    this.place = place
    this.unwatch = place.station.watch(place.evseId, (news) => this.hear(news))
    // The car that was in the way has to get out of it.
    if (hasWaited) this.later(stream.int(20, 90) * secondMs, () => this.begin())
    else this.begin()
  }

  /** Goes at once, with the car. */
  sendHome(): void {
    if (this.isGone) return
    this.leave(this.hasCharged ? "Charged" : "SentHome")
  }

  private begin(): void {
    const { stream, guest } = this.options
    const comesWithCard = this.means.way === "card" && (guest?.atOnce ?? null) === null
    if (comesWithCard && stream.chance(0.3)) this.present()
    else this.plug()
  }

  private get means(): Means {
    return this.options.means[this.attempt]!
  }

  /** The token of the present attempt; null before one was made. */
  private get token(): PresentedToken | null {
    const { means } = this
    return means.way === "qr" ? this.made : means.token
  }

  private get at(): Place {
    return this.place!
  }

  private evse() {
    const { station, evseId } = this.at
    return station.evse(evseId)
  }

  private isTired(): boolean {
    return this.options.timers.nowAtMs() - this.arrivedAtMs >= this.options.stay.patienceMs
  }

  private plug(): void {
    const { stay, guest } = this.options
    const { station, evseId } = this.at
    const plugged = station.plugIn(
      {
        car: models[stay.car],
        socPercent: stay.arrivalPercent,
        targetPercent: stay.targetPercent,
        ...guest?.car,
        ...(guest === null ? {} : { personId: guest.personId })
      },
      evseId
    )
    if (plugged === "Refused") this.retryOr(() => this.plug())
    else if (plugged === "Charging") this.settle()
    else this.payLater()
  }

  private payLater(): void {
    const { stream, guest } = this.options
    const waitS = this.means.way === "card" ? stream.int(3, 30) : stream.int(5, 30)
    this.later(waitS * secondMs, () => {
      const { atOnce = null } = guest ?? {}
      if (atOnce !== null && this.attempt === 0) this.order(atOnce)
      this.present()
    })
  }

  /** Uses the present means. */
  private present(): void {
    const { means } = this
    if (means.way === "card") this.show(means.token)
    else this.order(means)
  }

  private show(token: PresentedToken): void {
    const { station, evseId } = this.at
    this.options.guest?.onShown(this.at, token, "card")
    station.present(token, evseId, (presented) => {
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
    else if (isNobodysFault) this.retryOr(() => this.present())
    else if (why === "ConcurrentTx" && !this.hasPatientSecond) this.retryOr(() => this.present())
    else if (!this.tryNext()) this.later(20 * secondMs, () => this.drive("Refused"))
  }

  /** A person does not wait for a card in use while another is in the wallet. */
  private get hasPatientSecond(): boolean {
    return this.options.guest !== null && this.attempt + 1 < this.options.means.length
  }

  /** Takes the next of the means out of the wallet, if there is one. */
  private tryNext(): boolean {
    if (this.attempt + 1 >= this.options.means.length) return false
    this.attempt++
    this.later(this.options.stream.int(5, 40) * secondMs, () => this.present())
    return true
  }

  /** Starts by phone, with or without a contract. */
  private order(means: Means): void {
    const { app, adHoc, guest, stay } = this.options
    const { station, evseId } = this.at
    const order = { stationId: station.identity, evseId }
    const onAnswer = (accepted: boolean): void => {
      if (this.isGone || this.hasCharged) return
      const waitMs = Math.max(stay.patienceMs, minuteMs)
      if (accepted) this.later(waitMs, () => this.despair())
      else if (means === this.means) this.retryOr(() => this.order(means))
    }
    if (means.way !== "qr") {
      guest?.onShown(this.at, means.token, means.way)
      app!.start({ ...order, token: means.token }, onAnswer)
      return
    }
    const onMade = (token: PresentedToken): void => {
      this.made = token
      guest?.onShown(this.at, token, means.way)
    }
    adHoc!.start(order, onMade, onAnswer)
  }

  /** Ordered, accepted, and still nothing happens. */
  private despair(): void {
    if (!this.hasPatientSecond || !this.tryNext()) this.drive("GaveUp")
  }

  private retryOr(again: () => void): void {
    if (!this.isTired()) {
      this.later(pollMs, again)
      return
    }
    this.drive(this.hasCharged ? "Charged" : "GaveUp")
  }

  private hear(news: News): void {
    const { stay, stream } = this.options
    if (this.isLeaving) return
    switch (news._tag) {
      case "Began":
        this.later(0, () => this.settle())
        return
      case "State":
        if (!this.hasCharged) this.later(0, () => this.settle())
        else if (news.phase === "SuspendedEV" && stay.unplugs === "whenFull") this.departIfDone()
        return
      case "Ended":
        if (stay.unplugs === "whenFull") this.later(stream.int(1, 10) * minuteMs, () => this.depart())
        return
      case "Expired":
        this.later(secondMs, () => this.drive(this.hasCharged ? "Charged" : "GaveUp"))
    }
  }

  /** Comes back for a car that has enough; one that only pauses is left alone. */
  private departIfDone(): void {
    const { stay, stream, guest } = this.options
    const mayGoOn = guest?.car.will !== undefined && (this.evse().socPercent ?? 0) < stay.targetPercent
    if (!mayGoOn) this.later(stream.int(1, 10) * minuteMs, () => this.depart())
  }

  /** It charges: the driver walks off. */
  private settle(): void {
    if (this.isLeaving) return
    const { stay, timers, guest } = this.options
    const evse = this.evse()
    this.cancel()
    if (evse.sessionId === null) {
      this.retryOr(() => this.present())
      return
    }
    if (evse.phase === "Authorized" || evse.phase === "Plugged") return
    if (!this.hasCharged) {
      this.cancelDwell = timers.after(stay.dwellMs, () => this.depart())
      if (guest !== null && this.token !== null) guest.onCharging(this.token)
    }
    this.hasCharged = true
    if (evse.phase === "SuspendedEV" && stay.unplugs === "whenFull") this.departIfDone()
  }

  /** Back at the car: ends the charge by card, phone, or simply by the plug. */
  private depart(): void {
    if (this.isLeaving) return
    const { stay, stream, mate, app } = this.options
    const { token, means } = this
    const evse = this.evse()
    this.isLeaving = true
    this.cancel()
    this.cancelDwell()
    const isByPhone = means.way !== "card"
    if (evse.sessionId === null || token === null || (stay.stopsBy === "plug" && !isByPhone)) {
      this.drive()
      return
    }
    // A reader or an app that does not answer keeps nobody from pulling the plug.
    this.later(2 * minuteMs, () => this.drive())
    const { station, evseId } = this.at
    if (isByPhone && app !== null) {
      const { ocppTransactionId } = evse
      app.stop({ stationId: station.identity, evseId, token, ocppTransactionId }, () => this.driveSoon())
      return
    }
    const shown = mate !== null && stream.chance(mate.chance) ? mate.card : token
    station.present(shown, evseId, () => this.driveSoon())
  }

  private driveSoon(): void {
    if (!this.isGone) this.later(this.options.stream.int(3, 20) * secondMs, () => this.drive())
  }

  /** Pulls the plug, if it is in, and drives off. */
  private drive(outcome: Outcome = "Charged"): void {
    this.isLeaving = true
    this.leave(this.hasCharged ? "Charged" : outcome)
  }

  private leave(outcome: Outcome): void {
    const { place } = this
    const { onGone, line } = this.options
    if (this.isGone) return
    this.isGone = true
    this.cancel()
    this.cancelDwell()
    let socPercent: number | null = null
    if (place === null) line.leave(this)
    else {
      ;({ socPercent } = this.evse())
      this.isLeaving = true
      place.station.unplug(place.evseId)
      if (place.visitor === this) place.visitor = null
    }
    this.unwatch()
    onGone(outcome, socPercent)
    if (place !== null) line.vacated()
  }

  private later(ms: number, step: () => void): void {
    this.cancel()
    this.cancel = this.options.timers.after(ms, () => {
      if (!this.isGone) step()
    })
  }
}
