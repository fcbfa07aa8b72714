import { Effect } from "effect"
import type { Transport } from "#core/ocpp/Transport.ts"
import { type HardState, sometimes } from "#core/Sometimes.ts"
import type { Journal } from "#server/record/Journal.ts"
import { tap } from "#simulator/oracles/tap.ts"
import { type CrashAt, type CrashPlace, type CrashPoint, crashPoints } from "../crashPoints.ts"

/** How long a commit is held until a batch of two has gathered that can be cut in the middle, and how often at most. */
const holdMs = 3_000
const holds = 20
/** Into the start of a process, when it is far from done. */
const startingMs = 50

const answering: HardState = "an answer was in the socket and the server died"
const changing: HardState = "a station changed sockets and the server died"

/** The hands that end a process. */
export interface Deadly {
  /** Ends the process and never returns: for use inside it. */
  readonly die: Effect.Effect<never>
  /** Ends it from outside, or from a callback of its own. */
  readonly kill: () => void
}

/** Waits for a server to pass one place of its work, and ends it there, once. */
export class CrashTrigger {
  private readonly deadly: Deadly
  private armed: CrashAt | undefined
  private hasCommitted = false
  private held = 0

  constructor(deadly: Deadly) {
    this.deadly = deadly
  }

  /** It dies the next time it passes there; an earlier point is forgotten. */
  arm(point: CrashPoint): void {
    this.armed = crashPoints[point] ?? undefined
    this.hasCommitted = false
    this.held = 0
  }

  disarm(): void {
    this.armed = undefined
  }

  /** Whether it is to die at that place now; true once. */
  isDue(place: CrashPlace, when: CrashAt["when"]): boolean {
    if (this.armed?.place !== place || this.armed.when !== when) return false
    if (place !== "start") sometimes(place === "answer" ? answering : changing)
    this.armed = undefined
    return true
  }

  /** The journal with the crash points in it. `commit` is how it commits. */
  journal(inner: Journal["Service"]): Journal["Service"] {
    const { die } = this.deadly
    const after = <A, E>(place: CrashPlace, ask: Effect.Effect<A, E>): Effect.Effect<A, E> =>
      Effect.suspend(() => (this.isDue(place, "after") ? Effect.andThen(ask, die) : ask))
    return {
      ...inner,
      commit: (units) => Effect.suspend(() => this.commit(inner, units)),
      claim: (ids) => after("claim", inner.claim(ids)),
      load: (ids) => after("load", inner.load(ids))
    }
  }

  /** The stores are open, and the server that stands on them is not ready yet. */
  readonly starting: Effect.Effect<void> = Effect.suspend(() =>
    this.isDue("start", "before") ? Effect.andThen(Effect.sleep(startingMs), this.deadly.die) : Effect.void
  )

  /** The server's end of a connection, on which it can die with an answer in its hands. */
  transport(inner: Transport): Transport {
    return tap(inner, {
      close: () => {},
      frame: (direction, text) => {
        if (direction === "in" || !this.hasCommitted || !text.startsWith("[3,")) return
        if (this.isDue("answer", "before")) this.deadly.kill()
      }
    })
  }

  /** Only commits about transactions count: the others promise nothing. */
  private commit(inner: Journal["Service"], units: Parameters<Journal["Service"]["commit"]>[0]) {
    const { armed } = this
    const { die } = this.deadly
    if (armed === undefined || !units.some(({ facts }) => facts !== undefined)) return inner.commit(units)
    if (armed.place === "answer") {
      return Effect.tap(inner.commit(units), () => Effect.sync(() => (this.hasCommitted = true)))
    }
    if (armed.place === "bill" && !units.some(({ cdrs }) => cdrs !== undefined)) return inner.commit(units)
    if (armed.place !== "bill" && armed.place !== "commit") return inner.commit(units)
    if (armed.when === "half" && units.length < 2) return this.hold(inner.commit(units))
    this.armed = undefined
    if (armed.place === "bill") sometimes("a bill was priced and the server died")
    if (armed.when === "half") sometimes("a batch was written in part and the server died")
    if (armed.when === "before") return die
    return Effect.andThen(inner.commit(armed.when === "half" ? units.slice(0, units.length / 2) : units), die)
  }

  /** What comes meanwhile is the next batch. */
  private hold<A, E>(commit: Effect.Effect<A, E>): Effect.Effect<A, E> {
    if (this.held++ >= holds) return commit
    return Effect.delay(commit, holdMs)
  }
}
