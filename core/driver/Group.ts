/** Drivers who are treated alike, such as a company's staff: tariffs, budgets and subscriptions name groups. */
export interface DriverGroup {
  readonly id: string
  readonly name: string
  readonly createdAtMs: number
}

/** That a driver belongs to a group. Who leaves keeps the past: a start made offline is judged by its own instant. */
export interface Membership {
  readonly groupId: string
  /** Inclusive. */
  readonly sinceMs: number
  /** Exclusive; null: to this day. */
  readonly untilMs: number | null
}

const none: ReadonlyArray<string> = Object.freeze([])

/** The groups that a driver belonged to at that instant: their ids, each once, sorted by code unit. */
export const groupsAt = (memberships: ReadonlyArray<Membership>, atMs: number): ReadonlyArray<string> => {
  if (memberships.length === 0) return none
  const ids = memberships
    .filter(({ sinceMs, untilMs }) => sinceMs <= atMs && (untilMs === null || atMs < untilMs))
    .map(({ groupId }) => groupId)
  return [...new Set(ids)].sort()
}
