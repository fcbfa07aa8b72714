import { assert, it } from "@effect/vitest"
import { ConfigProvider, Effect, Option, Redacted } from "effect"
import { explain, type ServeFailure } from "#server/cli/failures.ts"
import { contradiction } from "#server/cli/flags.ts"
import { ListenFailed } from "#server/ocpp/Endpoint.ts"
import { DatabaseUnavailable } from "#server/postgres/Database.ts"
import { MigrationFailed } from "#server/postgres/Migrations.ts"
import { PostgresUnavailable } from "#server/postgres/PostgresUnavailable.ts"
import { StoreUnavailable } from "#server/record/Journal.ts"
import { Settings } from "#server/Settings.ts"

const settingsOf = (environment: Record<string, string>) =>
  Effect.provideService(Settings, ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown(environment))

const listenFailed = (port: number, message: string) => new ListenFailed({ port, host: "0.0.0.0", message })

/** What happens, and what its operator must read: where it happened and what to do. */
const failures: ReadonlyArray<readonly [failure: ServeFailure, ...says: ReadonlyArray<string>]> = [
  [listenFailed(9220, "listen EADDRINUSE: address already in use 0.0.0.0:9220"), "9220", "taken", "--ocpp-port"],
  [listenFailed(9221, "listen EADDRINUSE: address already in use 0.0.0.0:9221"), "9221", "taken", "--http-port"],
  [listenFailed(9220, "listen EACCES: permission denied 0.0.0.0:80"), "only root", "--ocpp-port"],
  [listenFailed(9220, "listen EADDRNOTAVAIL: address not available"), "0.0.0.0", "--host"],
  [listenFailed(9220, "getaddrinfo ENOTFOUND nowhere"), "--host"],
  [listenFailed(9220, "something new"), "something new", "9220", "--ocpp-port"],
  [
    new PostgresUnavailable({ reason: "DirectoryUnusable", directory: "/d", message: "Cannot write /d. Free it." }),
    "did not start",
    "Cannot write /d. Free it."
  ],
  [new DatabaseUnavailable({ reason: "ConnectionError", message: "No server at DATABASE_URL." }), "DATABASE_URL"],
  [new MigrationFailed({ migration: "0009", message: "It is from a newer release." }), "newer release"],
  [new StoreUnavailable({ cause: new Error("ECONNRESET") }), "database", "start again"]
]

it.effect.each(failures)("a server that cannot start says where it failed and what to do: %s", ([failure, ...says]) =>
  Effect.gen(function* () {
    const explained = explain(failure, yield* settingsOf({}))
    assert.strictEqual(explained._tag, "CannotRun")
    for (const each of says) assert.include(explained.message, each)
    assert.notMatch(explained.message, /\n\s+at /)
  })
)

it.effect("a setting of the environment that will not do is named, and is wrong use", () =>
  Effect.gen(function* () {
    const settings = settingsOf({ OCPP_PORT: "abc" })
    const explained = explain(yield* Effect.flip(settings), undefined)
    assert.strictEqual(explained._tag, "WrongUse")
    assert.include(explained.message, "OCPP_PORT")
    assert.notInclude(explained.message, "SchemaError")
    const pace = explain(yield* Effect.flip(settingsOf({ OCPP_PING_INTERVAL: "often" })), undefined)
    assert.include(
      pace.message,
      'OCPP_PING_INTERVAL in the environment will not do: it must be a time such as "30 seconds"'
    )
  })
)

it.effect("a DATABASE_URL that is none is wrong use, and so is a data directory beside one that is", () =>
  Effect.gen(function* () {
    const noUrl = new DatabaseUnavailable({ reason: "InvalidUrl", message: "DATABASE_URL is not a PostgreSQL URL." })
    assert.strictEqual(explain(noUrl, undefined)._tag, "WrongUse")
    const none = Option.none()
    const flags = { ocppPort: none, httpPort: none, host: none, data: Option.some("x"), onboarding: none, token: none }
    const settings = yield* settingsOf({ DATABASE_URL: "postgres://localhost/x" })
    assert.include(contradiction(settings, flags)?.message, "--data")
    assert.isUndefined(contradiction(settings, { ...flags, data: none }))
    const short = { ...settings, token: Option.some(Redacted.make("hunter2")) }
    assert.include(contradiction(short, { ...flags, data: none })?.message, "WATTPROOF_TOKEN")
    assert.notInclude(contradiction(short, { ...flags, data: none })?.message, "hunter2")
  })
)
