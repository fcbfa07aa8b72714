import type { Limit } from "../vehicle/Charge.ts"
import type { Sharing } from "./Hardware.ts"
import type { Outlet } from "./Outlet.ts"

/**
 * What each of those who draw from one supply may have: equal parts, of a fuse in whole amperes a phase, of power
 * modules in whole watts. Parts a car leaves unused are not given to others, as simple stations do it; what one may have
 * when it is alone, its own outlet says.
 */
const partOf = (sharing: Sharing, drawing: number): Limit =>
  sharing.kind === "fuse"
    ? { amps: Math.floor(sharing.amps / Math.max(1, drawing)) }
    : { watts: Math.floor((sharing.kind === "power" ? sharing.watts : Number.MAX_SAFE_INTEGER) / Math.max(1, drawing)) }

const isSame = (one: Limit | undefined, other: Limit): boolean => JSON.stringify(one) === JSON.stringify(other)

/** Shares a station's supply out among its outlets, anew whenever a car begins to draw or stops. */
export class Sharer {
  private readonly sharing: Sharing
  private readonly outlets: ReadonlyArray<Outlet>
  private readonly onChange: (index: number) => void
  private current: Limit | undefined

  /** `onChange` is told of each outlet whose limit has changed. */
  constructor(sharing: Sharing, outlets: ReadonlyArray<Outlet>, onChange: (index: number) => void) {
    this.sharing = sharing
    this.outlets = outlets
    this.onChange = onChange
  }

  /** Somebody may have begun to draw, or stopped. */
  settle(): void {
    const part = partOf(this.sharing, this.outlets.filter((outlet) => outlet.wantsPower).length)
    if (isSame(this.current, part)) return
    this.current = part
    for (const outlet of this.outlets) outlet.limitTo(part)
    for (const index of this.outlets.keys()) this.onChange(index)
  }
}
