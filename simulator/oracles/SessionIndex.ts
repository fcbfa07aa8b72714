import type { TrueSession, Truth } from "../Truth.ts"

/** True sessions by station, while they come to be. */
export class SessionIndex {
  private readonly truth: Truth
  private readonly byStation = new Map<string, Array<TrueSession>>()
  private indexed = 0

  constructor(truth: Truth) {
    this.truth = truth
  }

  /** The newest session of a station under that id on the wire. */
  named(stationId: string, ocppId: string): TrueSession | undefined {
    return this.of(stationId).findLast(({ ocppTransactionId }) => ocppTransactionId === ocppId)
  }

  /** The newest session on that EVSE that began at that instant. */
  begunAt(stationId: string, evseId: number, startedAtMs: number): TrueSession | undefined {
    return this.of(stationId).findLast((it) => it.evseId === evseId && it.startedAtMs === startedAtMs)
  }

  /** Whether the station told something about its sessions under other names: its stops may be anybody's. */
  isMisled(stationId: string): boolean {
    return this.truth.misnomers.has(stationId) || this.of(stationId).some(({ lies }) => lies.includes("messages"))
  }

  /** Whether its clock was turned back: what it tells of the next car is older than what it told before it came. */
  isTurnedBack(stationId: string): boolean {
    return this.truth.turnedBack.has(stationId)
  }

  /** Whether an operator gave it up while it ran: it may be billed then. */
  isGivenUp(session: TrueSession): boolean {
    return this.truth.wasGivenUp(session)
  }

  private of(stationId: string): ReadonlyArray<TrueSession> {
    const { sessions } = this.truth
    for (; this.indexed < sessions.length; this.indexed++) {
      const session = sessions[this.indexed]!
      const others = this.byStation.get(session.stationId)
      if (others === undefined) this.byStation.set(session.stationId, [session])
      else others.push(session)
    }
    return this.byStation.get(stationId) ?? []
  }
}
