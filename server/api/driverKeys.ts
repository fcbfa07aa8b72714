import { Clock, Effect } from "effect"
import { SecureRandom } from "effect/crypto/SecureRandom"
import { keyDays } from "#core/api/Drivers.ts"
import { Ids } from "#core/Ids.ts"
import * as Instant from "#core/Instant.ts"
import { Credentials, type DriverKey } from "../credentials/Credentials.ts"
import { unavailable, unknown } from "./failures.ts"
import { hashSecret, makeSecret } from "./Secret.ts"

const dayMs = 24 * 3_600_000

export const driverKeyView = ({ id, name, createdAtMs, expiresAtMs }: DriverKey) => ({
  id,
  name,
  createdAt: Instant.format(createdAtMs),
  expiresAt: Instant.format(expiresAtMs)
})

/** What issues and revokes the bearer tokens of drivers, for operators and for themselves. */
export const driverKeys = Effect.gen(function* () {
  const credentials = yield* Credentials
  const ids = yield* Ids
  const random = yield* SecureRandom
  return {
    list: credentials.driverKeys,
    issue: Effect.fnUntraced(function* (driverId: string, name: string, days: number = keyDays.usual) {
      const secret = yield* Effect.provideService(makeSecret, SecureRandom, random)
      const createdAtMs = yield* Clock.currentTimeMillis
      const expiresAtMs = createdAtMs + days * dayMs
      const id = ids.uuid(createdAtMs)
      const key: DriverKey = { id, driverId, name, secretHash: hashSecret(secret), createdAtMs, expiresAtMs }
      yield* credentials.createDriverKey(key).pipe(
        Effect.catchTag("NotFound", ({ kind, id }) => Effect.fail(unknown(kind, id))),
        unavailable
      )
      return { ...driverKeyView(key), driverId, secret }
    }),
    revoke: (driverId: string, id: string) =>
      credentials.revokeDriverKey(driverId, id).pipe(
        Effect.catchTag("NotFound", ({ kind, id }) => Effect.fail(unknown(kind, id))),
        unavailable
      )
  }
})
