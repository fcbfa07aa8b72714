import type { PresentedToken } from "#core/token/Token.ts"
import { drawStay, type Profile, type Stay } from "../driver/Arrivals.ts"
import { type Shift, untilDeparture } from "../driver/Week.ts"
import type { Stream } from "../Stream.ts"
import type { ModelName } from "../vehicle/Car.ts"
import type { WillSpec } from "../vehicle/Will.ts"
import type { Means } from "./Phone.ts"

/** What a person can pay with. The CMS knows all of it but the stray. */
export interface Wallet {
  /** The person's own, or the company's that many carry. */
  readonly card: PresentedToken
  /** Of another kind and another issuer. */
  readonly second: PresentedToken | null
  /** The app's account. */
  readonly account: PresentedToken | null
  /** Another card of the first one's group, in somebody else's pocket. */
  readonly mate: PresentedToken | null
  /** For some other purpose altogether, and unknown to the CMS. */
  readonly stray: PresentedToken
}

/** How people of a crowd behave: shares of persons where nothing else is said, 0 to 1. */
export interface Manners {
  readonly startsBy: ReadonlyArray<readonly ["card" | "app" | "qr" | "cardAndApp", weight: number]>
  /** Holds the wrong card to the reader first, every time. */
  readonly wrongCardFirst: number
  /** Refused with one card, tries the other. */
  readonly triesSecond: number
  /** Comes back later than meant, up to so many ms. */
  readonly unplugsLate: { readonly share: number; readonly upToMs: number }
  /** Of charges whose card has a mate: stopped with that. */
  readonly stopsWithMate: number
  /** Has set the car's timer: it begins up to four hours after it was plugged in. */
  readonly delaysStart: number
  /** Of visits: the car pauses once by itself. */
  readonly pauses: number
  /** Of visits: the car does not charge at all. */
  readonly refuses: number
  /** Has the cabin warmed before the departure. */
  readonly warmsCabin: number
  /** What the cables are coded for, A. */
  readonly cableAmps: ReadonlyArray<readonly [amps: number, weight: number]>
}

/** People as one meets them. */
export const usualManners: Manners = Object.freeze({
  startsBy: [
    ["card", 78],
    ["app", 14],
    ["qr", 6],
    ["cardAndApp", 2]
  ],
  wrongCardFirst: 0.04,
  triesSecond: 0.7,
  unplugsLate: { share: 0.25, upToMs: 90 * 60_000 },
  stopsWithMate: 0.3,
  delaysStart: 0.05,
  pauses: 0.03,
  refuses: 0.01,
  warmsCabin: 0.15,
  cableAmps: [
    [32, 8],
    [20, 1],
    [16, 1]
  ]
} satisfies Manners)

const dayMs = 86_400_000
const minuteMs = 60_000
const lowestPercent = 4
/** With this much left to the target nobody looks for a plug. */
const enoughPercent = 3

/** The same person day after day: a home place, a wallet, a car whose battery remembers, and habits. */
export class Person {
  readonly id: string
  readonly wallet: Wallet
  readonly shift: Shift | null
  /** The operator blocks this person's card in the middle of the first charge. */
  readonly getsBlocked: boolean
  isHere = false
  private readonly stream: Stream
  private readonly profile: Profile
  private readonly manners: Manners
  private readonly car: ModelName
  private readonly cableAmps: number
  private readonly startsBy: Manners["startsBy"][number][0]
  private readonly triesWrongFirst: boolean
  private readonly triesSecond: boolean
  private readonly isLate: boolean
  private readonly delaysStart: boolean
  private readonly warmsCabin: boolean
  /** As the car drove off. */
  private socPercent: number | null = null
  private leftAtMs = 0

  constructor(options: {
    readonly id: string
    readonly wallet: Wallet
    readonly profile: Profile
    readonly manners: Manners
    readonly blocked: number
    /** The person's own. */
    readonly stream: Stream
  }) {
    const { id, wallet, profile, manners, stream } = options
    this.id = id
    this.wallet = wallet
    this.profile = profile
    this.manners = manners
    this.stream = stream
    this.car = stream.weighted(profile.cars)
    this.shift = profile.shifts === undefined ? null : shiftOf(profile.shifts, stream)
    this.cableAmps = stream.weighted(manners.cableAmps)
    const startsBy = stream.weighted(manners.startsBy)
    this.startsBy = wallet.account === null && startsBy !== "qr" ? "card" : startsBy
    this.triesWrongFirst = stream.chance(manners.wrongCardFirst)
    this.triesSecond = stream.chance(manners.triesSecond)
    this.isLate = stream.chance(manners.unplugsLate.share)
    this.delaysStart = stream.chance(manners.delaysStart)
    this.warmsCabin = stream.chance(manners.warmsCabin)
    this.getsBlocked = stream.chance(options.blocked)
  }

