import { Clock, Effect } from "effect"
import type { Course } from "#simulator/oracles/Course.ts"
import type { Crash } from "../Scenario.ts"
import type { CmsProcess } from "./CmsProcess.ts"
import type { Within } from "./phone.ts"

/**
 * The nodes of one CMS over one store, behind balancers that know nothing of who holds which station: dials go to each
 * node in turn, and so does what is asked of the CMS.
 */
export class Nodes {
  readonly all: ReadonlyArray<CmsProcess>
  private dials = 0
  private asks = 0

  /** `make` is called once for each node, in the order of their gates in the network. */
  constructor(count: number, make: (name: string) => CmsProcess) {
    this.all = Array.from({ length: count }, (_, index) => make(index === 0 ? "server" : `server-${index + 1}`))
  }

  /** The node of that number, from 1 up; the first when there is none. */
  at(number = 1): CmsProcess {
    return this.all[number - 1] ?? this.all[0]!
  }

  /** Whom the next dial goes to, from 0 up. */
  readonly next = (): number => this.dials++ % this.all.length

  /** Runs an effect inside one of those that are up, each in turn. */
  readonly within: Within = (effect, answer) => {
    const up = this.all.filter(({ isUp }) => isUp)
    const node = up[this.asks++ % Math.max(1, up.length)] ?? this.all[0]!
    node.within(effect, answer)
  }

  readonly start: Effect.Effect<void> = Effect.suspend(() => Effect.forEach(this.all, (it) => it.start, quietly))

  readonly stop: Effect.Effect<void> = Effect.suspend(() => Effect.forEach(this.all, (it) => it.stop, quietly))

  /** Fails with what one of them died of, if it died of itself. */
  readonly died: Effect.Effect<never> = Effect.suspend(() => Effect.raceAllFirst(this.all.map((it) => it.died)))

  /** One death after the other, each followed by a new start; `arm` has the process die at the crash's point. */
  readonly crash = Effect.fnUntraced(
    { self: this },
    function* (
      this: Nodes,
      crashes: ReadonlyArray<Crash>,
      run: {
        readonly startAtMs: number
        readonly course: Course
        readonly arm: (crash: Crash, cms: CmsProcess) => void
      }
    ) {
      for (const crash of crashes) {
        const nowMs = yield* Clock.currentTimeMillis
        const cms = this.at(crash.node)
        yield* Effect.sleep(Math.max(0, run.startAtMs + crash.afterMs - nowMs))
        run.arm(crash, cms)
        while (cms.isUp) yield* Effect.sleep(1_000)
        yield* Effect.sleep(crash.downMs)
        yield* cms.start
        run.course.healed(yield* Clock.currentTimeMillis)
      }
    }
  )
}

const quietly = { discard: true } as const
