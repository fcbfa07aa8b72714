import { Effect } from "effect"
import * as Instant from "#core/Instant.ts"
import { StoreUnavailable } from "#server/record/Journal.ts"
import type { TrueToken } from "#simulator/oracles/Oracle.ts"
import type { OcpiTariff } from "#simulator/oracles/SlowRater.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import type { DeskStep } from "../explore/Stage.ts"
import { type CmsProcess, overJournal, type PatchStores } from "./CmsProcess.ts"
import { operator } from "./operator.ts"

/** What is true of cards and prices while a story goes on. */
export interface Register {
  readonly tokens: Map<string, TrueToken>
  readonly tariff: Array<OcpiTariff>
}

/** The next commits that are to fail; shared by every start of the server. */
export class BrokenDatabase {
  private left = 0
  private when: "before commit" | "after commit" = "before commit"

  fail(when: "before commit" | "after commit", commits: number): void {
    this.when = when
    this.left = commits
  }

  mend(): void {
    this.left = 0
  }

  readonly patch: PatchStores = overJournal((journal) => ({
    ...journal,
    commit: (units) =>
      Effect.suspend(() => {
        if (this.left === 0) return journal.commit(units)
        this.left--
        const away = Effect.fail(new StoreUnavailable({ cause: "the story says so" }))
        return this.when === "before commit" ? away : Effect.andThen(journal.commit(units), away)
      })
  }))
}

const careEveryMs = 2_000
const tries = 60

/** What a desk needs of a CMS. One that shares our process cannot be killed, only stopped and started again. */
export type DeskCms = Pick<CmsProcess, "isUp" | "start" | "stop" | "within"> &
  Partial<Pick<CmsProcess, "kill" | "crashAtNextCommit" | "disarm">>

/** The operator's desk, and whoever starts the server again. */
export class Desk {
  private readonly cms: DeskCms
  private readonly register: Register
  private readonly database: BrokenDatabase
  private readonly timers: TimersApi
  private readonly closed = new Set<string>()
  private downMs = careEveryMs
  private restartAsked = false
  private isLeaving = false

  constructor(cms: DeskCms, register: Register, database: BrokenDatabase, timers: TimersApi) {
    this.cms = cms
    this.register = register
    this.database = database
    this.timers = timers
  }

  take(step: DeskStep): void {
    const { cms, register } = this
    const desk = operator(cms.within)
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
        desk.ask(step.station, { _tag: "Reset", when: step.when, evseId: null }, () => {})
        return
      case "unlock connector":
        desk.ask(step.station, { _tag: "Unlock", evseId: step.evse, connectorId: 1 }, () => {})
        return
      case "change availability":
        this.closed.add(step.station)
        this.setAvailable(step.station, step.available, () => {})
        return
      case "kill CMS":
        this.downMs = step.for * 1000
        if (step.when === "now") cms.kill?.()
        else
          cms.crashAtNextCommit?.({
            afterMs: 0,
            downMs: 0,
            point: step.when === "before the next commit" ? "beforeCommit" : "afterCommit"
          })
        return
      case "restart CMS":
        this.downMs = step.for * 1000
        this.restartAsked = true
        return
      case "database fails":
        this.database.fail(step.when, step.commits)
    }
  }

  /** Nothing breaks any more, and what the operator closed opens again. */
  readonly heal: Effect.Effect<void> = Effect.gen({ self: this }, function* () {
    this.cms.disarm?.()
    this.database.mend()
    for (const stationId of this.closed) {
      for (let attempt = 0; attempt < tries; attempt++) {
        const isDone = yield* Effect.callback<boolean>((resume) =>
          this.setAvailable(stationId, true, (accepted) => resume(Effect.succeed(accepted)))
        )
        if (isDone) break
        yield* Effect.sleep("30 seconds")
      }
    }
  })

  /** Starts the server whenever it is down, after its time. Fails with what it died of, if it died of itself. */
  readonly care: Effect.Effect<never> = Effect.gen({ self: this }, function* () {
    const { cms } = this
    while (!this.isLeaving) {
      const [startsAgain] = yield* Effect.all([this.stopIfAsked, Effect.sleep(careEveryMs)])
      if (!startsAgain && cms.isUp) continue
      yield* Effect.sleep(this.downMs)
      this.restartAsked = false
      yield* cms.start
    }
    return yield* Effect.never
  })

  /** No server is started any more. */
  leave(): void {
    this.isLeaving = true
  }

  private readonly stopIfAsked: Effect.Effect<boolean> = Effect.suspend(() =>
    this.restartAsked && this.cms.isUp ? Effect.as(this.cms.stop, true) : Effect.succeed(false)
  )

  private setAvailable(stationId: string, available: boolean, answer: (accepted: boolean) => void): void {
    const operation = { _tag: "ChangeAvailability", evseId: null, connectorId: null, available } as const
    operator(this.cms.within).ask(stationId, operation, answer)
  }
}

/** The next version: valid from now on, and the kWh at another price (in cents). */
const dearer = (last: OcpiTariff, perKwh: number, fromMs: number): OcpiTariff => ({
  ...last,
  version: (last.version ?? 1) + 1,
  start_date_time: Instant.format(fromMs),
  elements: last.elements.map(({ price_components: parts }) => ({
    price_components: parts.map((part) => (part.type === "ENERGY" ? { ...part, price: `${perKwh / 100}` } : part))
  }))
})
