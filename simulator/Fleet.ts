import { type Context, Effect } from "effect"
import type { PeerObserver } from "#core/ocpp/Peer.ts"
import { type Day, plan, type Visit } from "./driver/Arrivals.ts"
import { weekdayOf } from "./driver/Week.ts"
import { Uplink } from "./faults/Uplink.ts"
import { type CardPool, draw } from "./fleet/Cards.ts"
import { type CrowdOptions, personsOf, Site } from "./fleet/Crowd.ts"
import { Line } from "./fleet/Line.ts"
import type { Kind, Mix } from "./fleet/Mix.ts"
import type { App, Means } from "./fleet/Phone.ts"
import type { Place } from "./fleet/Place.ts"
import { type Outcome, Visitor } from "./fleet/Visitor.ts"
import * as Stream from "./Stream.ts"
import type { OnTaken } from "./station/Firmware.ts"
import { goodHabits, type Habits } from "./station/Habits.ts"
import type { Connect } from "./station/Link.ts"
import { factorySettings, type Settings } from "./station/Settings.ts"
import { Station } from "./station/Station.ts"
import type { TrueDialect, Truth } from "./Truth.ts"
import { Timers, type TimersApi } from "./time/Timers.ts"

/** What a fleet is made of and where it lives. */
export interface FleetOptions {
  readonly seed: string
  readonly stations: number
  readonly mix: Mix
  /** The first instant of the first day, local midnight as a rule. */
  readonly startAtMs: number
  /** Days on which drivers come; the last may find them charging still when it ends. */
  readonly days: number
  readonly truth: Truth
  readonly connect: Connect
  readonly cards: CardPool
  /** Identities are `<prefix>-0001` and so on; "CP" when not given. */
  readonly prefix?: string
  /** HTTP Basic passwords; none when not given. */
  readonly password?: (identity: string) => string | null
  readonly settings?: Partial<Settings>
  readonly habits?: Partial<Habits>
  /** What no kind of station may have otherwise: the haste of a run on the wall clock. */
  readonly pace?: { readonly settings: Partial<Settings>; readonly habits: Partial<Habits> }
  /** Power comes to all of them within this time, each at its own instant; 60 s when not given. */
  readonly powerWithinMs?: number
  /** The phone, and the share of drivers that use it. */
  readonly app?: { readonly share: number; readonly phone: App }
  /** People who come again and again, instead of each EVSE's visitors of the day. */
  readonly crowd?: CrowdOptions
  readonly observe?: (identity: string) => PeerObserver | undefined
  /** Told of every CALL that the CMS took in; see StationOptions. */
  readonly onTaken?: OnTaken
  /** Which of the stations live here, by their index from 0: each is what it would be among all. All when not given. */
  readonly here?: (index: number) => boolean
}

/** A station as the operator has it in the books before it is ever switched on. */
export interface RosterEntry {
  readonly identity: string
  readonly password: string | null
  readonly kind: Kind
  readonly dialect: TrueDialect
  readonly evses: number
}

/** A station of the fleet, with the hands that faults reach it by. */
export interface Member {
  readonly index: number
  readonly roster: RosterEntry
  readonly station: Station
  readonly uplink: Uplink
  /** The station's own; faults split theirs from it. */
  readonly stream: Stream.Stream
}

const dayMs = 86_400_000

const identityOf = (prefix: string, index: number): string => `${prefix}-${String(index + 1).padStart(4, "0")}`

/**
 * Stations, and the drivers who come to them day after day. Plain objects and timers; `start` sets it going, and
 * whatever happens then is fixed by the seed and by what the CMS answers.
 */
export class Fleet {
  readonly members: ReadonlyArray<Member>
  /** How many visits ended how. */
  readonly outcomes: Record<Outcome, number> = {
    Charged: 0,
    FoundNoPlace: 0,
    Refused: 0,
    GaveUp: 0,
    SentHome: 0,
    NeededNothing: 0
  }
  /** Visits that have begun. */
  visits = 0
  private readonly options: FleetOptions
  private readonly timers: TimersApi
  private readonly present = new Set<Visitor>()
  private isOpen = false

  constructor(options: FleetOptions, timers: TimersApi, members: ReadonlyArray<Member>) {
    this.options = options
    this.timers = timers
    this.members = members
  }

  /** What the CMS must know before `start`. */
  get roster(): ReadonlyArray<RosterEntry> {
    return this.members.map((member) => member.roster)
  }

