import { Effect, type Scope } from "effect"
import { CannotRun, explain, type WrongUse } from "#server/cli/failures.ts"
import { nothingVisible } from "#simulator/oracles/Evidence.ts"
import type { TrueToken } from "#simulator/oracles/Oracle.ts"
import { conclude, merge, type Registered } from "../load/merge.ts"
import { cardsOf, identityOf, type LoadPlan, passwordOf } from "../load/Plan.ts"
import type { LoadPoint, LoadResult, Outage } from "../load/Result.ts"
import type { SliceProgress, SliceResult } from "../load/Slice.ts"
import { plainTariff } from "../tariffs.ts"
import { type LoadFleet, loadFleet } from "./loadFleet.ts"
import type { LoadRequest } from "./loadRequest.ts"
import { type LoadServer, loadServer } from "./loadServer.ts"
import { dialPorts, openFilesLimit } from "./machine.ts"
import { reach } from "./runner.ts"

/** What a line of progress is made of. */
export interface LoadProgress extends SliceProgress {
  readonly phase: "preparing" | "connecting" | "load" | "settling" | "judging"
  readonly stations: number
  /** Since the first arrival was due, and until the last one will be; seconds. */
  readonly atSeconds: number
  readonly durationSeconds: number
  readonly messagesPerSecond: number
}

export type LoadRunner = (
  request: LoadRequest,
  onProgress: (progress: LoadProgress) => void
) => Effect.Effect<LoadResult, CannotRun | WrongUse>

/** Files that a process needs beside a socket for each station. */
const otherFiles = 200
/** After the last station was switched on, the longest wait for all of them. */
const connectPatienceMs = 60_000
const quietMs = 1_500
const tickMs = 250
const nowMs = (): number => performance.timeOrigin + performance.now()

/** What this machine cannot do is said before anything is started. */
export const preflight = (
  { plan, target }: Pick<LoadRequest, "plan" | "target">,
  machine: { readonly openFiles: number | null; readonly dialPorts: number | null }
): CannotRun | undefined => {
  const needed = plan.stations + otherFiles
  if (machine.openFiles !== null && machine.openFiles < needed) {
    return new CannotRun({
      message: `${plan.stations} stations need ${needed} open files, and this account may have ${machine.openFiles} in one process.\nRaise the limit (ulimit -n ${needed}), or take fewer --stations.`
    })
  }
  if (machine.dialPorts !== null && machine.dialPorts < plan.stations) {
    return new CannotRun({
      message: `${plan.stations} stations need a port each to dial ${target ?? "our server"} from, and this machine lends ${machine.dialPorts}.\nWiden the range (sysctl -w net.ipv4.ip_local_port_range="1024 65535"), or take fewer --stations.`
    })
  }
  return undefined
}

const registeredFor = (plan: LoadPlan): Registered => {
  const plain = { groupId: null, expiresAtMs: null, blockedAtMs: null, concurrencyLimit: null, allowedStations: null }
  const tokens = new Map(cardsOf(plan).map((uid): [string, TrueToken] => [uid, { uid, ...plain }]))
  return { tokens, tariff: plainTariff }
}

const identitiesOf = ({ prefix, stations }: LoadPlan): ReadonlyArray<string> =>
  Array.from({ length: stations }, (_, index) => identityOf(prefix, index))

/** Watches a load: peaks, a point a second, and what is told of it. */
class Watch {
  private readonly points: Array<Omit<LoadPoint, "atSeconds"> & { readonly atMs: number }> = []
  readonly outages: Array<Outage> = []
  phase: LoadProgress["phase"] = "preparing"
  peakRssBytes = 0
  loadAtMs: number | undefined
  private pointAtMs = 0
  private pointMessages = 0
  private rate = 0
  private p99Ms: number | null = null
  private readonly plan: LoadPlan
  private readonly fleet: LoadFleet
  private readonly server: LoadServer | null
  private readonly tell: (progress: LoadProgress) => void

  constructor(
    plan: LoadPlan,
    parts: {
      readonly fleet: LoadFleet
      readonly server: LoadServer | null
      readonly tell: (progress: LoadProgress) => void
    }
  ) {
    this.plan = plan
    this.fleet = parts.fleet
    this.server = parts.server
    this.tell = parts.tell
  }

  readonly look: Effect.Effect<void> = Effect.sync(() => {
    const progress = this.fleet.progress()
    const atMs = nowMs()
    this.peakRssBytes = Math.max(this.peakRssBytes, process.memoryUsage.rss())
    this.server?.sample()
    if (progress.p99Ms !== null) this.p99Ms = Math.max(this.p99Ms ?? 0, progress.p99Ms)
    const atSeconds = (atMs - (this.loadAtMs ?? atMs)) / 1000
    if (atMs - this.pointAtMs >= 1000) {
      const passed = this.pointAtMs === 0 ? 1 : (atMs - this.pointAtMs) / 1000
      this.rate = (progress.messages - this.pointMessages) / passed
      const { connected, sessions } = progress
      this.points.push({ atMs, connected, sessions, messagesPerSecond: this.rate, p99Ms: this.p99Ms })
      this.pointAtMs = atMs
      this.pointMessages = progress.messages
      this.p99Ms = null
    }
    this.tell({
      ...progress,
      p99Ms: this.p99Ms ?? this.points.at(-1)?.p99Ms ?? null,
      phase: this.phase,
      stations: this.plan.stations,
      atSeconds,
      durationSeconds: this.plan.durationMs / 1000,
      messagesPerSecond: this.rate
    })
  })

