import type { Station } from "#core/station/Station.ts"
import type { StationSnapshot } from "../record/Journal.ts"

/** What a station was answered when it last booted: it goes by that until it boots again (1.6 section 4.2, 2.x B01). */
export type Standing = Station["registration"]

/**
 * Whether a station has been let in. One that connects need not boot again (OCPP-J, reconnecting), so an operator who
 * holds it back meanwhile has told it nothing yet: books that have a connector's status or a charge of it show that it
 * was let in, and what it still has to tell of them is taken. One that was answered no since, on this node, stays out.
 */
export class Admission {
  private readonly stationId: string
  private readonly turnedAway: Map<string, Standing>
  private is: Standing

  /** `turnedAway` are the stations of this node whose last boot was answered no, and how. */
  constructor({ id, registration }: Station, snapshot: StationSnapshot, turnedAway: Map<string, Standing>) {
    const wasLetIn = snapshot.connectors.length + snapshot.transactions.length > 0
    this.stationId = id
    this.turnedAway = turnedAway
    this.is = turnedAway.get(id) ?? (wasLetIn ? "Accepted" : registration)
  }

  get standing(): Standing {
    return this.is
  }

  /** It is told so. */
  answered(registration: Standing): void {
    this.is = registration
    if (registration === "Accepted") this.turnedAway.delete(this.stationId)
    else this.turnedAway.set(this.stationId, registration)
  }
}
