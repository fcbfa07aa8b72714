import { Cause, Context, Deferred, Effect, Exit, Layer, Logger } from "effect"
import { Ids } from "#core/Ids.ts"
import { Gateway } from "#server/ocpp/Gateway.ts"
import { stationAuth } from "#server/ocpp/stationAuth.ts"
import * as Upgrade from "#server/ocpp/Upgrade.ts"
import type { PaymentSettings } from "#server/payments/layers.ts"
import { Journal, type UnitOutcome } from "#server/record/Journal.ts"
import { Recorder } from "#server/record/Recorder.ts"
import type { Unit } from "#server/record/Unit.ts"
import * as Server from "#server/Server.ts"
import { WalletStore } from "#server/wallet/WalletStore.ts"
import type { Wire } from "#simulator/oracles/Wire.ts"
import * as Stream from "#simulator/Stream.ts"
import type { Dial } from "#simulator/station/Link.ts"
import { ForeignTakesMs } from "#simulator/time/Foreign.ts"
import { type Process, start } from "#simulator/time/Process.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import type { CrashPoint } from "../crashPoints.ts"
import { isOfWallets, type WalletCrashPoint } from "../walletCrashPoints.ts"
import { CrashTrigger } from "./CrashTrigger.ts"
import type { Door, Gate } from "./Network.ts"
import type { Reached, Within } from "./phone.ts"
import type { Store } from "./Store.ts"
import { WalletTrigger } from "./WalletTrigger.ts"

/** Changes the ports that a server is built on: planted defects, in tests. */
export type PatchStores = (stores: Layer.Layer<Server.Stores>) => Layer.Layer<Server.Stores>

type Services = Gateway | Recorder | Reached

type Run = (effect: Effect.Effect<void>) => void

export interface CmsOptions {
  readonly store: Store
  /** Where the network lets stations in to this node. */
  readonly gate: Gate
  /** Of the node: its streams and ids are drawn by it. */
  readonly name: string
  readonly wire: Wire
  readonly seed: string
  readonly timers: TimersApi
  readonly run: Run
  /** Virtual time that the recorder gathers before each commit, ms. */
  readonly lingerMs: number
  /** Virtual time that a commit takes, ms, while the world goes on; none when not given. */
  readonly commitMs?: number
  readonly patchStores?: PatchStores
  /** It can be made to die at the steps of a wallet, too. */
  readonly hasWallets?: boolean
  /** Payments are off when not given. */
  readonly payments?: () => PaymentSettings
  /** Told of what was committed, at the instant of the commit. */
  readonly onCommitted: (units: ReadonlyArray<Unit>, outcomes: ReadonlyArray<UnitOutcome>) => void
  /** Told of stations that it is about to claim, and then of their new epochs; and of what it is about to write. */
  readonly claiming?: (stationIds: ReadonlyArray<string>) => (epochs: ReadonlyArray<number>) => void
  readonly writing?: (units: ReadonlyArray<Unit>) => (outcomes: ReadonlyArray<UnitOutcome>) => void
  /** Told of every warning and error the server logs. */
  readonly onLog: (line: string) => void
}

/** A CMS as a process in virtual time, that can be killed at an exact place of its own code and started again. */
export class CmsProcess {
  private readonly options: CmsOptions
  private process: Process<never, never> | undefined
  private starts = 0
  private readonly ofItself = Deferred.makeUnsafe<never>()
  private readonly trigger = new CrashTrigger({
    die: Effect.suspend(() => this.process?.crash ?? Effect.never),
    kill: () => this.kill()
  })
  private readonly ofWallets = new WalletTrigger(Effect.suspend(() => this.die))
  private services: Context.Context<Services> | undefined
  private readonly versions = new Map<string, string>()

  constructor(options: CmsOptions) {
    this.options = options
  }

  get isUp(): boolean {
    return this.process?.isAlive() === true
  }

  /** Its insides, for whoever measures how much they hold; undefined while it is down. */
  get held(): { readonly gateway: Gateway["Service"]; readonly recorder: Recorder["Service"] } | undefined {
    const { services } = this
    if (services === undefined || !this.isUp) return undefined
    return { gateway: Context.get(services, Gateway), recorder: Context.get(services, Recorder) }
  }