  /** A stream for one day. */
  on(startsAtMs: number): Stream {
    return this.stream.split(`day ${startsAtMs}`)
  }

  /** What this visit is meant to be; undefined when the battery is full enough to drive on. */
  stay(arrivesAtMs: number, dayStartsAtMs: number, stream: Stream): Stay | undefined {
    const { profile, manners, shift } = this
    const drawn = drawStay(profile, stream)
    const arrivalPercent = this.percentAt(arrivesAtMs, drawn.arrivalPercent, stream)
    const targetPercent = Math.max(drawn.targetPercent, Math.ceil(arrivalPercent))
    const stopsBy = stream.chance(profile.stopsByCard) ? ("card" as const) : ("plug" as const)
    const lateMs = this.isLate ? stream.int(0, manners.unplugsLate.upToMs) : 0
    if (targetPercent - arrivalPercent < enoughPercent) return undefined
    const meantMs = shift === null ? drawn.dwellMs : untilDeparture(shift, arrivesAtMs - dayStartsAtMs)
    const dwellMs = meantMs + (shift === null ? lateMs : 0)
    return { ...drawn, car: this.car, arrivalPercent, targetPercent, dwellMs, stopsBy }
  }

  /** What the car will do of its own will; undefined for most. */
  carOf(stay: Stay, stream: Stream): { readonly cableAmps: number; readonly will?: WillSpec } {
    const { cableAmps, delaysStart, warmsCabin, manners } = this
    const refuses = stream.chance(manners.refuses)
    const pauses = stream.chance(manners.pauses)
    const delayMs = stream.int(30 * minuteMs, 240 * minuteMs)
    const pauseFromMs = stream.int(5 * minuteMs, 40 * minuteMs)
    const pauseMs = stream.int(2 * minuteMs, 20 * minuteMs)
    const idle: Array<readonly [number, number]> = []
    // A timer is for those who stay the night.
    const delay = delaysStart && stay.dwellMs > 2 * delayMs ? delayMs : 0
    if (refuses) idle.push([0, Number.POSITIVE_INFINITY])
    else {
      if (delay > 0) idle.push([0, delay])
      if (pauses) idle.push([delay + pauseFromMs, delay + pauseFromMs + pauseMs])
    }
    const warms = warmsCabin && !refuses && stay.dwellMs > 60 * minuteMs
    if (idle.length === 0 && !warms) return { cableAmps }
    const climate = { fromMs: stay.dwellMs - 20 * minuteMs, untilMs: stay.dwellMs, watts: 2_500 }
    return { cableAmps, will: { ...(idle.length === 0 ? {} : { idle }), ...(warms ? { climate } : {}) } }
  }

  /** What is tried, in this order. */
  means(): ReadonlyArray<Means> {
    const { wallet, startsBy, triesWrongFirst, triesSecond } = this
    const card: Means = { way: "card", token: wallet.card }
    const first: Means =
      startsBy === "qr" ? { way: "qr" } : startsBy === "app" ? { way: "app", token: wallet.account! } : card
    const means: Array<Means> =
      triesWrongFirst && first === card ? [{ way: "card", token: wallet.stray }, first] : [first]
    if (triesSecond && wallet.second !== null) means.push({ way: "card", token: wallet.second })
    return means
  }

  /** What is used in the same moment as the first of the means. */
  get atOnce(): Means | null {
    return this.startsBy === "cardAndApp" ? { way: "app", token: this.wallet.account! } : null
  }

  get stopsWithMate(): number {
    return this.manners.stopsWithMate
  }

  /** Drives off with what the battery holds; null when it was never looked at. */
  drivesOff(atMs: number, socPercent: number | null): void {
    this.isHere = false
    if (socPercent === null) return
    this.socPercent = socPercent
    this.leftAtMs = atMs
  }

  /**
   * The state of charge at arrival: what was left less what was driven since. Who would have run dry has charged
   * elsewhere, and comes as anybody does.
   */
  private percentAt(atMs: number, asAnybody: number, stream: Stream): number {
    const usedADay = Math.max(0, stream.normal(this.profile.usesPercentADay, this.profile.usesPercentADay / 3))
    if (this.socPercent === null) return asAnybody
    const days = Math.max(0.5, (atMs - this.leftAtMs) / dayMs)
    const left = Math.round((this.socPercent - days * usedADay) * 10) / 10
    return left < lowestPercent ? asAnybody : left
  }
}

const shiftOf = (shifts: ReadonlyArray<Shift>, stream: Stream): Shift =>
  stream.weighted(shifts.map((shift) => [shift, shift.weight] as const))
