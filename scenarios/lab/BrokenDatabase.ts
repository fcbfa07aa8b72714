import { Effect } from "effect"
import { ConnectionError, SqlError } from "effect/sql/SqlError"
import type { Bound, Pipeline } from "#server/postgres/Database.ts"
import { Journal, StoreUnavailable } from "#server/record/Journal.ts"
import { type DatabaseFailure, type DatabaseFailureName, databaseFailures } from "../databaseFailures.ts"
import { overStore, type PatchStores } from "./CmsProcess.ts"

type Commit = Journal["Service"]["commit"]

/**
 * A database that fails its next commits, or answers them late, as a story says; one for all nodes and all their starts.
 * On PostgreSQL a commit's failure is made at the SQL client, in the midst of the very statements that it fails; in
 * memory, and for everything else that is asked of the journal, at the port.
 */
export class BrokenDatabase {
  private failure: DatabaseFailure | undefined
  private what = ""
  private left = 0
  private ofRequests = false
  private slowMs = 0
  private slowLeft = 0
  private readonly failsAtClient: boolean

  constructor(failsAtClient: boolean) {
    this.failsAtClient = failsAtClient
  }

  /** The next `times` commits fail so, or the next requests of any kind. */
  fail(name: DatabaseFailureName, times: number, of: "commits" | "requests"): void {
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
    this.left = 0
    this.slowLeft = 0
  }

  /** The stores of a server on this database. */
  readonly patch: PatchStores = overStore(Journal, (journal) => ({
    commit: (units) =>
      this.slowly(() => (this.failsAtClient ? journal.commit(units) : this.commit(journal.commit, units))),
    claim: (ids) => this.request(journal.claim(ids)),
    load: (ids) => this.request(journal.load(ids)),
    transaction: (by) => this.request(journal.transaction(by)),
    due: (atMs, limit) => this.request(journal.due(atMs, limit)),
    openOn: (tokenUid) => this.request(journal.openOn(tokenUid)),
    allocateNumbers: (count) => this.request(journal.allocateNumbers(count))
  }))

  /** The client of this database: its commits are told by their first statement. */
  pipeline(inner: Pipeline["Service"]): Pipeline["Service"] {
    return {
      transact: (statements) =>
        Effect.suspend(() => {
          const failure = statements[0]?.sql.includes("enter_commit(") ? this.next() : undefined
          return failure === undefined ? inner.transact(statements) : failing(inner, statements, failure)
        })
    }
  }

  private next(): DatabaseFailure | undefined {
    if (this.left === 0) return undefined
    this.left--
    return this.failure
  }

  private commit(commit: Commit, units: Parameters<Commit>[0]): ReturnType<Commit> {
    const failure = this.next()
    if (failure === undefined) return commit(units)
    const away = Effect.fail(new StoreUnavailable({ cause: this.what }))
    return failure.books === "untouched" ? away : Effect.andThen(commit(units), away)
  }

  private request<A>(ask: Effect.Effect<A, StoreUnavailable>): Effect.Effect<A, StoreUnavailable> {
    return Effect.suspend(() => {
      const failure = this.ofRequests ? this.next() : undefined
      if (failure === undefined) return ask
      const away = Effect.fail(new StoreUnavailable({ cause: this.what }))
      return failure.books === "untouched" ? away : Effect.andThen(ask, away)
    })
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

const lost = (): SqlError => {
  const cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" })
  return new SqlError({
    reason: new ConnectionError({ cause, message: "the connection was lost", operation: "query" })
  })
}

/** Ends its own backend: everything after it in the transaction fails as PostgreSQL and the driver make it fail. */
const terminate: Bound = { sql: "select pg_terminate_backend(pg_backend_pid())", params: [] }
const setReadOnly: Bound = { sql: "set transaction read only", params: [] }
const raise = (sqlState: string): Bound => ({
  sql: `do $$ begin raise exception 'injected' using errcode = '${sqlState}'; end $$`,
  params: []
})

const failing = (
  inner: Pipeline["Service"],
  statements: ReadonlyArray<Bound>,
  { where, sqlState }: DatabaseFailure
): ReturnType<Pipeline["Service"]["transact"]> => {
  const harm = sqlState === null ? terminate : sqlState === "25006" ? setReadOnly : raise(sqlState)
  const middle = Math.ceil(statements.length / 2)
  switch (where) {
    case "unsent":
      return sqlState === null ? Effect.fail(lost()) : inner.transact([harm])
    case "between":
      // Whatever refuses to write must be said before anything is written.
      if (harm === setReadOnly) return inner.transact([harm, ...statements])
      return inner.transact([...statements.slice(0, middle), harm, ...statements.slice(middle)])
    case "commit":
      return inner.transact([...statements, harm])
    case "committed":
      return Effect.andThen(inner.transact(statements), Effect.fail(lost()))
  }
}