  /** Starts it over the same store. */
  readonly start: Effect.Effect<void> = Effect.suspend(() => {
    this.starts++
    const { seed } = this.options
    const name = `${this.options.name}/${this.starts}`
    const body = this.body(name).pipe(
      Stream.provide(seed, name),
      Effect.provideService(Logger.CurrentLoggers, this.loggers())
    )
    return Effect.map(start(body), (process) => {
      this.process = process
      this.watch(process)
      process.onKill(() => {
        this.services = undefined
        this.options.wire.serverDied()
        this.options.gate.serverDied()
      })
    })
  })

  /** Kills it at this instant, as by `kill -9`. */
  kill(): void {
    this.process?.kill()
  }

  /** Ends it in good order. */
  readonly stop: Effect.Effect<void> = Effect.suspend(() => {
    this.options.gate.door = null
    return this.process?.stop ?? Effect.void
  })

  /** Dies at that point: now, or the next time it passes there. */
  crashAt(point: CrashPoint | WalletCrashPoint): void {
    if (isOfWallets(point)) {
      this.ofWallets.arm(point)
      return
    }
    this.trigger.arm(point)
    if (point === "now" || point === "while it starts again") this.kill()
  }

  /** Ends the process that runs it, at that exact place, and never returns. */
  readonly die: Effect.Effect<never> = Effect.suspend(() => this.process?.crash ?? Effect.never)

  /** No crash is waiting any more. */
  disarm(): void {
    this.trigger.disarm()
    this.ofWallets.disarm()
  }

  /** Fails with what a server died of, if one died of itself: the first or one that was started later. */
  readonly died: Effect.Effect<never> = Effect.suspend(() => Deferred.await(this.ofItself))

  private watch(process: Process<never, never>): void {
    this.options.run(
      Effect.flatMap(Effect.exit(Effect.catchTag(process.await, "Killed", () => Effect.interrupt)), (exit) =>
        Exit.isFailure(exit) && !Exit.hasInterrupts(exit) ? Deferred.failCause(this.ofItself, exit.cause) : Effect.void
      )
    )
  }

  private body(name: string): Effect.Effect<never> {
    const { store, seed, gate, wire, lingerMs, patchStores, payments } = this.options
    const stores = (patchStores ?? ((layer) => layer))(this.watched(store.layer))
    const server = Server.layer({
      heartbeatSeconds: 900,
      // Telemetry that promises nothing and that no oracle reads: written seldom, it costs a run's commits little.
      recorder: { linger: lingerMs, seenEvery: "15 minutes" },
      ...(payments === undefined ? {} : { payments: payments() }),
      observe: (stationId) => wire.observe(stationId, this.versions.get(stationId) ?? "", "server")
    }).pipe(Layer.provideMerge(Layer.merge(stores, Ids.layerSeeded(`${seed}/${name}`))))
    const open = (services: Context.Context<Services>, run: Run): void => {
      const lookup = Effect.runSync(Effect.provideContext(stationAuth("registered"), services))
      this.services = services
      const { trigger, versions } = this
      gate.door = doorOf(
        { gateway: Context.get(services, Gateway), versions, trigger, kill: () => this.kill() },
        (it, then) => run(Effect.map(lookup(it), then))
      )
    }
    return Effect.scoped(
      Effect.gen(function* () {
        const services = yield* Layer.build(server)
        open(services, Effect.runForkWith(yield* Effect.context<never>()))
        return yield* Effect.never
      })
    )
  }

  /** Runs an effect inside the process. */
  readonly within: Within = (effect, answer) => {
    const { process, services, options } = this
    if (process === undefined || services === undefined || !process.isAlive()) {
      options.timers.soon(() => answer(false))
      return
    }
    const inside = process.within(Effect.provideContext(effect, services))
    options.run(
      Effect.map(
        Effect.catchTag(inside, "Killed", () => Effect.succeed(false)),
        answer
      )
    )
  }

