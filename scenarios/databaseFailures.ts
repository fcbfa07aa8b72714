/** How a request to the database can fail. */
export interface DatabaseFailure {
  /** What became of the transaction. */
  readonly books: "untouched" | "written"
  /**
   * Where the connection breaks or an error is raised: before anything is sent, between two statements, with the last
   * statement, in place of the commit, or after it.
   */
  readonly where: "unsent" | "between" | "commit" | "committed"
  /** The SQLSTATE that PostgreSQL gives; null: it gives none, the connection is gone. */
  readonly sqlState: string | null
}

/**
 * The ways in which a database fails its client, by the name that stories use. On PostgreSQL they are injected at the
 * SQL client, and made by PostgreSQL itself where it can make them; on the memory store, at the ports, with what they do to
 * the books.
 */
export const databaseFailures = {
  /** The server restarts, or a firewall forgets the connection, while nothing is under way. */
  "connection lost before": { books: "untouched", where: "unsent", sqlState: null },
  /** The backend is terminated between two statements of the transaction: PostgreSQL rolls it back. */
  "connection lost in the middle": { books: "untouched", where: "between", sqlState: null },
  /** The connection breaks at the COMMIT, which never arrives: nobody can know that nothing was written. */
  "connection lost at commit": { books: "untouched", where: "commit", sqlState: null },
  /** The COMMIT took effect and its answer was lost: nobody can know that everything was written. */
  "commit answer lost": { books: "written", where: "committed", sqlState: null },
  /** Another transaction won (isolation above read committed, or a pooler that sets it). */
  "serialization failure": { books: "untouched", where: "between", sqlState: "40001" },
  /** Two transactions waited for each other, and this one was chosen. */
  deadlock: { books: "untouched", where: "between", sqlState: "40P01" },
  /** Everybody reconnects at once after a failover, and max_connections is reached. */
  "too many connections": { books: "untouched", where: "unsent", sqlState: "53300" },
  /** The volume of the data or of the write-ahead log is full, until somebody makes room. */
  "disk full": { books: "untouched", where: "between", sqlState: "53100" },
  /** A failover left the client with what is a standby now: it reads, and refuses to write. */
  "read-only": { books: "untouched", where: "between", sqlState: "25006" }
} as const satisfies Readonly<Record<string, DatabaseFailure>>

/** The name of a failure. */
export type DatabaseFailureName = keyof typeof databaseFailures

/** All of them, in the order listed. */
export const databaseFailureNames = Object.keys(databaseFailures) as ReadonlyArray<DatabaseFailureName>
