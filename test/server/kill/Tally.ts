import type { Session } from "./Session.ts"

/** What all stations together went through, and what was wrong with it. */
export class Tally {
  acknowledged = 0
  repeatedWithSameId = 0
  repeatedWithNewId = 0
  /** Answers that arrived and were forgotten, as if the link had gone a moment earlier. */
  forgotten = 0
  connects = 0
  refusals = 0
  timeouts = 0
  boots = 0
  readonly failures: Array<string> = []
  private failureCount = 0
  private readonly owners = new Map<number, Session>()

  /** Keeps the first hundred in words. */
  fail(what: string): void {
    this.failureCount++
    if (this.failureCount <= 100) this.failures.push(what)
  }

  get failed(): number {
    return this.failureCount
  }

  /** A 1.6 transaction id was answered: it must be a usable one, the session's own, and nobody else's. */
  readonly claim = (id: unknown, session: Session): string | undefined => {
    if (typeof id !== "number" || !Number.isInteger(id) || id <= 0 || id > 0x7fffffff) {
      return `the transaction id ${String(id)} is not a positive 32-bit integer`
    }
    const owner = this.owners.get(id)
    if (owner !== undefined && owner !== session) return `the transaction id ${id} belongs to ${owner.stationId} too`
    if (session.ocppId !== undefined && session.ocppId !== String(id)) {
      return `the same start was answered ${session.ocppId} and then ${id}`
    }
    this.owners.set(id, session)
    session.ocppId = String(id)
    return undefined
  }
}
