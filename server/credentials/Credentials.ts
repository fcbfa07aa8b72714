import { Context, type Effect } from "effect"
import type { Page, PageRequest } from "../books/Page.ts"
import type { NotFound } from "../directory/Directory.ts"
import type { StoreUnavailable } from "../record/Journal.ts"

/** A driver's bearer token, kept as its SHA-256. From `expiresAtMs` on it opens nothing. */
export interface DriverKey {
  readonly id: string
  readonly driverId: string
  /** What its owner calls it: "my phone". */
  readonly name: string
  readonly secretHash: string
  readonly createdAtMs: number
  readonly expiresAtMs: number
}

/** The code that came with a card: who knows it may make the card their own. Kept as its SHA-256. */
export interface CardCode {
  readonly uid: string
  readonly codeHash: string
  readonly createdAtMs: number
  readonly expiresAtMs: number
}

/** Wrong codes that a card takes before its code is void: it is short enough to be typed. */
export const codeTries = 10

/** What lets drivers in: their bearer tokens, and the codes of cards that are not theirs yet. */
export class Credentials extends Context.Service<
  Credentials,
  {
    readonly driverKey: (secretHash: string) => Effect.Effect<DriverKey | undefined, StoreUnavailable>
    readonly createDriverKey: (key: DriverKey) => Effect.Effect<void, NotFound | StoreUnavailable>
    /** In the order of their ids, which is that of their making. */
    readonly driverKeys: (driverId: string, page: PageRequest) => Effect.Effect<Page<DriverKey>, StoreUnavailable>
    /** From then on its bearer is a stranger, on every node. One of another driver is not found. */
    readonly revokeDriverKey: (driverId: string, id: string) => Effect.Effect<void, NotFound | StoreUnavailable>
    /** Gives a card a code; one that it had is void. */
    readonly setCardCode: (code: CardCode) => Effect.Effect<void, NotFound | StoreUnavailable>
    /**
     * Uses a card's code, once: whoever is first is the only one for whom it is right, however often they ask. A wrong one
     * counts as a try.
     */
    readonly useCardCode: (use: {
      readonly uid: string
      readonly codeHash: string
      readonly driverId: string
      readonly atMs: number
    }) => Effect.Effect<boolean, StoreUnavailable>
  }
>()("server/credentials/Credentials") {}
