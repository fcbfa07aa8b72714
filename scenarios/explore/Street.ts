import { hardwareOf } from "./build.ts"
import type { Step, StepKind, StoryCard, StoryStation } from "./Story.ts"

/** One EVSE as far as a generator knows: whether a car stands there, and which card should be charging. */
export interface GuessedPlace {
  readonly station: string
  readonly evse: number
  hasCar: boolean
  card: string | null
  isPaused: boolean
}

/**
 * Who should be where, if nothing had gone wrong: the small model that generated steps are made by, so that most of them
 * make sense. It never decides what is right; what really happens, the stations know.
 */
export class Street {
  readonly stations: ReadonlyArray<StoryStation>
  readonly cards: ReadonlyArray<StoryCard>
  /** Of the CMS. */
  readonly nodes: number
  private readonly places: ReadonlyArray<GuessedPlace>
  private readonly spoilt = new Set<string>()

  constructor(stations: ReadonlyArray<StoryStation>, cards: ReadonlyArray<StoryCard>, nodes = 1) {
    this.stations = stations
    this.nodes = nodes
    this.cards = cards
    this.places = stations.flatMap((station) =>
      hardwareOf(station).evses.map((_, index) => ({
        station: station.id,
        evse: index + 1,
        hasCar: false,
        card: null,
        isPaused: false
      }))
    )
  }

  /** A place where a step of that kind makes sense, at that station if one is named; `number` chooses among them. */
  placeFor(kind: StepKind, number: number, at?: string): GuessedPlace | undefined {
    const possible = this.places.filter((place) => this.fits(kind, place) && (at === undefined || place.station === at))
    // Most people show their card where a car is: nine in ten.
    const likely = kind === "present card" && number % 10 > 0 ? possible.filter(({ hasCar }) => hasCar) : possible
    const fitting = likely.length > 0 ? likely : possible
    return fitting.length === 0 ? undefined : fitting[number % fitting.length]
  }

  /** Where no car stands. */
  freePlaces(): ReadonlyArray<Readonly<GuessedPlace>> {
    return this.places.filter(({ hasCar }) => !hasCar)
  }

  /** A card that charges nowhere. */
  idleCard(number: number): string | undefined {
    const idle = this.cards.filter(({ uid }) => !this.places.some(({ card }) => card === uid))
    return idle.length === 0 ? undefined : idle[number % idle.length]!.uid
  }

  /** Blocked or expired by an earlier step. */
  isSpoilt(uid: string): boolean {
    return this.spoilt.has(uid)
  }

  /** What the step should lead to. */
  take(step: Step): void {
    if (step.do === "block card" || step.do === "expire card") this.spoilt.add(step.card)
    if (
      step.do === "cut power" ||
      step.do === "reboot" ||
      step.do === "emergency stop" ||
      step.do === "reset station"
    ) {
      for (const place of this.places) if (place.station === step.station) place.card = null
    }
    if (!("evse" in step)) return
    const place = this.places.find(({ station, evse }) => station === step.station && evse === step.evse)!
    switch (step.do) {
      case "plug in":
        place.hasCar = true
        return
      case "unplug":
        Object.assign(place, { hasCar: false, card: null, isPaused: false })
        return
      case "present card":
        place.card = place.card === null ? step.card : place.card === step.card ? null : place.card
        return
      case "start by app":
        place.card ??= step.card
        return
      case "stop by app":
        place.card = null
        return
      case "car pauses":
      case "car goes on":
        place.isPaused = step.do === "car pauses"
    }
  }

  private fits(kind: StepKind, { hasCar, card, isPaused }: GuessedPlace): boolean {
    switch (kind) {
      case "plug in":
        return !hasCar
      case "unplug":
        return hasCar
      case "start by app":
        return hasCar && card === null
      case "stop by app":
        return card !== null
      case "car pauses":
        return hasCar && card !== null && !isPaused
      case "station pauses":
        return hasCar && card !== null
      case "car goes on":
        return isPaused
      default:
        return true
    }
  }
}
