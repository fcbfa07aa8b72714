import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { ConfigProvider, Effect, Exit, Fiber, Scope } from "effect"
import { catalogue } from "#scenarios/Catalogue.ts"
import { execute, exitCodes } from "#scenarios/cli/application.ts"
import { Screen } from "#server/cli/Screen.ts"
import { start } from "#server/postgres/Launcher.ts"
import { command, paper } from "./support.ts"

const inEnvironment = (environment: Record<string, string>) =>
  Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown(environment))

it.live("a DATABASE_CA that cannot be read keeps the server from starting, and its path is told", () =>
  Effect.gen(function* () {
    const environment = { DATABASE_URL: "postgres://localhost:1/none", DATABASE_CA: "/nowhere/authority.pem" }
    const { code, err } = yield* command(["serve"]).pipe(inEnvironment(environment))
    assert.strictEqual(code, exitCodes.cannotRun)
    assert.include(err, "/nowhere/authority.pem")
    const alone = yield* command(["serve"]).pipe(inEnvironment({ DATABASE_CA: "/nowhere/authority.pem" }))
    assert.strictEqual(alone.code, exitCodes.wrongUse)
    assert.include(alone.err, "DATABASE_URL")
    assert.include((yield* command(["serve", "--help"])).out, "DATABASE_CA")
  })
)

/** Serves until the doors are open, then stops; what was said. */
const served = Effect.fnUntraced(function* (data: string) {
  const [out, err] = [paper(), paper()]
  const line = ["serve", "--data", data, "--host", "127.0.0.1", "--ocpp-port", "0", "--http-port", "0"]
  const serving = yield* execute({ scenarios: catalogue, runner: () => Effect.die("none"), nowMs: () => 0 }, line).pipe(
    Effect.provideService(Screen, { out: out.pane, err: err.pane }),
    Effect.provide(NodeServices.layer),
    inEnvironment({}),
    Effect.forkChild
  )
  while (!out.text().includes("Wattproof serves") && serving.pollUnsafe() === undefined)
    yield* Effect.sleep("20 millis")
  const said = err.text()
  yield* Fiber.interrupt(serving)
  return { out: out.text(), said }
})

it.live("who serves on the data of another server is told that neither sees at once what the other changes", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const root = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "wattproof-serve-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
      )
      const data = join(root, "data")
      const another = yield* Scope.make()
      yield* Scope.provide(start({ dataDirectory: data, durable: true }), another)
      const second = yield* served(data)
      assert.include(second.out, "Wattproof serves")
      assert.strictEqual(second.said.trim().split("\n").length, 1)
      assert.include(second.said, "Another server runs on the same data")
      yield* Scope.close(another, Exit.void)
      const alone = yield* served(data)
      assert.include(alone.out, "Wattproof serves")
      assert.notInclude(alone.said, "Another server")
    })
  )
)
