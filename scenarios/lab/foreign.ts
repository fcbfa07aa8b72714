import { Effect } from "effect"
import { FetchHttpClient } from "effect/http"
import type { Mix } from "#simulator/fleet/Mix.ts"
import { type Evidence, nothingVisible } from "#simulator/oracles/Evidence.ts"
import type { TrueToken } from "#simulator/oracles/Oracle.ts"
import type { OcpiTariff } from "#simulator/oracles/SlowRater.ts"
import type { TrueDialect } from "#simulator/Truth.ts"
import type { AdapterFailed, AdapterOptions, ForeignRegistry } from "../adapters/Adapter.ts"
import * as Adapters from "../adapters/Catalogue.ts"

/** Whose books are to be read, and how. */
export interface ForeignBooks extends AdapterOptions {
  readonly adapter: string
}

/** A CMS of somebody else's, as far as it can be told things and looked into. */
export interface Foreign {
  /** The dialect that is spoken with a station that would rather speak this one. */
  readonly spoken: (dialect: TrueDialect) => TrueDialect
  /** Tells it of stations, cards and prices; says by what the run is to be judged. */
  readonly enter: (registry: ForeignRegistry) => Effect.Effect<Judged, AdapterFailed>
  readonly read: (stationIds: ReadonlyArray<string>, sinceMs: number) => Effect.Effect<Evidence, AdapterFailed>
}

/** What is true of cards and prices at the CMS. */
export interface Judged {
  readonly tokens: ReadonlyMap<string, TrueToken>
  /** It knows exactly these tokens. */
  readonly isRegistered: boolean
  readonly tariff: ReadonlyArray<OcpiTariff>
}

const byUid = (tokens: ReadonlyArray<TrueToken>) => new Map(tokens.map((token) => [token.uid, token]))

/** One that nobody can look into: it must know the stations and cards by itself. */
const closed: Foreign = {
  spoken: (dialect) => dialect,
  enter: ({ tokens, tariff }) => Effect.succeed({ tokens: byUid(tokens), isRegistered: false, tariff }),
  read: () => Effect.succeed(nothingVisible)
}

/** Opens the books of a foreign CMS, if there is an adapter to do it with. */
export const foreign = Effect.fnUntraced(function* (
  books: ForeignBooks | undefined
): Effect.fn.Return<Foreign, AdapterFailed> {
  if (books === undefined) return closed
  const adapter = yield* Effect.provide(Adapters.open(books.adapter, books), FetchHttpClient.layer)
  const { versions } = adapter
  return {
    spoken: (dialect) => {
      if (versions.includes(dialect)) return dialect
      const other = dialect === "1.6" ? versions[0] : versions[versions.length - 1]
      return other ?? dialect
    },
    enter: (registry) =>
      Effect.map(adapter.enter(registry), ({ tokens, tariff }) => ({
        tokens: byUid(tokens ?? registry.tokens),
        isRegistered: tokens !== null,
        tariff
      })),
    read: (stationIds, sinceMs) => adapter.read({ stationIds, sinceMs })
  }
})

/** The same stations, speaking what the CMS speaks. */
export const spokenBy = ({ spoken }: Foreign, mix: Mix): Mix =>
  mix.map(([kind, weight]) => [{ ...kind, dialects: [...new Set(kind.dialects.map(spoken))] }, weight] as const)
