import { Effect } from "effect"
import * as Instant from "#core/Instant.ts"
import type { TrueToken } from "#simulator/oracles/Oracle.ts"
import type { OcpiTariff } from "#simulator/oracles/SlowRater.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import type { DeskStep } from "../explore/Stage.ts"
import type { AskLog } from "./AskLog.ts"
import type { BrokenDatabase } from "./BrokenDatabase.ts"
import type { CmsProcess } from "./CmsProcess.ts"
import { operator } from "./operator.ts"
import type { Within } from "./phone.ts"

/** What is true of cards and prices while a story goes on. */
export interface Register {
  readonly tokens: Map<string, TrueToken>
  readonly tariff: Array<OcpiTariff>
}

const ignore = (): void => {}
const careEveryMs = 2_000
const tries = 60

/** What a desk needs of a CMS. One that shares our process cannot be killed, only stopped and started again. */
export type DeskCms = Pick<CmsProcess, "isUp" | "start" | "stop" | "within"> &
  Partial<Pick<CmsProcess, "crashAt" | "disarm">>

/** A node, and what is planned for it. */
interface Node {
  readonly cms: DeskCms
  /** How long it stays down. */
  downMs: number
  restartAsked: boolean
}

const stopIfAsked = ({ cms, restartAsked }: Node): Effect.Effect<boolean> =>
  restartAsked && cms.isUp ? Effect.as(cms.stop, true) : Effect.succeed(false)

/** The operator's desk, and whoever starts the server again. */
export class Desk {
  private readonly nodes: ReadonlyArray<Node>
  private readonly register: Register
  private readonly database: BrokenDatabase
  private readonly timers: TimersApi
  private readonly asks: AskLog
  private readonly closed = new Set<string>()
  private readonly heldBack = new Set<string>()
  private asked = 0
  private isLeaving = false

  /** What is asked of stations here is written down in `asks`. */
  constructor(
    nodes: ReadonlyArray<DeskCms>,
    register: Register,
    database: BrokenDatabase,
    timers: TimersApi,
    asks: AskLog
  ) {
    this.nodes = nodes.map((cms) => ({ cms, downMs: careEveryMs, restartAsked: false }))
    this.register = register
    this.database = database
    this.timers = timers
    this.asks = asks
  }

  /** Runs an effect inside one of the nodes that are up, each in turn, as behind a balancer. */
  readonly within: Within = (effect, answer) => {
    const up = this.nodes.filter(({ cms }) => cms.isUp)
    const node = up[this.asked++ % Math.max(1, up.length)] ?? this.nodes[0]!
    node.cms.within(effect, answer)
  }

  take(step: DeskStep): void {
    const { register } = this
    const desk = operator(this.within)
    const nowMs = this.timers.nowAtMs()
    const change = (uid: string, what: Partial<TrueToken>) => (isDone: boolean) => {
      const token = register.tokens.get(uid)
      if (isDone && token !== undefined) register.tokens.set(uid, { ...token, ...what })
    }
    switch (step.do) {
      case "block card":
        if (register.tokens.get(step.card)?.blockedAtMs !== null) return
        desk.blockCard(step.card, nowMs, change(step.card, { blockedAtMs: nowMs }))
        return
      case "expire card":
        if (register.tokens.get(step.card)?.expiresAtMs !== null) return
        desk.expireCard(step.card, nowMs, change(step.card, { expiresAtMs: nowMs }))
        return
      case "publish tariff": {
        const tariff = dearer(register.tariff.at(-1)!, step.perKwh, nowMs)
        desk.publishTariff(tariff, (isDone) => {
          if (isDone) register.tariff.push(tariff)
        })
        return
      }
      case "reset station":
        desk.ask(
          step.station,
          { _tag: "Reset", when: step.when, evseId: null },
          this.asks.note(step.station, { do: "reset", isAtOnce: step.when === "now" }, ignore)
        )
        return
      case "unlock connector":
        desk.ask(
          step.station,
          { _tag: "Unlock", evseId: step.evse, connectorId: 1 },
          this.asks.note(step.station, { do: "unlock", evseId: step.evse }, ignore)
        )
        return
      case "change availability":
        this.closed.add(step.station)
        this.setAvailable(step.station, step.available, () => {})
        return
      case "trigger message": {
        const { station, message, evse: evseId = null } = step
        const noted = this.asks.note(station, { do: "trigger", message, evseId }, ignore)
        desk.ask(station, { _tag: "Trigger", message, evseId }, noted)
        return
      }
      case "close charges":
        desk.closeCharges(step.station, ignore)
        return
      case "set registration":
        this.heldBack.add(step.station)
        desk.setRegistration(step.station, step.to, ignore)
        return
      case "kill CMS": {
        const node = this.node(step.node)
        node.downMs = step.for * 1000
        node.cms.crashAt?.(step.when)
        return
      }
      case "restart CMS":
        Object.assign(this.node(step.node), { downMs: step.for * 1000, restartAsked: true })
        return
      case "database fails":
        this.database.fail(step.how, step.times, step.of)
        return
      case "database is slow":
        this.database.slow(step.by * 1000, step.times)
    }
  }

