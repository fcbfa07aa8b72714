import { Effect, Result } from "effect"
import { Tariff } from "#core/tariff/Tariff.ts"
import { Directory } from "#server/directory/Directory.ts"
import { hashWithSalt } from "#server/ocpp/Password.ts"
import { unregistered } from "#server/ocpp/stationAuth.ts"
import type { TrueToken } from "#simulator/oracles/Oracle.ts"
import type { OcpiTariff } from "#simulator/oracles/SlowRater.ts"

/** What an operator has entered before the first station is switched on. */
export interface Registry {
  readonly stations: ReadonlyArray<{ readonly identity: string; readonly password: string | null }>
  readonly tokens: Iterable<TrueToken>
  readonly tariff: ReadonlyArray<OcpiTariff>
  readonly atMs: number
}

const salt = new Uint8Array(16)

/** Enters stations, tokens with every other one owned by a driver, and the tariff for all of them. */
export const provision = Effect.fnUntraced(function* ({ stations, tokens, tariff, atMs }: Registry) {
  const directory = yield* Directory
  for (const version of tariff) yield* directory.publishTariff(Result.getOrThrow(Tariff.parse(version)))
  yield* directory.setDefaultTariffId(tariff[0]!.id)
  for (const { identity, password } of stations) {
    yield* directory.createStation({
      ...unregistered(identity, atMs),
      strictness: "strict",
      timeZone: "Europe/Berlin",
      securityProfile: password === null ? 0 : 1,
      passwordHashes: password === null ? [] : [hashWithSalt(password, salt)]
    })
  }
  let isOwned = false
  for (const token of tokens) {
    isOwned = !isOwned
    const driverId = isOwned ? `driver-${token.uid}` : null
    if (driverId !== null) {
      yield* directory.createDriver({ id: driverId, name: token.uid, email: null, createdAtMs: atMs })
    }
    yield* directory.createToken({ ...token, type: "ISO14443", driverId, createdAtMs: atMs })
  }
})