  /** The instant after which no new driver comes. */
  get endsAtMs(): number {
    return this.options.startAtMs + this.options.days * dayMs
  }

  /** Drivers who are here, waiting or charging. */
  get driversPresent(): number {
    return this.present.size
  }

  /** How many persons the crowd has; none without one. */
  get persons(): number {
    const { crowd } = this.options
    if (crowd === undefined) return 0
    return personsOf(
      this.members.reduce((sum, { roster }) => sum + roster.evses, 0),
      crowd.profile
    )
  }

  member(identity: string): Member {
    const member = this.members.find((each) => each.station.identity === identity)
    if (member === undefined) throw new Error(`the fleet has no station ${identity}`)
    return member
  }

  /** Switches the stations on, and opens for drivers. */
  start(): void {
    this.isOpen = true
    const withinMs = this.options.powerWithinMs ?? 60_000
    let number = 0
    for (const member of this.members) {
      const { station, stream, roster } = member
      this.timers.after(stream.split("power").between(0, withinMs), () => station.restorePower())
      if (this.options.crowd !== undefined) continue
      for (const place of placesOf(member)) {
        const line = new Line([place], this.timers)
        this.openDay(0, line, roster.kind, stream.split(`evse/${place.evseId}`), number++)
      }
    }
    if (this.options.crowd !== undefined) this.gather(this.options.crowd)
  }

  /** No driver comes any more; those here go when they would. */
  close(): void {
    this.isOpen = false
  }

  /** Everybody drives home now, and nobody comes any more. */
  sendHome(): void {
    this.close()
    for (const visitor of [...this.present]) visitor.sendHome()
  }

  /** Switches everything off without further words. */
  stop(): void {
    this.sendHome()
    for (const { station } of this.members) station.cutPower(true)
  }

  /** Whether no transaction runs and nothing is left to tell. */
  get isQuiet(): boolean {
    return this.members.every(({ station }) => station.isQuiet)
  }

  /** Waits for quiet, `ms` at most; true when it came. */
  settle(ms: number): Effect.Effect<boolean> {
    const { timers } = this
    return Effect.callback<boolean>((resume) => {
      const untilMs = timers.nowAtMs() + ms
      const look = () => {
        if (this.isQuiet) resume(Effect.succeed(true))
        else if (timers.nowAtMs() >= untilMs) resume(Effect.succeed(false))
        else timers.after(Math.min(1_000, untilMs - timers.nowAtMs()), look)
      }
      look()
    })
  }

  /** Lives all days from now, sends everybody home and waits for quiet, `settleMs` at most; true when it came. */
  live(settleMs: number): Effect.Effect<boolean> {
    return Effect.suspend(() => {
      this.start()
      const waitMs = Math.max(0, this.endsAtMs - this.timers.nowAtMs())
      return Effect.sleep(waitMs).pipe(
        Effect.andThen(Effect.sync(() => this.sendHome())),
        Effect.andThen(this.settle(settleMs))
      )
    })
  }

  private openDay(index: number, line: Line, kind: Kind, stream: Stream.Stream, number: number): void {
    if (index >= this.options.days || !this.isOpen) return
    const startsAtMs = this.options.startAtMs + index * dayMs
    const day: Day = { startsAtMs, weekday: weekdayOf(startsAtMs) }
    this.timers.after(startsAtMs - this.timers.nowAtMs(), () => {
      const visits = plan(day, kind.profile, stream).filter((each) => each.arrivesAtMs >= this.timers.nowAtMs())
      this.expect(visits, 0, line, stream, number)
      this.timers.after(dayMs, () => this.openDay(index + 1, line, kind, stream, number))
    })
  }

  /** One timer for the next visit, not one for each. */
  private expect(visits: ReadonlyArray<Visit>, next: number, line: Line, stream: Stream.Stream, number: number): void {
    const visit = visits[next]
    if (visit === undefined) return
    this.timers.after(visit.arrivesAtMs - this.timers.nowAtMs(), () => {
      if (!this.isOpen) return
      this.receive(visit, line, stream.split(visit.id), number)
      this.expect(visits, next + 1, line, stream, number)
    })
  }

