import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { type AddressInfo, connect as connectSocket, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createSecureContext, TLSSocket } from "node:tls"
import { afterAll, assert, it } from "@effect/vitest"
import { Context, Effect, Layer, Option, Redacted } from "effect"
import { Directory } from "#server/directory/Directory.ts"
import { HistoryDatabase, targetOf } from "#server/lab/HistoryDatabase.ts"
import { connect } from "#server/postgres/Database.ts"
import type { Address } from "#server/postgres/Launcher.ts"
import { socketPath } from "#server/postgres/LockFile.ts"
import { stores } from "#server/Serve.ts"
import { migrations } from "#server/sql/Sql.ts"
import { freshDatabase } from "#test/support/postgres.ts"
import { settings } from "#test/support/settings.ts"

const tls = join(import.meta.dirname, "../../support/tls")
const authority = join(tls, "authority.pem")
const secureContext = createSecureContext({
  key: readFileSync(join(tls, "server.key")),
  cert: readFileSync(join(tls, "server.pem"))
})
const root = mkdtempSync(join(tmpdir(), "wattproof-authority-"))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Stands before a PostgreSQL and speaks TLS for it, as its SSLRequest asks; nothing passes that is not encrypted. */
const secured = (address: Address) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const server = createServer((raw) => {
        raw.on("error", () => {})
        raw.once("data", () => {
          raw.write("S")
          const plain = new TLSSocket(raw, { isServer: true, secureContext })
          const behind = connectSocket(socketPath(address.socketDirectory, address.port))
          plain.on("error", () => behind.destroy())
          behind.on("error", () => plain.destroy())
          plain.pipe(behind).pipe(plain)
        })
      })
      server.listen(0, "localhost")
      await once(server, "listening")
      return { server, port: (server.address() as AddressInfo).port }
    }),
    ({ server }) => Effect.sync(() => server.close())
  )

const openStores = (url: string, databaseCa: Option.Option<string>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const own = settings({ databaseUrl: Option.some(Redacted.make(url)), databaseCa })
      const context = yield* Layer.build(stores(own))
      // A thread that reads beside the server is told of the place as plain data.
      const told = structuredClone(Context.get(context, HistoryDatabase))
      assert.isDefined(told)
      yield* connect({ target: targetOf(told!), oneConnection: true })
      return yield* Effect.provideContext(
        Effect.flatMap(Directory, (directory) => directory.hasApiKeys),
        context
      )
    })
  )

it.live(
  "a PostgreSQL that the authority of DATABASE_CA vouches for is spoken with by TLS, and is not trusted without it",
  () =>
    Effect.scoped(
      Effect.gen(function* () {
        const address = yield* freshDatabase(migrations)
        const { port } = yield* secured(address)
        const url = `postgres://${address.username}@localhost:${port}/${address.database}`
        assert.isFalse(yield* openStores(url, Option.some(authority)))
        const stranger = yield* Effect.flip(openStores(`${url}?sslmode=require`, Option.none()))
        assert.strictEqual(stranger._tag, "DatabaseUnavailable")
        assert.include(stranger.message, "certificate")
        assert.include(stranger.message, "DATABASE_CA")
      })
    )
)

it.live("a file of DATABASE_CA that cannot be read, or holds no certificate, is named", () =>
  Effect.gen(function* () {
    const missing = join(root, "missing.pem")
    const [empty, broken] = [join(root, "empty.pem"), join(root, "broken.pem")]
    writeFileSync(empty, "")
    writeFileSync(broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    for (const file of [missing, empty, broken, root]) {
      const failed = yield* Effect.flip(openStores("postgres://localhost:1/none", Option.some(file)))
      assert.deepInclude(failed, { _tag: "DatabaseUnavailable", reason: "InvalidAuthority" })
      assert.include(failed.message, file)
    }
  })
)
