import { Duration, Effect, Exit, Fiber, Layer, Schedule, type Scope } from "effect"
import { direct } from "#core/Direct.ts"
import { sometimes } from "#core/Sometimes.ts"
import { CommitQueue, type Outcome, type WaitingClaim, type WaitingUnit } from "./CommitQueue.ts"
import { type Fenced, Journal, type StoreUnavailable, type UnitOutcome, type UnitRefused } from "./Journal.ts"
import { Recorder } from "./Recorder.ts"
import type { Unit } from "./Unit.ts"

/** How the recorder gathers. */
export interface Settings {
  /** Gather this long before each commit; default none: what comes in during one commit is the next. */
  readonly linger?: Duration.Input
  /** A station's last-seen instant is written at most this late; default a minute. */
  readonly seenEvery?: Duration.Input
  /** Bounds of one commit; defaults 2,000 and 20,000. A unit that is larger by itself is a commit of its own. */
  readonly maxUnits?: number
  readonly maxRows?: number
  /** Stations taken over between two commits; default 100, so that a mass reconnect does not hold the commits up. */
  readonly maxClaims?: number
  /** How long closing waits for what is still to be written; default 10 seconds. */
  readonly drain?: Duration.Input
}

const defaultSeenEvery = Duration.minutes(1)

const longestPause = Duration.seconds(5)

/** 50 ms doubling to 5 s, scattered so that nodes do not come back in step. */
const backOff = Schedule.exponential("50 millis").pipe(
  Schedule.jittered,
  Schedule.modifyDelay(({ duration }) => Effect.succeed(Duration.min(duration, longestPause)))
)

interface Batch {
  readonly units: ReadonlyArray<WaitingUnit>
  readonly claims: ReadonlyArray<WaitingClaim>
}

const nothing: Batch = { units: [], claims: [] }

/** There is nobody left to be told. */
const nobody = (): void => {}

/**
 * The recorder: one fiber writes all that waits as one commit, while the next gathers; those whose commit is done are
 * told while the next is on its way. A store that is away is asked again for ever; the batch stays as it is, because a
 * commit may be repeated.
 */
