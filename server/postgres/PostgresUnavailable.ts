import { Data, Effect } from "effect"

/** Why there is no embedded PostgreSQL. */
export type Reason =
  /** No binaries exist for this operating system, processor or C library. */
  | "UnsupportedPlatform"
  /** Binaries exist, but their npm package is not installed. */
  | "PackageMissing"
  /** The binaries are installed but do not run on this machine. */
  | "BinariesBroken"
  /** The data directory cannot be made, read or written by the account PostgreSQL runs as. */
  | "DirectoryUnusable"
  /** The data was written by another major version of PostgreSQL. */
  | "VersionMismatch"
  /** A new data directory could not be initialised. */
  | "InitFailed"
  /** PostgreSQL ended while it was starting. */
  | "StartFailed"
  /** PostgreSQL was started, or is owned by another process, and did not become ready in time. */
  | "NotReady"

/**
 * There is no embedded PostgreSQL to work with. `message` is written for an operator: what happened, in which
 * directory, and what to do about it.
 */
export class PostgresUnavailable extends Data.TaggedError("PostgresUnavailable")<{
  readonly reason: Reason
  readonly directory: string
  readonly message: string
}> {}

/** The advice that always works: a PostgreSQL of one's own. */
export const giveUrl = "Set DATABASE_URL to use a PostgreSQL 15 or newer of your own instead."

/** Runs plain file system code; what it throws becomes `DirectoryUnusable`, with `doing` saying what was attempted. */
export const usingDirectory = <A>(directory: string, doing: string, work: () => A) =>
  Effect.try({
    try: work,
    catch: (cause) =>
      new PostgresUnavailable({
        reason: "DirectoryUnusable",
        directory,
        message: `Cannot ${doing}: ${cause instanceof Error ? cause.message : String(cause)}. Give PostgreSQL a data directory that this account owns and can write, on a disk with free space. ${giveUrl}`
      })
  })
