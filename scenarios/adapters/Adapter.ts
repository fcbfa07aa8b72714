import { Data, type Effect } from "effect"
import type { Evidence } from "#simulator/oracles/Evidence.ts"
import type { TrueToken } from "#simulator/oracles/Oracle.ts"
import type { OcpiTariff } from "#simulator/oracles/SlowRater.ts"
import type { TrueDialect } from "#simulator/Truth.ts"

/** The foreign CMS did not do, or did not show, what its adapter asked for. `message` is for an operator. */
export class AdapterFailed extends Data.TaggedError("AdapterFailed")<{ readonly message: string }> {}

/** What is to be entered before the first station dials. */
export interface ForeignRegistry {
  readonly stations: ReadonlyArray<{ readonly identity: string; readonly dialect: TrueDialect }>
  readonly tokens: ReadonlyArray<TrueToken>
  /** As the scenario means it; the CMS may know no such thing. */
  readonly tariff: ReadonlyArray<OcpiTariff>
  readonly atMs: number
}

/** What the CMS now holds. */
export interface Entered {
  /** Exactly these tokens, as the CMS was told of them; null when it could not be told, so that nobody knows. */
  readonly tokens: ReadonlyArray<TrueToken> | null
  /** The prices that it was given, in the words of OCPI. */
  readonly tariff: ReadonlyArray<OcpiTariff>
}

/** What of the books is to be read. */
export interface Reading {
  readonly stationIds: ReadonlyArray<string>
  /** What the CMS entered into its books before is another run's; its clock is taken to be near ours. */
  readonly sinceMs: number
}

/**
 * How to enter stations, tokens and prices into one CMS of somebody else's, and how to read what it makes of a run. It
 * speaks with the CMS as its operators do. What the CMS does not tell is null in the evidence; nothing is
 * guessed.
 */
export interface Adapter {
  /** The versions it speaks; stations of others are given one of these. */
  readonly versions: ReadonlyArray<TrueDialect>
  readonly enter: (registry: ForeignRegistry) => Effect.Effect<Entered, AdapterFailed>
  /** Asked again until what was to be settled is, or its patience ends. */
  readonly read: (reading: Reading) => Effect.Effect<Evidence, AdapterFailed>
}

/** What an adapter is told on the command line. */
export interface AdapterOptions {
  /** Of the CMS's API, without a slash at its end. */
  readonly url: string
  /** What else this CMS needs, by name. */
  readonly options: Readonly<Record<string, string>>
}
