import type { TrueSession } from "../Truth.ts"

/** How far a driver wants a charge to go; null is no limit. */
export interface TrueLimit {
  readonly maxWh: number | null
  /** From its start. */
  readonly maxMs: number | null
  /** Gross. */
  readonly maxMinor: number | null
}

/** A charge that its driver ordered with a limit, and what he said of it later. */
export interface TrueWish {
  readonly stationId: string
  readonly evseId: number
  /** Canonical upper case. */
  readonly tokenUid: string
  /** As ordered; all null where he said nothing then. */
  readonly limit: TrueLimit
  readonly orderedAtMs: number
  /** Whether the order was accepted; null until he heard. */
  accepted: boolean | null
  /** In the order asked. Not heard of, or refused: nobody knows which limit stands. */
  readonly changes: Array<{ readonly limit: TrueLimit; readonly askedAtMs: number; accepted: boolean | null }>
  /** He asked for its end himself. */
  isStopAsked: boolean
}

/** What drivers wanted of their charges, and what the operator promises about it. */
export interface WishRecord {
  readonly wishes: ReadonlyArray<TrueWish>
  /** How far beyond its limit, or short of it, a charge may end: until the next reading, the stop, and its answer. */
  readonly withinMs: (session: TrueSession) => number
  /** By how much more where the CMS died meanwhile: the longest that it was away. */
  readonly downMs: number
  /** What a car is taken to draw whose meter has not told yet. */
  readonly assumedPowerW: number
}
