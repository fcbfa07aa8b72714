import { Effect, Exit, type Layer, Scope } from "effect"
import type * as Server from "#server/Server.ts"
import type { Wire } from "#simulator/oracles/Wire.ts"
import { serve } from "./doors.ts"
import type { Within } from "./phone.ts"

type Doors = Effect.Success<ReturnType<typeof serve>>

/** Our CMS on loopback, that can be stopped in good order and started again on the same port and over the same store. */
export class LiveCms {
  private readonly stores: Layer.Layer<Server.Stores>
  private readonly wire: Wire
  private scope: Scope.Closeable | undefined
  private doors: Doors | undefined
  private port: number | undefined

  constructor(stores: Layer.Layer<Server.Stores>, wire: Wire) {
    this.stores = stores
    this.wire = wire
  }

  get isUp(): boolean {
    return this.doors !== undefined
  }

  /** Where stations dial; known once it was started. */
  get url(): string {
    return `ws://127.0.0.1:${this.port}/ocpp`
  }

  readonly start: Effect.Effect<void> = Effect.gen({ self: this }, function* () {
    const { stores, wire, port } = this
    const scope = yield* Scope.make()
    const doors = yield* serve({ stores, wire, ...(port === undefined ? {} : { port }) }).pipe(
      Scope.provide(scope),
      Effect.orDie
    )
    this.scope = scope
    this.port = doors.port
    this.doors = doors
  })

  readonly stop: Effect.Effect<void> = Effect.suspend(() => {
    const { scope } = this
    this.scope = undefined
    this.doors = undefined
    if (scope === undefined) return Effect.void
    this.wire.serverDied()
    return Scope.close(scope, Exit.void)
  })

  /** Runs an effect with the services of the CMS that serves now. */
  readonly within: Within = (effect, answer) => {
    const { doors } = this
    if (doors === undefined) {
      answer(false)
      return
    }
    const fiber = Effect.runFork(Effect.provideContext(effect, doors.services))
    fiber.addObserver((exit) => answer(Exit.isSuccess(exit) && exit.value))
  }
}
