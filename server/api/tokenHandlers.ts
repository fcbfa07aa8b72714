import { Clock, Effect } from "effect"
import { SecureRandom } from "effect/crypto/SecureRandom"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "#core/api/Api.ts"
import { Conflict, type UnknownResource, Unprocessable } from "#core/api/Problems.ts"
import type { TokenChanges } from "#core/api/Tokens.ts"
import * as Instant from "#core/Instant.ts"
import { canonicalUid, type Token } from "#core/token/Token.ts"
import { Credentials } from "../credentials/Credentials.ts"
import { Directory } from "../directory/Directory.ts"
import { conflict, found, unavailable, unknown } from "./failures.ts"
import { inBody } from "./faults.ts"
import { pageRequest, pageView } from "./paging.ts"
import { hashCode, makeCode } from "./Secret.ts"
import { tokenView } from "./views.ts"

/** Cards lie in a drawer for a while before they are used. */
const codeForMs = 365 * 24 * 3_600_000

/** The token with what the client set; a block already in force keeps its instant. */
const changed = (token: Token, changes: typeof TokenChanges.Type, nowMs: number): Token => {
  const { blocked, expiresAt, ...rest } = changes
  return {
    ...token,
    ...rest,
    ...(expiresAt !== undefined && { expiresAtMs: expiresAt === null ? null : Instant.parse(expiresAt)! }),
    ...(blocked !== undefined && { blockedAtMs: blocked ? (token.blockedAtMs ?? nowMs) : null })
  }
}

const unknownDriver = () =>
  Effect.fail(
    new Unprocessable({
      detail: "The token cannot be kept like this.",
      errors: inBody("/driverId", "Expected a driver that exists")
    })
  )

export const tokenHandlers = HttpApiBuilder.group(
  Api,
  "tokens",
  Effect.fn(function* (handlers) {
    const directory = yield* Directory
    const credentials = yield* Credentials
    const random = yield* SecureRandom
    const token = (uid: string) =>
      directory.token(canonicalUid(uid)).pipe(found("token", canonicalUid(uid)), unavailable)

    return handlers.handleAll({
      list: Effect.fnUntraced(function* ({ query }) {
        const page = yield* pageRequest(query)
        const filter = query.driverId === undefined ? page : { ...page, driverId: query.driverId }
        return pageView(tokenView)(yield* directory.tokens(filter).pipe(unavailable))
      }),
      create: Effect.fnUntraced(function* ({ payload: { uid, type, ...changes } }) {
        const nowMs = yield* Clock.currentTimeMillis
        const blank: Token = {
          uid: canonicalUid(uid),
          type: type ?? "ISO14443",
          groupId: null,
          driverId: null,
          partnerId: null,
          expiresAtMs: null,
          blockedAtMs: null,
          concurrencyLimit: null,
          allowedStations: null,
          createdAtMs: nowMs
        }
        const created = changed(blank, changes, nowMs)
        yield* directory
          .createToken(created)
          .pipe(Effect.catchTags({ AlreadyExists: conflict, NotFound: unknownDriver }), unavailable)
        return tokenView(created)
      }),
      get: ({ params }) => Effect.map(token(params.uid), tokenView),
      update: Effect.fnUntraced(function* ({ params, payload }) {
        const next = changed(yield* token(params.uid), payload, yield* Clock.currentTimeMillis)
        yield* directory.updateToken(next).pipe(
          Effect.catchTag(
            "NotFound",
            ({ kind, id }): Effect.Effect<never, Unprocessable | UnknownResource> =>
              kind === "driver" ? unknownDriver() : Effect.fail(unknown(kind, id))
          ),
          unavailable
        )
        return tokenView(next)
      }),
      issueCode: Effect.fnUntraced(function* ({ params }) {
        const { uid, driverId } = yield* token(params.uid)
        if (driverId !== null)
          return yield* new Conflict({ detail: `The token ${uid} has a driver.`, kind: "token", id: uid })
        const code = yield* Effect.provideService(makeCode, SecureRandom, random)
        const createdAtMs = yield* Clock.currentTimeMillis
        const expiresAtMs = createdAtMs + codeForMs
        yield* credentials.setCardCode({ uid, codeHash: hashCode(uid, code), createdAtMs, expiresAtMs }).pipe(
          Effect.catchTag("NotFound", ({ kind, id }) => Effect.fail(unknown(kind, id))),
          unavailable
        )
        return { uid, code, expiresAt: Instant.format(expiresAtMs) }
      })
    })
  })
)
