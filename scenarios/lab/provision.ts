import { Effect, Result } from "effect"
import { Tariff } from "#core/tariff/Tariff.ts"
import type { TokenType } from "#core/token/Token.ts"
import { Directory } from "#server/directory/Directory.ts"
import { hashWithSalt } from "#server/ocpp/Password.ts"
import { unregistered } from "#server/ocpp/stationAuth.ts"
import { siteZone, type TrueToken } from "#simulator/oracles/Oracle.ts"
import type { OcpiTariff } from "#simulator/oracles/SlowRater.ts"

/** What an operator has entered before the first station is switched on. */
export interface Registry {
  readonly stations: ReadonlyArray<{ readonly identity: string; readonly password: string | null }>
  /** One that names its driver is entered for that one. */
  readonly tokens: Iterable<TrueToken & { readonly type?: TokenType }>
  readonly tariff: ReadonlyArray<OcpiTariff>
  readonly atMs: number
  /** Entries made at once; one after the other when not given. */
  readonly atOnce?: number
}

const salt = new Uint8Array(16)

/** Enters stations, tokens (of those that name no driver every other one is owned by one), and the tariff for all. */
export const provision = Effect.fnUntraced(function* (registry: Registry) {
  const { stations, tariff, atMs, atOnce } = registry
  const directory = yield* Directory
  const several = { concurrency: atOnce ?? 1, discard: true } as const
  for (const version of tariff) yield* directory.publishTariff(Result.getOrThrow(Tariff.parse(version)))
  yield* directory.setDefaultTariffId(tariff[0]!.id)
  yield* Effect.forEach(
    stations,
    ({ identity, password }) =>
      directory.createStation({
        ...unregistered(identity, atMs),
        strictness: "strict",
        timeZone: siteZone,
        securityProfile: password === null ? 0 : 1,
        passwordHashes: password === null ? [] : [hashWithSalt(password, salt)]
      }),
    several
  )
  let isOwned = false
  const drivers = new Map<string, string>()
  const tokens = [...registry.tokens].map((token) => {
    if (token.driverId === undefined) isOwned = !isOwned
    const driverId = token.driverId === undefined ? (isOwned ? `driver-${token.uid}` : null) : token.driverId
    if (driverId !== null) drivers.set(driverId, token.driverId === undefined ? token.uid : driverId)
    return {
      ...token,
      type: token.type ?? ("ISO14443" as const),
      driverId,
      partnerId: token.partnerId ?? null,
      createdAtMs: atMs
    }
  })
  const createDriver = ([id, name]: readonly [string, string]) =>
    directory.createDriver({ id, name, email: null, createdAtMs: atMs })
  yield* Effect.forEach(drivers, createDriver, several)
  yield* Effect.forEach(tokens, (token) => directory.createToken(token), several)
})
