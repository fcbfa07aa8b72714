import { describe, it } from "@effect/vitest"
import { type Context, Effect, Layer, type Scope } from "effect"
import { MemoryState, layer as memoryLayer } from "#server/memory/Memory.ts"
import { connect } from "#server/postgres/Database.ts"
import type { Stores } from "#server/Server.ts"
import { layerMigrated, migrations } from "#server/sql/Sql.ts"
import { freshDatabase } from "#test/support/postgres.ts"

export type Ports = Stores

/** An empty store: each `startNode` is another server process on it. */
export interface Store {
  readonly startNode: Effect.Effect<Context.Context<Ports>, never, Scope.Scope>
}

/** A kind of store, and how to get an empty one. */
export interface World {
  readonly name: string
  readonly open: Effect.Effect<Store, never, Scope.Scope>
}

export const memory: World = {
  name: "memory",
  open: Effect.sync(() => {
    const state = new MemoryState()
    return { startNode: Layer.build(memoryLayer(state)) }
  })
}

export const postgres: World = {
  name: "PostgreSQL",
  open: Effect.map(freshDatabase(migrations), (address) => ({
    startNode: Effect.gen(function* () {
      const services = yield* connect({ target: { _tag: "Embedded", ...address }, maxConnections: 2 })
      return yield* Effect.provideContext(Layer.build(layerMigrated), services)
    }).pipe(Effect.orDie)
  }))
}

/** One suite on every kind of store. `check` runs on one node of an empty store. */
export const onEveryStore = (
  port: string,
  suite: (check: (title: string, test: Effect.Effect<void, unknown, Ports | Scope.Scope>) => void, world: World) => void
): void => {
  for (const world of [memory, postgres]) {
    describe(`${port} on ${world.name}`, () => {
      suite((title, test) => {
        it.live(title, () =>
          Effect.gen(function* () {
            const { startNode } = yield* world.open
            const ports = yield* startNode
            yield* Effect.provideContext(test, ports)
          })
        )
      }, world)
    })
  }
}
