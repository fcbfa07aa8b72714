import type { TrueState } from "./Truth.ts"

/** By which message a figure came to a station; "own" was reckoned by the station itself. */
export type ToldBy = "CostUpdated" | "totalCost" | "RunningCost" | "FinalCost" | "SetUserPrice" | "own"

/** Something about money that reached a station, to be shown to the driver there. */
export interface Shown {
  readonly stationId: string
  readonly by: ToldBy
  /** Whether the station has a display for it; where it has none nobody saw it. */
  readonly hasDisplay: boolean
  /** By the true clock. */
  readonly atMs: number
  /** The transaction that it is said to be of, by its id on the wire; null where none is named. */
  readonly wireId: string | null
  /** The session it is shown beside, where the station knows without being told: its own messages' answers. */
  readonly sessionId: string | null
  /** It says what the charge came to, not where it stands. */
  readonly isFinal: boolean
  /** In currency units as written; null where it is no number, or where prices are told and no cost. */
  readonly amount: number | null
  /** The reading that it is of, if it says: the station's own instant, and Wh. */
  readonly meter: { readonly atMs: number; readonly registerWh: number } | null
  /** Whose price it is, of prices. */
  readonly tokenUid: string | null
  /** As it stands on the display, of prices. */
  readonly text: string | null
}

/** What one message of a station told of a running session; instants by the station's clock. */
export interface Telling {
  /** The newest of which it tells anything. */
  readonly atMs: number
  readonly readings: ReadonlyArray<{ readonly atMs: number; readonly registerWh: number }>
  /** What the car does from `atMs` on; null where the message does not say. */
  readonly state: TrueState | null
  /** When it was told, by the true clock; it may have waited long for a connection. */
  readonly toldAtMs: number
  /** When the CMS's answer came, by the true clock; null before. */
  heardAtMs: number | null
}

/** Kept of one session and of a run: a fleet of years would not fit into any memory. */
const tellingsKept = 5_000
const shownKept = 500_000

/**
 * What drivers see of their charges' costs, and what each station with a display had told of them until then. Written by
 * the stations, read by oracles.
 */
export class Displays {
  private readonly seen: Array<Shown> = []
  private readonly bySession = new Map<string, Array<Telling>>()
  private readonly byMessage = new WeakMap<object, Telling>()
  /** Not everything could be kept: what is missing cannot be judged. */
  isFull = false

  /** In order of time. */
  get shown(): ReadonlyArray<Shown> {
    return this.seen
  }

  /** What was told of a session, in the order told; empty for one at a station without a display. */
  tellingsOf(sessionId: string): ReadonlyArray<Telling> {
    return this.bySession.get(sessionId) ?? []
  }

  show(shown: Shown): void {
    if (this.seen.length >= shownKept) this.isFull = true
    else this.seen.push(shown)
  }

  /** A message about a session goes out, or waits to. */
  tell(sessionId: string, message: object, telling: Omit<Telling, "heardAtMs">): void {
    const kept: Telling = { ...telling, heardAtMs: null }
    const known = this.bySession.get(sessionId)
    if (known === undefined) this.bySession.set(sessionId, [kept])
    else if (known.length < tellingsKept) known.push(kept)
    else this.isFull = true
    this.byMessage.set(message, kept)
  }

  /** The CMS took a message in. */
  heard(message: object, atMs: number): void {
    const telling = this.byMessage.get(message)
    if (telling !== undefined) telling.heardAtMs = atMs
  }
}
