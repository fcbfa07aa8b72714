import type { TimersApi } from "../time/Timers.ts"
import type { Place } from "./Place.ts"

/** Somebody who wants to plug in. */
export interface Waiter {
  /** Whether this car fits that plug at all. */
  readonly fits: (place: Place) => boolean
  /** The place is this waiter's now; it was kept free for nobody else. */
  readonly takes: (place: Place, hasWaited: boolean) => void
}

/** Who finds a longer line than this drives on. */
const longestLine = 40
/** A place may become free without anybody leaving it: a station boots, an operator opens it again. */
const lookEveryMs = 30_000

const nothing = (): void => {}

/**
 * The line for the plugs of one site. Whoever finds them taken waits, in order of arrival, and the first plug that
 * becomes free is the first one's: nobody overtakes, but for a plug that does not fit those in front.
 */
export class Line {
  readonly places: ReadonlyArray<Place>
  private readonly timers: TimersApi
  private readonly waiting: Array<Waiter> = []
  private cancelLook: () => void = nothing

  constructor(places: ReadonlyArray<Place>, timers: TimersApi) {
    this.places = places
    this.timers = timers
  }

  get length(): number {
    return this.waiting.length
  }

  /** Takes a place at once or stands in line; false when the line is too long for anybody. */
  join(waiter: Waiter): boolean {
    // Those in line were offered every place that is free; it is one that fits none of them.
    const place = this.free(waiter)
    if (place !== undefined && !this.waiting.some((other) => other.fits(place))) {
      waiter.takes(place, false)
      return true
    }
    if (this.waiting.length >= longestLine) return false
    this.waiting.push(waiter)
    if (this.waiting.length === 1) this.lookLater()
    return true
  }

  /** Gives up waiting. */
  leave(waiter: Waiter): void {
    const index = this.waiting.indexOf(waiter)
    if (index >= 0) this.waiting.splice(index, 1)
    if (this.waiting.length === 0) this.cancelLook()
  }

  /** Somebody has left a place, or may have. */
  vacated(): void {
    for (let index = 0; index < this.waiting.length; ) {
      const waiter = this.waiting[index]!
      const place = this.free(waiter)
      if (place === undefined) index++
      else {
        this.leave(waiter)
        waiter.takes(place, true)
      }
    }
  }

  private free(waiter: Waiter): Place | undefined {
    return this.places.find(
      (place) => place.visitor === null && waiter.fits(place) && place.station.isFree(place.evseId)
    )
  }

  private lookLater(): void {
    this.cancelLook = this.timers.after(lookEveryMs, () => {
      this.vacated()
      if (this.waiting.length > 0) this.lookLater()
    })
  }
}
