import type { Limit } from "../vehicle/Charge.ts"
import type { Evse } from "./Evse.ts"
import type { Sharing } from "./Hardware.ts"

/**
 * What each of those who draw from one supply may have: equal parts, of a fuse in whole amperes a phase, of power
 * modules in whole watts. Parts a car leaves unused are not given to others, as simple stations do it; what one may have
 * when it is alone, its own outlet says.
 */
const partOf = (sharing: Sharing, drawing: number): Limit | undefined => {
  const parts = Math.max(1, drawing)
  if (sharing.kind === "fuse") return { amps: Math.floor(sharing.amps / parts) }
  return sharing.kind === "power" ? { watts: Math.floor(sharing.watts / parts) } : undefined
}

const sizeOf = (limit: Limit): number => ("amps" in limit ? limit.amps : limit.watts)

/** The EVSEs of a station and what they have in common: what one takes, the others do not have. */
export class Neighbours {
  private readonly sharing: Sharing | undefined
  private readonly evses: ReadonlyArray<Evse>
  private part: Limit | undefined

  constructor(sharing: Sharing | undefined, evses: ReadonlyArray<Evse>) {
    this.sharing = sharing
    this.evses = evses
  }

  /** A contactor has moved, or a car has begun to draw, or stopped: the supply is shared out anew. */
  onDemand(): void {
    if (this.sharing === undefined) return
    const part = partOf(this.sharing, this.evses.filter(({ outlet }) => outlet.wantsPower).length)
    if (part === undefined || (this.part !== undefined && sizeOf(part) === sizeOf(this.part))) return
    this.part = part
    for (const { outlet } of this.evses) outlet.limitTo(part)
    for (const evse of this.evses) evse.followLimit()
  }

  /** Whether others at this station take what this EVSE would need. */
  take(evseId: number): boolean {
    if (this.sharing?.kind !== "oneAtATime") return false
    return this.evses.some(({ id, outlet, phase }) => id !== evseId && (outlet.hasCar || phase === "Authorized"))
  }

  /** A connector was taken, or left: the others may be in use no more, or again. */
  onOccupied(evseId: number): void {
    if (this.sharing?.kind !== "oneAtATime") return
    for (const other of this.evses) if (other.id !== evseId) other.reconsider()
  }
}
