import type { PresentedToken } from "#core/token/Token.ts"
import { type CardPool, strayCard } from "#simulator/fleet/Cards.ts"
import type { TrueToken } from "#simulator/oracles/Oracle.ts"
import * as Stream from "#simulator/Stream.ts"

/** Which cards drivers carry. Shares are of the good cards, 0 to 1, and exclude each other in this order. */
export interface CardPlan {
  /** Expire on the first day, at an hour of their own between 8 and 20: good before, refused after. */
  readonly expiring: number
  /** Are blocked on the first day, at an hour of their own between 8 and 20. */
  readonly blockedDuring: number
  /** Are carried by the drivers of two EVSEs, and are good for one charge at a time. */
  readonly shared: number
  /** Belong to a group with a second card that may stop the charge. */
  readonly grouped: number
}

/** Good cards only. */
export const goodCards: CardPlan = { expiring: 0, blockedDuring: 0, shared: 0, grouped: 0 }

/** All the cards of a run: as drivers carry them, and as they truly are. */
export interface Deck {
  readonly pool: CardPool
  /** Those the CMS is told of, by uid. */
  readonly tokens: Map<string, TrueToken>
}

const hourMs = 3_600_000
const present = (uid: string): PresentedToken => ({ uid, type: "ISO14443" })
const plain = { groupId: null, expiresAtMs: null, blockedAtMs: null, concurrencyLimit: null, allowedStations: null }

/** Deals the cards for so many EVSEs; a card depends on its place and the seed only. */
export const deal = (
  plan: CardPlan,
  run: { readonly seed: string; readonly places: number; readonly startAtMs: number }
): Deck => {
  const root = Stream.make(run.seed, "cards")
  const tokens = new Map<string, TrueToken>()
  const mates = new Map<string, PresentedToken>()
  const register = (token: TrueToken): PresentedToken => {
    tokens.set(token.uid, token)
    return present(token.uid)
  }
  const valid: Array<PresentedToken> = []
  for (let place = 0; valid.length < run.places; place++) {
    const stream = root.split(`place/${place}`)
    const uid = `C${String(place + 1).padStart(6, "0")}`
    const luck = stream.next()
    const changesAtMs = run.startAtMs + stream.int(8 * hourMs, 20 * hourMs)
    const { expiring, blockedDuring, shared, grouped } = plan
    if (luck < expiring) valid.push(register({ uid, ...plain, expiresAtMs: changesAtMs }))
    else if (luck < expiring + blockedDuring) valid.push(register({ uid, ...plain, blockedAtMs: changesAtMs }))
    else if (luck < expiring + blockedDuring + shared) {
      const card = register({ uid, ...plain, concurrencyLimit: 1 })
      valid.push(card, card)
    } else if (luck < expiring + blockedDuring + shared + grouped) {
      const groupId = `G${String(place + 1).padStart(6, "0")}`
      valid.push(register({ uid, ...plain, groupId }))
      mates.set(uid, register({ uid: `M${uid.slice(1)}`, ...plain, groupId }))
    } else valid.push(register({ uid, ...plain }))
  }
  const some = <A>(make: (index: number) => A): ReadonlyArray<A> => Array.from({ length: 5 }, (_, index) => make(index))
  const before = run.startAtMs - hourMs
  return {
    tokens,
    pool: {
      valid,
      mates,
      expired: some((index) => register({ uid: `EXPIRED${index}`, ...plain, expiresAtMs: before })),
      blocked: some((index) => register({ uid: `BLOCKED${index}`, ...plain, blockedAtMs: before })),
      elsewhere: some((index) => register({ uid: `ELSEWHERE${index}`, ...plain, allowedStations: ["FAR-AWAY"] })),
      unknown: some((index) => strayCard(root.split(`stray/${index}`)))
    }
  }
}
