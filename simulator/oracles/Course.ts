import type { Acknowledgement, Truth } from "../Truth.ts"
import { Chronicle } from "./Chronicle.ts"
import type { Commit } from "./Commit.ts"
import { Continuous, type CourseContext } from "./Continuous.ts"
import { type Gauge, Gauges } from "./Gauges.ts"
import { merge, type Outcome } from "./Oracle.ts"
import { type Owner, Ownership } from "./Ownership.ts"
import { SessionIndex } from "./SessionIndex.ts"
import { Settling } from "./Settling.ts"

/** How often a run is looked at, ms of its own time. */
export const lookEveryMs = 60_000

/**
 * All that is judged while a run lasts, and not only by what is left of it: every commit at its instant, every
 * acknowledgement as it reaches a station, and once a minute how much everything holds.
 */
export class Course {
  readonly chronicle: Chronicle
  readonly settling: Settling
  private readonly continuous: Continuous
  private readonly gauges = new Gauges()
  private readonly ownership = new Ownership()

  constructor(truth: Truth, context: CourseContext) {
    const sessions = new SessionIndex(truth)
    this.chronicle = new Chronicle(truth, sessions)
    this.continuous = new Continuous(sessions, context)
    this.settling = new Settling(truth)
  }

  /** A unit of the CMS's books is in the store. */
  committed(commit: Commit, atMs: number): void {
    this.chronicle.committed(commit, atMs)
    if (!commit.isRepeated) this.continuous.committed(commit, atMs)
  }

  /** Who owns a station now, for all that is known. */
  ownerOf(stationId: string): Owner | undefined {
    return this.ownership.ownerOf(stationId)
  }

  /** A node has become a station's owner. `before`: who was when it began to claim it; absent: who is now. */
  claimed(owner: Owner, before = this.ownerOf(owner.stationId)): void {
    this.ownership.claimed(owner, before)
  }

  /** A node wrote for a station as the owner that it took itself for; `before` as above. */
  wrote(owner: Owner, before = this.ownerOf(owner.stationId)): void {
    this.ownership.wrote(owner, before)
  }

  /** A station was told that a message of its is kept; the instant is the run's, not the station's. */
  acknowledged(acknowledgement: Acknowledgement, atMs: number): void {
    this.chronicle.acknowledged(acknowledgement, atMs)
    this.settling.acknowledged(acknowledgement, atMs)
  }

  /** Time has passed: called every {@link lookEveryMs}, with what everything holds. */
  looked(gauges: ReadonlyArray<Gauge>, atMs: number): void {
    this.chronicle.looked()
    this.settling.looked(atMs)
    this.gauges.looked(gauges, atMs)
  }

  /** The last fault so far has stopped. */
  healed(atMs: number): void {
    this.settling.healed(atMs)
  }

  /** What was found on the way, by the name of the oracle that says it. */
  outcomes(): Readonly<Record<string, Outcome>> {
    const chronicle = this.chronicle.outcomes()
    return {
      ...this.continuous.outcomes(),
      ...chronicle,
      durability: merge(chronicle.durability, this.ownership.outcome()),
      resources: this.gauges.outcome()
    }
  }
}
