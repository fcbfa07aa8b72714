import { Effect, type Scope } from "effect"
import { sometimes } from "#core/Sometimes.ts"
import type { Presence } from "#core/station/Station.ts"
import type { Journal, LostClaim } from "../record/Journal.ts"

/** Between two looks. A station that was let go is claimed again at the second look that finds it so. */
const lookEvery = "30 seconds"
/** Claimed again at a time; as many as the recorder takes over between two commits. */
const atOnce = 100

/** A claim that a socket of this node stands on. */
export interface HeldClaim {
  readonly stationId: string
  readonly epoch: number
}

/** What a node tells of its claims: of all of them at each look, so it is little; more of those that are lost. */
export interface Claims<H extends HeldClaim> {
  readonly held: () => ReadonlyArray<H>
  /** What the books say of the station while that claim holds. */
  readonly presenceOf: (claim: H) => Presence
  /** Claims the station again for the same socket. */
  readonly claimAgain: (claim: H) => Effect.Effect<void>
}

/**
 * Whether whoever took a station over has let it go: the books have nobody in touch, or still this node's own socket, as
 * when a sweeper took it over. A taker stands in the books only some time after its claim, so that one claim must have
 * been seen by two looks. While a newer connection stands it is the station's, and this node leaves it that.
 */
export const isLetGo = (
  { epoch, presence }: Pick<LostClaim, "epoch" | "presence">,
  seenEpoch: number | undefined,
  own: Presence
): boolean =>
  epoch === seenEpoch &&
  (presence === null || (presence.connectedAtMs === own.connectedAtMs && presence.remoteAddress === own.remoteAddress))

/**
 * Looks every half minute whether the stations that this node speaks with are still its own, in one request for all of
 * them. Another node says nothing when it takes one over, and a station that has nothing to record would not learn of it.
 */
export const watchClaims = Effect.fnUntraced(function* <H extends HeldClaim>(
  journal: Journal["Service"],
  { held, presenceOf, claimAgain }: Claims<H>
): Effect.fn.Return<void, never, Scope.Scope> {
  let seen: ReadonlyMap<string, number> = new Map()
  const look = Effect.gen(function* () {
    const claims = held()
    if (claims.length === 0) return
    const lost = new Map((yield* journal.lost(claims)).map((it) => [it.stationId, it]))
    const before = seen
    seen = new Map([...lost.values()].map(({ stationId, epoch }) => [stationId, epoch]))
    if (lost.size === 0) return
    const due = claims.filter((claim) => {
      const it = lost.get(claim.stationId)
      return it !== undefined && isLetGo(it, before.get(claim.stationId), presenceOf(claim))
    })
    for (const _ of due) sometimes("a station was claimed again when its taker had let it go")
    yield* Effect.forEach(due, claimAgain, { concurrency: atOnce, discard: true })
  })
  // A store that is away is looked at again the next time.
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(lookEvery), Effect.ignore(look))))
})
