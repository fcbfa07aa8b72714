import { aheadBy, type ClockReckoning, heardAt, type KnownStart, ourInstant } from "#core/station/clock.ts"
import type { Connector } from "#core/station/Station.ts"

/** No message is taken for the clock's word that is dated before OCPP, or by more than a clock may be wrong. */
const mostWrongMs = 48 * 3_600_000

/** An instant by a station's clock, whatever that shows; and the boot since which it runs, by ours. */
interface Shown {
  readonly shownAtMs: number
  readonly bootAtMs: number | undefined
}

/** What the clocks of this node's stations show. One reckoning for each station that ever spoke to it. */
export class Clocks {
  private readonly byStation = new Map<string, ClockReckoning>()
  private readonly freedByPlace = new Map<string, Shown>()

  /** A message came, dated `atMs` by the station's clock; `receivedAtMs` by ours. */
  heard(stationId: string, atMs: number, receivedAtMs: number): void {
    if (Math.abs(atMs - receivedAtMs) > mostWrongMs) return
    this.byStation.set(stationId, heardAt(this.byStation.get(stationId), atMs, receivedAtMs))
  }

  /** A connector was told to be free at an instant by the station's clock, believed or not. */
  freed(stationId: string, connector: Place, { shownAtMs, bootAtMs }: Shown): void {
    const place = placeOf(stationId, connector)
    const known = this.freedByPlace.get(place)
    if (known !== undefined && known.bootAtMs === bootAtMs && known.shownAtMs >= shownAtMs) return
    this.freedByPlace.set(place, { shownAtMs, bootAtMs })
  }

  /** Whether one was told to be free later than that, since the same boot: what sets a clock back to no year is a restart. */
  isFreedSince(stationId: string, connector: Place, { shownAtMs, bootAtMs }: Shown): boolean {
    const known = this.freedByPlace.get(placeOf(stationId, connector))
    return known !== undefined && known.bootAtMs === bootAtMs && known.shownAtMs > shownAtMs
  }

  /** How the station's clock stands to ours; undefined while none of its messages told. */
  reckoned(stationId: string): ClockReckoning | undefined {
    return this.byStation.get(stationId)
  }

  /** The instant of ours of what a station told as `atMs`; see {@link ourInstant}. */
  ours(stationId: string, atMs: number, receivedAtMs: number): number {
    return ourInstant(this.byStation.get(stationId), atMs, receivedAtMs)
  }

  /** The latest that it may show at an instant of ours: what is shown later was shown before it was set back. */
  surelyShown(stationId: string, nowMs: number): number {
    const known = this.byStation.get(stationId)
    return known?.isPaced === true ? nowMs + Math.min(0, known.aheadMs) : nowMs
  }

  /** What the station's clock shows at an instant of ours. */
  shown(stationId: string, nowMs: number, start: KnownStart | null = null): number {
    return nowMs + aheadBy(this.byStation.get(stationId), start)
  }
}

type Place = Pick<Connector, "evseId" | "connectorId">

const placeOf = (stationId: string, { evseId, connectorId }: Place): string => `${stationId} ${evseId}.${connectorId}`