  /** What was seen each second, by the first arrival's clock. */
  timeline(): ReadonlyArray<LoadPoint> {
    const fromMs = this.loadAtMs ?? this.points[0]?.atMs ?? 0
    return this.points.map(({ atMs, ...point }) => ({ atSeconds: (atMs - fromMs) / 1000, ...point }))
  }

  /** Waits until every station is connected and accepted; seconds since `fromMs`, null when it took too long. */
  allBooted(fromMs: number, patienceMs: number): Effect.Effect<number | null> {
    const { fleet, plan } = this
    return Effect.gen(function* () {
      for (;;) {
        if (fleet.progress().booted >= plan.stations) return (nowMs() - fromMs) / 1000
        if (nowMs() - fromMs > patienceMs) return null
        yield* Effect.sleep("20 millis")
      }
    })
  }
}

/** Cuts or kills at the instants that were asked for, and measures how long it takes until everybody is back. */
const trouble = (request: LoadRequest, watch: Watch, fleet: LoadFleet, server: LoadServer | null) => {
  const { plan, restartAfterMs } = request
  const startAtMs = watch.loadAtMs!
  const until = (atMs: number) => Effect.sleep(Math.max(0, atMs - nowMs()))
  const restart = Effect.gen(function* () {
    if (restartAfterMs === undefined) return
    yield* until(startAtMs + restartAfterMs)
    const fromMs = nowMs()
    if (server === null) fleet.tell({ _tag: "Drop" })
    else {
      yield* server.kill
      yield* server.start
    }
    const downSeconds = server === null ? null : (nowMs() - fromMs) / 1000
    // Until the workers have told of it, the fleet looks as it did before.
    yield* Effect.sleep(2 * tickMs)
    const allBackSeconds = yield* watch.allBooted(fromMs, connectPatienceMs)
    const kind = server === null ? "storm" : "restart"
    watch.outages.push({ kind, atSeconds: restartAfterMs / 1000, downSeconds, allBackSeconds })
  })
  const storms = Effect.gen(function* () {
    const { stormMs, durationMs } = plan
    if (stormMs === null) return
    for (let afterMs = stormMs; afterMs < durationMs; afterMs += stormMs) {
      yield* until(startAtMs + afterMs)
      const fromMs = nowMs()
      yield* Effect.sleep(2 * tickMs)
      const allBackSeconds = yield* watch.allBooted(fromMs, Math.min(connectPatienceMs, stormMs))
      watch.outages.push({ kind: "storm", atSeconds: afterMs / 1000, downSeconds: null, allBackSeconds })
    }
  })
  return Effect.all([restart, storms], { concurrency: "unbounded", discard: true })
}

/** CPU that this process, our server and its database have used so far. */
const spentSeconds = (server: LoadServer | null): number => {
  server?.sample()
  const usage = server?.usage()
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6 + (usage?.cpuSeconds ?? 0) + (usage?.databaseCpuSeconds ?? 0)
}

/** The fleet connects, is loaded, and comes to rest. It stays connected until the books are read. */
const live = Effect.fnUntraced(function* (
  request: LoadRequest,
  watch: Watch,
  fleet: LoadFleet,
  server: LoadServer | null
) {
  const { plan } = request
  watch.phase = "connecting"
  const connectAtMs = nowMs()
  fleet.tell({ _tag: "Connect" })
  const spentBefore = spentSeconds(server)
  const connectSeconds = yield* watch.allBooted(connectAtMs, plan.connectMs + connectPatienceMs)
  const connectCpuSeconds = spentSeconds(server) - spentBefore
  const connected = fleet.progress().booted
  if (connected === 0) return yield* new CannotRun({ message: nobodyLetIn(request) })
  watch.phase = "load"
  watch.loadAtMs = Math.ceil(nowMs() + tickMs)
  const before = fleet.progress().messages
  fleet.tell({ _tag: "Load", startAtMs: watch.loadAtMs })
  const over = Effect.sleep(plan.durationMs + tickMs)
  const [, answered] = yield* Effect.all(
    [
      trouble(request, watch, fleet, server),
      Effect.map(over, () => {
        watch.phase = "settling"
        return fleet.progress().messages - before
      })
    ],
    { concurrency: "unbounded" }
  )
  const results = yield* fleet.results
  yield* Effect.sleep(quietMs)
  watch.phase = "judging"
  return {
    results,
    connectSeconds,
    connectCpuSeconds,
    connected,
    messagesPerSecond: (answered * 1000) / plan.durationMs,
    atMs: nowMs()
  }
})

