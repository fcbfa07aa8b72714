import type { Acknowledgement, TrueSession, Truth } from "../Truth.ts"

/** How long each session took to be told of and settled, by the clock of the run and not by a station's. */
export class Settling {
  private readonly truth: Truth
  private watched: Array<TrueSession> = []
  private indexed = 0
  private readonly overAtMs = new Map<string, number>()
  private readonly goneAtMs = new Map<string, number>()
  private readonly toldAtMs = new Map<string, number>()
  private healedMs = Number.NEGATIVE_INFINITY

  constructor(truth: Truth) {
    this.truth = truth
  }

  /** The last of the faults so far has stopped. */
  healed(atMs: number): void {
    this.healedMs = Math.max(this.healedMs, atMs)
  }

  acknowledged({ kind, sessionId }: Acknowledgement, atMs: number): void {
    if (kind === "end" && !this.toldAtMs.has(sessionId)) this.toldAtMs.set(sessionId, atMs)
  }

  /**
   * Notes whose session is over and whose car has gone. Both are known at most one look too late, which forgives that
   * much.
   */
  looked(atMs: number): void {
    const { sessions } = this.truth
    for (; this.indexed < sessions.length; this.indexed++) this.watched.push(sessions[this.indexed]!)
    const still: Array<TrueSession> = []
    for (const session of this.watched) {
      const isOver = session.endedAtMs !== null
      const isGone = isOver && !holdsCar(session)
      if (isOver && !this.overAtMs.has(session.id)) this.overAtMs.set(session.id, atMs)
      if (isGone) this.goneAtMs.set(session.id, atMs)
      else still.push(session)
    }
    this.watched = still
  }

  /**
   * From when on the CMS had no excuse left; undefined while there is one. An end that its station forgot is told by
   * nobody: until the cable is pulled out the connector is as occupied as before, and the transaction may still run.
   */
  dueFrom({ id, endKnowledge }: TrueSession): number | undefined {
    const atMs = (endKnowledge === "lost" ? this.goneAtMs : this.overAtMs).get(id)
    return atMs === undefined ? undefined : Math.max(atMs, this.healedMs)
  }

  /** When the station's account of the end was acknowledged. */
  toldAt({ id }: TrueSession): number | undefined {
    return this.toldAtMs.get(id)
  }
}

/** Whether the car of a session is still on the cable; none ever was where nobody plugged in. */
const holdsCar = ({ unpluggedAtMs, states }: TrueSession): boolean =>
  unpluggedAtMs === null && states.some(({ state }) => state !== "Idle")
