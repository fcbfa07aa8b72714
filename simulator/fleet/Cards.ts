import type { PresentedToken } from "#core/token/Token.ts"
import type { CardKind } from "../driver/Arrivals.ts"
import type { Stream } from "../Stream.ts"

/** The cards that exist in a run. The scenario has registered them with the CMS as what they are. */
export interface CardPool {
  /** Good everywhere. With as many as there are EVSEs or more, no two drivers share one. */
  readonly valid: ReadonlyArray<PresentedToken>
  readonly expired: ReadonlyArray<PresentedToken>
  readonly blocked: ReadonlyArray<PresentedToken>
  /** Registered, and good at other stations only. */
  readonly elsewhere: ReadonlyArray<PresentedToken>
  /** Nobody registered them. */
  readonly unknown: ReadonlyArray<PresentedToken>
  /** By uid of a valid card: another of its group, which may stop what the first began. */
  readonly mates: ReadonlyMap<string, PresentedToken>
}

/** A pool with nothing in it, to be extended. */
export const noCards: CardPool = Object.freeze({
  valid: [],
  expired: [],
  blocked: [],
  elsewhere: [],
  unknown: [],
  mates: new Map()
})

/** An RFID card nobody has registered: 7 bytes in hex, as such cards have. */
export const strayCard = (stream: Stream): PresentedToken => ({
  uid: `0F${stream.word().toString(16).padStart(8, "0")}${(stream.word() & 0xffff).toString(16).padStart(4, "0")}`.toUpperCase(),
  type: "ISO14443"
})

/**
 * The card a driver at EVSE number `place` of the run draws from the wallet. Fixed by the place, so that a larger fleet
 * changes nobody's card; a kind that the pool lacks becomes a stray card.
 */
export const draw = (pool: CardPool, kind: CardKind, place: number, stream: Stream): PresentedToken => {
  if (kind === "valid") return pool.valid[place % Math.max(pool.valid.length, 1)] ?? strayCard(stream)
  const cards = kind === "wrong" ? [...pool.elsewhere, ...pool.unknown] : pool[kind]
  return cards.length === 0 ? strayCard(stream) : stream.pick(cards)
}