  private receive(visit: Visit, line: Line, stream: Stream.Stream, number: number): void {
    const { cards, app } = this.options
    const usesApp = stream.chance(app?.share ?? 0)
    const secondCard = draw(cards, "valid", number, stream)
    const card = usesApp ? secondCard : draw(cards, visit.card, number, stream)
    const mate = cards.mates.get(card.uid)
    const means: Array<Means> = [{ way: usesApp ? "app" : "card", token: card }]
    if (!usesApp && visit.card !== "valid" && visit.hasSecondCard) means.push({ way: "card", token: secondCard })
    this.visits++
    const visitor: Visitor = new Visitor({
      stay: visit,
      line,
      stream,
      timers: this.timers,
      means,
      mate: mate === undefined ? null : { card: mate, chance: 0.1 },
      app: usesApp && app !== undefined ? app.phone : null,
      adHoc: null,
      guest: null,
      onGone: (outcome) => {
        this.outcomes[outcome]++
        this.present.delete(visitor)
      }
    })
    this.present.add(visitor)
    visitor.arrive()
  }

  /** Has the crowd come to its sites, day after day. */
  private gather(crowd: CrowdOptions): void {
    const { options, timers } = this
    const world = {
      options: crowd,
      timers,
      truth: options.truth,
      isOpen: () => this.isOpen,
      onArrived: (visitor: Visitor | null) => {
        this.visits++
        if (visitor !== null) this.present.add(visitor)
      },
      onGone: (visitor: Visitor | null, outcome: Outcome) => {
        this.outcomes[outcome]++
        if (visitor !== null) this.present.delete(visitor)
      }
    }
    const root = Stream.make(options.seed, "crowd")
    const sites: Array<Site> = []
    let persons = 0
    for (let first = 0; first < this.members.length; first += crowd.stationsPerSite) {
      const places = this.members.slice(first, first + crowd.stationsPerSite).flatMap(placesOf)
      sites.push(new Site(world, places, persons, root.split(`site/${sites.length + 1}`)))
      persons += personsOf(places.length, crowd.profile)
    }
    for (let day = 0; day < options.days; day++) {
      const startsAtMs = options.startAtMs + day * dayMs
      timers.after(startsAtMs - timers.nowAtMs(), () => {
        if (this.isOpen) for (const site of sites) site.openDay(startsAtMs)
      })
    }
  }
}

const placesOf = ({ station, roster }: Member): ReadonlyArray<Place> =>
  roster.kind.hardware.evses.map(({ kind }, index) => ({ station, evseId: index + 1, supply: kind, visitor: null }))

/** Builds a fleet in the world of the caller; nothing moves before `start`. */
export const make = (options: FleetOptions): Effect.Effect<Fleet> =>
  Effect.contextWith((context: Context.Context<never>) =>
    Effect.map(Timers, (timers) => {
      const run = Effect.runForkWith(context)
      const root = Stream.make(options.seed, "fleet")
      const { here, onTaken } = options
      const everybody = Array.from({ length: options.stations }, (_, index) => index)
      const members = (here === undefined ? everybody : everybody.filter(here)).map((index): Member => {
        const stream = root.split(`station/${index + 1}`)
        const kind = stream.split("kind").weighted(options.mix)
        const identity = identityOf(options.prefix ?? "CP", index)
        const password = options.password?.(identity) ?? null
        const uplink = new Uplink(timers)
        const observer = options.observe?.(identity)
        const station = new Station({
          identity,
          hardware: kind.hardware,
          dialects: kind.dialects,
          password,
          settings: merged(factorySettings, options.settings, kind.settings, options.pace?.settings),
          habits: merged(goodHabits, options.habits, kind.habits, options.pace?.habits),
          stream,
          timers,
          run,
          connect: uplink.through(options.connect),
          truth: options.truth,
          ...(observer === undefined ? {} : { observer }),
          ...(onTaken === undefined ? {} : { onTaken })
        })
        const roster = { identity, password, kind, dialect: kind.dialects[0]!, evses: kind.hardware.evses.length }
        return { index, roster, station, uplink, stream }
      })
      return new Fleet(options, timers, members)
    })
  )

const shared = new Map<string, object>()

/** Stations of one kind share one frozen record. */
const merged = <T extends object>(base: T, ...changes: ReadonlyArray<Partial<T> | undefined>): T => {
  const result: T = Object.assign({ ...base }, ...changes)
  const key = JSON.stringify(result)
  const known = shared.get(key)
  if (known !== undefined) return known as T
  if (shared.size < 1_000) shared.set(key, Object.freeze(result))
  return result
}
