import type { PresentedToken } from "#core/token/Token.ts"
import { canonicalUid } from "#core/token/Token.ts"
import type { Profile } from "../driver/Arrivals.ts"
import { instantOf, returnOf, weekdayOf } from "../driver/Week.ts"
import type { Stream } from "../Stream.ts"
import type { Truth } from "../Truth.ts"
import type { TimersApi } from "../time/Timers.ts"
import { Line } from "./Line.ts"
import { type Manners, Person, type Wallet } from "./Person.ts"
import type { AdHoc, App } from "./Phone.ts"
import type { Place } from "./Place.ts"
import { type Outcome, Visitor } from "./Visitor.ts"

/** People who come to the same places day after day. */
export interface CrowdOptions {
  /** Who they are, when they come, and what they drive. */
  readonly profile: Profile
  /** So many stations in a row stand at one site, with one line for all their plugs. */
  readonly stationsPerSite: number
  readonly manners: Manners
  /** Of person number `index` of the run. */
  readonly wallet: (index: number) => Wallet
  readonly app: App
  readonly adHoc: AdHoc
  /** The share of persons whose card the operator blocks in the middle of their first charge. */
  readonly blockedMidSession: number
  /** What the operator does then. */
  readonly block: (token: PresentedToken) => void
}

interface World {
  readonly options: CrowdOptions
  readonly timers: TimersApi
  readonly truth: Truth
  readonly isOpen: () => boolean
  /** A person comes to a site. */
  readonly onArrived: (visitor: Visitor | null) => void
  readonly onGone: (visitor: Visitor | null, outcome: Outcome) => void
}

interface Trip {
  readonly person: Person
  readonly arrivesAtMs: number
}

const minuteMs = 60_000

/** How many people share so many EVSEs. */
export const personsOf = (places: number, profile: Profile): number => places * profile.personsPerPlace

/** When the people come on a day, in order: each as often as the curve of the weekday says, once at most. */
export const tripsOf = (persons: ReadonlyArray<Person>, profile: Profile, startsAtMs: number): ReadonlyArray<Trip> => {
  const weekday = weekdayOf(startsAtMs)
  const curve = profile.week[weekday]
  const trips: Array<Trip> = []
  for (const person of persons) {
    const stream = person.on(startsAtMs)
    const { shift } = person
    const chance =
      shift === null ? curve.mean / profile.personsPerPlace : shift.weekdays.includes(weekday) ? vehicleOnDuty : 0
    if (!stream.chance(chance)) continue
    const sinceMs = shift === null ? instantOf(curve, stream) : returnOf(shift, stream)
    trips.push({ person, arrivesAtMs: startsAtMs + sinceMs })
  }
  return trips.sort((a, b) => a.arrivesAtMs - b.arrivesAtMs)
}

/** A vehicle's chance to be out on a day of its shift. */
const vehicleOnDuty = 0.95

/** One site with its line, and the people who come to it. */
export class Site {
  private readonly world: World
  private readonly line: Line
  private readonly persons: ReadonlyArray<Person>
  private readonly stream: Stream

  constructor(world: World, places: ReadonlyArray<Place>, firstPerson: number, stream: Stream) {
    const { profile, manners, wallet, blockedMidSession } = world.options
    this.world = world
    this.line = new Line(places, world.timers)
    this.stream = stream
    this.persons = Array.from({ length: personsOf(places.length, profile) }, (_, index) => {
      const id = `${profile.name}-${firstPerson + index + 1}`
      return new Person({
        id,
        wallet: wallet(firstPerson + index),
        profile,
        manners,
        blocked: blockedMidSession,
        stream: stream.split(`person/${index + 1}`)
      })
    })
  }

  /** The people of a day that begins now. */
  openDay(startsAtMs: number): void {
    this.expect(tripsOf(this.persons, this.world.options.profile, startsAtMs), 0, startsAtMs)
  }

  /** One timer for the next trip, not one for each. */
  private expect(trips: ReadonlyArray<Trip>, next: number, startsAtMs: number): void {
    const { timers, isOpen } = this.world
    const trip = trips[next]
    if (trip === undefined) return
    timers.after(trip.arrivesAtMs - timers.nowAtMs(), () => {
      if (!isOpen()) return
      if (!trip.person.isHere) this.receive(trip, startsAtMs)
      this.expect(trips, next + 1, startsAtMs)
    })
  }

  private receive({ person, arrivesAtMs }: Trip, startsAtMs: number): void {
    const { options, timers, truth, onArrived, onGone } = this.world
    const stream = this.stream.split(`${person.id}/${arrivesAtMs}`)
    const stay = person.stay(arrivesAtMs, startsAtMs, stream)
    if (stay === undefined) {
      onArrived(null)
      onGone(null, "NeededNothing")
      return
    }
    person.isHere = true
    const { mate } = person.wallet
    const visitor: Visitor = new Visitor({
      stay,
      stream,
      timers,
      line: this.line,
      means: person.means(),
      mate: mate === null ? null : { card: mate, chance: person.stopsWithMate },
      app: options.app,
      adHoc: options.adHoc,
      guest: {
        personId: person.id,
        car: person.carOf(stay, stream),
        atOnce: person.atOnce,
        onShown: ({ station, evseId }, token, way) =>
          truth.present({
            stationId: station.identity,
            evseId,
            tokenUid: canonicalUid(token.uid),
            personId: person.id,
            way,
            atMs: timers.nowAtMs()
          }),
        onCharging: (token) => this.charging(person, token, stream)
      },
      onGone: (outcome, socPercent) => {
        person.drivesOff(timers.nowAtMs(), socPercent)
        onGone(visitor, outcome)
      }
    })
    onArrived(visitor)
    visitor.arrive()
  }

  private charging(person: Person, token: PresentedToken, stream: Stream): void {
    if (!person.getsBlocked || token.uid !== person.wallet.card.uid) return
    this.world.timers.after(stream.int(5, 20) * minuteMs, () => this.world.options.block(token))
  }
}
