import { Context, Effect, Layer } from "effect"
import { Journal, StoreUnavailable } from "#server/record/Journal.ts"
import { type DatabaseFailure, type DatabaseFailureName, databaseFailures } from "../databaseFailures.ts"
import type { Fate } from "./brokenClient.ts"
import { overStore, type PatchStores } from "./CmsProcess.ts"
import type { StoreName } from "./Result.ts"

type Commit = Journal["Service"]["commit"]

/**
 * A database that fails what is asked of it next, or commits late, as it is told to; one for all nodes and all their
 * starts. On PostgreSQL it does so at the SQL client, in the midst of the very statements that it fails; in memory at
 * the ports of the store.
 */
export class BrokenDatabase {
  private failure: DatabaseFailure | undefined
  private what: DatabaseFailureName | undefined
  private left = 0
  private ofRequests = false
  private slowMs = 0
  private slowLeft = 0
  private readonly store: StoreName
  private readonly struck = new Map<DatabaseFailureName, number>()
  private over: (() => void) | undefined
  private isSpared: () => boolean = () => false

  constructor(store: StoreName) {
    this.store = store
  }

  /** How often each failure struck. */
  get strikes(): ReadonlyMap<DatabaseFailureName, number> {
    return this.struck
  }

  /**
   * The next `times` commits fail so, or the next requests of any kind. `isSpared` is asked before each and lets one
   * through, so that not all of them strike whoever asks first, again and again; `over` hears when no more will fail.
   */
  fail(
    name: DatabaseFailureName,
    times: number,
    of: "commits" | "requests",
    { isSpared = () => false, over }: { readonly isSpared?: () => boolean; readonly over?: () => void } = {}
  ): void {
    this.over?.()
    this.over = over
    this.isSpared = isSpared
    this.failure = databaseFailures[name]
    this.what = name
    this.left = times
    this.ofRequests = of === "requests"
  }

  /** The next `times` commits take that long. */
  slow(ms: number, times: number): void {
    this.slowMs = ms
    this.slowLeft = times
  }

  mend(): void {
    this.end()
    this.slowLeft = 0
  }

  /** What becomes of a statement, where the store is PostgreSQL: commits of the journal are told by their first. */
  readonly fate: Fate = (sql) => this.next(sql.includes("enter_commit("))

  /** The stores of a server on this database. */
  readonly patch: PatchStores = (stores) => {
    const slowly = overStore(Journal, (journal) => ({
      ...journal,
      commit: (units) => this.slowly(() => journal.commit(units))
    }))
    return this.store === "postgres" ? slowly(stores) : slowly(this.overPorts(stores))
  }

  private readonly overPorts: PatchStores = (stores) =>
    Layer.effectContext(
      Effect.map(Layer.build(stores), (services) => {
        const ports = new Map<string, unknown>()
        for (const [key, port] of services.mapUnsafe) {
          ports.set(key, key === Journal.key ? this.overJournal(port) : this.overPort(port as object))
        }
        return Context.makeUnsafe(ports)
      })
    )

  private overJournal(given: unknown): Journal["Service"] {
    const journal = given as Journal["Service"]
    return { ...this.overPort(journal), commit: (units) => this.commit(journal.commit, units) }
  }

  /** Every question of a port may fail: all of them say so in their types. */
  private overPort<Port extends object>(port: Port): Port {
    const asked = Object.entries(port).map(([name, ask]) => {
      if (Effect.isEffect(ask)) return [name, this.request(ask as Ask)]
      if (typeof ask !== "function") return [name, ask]
      return [
        name,
        (...given: ReadonlyArray<unknown>) => {
          const answer: unknown = ask(...given)
          return Effect.isEffect(answer) ? this.request(answer as Ask) : answer
        }
      ]
    })
    return Object.fromEntries(asked) as Port
  }

  private next(commits: boolean): DatabaseFailure | undefined {
    if (this.left === 0 || !(commits || this.ofRequests) || this.isSpared()) return undefined
    if (this.what !== undefined) this.struck.set(this.what, (this.struck.get(this.what) ?? 0) + 1)
    if (--this.left === 0) this.end()
    return this.failure
  }

  private end(): void {
    this.left = 0
    this.over?.()
    this.over = undefined
  }

  private readonly commit = (commit: Commit, units: Parameters<Commit>[0]): ReturnType<Commit> =>
    Effect.suspend(() => this.failing(commit(units), this.next(true)))

  private request<A, E>(ask: Effect.Effect<A, E>): Effect.Effect<A, E | StoreUnavailable> {
    return Effect.suspend(() => this.failing(ask, this.ofRequests ? this.next(false) : undefined))
  }

  private failing<A, E>(
    ask: Effect.Effect<A, E>,
    failure: DatabaseFailure | undefined
  ): Effect.Effect<A, E | StoreUnavailable> {
    if (failure === undefined) return ask
    const away = Effect.fail(new StoreUnavailable({ cause: this.what }))
    return failure.books === "untouched" ? away : Effect.andThen(ask, away)
  }

  private slowly<A, E>(commit: () => Effect.Effect<A, E>): Effect.Effect<A, E> {
    return Effect.suspend(() => {
      if (this.slowLeft === 0) return commit()
      this.slowLeft--
      const half = Effect.sleep(this.slowMs / 2)
      return half.pipe(Effect.andThen(Effect.suspend(commit)), Effect.tap(half))
    })
  }
}

type Ask = Effect.Effect<unknown, unknown>
