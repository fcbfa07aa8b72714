import { Exit } from "effect"
import { sometimes } from "#core/Sometimes.ts"
import { Fenced, type UnitRefused } from "./Journal.ts"
import type { Claim } from "./Recorder.ts"
import type { Unit } from "./Unit.ts"

/** What came of a unit. */
export type Outcome<A = void> = Exit.Exit<A, Fenced | UnitRefused>

/** A unit and whoever waits for its commit. */
export interface WaitingUnit {
  readonly unit: Unit
  readonly resume: (outcome: Outcome) => void
}

/** A connection that waits for its station. */
export interface WaitingClaim {
  readonly stationId: string
  readonly resume: (outcome: Exit.Exit<Claim>) => void
  /** Units queued before it: they are committed first. */
  readonly after: number
  isGivenUp: boolean
}

const nobody = (): void => {}

/**
 * What waits for the next commit. Plain arrays and callbacks: this is passed by every message. Holds at most one unit
 * and one claim a connection, and one instant a station.
 */
export class CommitQueue {
  private units: Array<WaitingUnit> = []
  private head = 0
  private claims: Array<WaitingClaim> = []
  private readonly lastSeen = new Map<string, { atMs: number }>()
  private readonly newestEpochs = new Map<string, number>()
  private queued = 0
  private taken = 0
  private readonly onWork: () => void
  private readonly onSeen: () => void

  /** `onWork` is called when there is something to commit, `onSeen` when there is the first instant to flush. */
  constructor(onWork: () => void, onSeen: () => void) {
    this.onWork = onWork
    this.onSeen = onSeen
  }

  get waiting(): number {
    return this.units.length - this.head + this.claims.length
  }

  get hasSeen(): boolean {
    return this.lastSeen.size > 0
  }

  add(unit: Unit, resume: WaitingUnit["resume"]): void {
    this.units.push({ unit, resume })
    this.queued++
    this.onWork()
  }

  addClaim(stationId: string, resume: WaitingClaim["resume"]): WaitingClaim {
    const claim: WaitingClaim = { stationId, resume, after: this.queued, isGivenUp: false }
    this.claims.push(claim)
    this.onWork()
    return claim
  }

  see(stationId: string, atMs: number): void {
    const known = this.lastSeen.get(stationId)
    if (known !== undefined) {
      if (known.atMs < atMs) known.atMs = atMs
      return
    }
    this.lastSeen.set(stationId, { atMs })
    if (this.lastSeen.size === 1) this.onSeen()
  }

  /** Makes units of the instants gathered by {@link see}. */
  flushSeen(): void {
    for (const [stationId, { atMs }] of this.lastSeen) {
      this.units.push({ unit: { stationId, epoch: null, lastSeenAtMs: atMs }, resume: nobody })
      this.queued++
    }
    this.lastSeen.clear()
    this.onWork()
  }

  /** The next units in order, within both bounds but at least one; those that a newer claim has fenced are told so. */
  takeUnits(maxUnits: number, maxRows: number): ReadonlyArray<WaitingUnit> {
    const batch: Array<WaitingUnit> = []
    const { units } = this
    let rows = 0
    while (this.head < units.length && batch.length < maxUnits) {
      const waiting = units[this.head]!
      const { unit } = waiting
      if (unit.epoch !== null && unit.epoch < (this.newestEpochs.get(unit.stationId) ?? 0)) {
        sometimes("a claim fenced an older owner's write")
        waiting.resume(Exit.fail(new Fenced({ stationId: unit.stationId, epoch: unit.epoch })))
      } else {
        rows += rowsIn(unit)
        if (rows > maxRows && batch.length > 0) break
        batch.push(waiting)
      }
      this.head++
      this.taken++
    }
    this.forgetTaken()
    return batch
  }

  /** The claims, in order, before which no unit is left. */
  takeClaims(maxClaims: number): ReadonlyArray<WaitingClaim> {
    const ready: Array<WaitingClaim> = []
    let index = 0
    for (; index < this.claims.length && ready.length < maxClaims; index++) {
      const claim = this.claims[index]!
      if (claim.after > this.taken) break
      if (!claim.isGivenUp) ready.push(claim)
    }
    if (index > 0) this.claims = this.claims.slice(index)
    return ready
  }

  /** From now on units of older claims of that station are fenced here. */
  claimed(stationId: string, epoch: number): void {
    this.newestEpochs.set(stationId, Math.max(epoch, this.newestEpochs.get(stationId) ?? 0))
  }

  /** Nothing more will be committed: whoever still waits is interrupted. */
  abandon(): void {
    for (; this.head < this.units.length; this.head++) this.units[this.head]!.resume(Exit.interrupt())
    this.forgetTaken()
    for (const claim of this.claims) claim.resume(Exit.interrupt())
    this.claims = []
  }

  private forgetTaken(): void {
    if (this.head === this.units.length) {
      this.units = []
      this.head = 0
    } else if (this.head > 10_000) {
      this.units = this.units.slice(this.head)
      this.head = 0
    }
  }
}

const rowsIn = (unit: Unit): number =>
  1 +
  (unit.facts?.length ?? 0) +
  (unit.samples?.length ?? 0) +
  (unit.transactions?.length ?? 0) +
  (unit.connectors?.length ?? 0) +
  (unit.variables?.length ?? 0) +
  (unit.cdrs?.length ?? 0) +
  4 * (unit.entries?.length ?? 0)
