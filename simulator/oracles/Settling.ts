import type { Acknowledgement, TrueSession, Truth } from "../Truth.ts"

/** How long each session took to be told of and settled, by the clock of the run and not by a station's. */
export class Settling {
  private readonly truth: Truth
  private running: Array<TrueSession> = []
  private indexed = 0
  private readonly overAtMs = new Map<string, number>()
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

  /** Notes whose car has gone. Sessions are known to have ended at most one look too late, which forgives that much. */
  looked(atMs: number): void {
    const { sessions } = this.truth
    for (; this.indexed < sessions.length; this.indexed++) this.running.push(sessions[this.indexed]!)
    const still: Array<TrueSession> = []
    for (const session of this.running) {
      if (session.endedAtMs === null) still.push(session)
      else this.overAtMs.set(session.id, atMs)
    }
    this.running = still
  }

  /** From when on the CMS had no excuse left; undefined while the session runs. */
  dueFrom({ id }: TrueSession): number | undefined {
    const overAtMs = this.overAtMs.get(id)
    return overAtMs === undefined ? undefined : Math.max(overAtMs, this.healedMs)
  }

  /** When the station's account of the end was acknowledged. */
  toldAt({ id }: TrueSession): number | undefined {
    return this.toldAtMs.get(id)
  }
}