const nobodyLetIn = ({ target, plan }: LoadRequest): string =>
  target === undefined
    ? "Not one station was connected and accepted by our server within a minute. This is a defect."
    : `Not one station was connected and accepted by ${target} within a minute.\nIt must know the stations ${plan.prefix}-0001 to ${identityOf(plan.prefix, plan.stations - 1)}, or take in whoever comes.`

interface Lived {
  readonly results: ReadonlyArray<SliceResult>
  readonly connectSeconds: number | null
  readonly connectCpuSeconds: number
  readonly connected: number
  readonly messagesPerSecond: number
  readonly atMs: number
}

const resultOf = (
  request: LoadRequest,
  lived: Lived,
  about: {
    readonly watch: Watch
    readonly server: LoadServer | null
    readonly registered: Registered | null
    readonly commit: string | null
    readonly beganMs: number
    readonly evidence: Parameters<typeof conclude>[1]
  }
): LoadResult => {
  const { plan } = request
  const { watch, server } = about
  const merged = merge(lived.results)
  const { arrived, latencies, errors, messages, latestMs } = merged.meter
  const usage = server?.usage() ?? null
  const perSecond = (count: number): number => (count * 1000) / plan.durationMs
  const { user, system } = process.cpuUsage()
  return {
    profile: plan.profile,
    seed: plan.seed,
    commit: about.commit,
    target: request.target ?? null,
    stations: plan.stations,
    workers: request.workers,
    ...conclude(merged, about.evidence, about.registered, lived.atMs),
    rate: { asked: plan.rate, due: perSecond(arrived.due), reached: perSecond(arrived.servedInTime) },
    arrived,
    connectSeconds: lived.connectSeconds,
    connectCpuSeconds: lived.connectCpuSeconds,
    connected: lived.connected,
    outages: watch.outages,
    messages,
    messagesPerSecond: lived.messagesPerSecond,
    latencies: latencies.rows(),
    errors: Object.fromEntries([...errors].sort(([, a], [, b]) => b - a)),
    fleetLateMs: latestMs,
    keptReadings: plan.keepsReadings,
    fleet: {
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
      peakRssBeforeBooksBytes: watch.peakRssBytes,
      cpuSeconds: (user + system) / 1e6
    },
    server: usage === null ? null : { peakRssBytes: usage.peakRssBytes, cpuSeconds: usage.cpuSeconds },
    database: usage === null ? null : { peakRssBytes: null, cpuSeconds: usage.databaseCpuSeconds },
    durationSeconds: plan.durationMs / 1000,
    wallSeconds: (nowMs() - about.beganMs) / 1000,
    timeline: watch.timeline()
  }
}

/** Runs a load to its end. `commit` names the code that runs, for the result. */
export const loadRunner =
  (commit: () => string): LoadRunner =>
  (request, onProgress) =>
    Effect.scoped(
      Effect.gen(function* () {
        const { plan, target, workers } = request
        const beganMs = nowMs()
        const unable = preflight(request, { openFiles: openFilesLimit(), dialPorts: dialPorts() })
        if (unable !== undefined) return yield* unable
        if (target !== undefined) yield* reach(target)
        const server = target === undefined ? yield* ownServer(plan) : null
        const registered = server === null ? null : registeredFor(plan)
        const fleet = yield* loadFleet(plan, server?.url ?? target!, workers)
        const watch = new Watch(plan, { fleet, server, tell: onProgress })
        yield* Effect.forkScoped(Effect.forever(Effect.andThen(watch.look, Effect.sleep(tickMs))))
        const lived = yield* Effect.raceFirst(live(request, watch, fleet, server), fleet.failed)
        // Read while the stations are still connected: the books must show them as they are.
        const evidence = server === null ? nothingVisible : yield* server.evidence(identitiesOf(plan))
        fleet.tell({ _tag: "Stop" })
        return resultOf(request, lived, { watch, server, registered, commit: commit(), beganMs, evidence })
      })
    )

/** Our own, with the stations, cards and prices of the load in its books. */
const ownServer = (plan: LoadPlan): Effect.Effect<LoadServer, CannotRun | WrongUse, Scope.Scope> =>
  Effect.gen(function* () {
    const server = yield* Effect.catchTag(loadServer, "PostgresUnavailable", (failure) =>
      Effect.fail(explain(failure, undefined))
    )
    const { tokens, tariff } = registeredFor(plan)
    const stations = identitiesOf(plan).map((identity) => ({ identity, password: passwordOf(identity) }))
    yield* server.provision({ stations, tokens: tokens.values(), tariff, atMs: Math.floor(nowMs()) - 3_600_000 })
    yield* server.start
    return server
  })