  /** The stores, with whoever follows the commits looking over the journal's shoulder, and the crash points in it. */
  private watched(stores: Layer.Layer<Server.Stores>): Layer.Layer<Server.Stores> {
    // A commit of which nobody heard is news when its repetition is recognised. The recorder repeats none but its last.
    let told: ReadonlyArray<Unit> = []
    const news = (units: ReadonlyArray<Unit>, outcomes: ReadonlyArray<UnitOutcome>): ReadonlyArray<UnitOutcome> => {
      const before = told
      told = units
      if (!outcomes.includes("Repeated")) return outcomes
      return outcomes.map((outcome, index) =>
        outcome === "Repeated" && !before.includes(units[index]!) ? "Committed" : outcome
      )
    }
    const watched = overJournal((journal) =>
      this.trigger.journal({
        ...journal,
        claim: (stationIds) =>
          Effect.suspend(() => {
            const claimed = this.options.claiming?.(stationIds)
            return Effect.tap(journal.claim(stationIds), (epochs) => Effect.sync(() => claimed?.(epochs)))
          }),
        commit: (units) =>
          Effect.suspend(() => {
            const written = this.options.writing?.(units)
            return Effect.map(this.takingTime(journal.commit(units)), (outcomes) => {
              written?.(outcomes)
              this.options.onCommitted(units, news(units, outcomes))
              return outcomes
            })
          })
      })
    )(stores)
    const { hasWallets = false } = this.options
    const all = hasWallets ? overStore(WalletStore, (store) => this.ofWallets.store(store))(watched) : watched
    return Layer.effectContext(Effect.tap(Layer.build(all), () => this.trigger.starting))
  }

  private takingTime<A, E>(commit: Effect.Effect<A, E>): Effect.Effect<A, E> {
    const { commitMs = 0 } = this.options
    return commitMs === 0 ? commit : Effect.provideService(commit, ForeignTakesMs, commitMs)
  }

  private loggers(): ReadonlySet<Logger.Logger<unknown, unknown>> {
    const { onLog } = this.options
    return new Set([
      Logger.make<unknown, void>(({ logLevel, message, cause }) => {
        if (logLevel !== "Warn" && logLevel !== "Error" && logLevel !== "Fatal") return
        const why = cause.reasons.length === 0 ? "" : ` ${Cause.pretty(cause)}`
        onLog(`${logLevel}: ${JSON.stringify(message)}${why}`)
      })
    ])
  }
}

/** Replaces one of the stores' ports by one made from it. */
export const overStore =
  <I extends Server.Stores, S>(port: Context.Service<I, S>, change: (service: NoInfer<S>) => NoInfer<S>): PatchStores =>
  (stores) =>
    Layer.effectContext(
      Effect.map(Layer.build(stores), (services) =>
        Context.add(services, port, change(Context.get(services as Context.Context<I | Server.Stores>, port)))
      )
    )

/** One change of the stores over another. */
export const both =
  (outer: PatchStores | undefined, inner: PatchStores | undefined): PatchStores =>
  (stores) => {
    const changed = inner === undefined ? stores : inner(stores)
    return outer === undefined ? changed : outer(changed)
  }

/** Replaces the journal by one made from it. */
export const overJournal = (change: (journal: Journal["Service"]) => Journal["Service"]): PatchStores =>
  overStore(Journal, change)

/** What is behind a door. */
interface Behind {
  readonly gateway: Gateway["Service"]
  readonly versions: Map<string, string>
  readonly trigger: CrashTrigger
  readonly kill: () => void
}

/** The endpoint's decision without its socket: the same identification, look-up and negotiation. */
const doorOf =
  (
    { gateway, versions, trigger, kill }: Behind,
    lookup: (identity: string, then: (station: Upgrade.StationAuth | undefined) => void) => void
  ): Door =>
  (dial, answer) => {
    const call = Upgrade.identify(`${Upgrade.defaultPath}${encodeURIComponent(dial.identity)}`, headersOf(dial))
    if (call._tag === "Refuse") {
      answer({ _tag: "TurnedAway", why: `${call.status} ${call.body}` })
      return
    }
    lookup(call.identity, (station) => {
      const decision = Upgrade.decide(call, station)
      if (decision._tag !== "Accept") {
        const why = decision._tag === "Refuse" ? `${decision.status} ${decision.body}` : decision.reason
        answer({ _tag: "TurnedAway", why })
        return
      }
      const { identity, dialect } = decision
      answer({
        _tag: "Welcome",
        subprotocol: dialect.subprotocol,
        take: (transport) => {
          const isSecond = gateway.connected(identity) !== undefined
          versions.set(identity, dialect.version)
          const own = trigger.transport(transport)
          gateway.accept({ stationId: identity, dialect, transport: own, remoteAddress: "memory" })
          if (isSecond && trigger.isDue("second socket", "after")) kill()
        }
      })
    })
  }

const headersOf = ({ identity, subprotocols, password }: Dial) => ({
  "sec-websocket-protocol": subprotocols.join(", "),
  ...(password === null
    ? {}
    : { authorization: `Basic ${Buffer.from(`${identity}:${password}`, "utf8").toString("base64")}` })
})