  /** Nothing breaks any more, who was held back is let in, and what the operator closed opens again. */
  readonly heal: Effect.Effect<void> = Effect.gen({ self: this }, function* () {
    for (const { cms } of this.nodes) cms.disarm?.()
    this.database.mend()
    for (const stationId of this.heldBack) {
      yield* untilDone((answer) => operator(this.within).setRegistration(stationId, "Accepted", answer))
    }
    for (const stationId of this.closed) {
      yield* untilDone((answer) => this.setAvailable(stationId, true, answer))
    }
  })

  /** Starts every node whenever it is down, after its time. Fails with what it died of, if it died of itself. */
  readonly care: Effect.Effect<never> = Effect.suspend(() =>
    Effect.andThen(
      Effect.forEach(this.nodes, (node) => this.careFor(node), { concurrency: "unbounded", discard: true }),
      Effect.never
    )
  )

  /**
   * Asks each of these stations for a heartbeat: all of them are in touch, and must hear it. Not where there are several
   * nodes: only the one that holds a station's socket reaches it.
   */
  callRoll(stationIds: ReadonlyArray<string>): void {
    if (this.nodes.length > 1) return
    const operation = { _tag: "Trigger", message: "Heartbeat", evseId: null } as const
    for (const stationId of stationIds) {
      const noted = this.asks.note(stationId, { do: "send a heartbeat" }, ignore, true)
      operator(this.within).ask(stationId, operation, noted)
    }
  }

  /** No server is started any more. */
  leave(): void {
    this.isLeaving = true
  }

  private readonly careFor = Effect.fnUntraced({ self: this }, function* (this: Desk, node: Node) {
    while (!this.isLeaving) {
      const [startsAgain] = yield* Effect.all([stopIfAsked(node), Effect.sleep(careEveryMs)])
      if (!startsAgain && node.cms.isUp) continue
      yield* Effect.sleep(node.downMs)
      node.restartAsked = false
      yield* node.cms.start
    }
  })

  /** A world may have fewer nodes than the story speaks of. */
  private node(number: 1 | 2 = 1): Node {
    return this.nodes[number - 1] ?? this.nodes[0]!
  }

  private setAvailable(stationId: string, available: boolean, answer: (accepted: boolean) => void): void {
    const operation = { _tag: "ChangeAvailability", evseId: null, connectorId: null, available } as const
    const noted = this.asks.note(stationId, { do: "change availability", isOperative: available }, answer)
    operator(this.within).ask(stationId, operation, noted)
  }
}

/** Asks until it is done, with patience. */
const untilDone = Effect.fnUntraced(function* (ask: (answer: (isDone: boolean) => void) => void) {
  for (let attempt = 0; attempt < tries; attempt++) {
    const isDone = yield* Effect.callback<boolean>((resume) => ask((it) => resume(Effect.succeed(it))))
    if (isDone) return
    yield* Effect.sleep("30 seconds")
  }
})

/** The next version: valid from now on, and the kWh at another price (in cents). */
const dearer = (last: OcpiTariff, perKwh: number, fromMs: number): OcpiTariff => ({
  ...last,
  version: (last.version ?? 1) + 1,
  start_date_time: Instant.format(fromMs),
  elements: last.elements.map(({ price_components: parts }) => ({
    price_components: parts.map((part) => (part.type === "ENERGY" ? { ...part, price: `${perKwh / 100}` } : part))
  }))
})