export const make = (settings: Settings = {}): Effect.Effect<Recorder["Service"], never, Journal | Scope.Scope> =>
  Effect.gen(function* () {
    const journal = yield* Journal
    const linger = Duration.fromInputUnsafe(settings.linger ?? 0)
    const isLingering = Duration.isPositive(linger)
    const { maxUnits = 2_000, maxRows = 20_000, maxClaims = 100 } = settings
    const work = new Signal()
    const seen = new Signal()
    const queue = new CommitQueue(work.raise, seen.raise)
    let inHand = nothing
    let tellLast = nobody
    let isClosing = false
    let commits = 0
    let units = 0
    let retries = 0

    const insist = <A>(ask: Effect.Effect<A, StoreUnavailable>, failure: StoreUnavailable): Effect.Effect<A> => {
      let isFirst = true
      return Effect.suspend(() => {
        if (!isFirst) return ask
        isFirst = false
        return Effect.fail(failure)
      }).pipe(
        Effect.tapError(() =>
          Effect.sync(() => {
            retries++
            sometimes("the store was away, and was asked again")
          })
        ),
        Effect.retry(backOff),
        Effect.orDie
      )
    }

    /** A schedule is not begun before there is something to wait for: nearly always the store is there. */
    const patiently = <A>(ask: Effect.Effect<A, StoreUnavailable>): Effect.Effect<A> =>
      Effect.catch(ask, (failure) => insist(ask, failure))

    const tell = (batch: ReadonlyArray<WaitingUnit>, outcomes: Exit.Exit<ReadonlyArray<UnitOutcome>>): void => {
      tellLast = nobody
      if (outcomes._tag === "Failure") {
        for (const waiting of batch) waiting.resume(Exit.failCause(outcomes.cause))
        return
      }
      commits++
      units += batch.length
      for (let index = 0; index < batch.length; index++) batch[index]!.resume(answerTo(outcomes.value[index]!))
    }

    /** Not a generator: where stations are few, every message is a commit of its own. */
    const commit = (batch: ReadonlyArray<WaitingUnit>): Effect.Effect<void> => {
      inHand = { units: batch, claims: [] }
      const write = patiently(journal.commit(batch.map((waiting) => waiting.unit)))
      return Effect.map(tellLast === nobody ? Effect.exit(write) : whileTelling(write), (outcomes) => {
        inHand = nothing
        tellLast = () => tell(batch, outcomes)
        if (isLingering) tellLast()
      })
    }

    const whileTelling = Effect.fnUntraced(function* <A>(write: Effect.Effect<A>) {
      const writing = yield* Effect.forkChild(write, { startImmediately: true })
      tellLast()
      return yield* Fiber.await(writing)
    })

    const takeOver = Effect.fnUntraced(function* (claims: ReadonlyArray<WaitingClaim>) {
      tellLast()
      const stationIds = claims.map((claim) => claim.stationId)
      inHand = { units: [], claims }
      const loaded = yield* Effect.exit(
        Effect.gen(function* () {
          const epochs = yield* patiently(journal.claim(stationIds))
          stationIds.forEach((stationId, index) => {
            queue.claimed(stationId, epochs[index]!)
          })
          const snapshots = yield* patiently(journal.load(stationIds))
          return snapshots.map((snapshot, index) => ({ epoch: epochs[index]!, snapshot }))
        })
      )
      inHand = nothing
      claims.forEach((claim, index) => {
        claim.resume(loaded._tag === "Failure" ? Exit.failCause(loaded.cause) : Exit.succeed(loaded.value[index]!))
      })
    })

    const write = Effect.gen(function* () {
      while (!isClosing || queue.waiting > 0) {
        if (queue.waiting === 0) {
          tellLast()
          // What came in with it goes with it.
          yield* work.waitBehindAll
          continue
        }
        if (!isClosing && isLingering) yield* Effect.sleep(linger)
        const taken = queue.takeUnits(maxUnits, maxRows)
        if (taken.length > 0) yield* commit(taken)
        const claims = queue.takeClaims(maxClaims)
        if (claims.length > 0) yield* takeOver(claims)
      }
      tellLast()
    })

    const flush = Effect.gen(function* () {
      while (true) {
        if (!queue.hasSeen) yield* seen.wait
        yield* Effect.sleep(settings.seenEvery ?? defaultSeenEvery)
        queue.flushSeen()
      }
    })

    yield* Effect.forkScoped(flush)
    const writer = yield* Effect.forkScoped(write)
    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        isClosing = true
        work.raise()
        queue.flushSeen()
        return Effect.timeoutOption(Fiber.await(writer), settings.drain ?? "10 seconds")
      }).pipe(
        Effect.andThen(
          Effect.sync(() => {
            for (const waiting of [...inHand.units, ...inHand.claims]) waiting.resume(Exit.interrupt())
            queue.abandon()
          })
        )
      )
    )

    return Recorder.of({
      record: <A>(unit: Unit, settled?: (outcome: Outcome) => Outcome<A>) =>
        direct<A, Fenced | UnitRefused>((done) => {
          const answered = settled ?? (asItIs as (outcome: Outcome) => Outcome<A>)
          if (isClosing) return answered(Exit.interrupt())
          queue.add(unit, (outcome) => done(answered(outcome)))
          return undefined
        }),
      claim: (stationId) =>
        Effect.callback((resume) => {
          if (isClosing) {
            resume(Effect.interrupt)
            return
          }
          const claim = queue.addClaim(stationId, resume)
          return Effect.sync(() => {
            claim.isGivenUp = true
          })
        }),
      seen: (stationId, atMs) => queue.see(stationId, atMs),
      gauges: () => ({ waiting: queue.waiting + inHand.units.length + inHand.claims.length, commits, units, retries })
    })
  })

const asItIs = (outcome: Outcome): Outcome => outcome

const answerTo = (outcome: UnitOutcome): Outcome => {
  if (outcome === "Committed") return Exit.void
  if (outcome === "Repeated") {
    sometimes("a commit of unknown outcome was repeated")
    return Exit.void
  }
  if (outcome._tag === "Fenced") sometimes("a claim fenced an older owner's write")
  return Exit.fail(outcome)
}

/** Wakes the one fiber that waits; raised while nobody does, it is kept. */
class Signal {
  private isRaised = false
  private waiter: (() => void) | undefined

  readonly raise = (): void => {
    const { waiter } = this
    if (waiter === undefined) {
      this.isRaised = true
      return
    }
    this.waiter = undefined
    waiter()
  }

  readonly wait: Effect.Effect<void> = Effect.suspend(() => (this.take() ? Effect.void : this.raised((wake) => wake())))

  /** As `wait` and then a yield, with one awakening for both: the fiber goes on behind all that can run already. */
  readonly waitBehindAll: Effect.Effect<void> = Effect.withFiber(({ currentDispatcher }) =>
    this.take() ? Effect.yieldNow : this.raised((wake) => currentDispatcher.scheduleTask(wake, 0))
  )

  private take(): boolean {
    const { isRaised } = this
    this.isRaised = false
    return isRaised
  }

  private raised(then: (wake: () => void) => void): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      this.waiter = () => then(() => resume(Effect.void))
      return this.forget
    })
  }

  private readonly forget: Effect.Effect<void> = Effect.sync(() => {
    this.waiter = undefined
  })
}

/** The recorder over the journal, as a layer; closing it writes what waits. */
export const layerWith = (settings: Settings): Layer.Layer<Recorder, never, Journal> =>
  Layer.effect(Recorder, make(settings))

/** With the default settings. */
export const layer: Layer.Layer<Recorder, never, Journal> = layerWith({})
