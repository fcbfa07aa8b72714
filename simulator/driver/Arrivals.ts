import type { Stream } from "../Stream.ts"
import type { ModelName } from "../vehicle/Car.ts"
import type { Shift, Week, Weekday } from "./Week.ts"

/** What a driver holds to the reader. */
export type CardKind = "valid" | "wrong" | "expired" | "blocked"

/** How somebody means to use a plug. */
export interface Stay {
  readonly car: ModelName
  /** State of charge at arrival, percent. */
  readonly arrivalPercent: number
  /** Where the driver has set the car to stop, whole percent. */
  readonly targetPercent: number
  /** How long the driver means to stay away from the car, ms. */
  readonly dwellMs: number
  /** `whenFull`: comes back for a car that is done; `whenDwellEnds`: leaves it plugged in whether it is done or not. */
  readonly unplugs: "whenFull" | "whenDwellEnds"
  /** How long the driver waits for a free EVSE, or for a sign that the charge has started, before driving off, ms. */
  readonly patienceMs: number
  /** How the charge is ended: card at the reader, or simply by pulling the plug (or by the car being full). */
  readonly stopsBy: "card" | "plug"
}

/** One visit of one driver to one EVSE, as the driver means it. What comes of it is the simulation's business. */
export interface Visit extends Stay {
  /** Stable among the visits of its day: `<day's first instant>-<number>`. */
  readonly id: string
  readonly arrivesAtMs: number
  /** The card held to the reader first. */
  readonly card: CardKind
  /** A refused driver tries once more with a valid card; otherwise drives off. */
  readonly hasSecondCard: boolean
}

/** Who comes to a place, when, and how they behave. Probabilities lie in [0, 1]. */
export interface Profile {
  readonly name: string
  /** Arrivals at one EVSE, by weekday and hour. */
  readonly week: Week
  readonly cars: ReadonlyArray<readonly [ModelName, weight: number]>
  readonly arrivalPercent: { readonly mean: number; readonly deviation: number }
  readonly targetPercent: ReadonlyArray<readonly [percent: number, weight: number]>
  /** Log-normal: half stay longer than the median. */
  readonly dwell: { readonly medianMs: number; readonly sigma: number; readonly minMs: number; readonly maxMs: number }
  readonly patience: { readonly meanMs: number; readonly minMs: number }
  /** How many walk away without coming back for a full car. */
  readonly walksAway: number
  readonly cards: ReadonlyArray<readonly [CardKind, weight: number]>
  readonly hasSecondCard: number
  readonly stopsByCard: number
  /** Of people who come again and again: how many share one EVSE. No weekday has more arrivals than they are. */
  readonly personsPerPlace: number
  /** What such a person's car uses up in a day, percent of its battery, on average. */
  readonly usesPercentADay: number
  /** The shifts that its vehicles drive; the week is then what follows from them. */
  readonly shifts?: ReadonlyArray<Shift>
}

/** A day at the place: its first instant in local time, and the day of the week, 0 is Sunday. */
export interface Day {
  readonly startsAtMs: number
  readonly weekday: Weekday
}

const hourMs = 3_600_000
/** Bounds a day whatever a profile asks for. */
const maxVisits = 1000

/** The instants of a Poisson process whose rate follows the hours: unit-rate arrivals mapped through the day's clock. */
const arrivals = (day: Day, profile: Profile, stream: Stream): Array<number> => {
  const { mean, hours } = profile.week[day.weekday]
  const sum = hours.reduce((total, weight) => total + weight, 0)
  const instants: Array<number> = []
  if (!(mean > 0 && sum > 0)) return instants
  let due = stream.exponential(1)
  let passed = 0
  for (let hour = 0; hour < hours.length; hour++) {
    const expected = (mean * hours[hour]!) / sum
    while (due < passed + expected && instants.length < maxVisits) {
      instants.push(day.startsAtMs + Math.floor((hour + (due - passed) / expected) * hourMs))
      due += stream.exponential(1)
    }
    passed += expected
  }
  return instants
}

const clamp = (value: number, min: number, max: number): number => Math.min(Math.max(value, min), max)

/** The car, its battery and the time somebody has; the same draws in the same order for everybody. */
export const drawStay = (profile: Profile, stream: Stream) => {
  const { dwell, patience } = profile
  const car = stream.weighted(profile.cars)
  const arrivalPercent = Math.round(
    clamp(stream.normal(profile.arrivalPercent.mean, profile.arrivalPercent.deviation), 2, 95)
  )
  const targetPercent = Math.max(stream.weighted(profile.targetPercent), arrivalPercent)
  const stayMs = dwell.medianMs * Math.exp(stream.normal(0, dwell.sigma))
  const dwellMs = Math.round(clamp(stayMs, dwell.minMs, dwell.maxMs))
  const unplugs = stream.chance(profile.walksAway) ? ("whenDwellEnds" as const) : ("whenFull" as const)
  const patienceMs = Math.round(patience.minMs + stream.exponential(patience.meanMs))
  return { car, arrivalPercent, targetPercent, dwellMs, unplugs, patienceMs }
}

const visit = (id: string, arrivesAtMs: number, profile: Profile, stream: Stream): Visit => ({
  id,
  arrivesAtMs,
  ...drawStay(profile, stream),
  card: stream.weighted(profile.cards),
  hasSecondCard: stream.chance(profile.hasSecondCard),
  stopsBy: stream.chance(profile.stopsByCard) ? "card" : "plug"
})

/**
 * Who will come to one EVSE on one day, in order of arrival. Pure: the same day, profile and stream give the same plan,
 * whatever was planned or drawn before; the stream must be the EVSE's own. Visits may overlap: whoever finds the place
 * taken is as patient as the plan says.
 */
export const plan = (day: Day, profile: Profile, stream: Stream): ReadonlyArray<Visit> => {
  const today = stream.split(`visits of ${day.startsAtMs}`)
  return arrivals(day, profile, today).map((arrivesAtMs, index) =>
    visit(`${day.startsAtMs}-${index + 1}`, arrivesAtMs, profile, today.split(String(index + 1)))
  )
}
