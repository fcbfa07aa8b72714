import { aheadBy, type ClockReckoning, heardAt, type KnownStart } from "#core/station/clock.ts"

/** No message is taken for the clock's word that is dated before OCPP, or by more than a clock may be wrong. */
const mostWrongMs = 48 * 3_600_000

/** What the clocks of this node's stations show. One reckoning for each station that ever spoke to it. */
export class Clocks {
  private readonly byStation = new Map<string, ClockReckoning>()

  /** A message came, dated `atMs` by the station's clock; `receivedAtMs` by ours. */
  heard(stationId: string, atMs: number, receivedAtMs: number): void {
    if (Math.abs(atMs - receivedAtMs) > mostWrongMs) return
    this.byStation.set(stationId, heardAt(this.byStation.get(stationId), atMs, receivedAtMs))
  }

  /** How the station's clock stands to ours; undefined while none of its messages told. */
  reckoned(stationId: string): ClockReckoning | undefined {
    return this.byStation.get(stationId)
  }

  /** What the station's clock shows at an instant of ours. */
  shown(stationId: string, nowMs: number, start: KnownStart | null = null): number {
    return nowMs + aheadBy(this.byStation.get(stationId), start)
  }
}
