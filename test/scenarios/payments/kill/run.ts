import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer } from "effect"
import { runLive } from "#scenarios/Lab.ts"
import type { Hosting } from "#scenarios/lab/pspLive.ts"
import type { RunResult } from "#scenarios/lab/Result.ts"
import { seller } from "#scenarios/lab/seller.ts"
import { payday } from "#scenarios/payday.ts"
import type { PaymentPlan, Scenario } from "#scenarios/Scenario.ts"
import { DebtStore } from "#server/dunning/DebtStore.ts"
import { InvoiceStore } from "#server/invoices/InvoiceStore.ts"
import { start } from "#server/postgres/Launcher.ts"
import { today } from "#simulator/fleet/Mix.ts"
import { paymentFaults } from "#simulator/psp/faults.ts"
import type { Provider } from "#simulator/psp/Provider.ts"
import * as Stream from "#simulator/Stream.ts"
import { freePort } from "../../../server/kill/ServerProcess.ts"
import { Lives } from "./Lives.ts"
import type { KillPoint } from "./points.ts"
import { saver } from "./savers.ts"

const riskMinor = 2_000n

/** Every step is taken often: some cards are refused or kept, holds are raised or not, and money is given back. */
const plan: PaymentPlan = {
  cards: [
    ["pm_card_visa", 85],
    ["pm_card_threeDSecure2Required", 10],
    ["pm_card_chargeDeclinedLostCard", 5]
  ],
  walksAway: 0.08,
  accounts: 0.5,
  goodwill: 0.6,
  charging: { riskMinor },
  faults: [
    paymentFaults.incrementRefused.make({ ratio: 0.5 }),
    paymentFaults.absentDeclined.make({ ratio: 0.5 }),
    paymentFaults.silentAndMade.make({ ratio: 0.03 }),
    paymentFaults.lostNotices.make({ ratio: 0.1 })
  ]
}

/** Fast chargers, on which seconds use up what is held. */
const fast = today.filter(([kind]) => kind.name.startsWith("fast"))

const scenario = (seed: string): Scenario => ({
  ...payday,
  name: "payments killed",
  seed,
  mix: fast,
  live: { ...payday.live!, stations: 6, charges: 1_000, chargeMs: 8_000, payments: plan }
})

/** What is owed is asked for on the day itself, all of it. */
const asksAtOnce = Effect.gen(function* () {
  yield* (yield* InvoiceStore).saveSeller(seller)
  yield* (yield* DebtStore).savePolicy({
    reminders: [
      { afterDays: 0, feeMinor: 0n },
      { afterDays: 0, feeMinor: 250n }
    ],
    suspendAfterDays: 0,
    collectAfterDays: 0
  })
})

const untilTrue = Effect.fnUntraced(function* (is: () => boolean) {
  while (!is()) yield* Effect.sleep("200 millis")
})

/** What came of it. */
export interface Killed {
  readonly result: RunResult
  readonly provider: Provider
  readonly deaths: ReadonlyArray<KillPoint>
  readonly missed: ReadonlyArray<KillPoint>
}

/**
 * Drivers pay at a server in a process of its own, which is killed by SIGKILL at each of the points, one after the
 * other, and started again on the same PostgreSQL. The provider is in this process, over HTTP, and keeps the truth.
 */
export const killThrough = Effect.fnUntraced(function* (
  points: ReadonlyArray<KillPoint>,
  seed: string,
  onDeath: (point: KillPoint) => void = () => {}
) {
  const directory = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "wattproof-payments-"))),
    (made) => Effect.sync(() => rmSync(made, { recursive: true, force: true }))
  )
  const data = join(directory, "data")
  const database = yield* start({ dataDirectory: data, durable: true })
  const ports = Stream.make(seed, "ports")
  const [ocppPort, httpPort] = [
    yield* Effect.promise(() => freePort(ports)),
    yield* Effect.promise(() => freePort(ports))
  ]
  const seen: { lives?: Lives; provider?: Provider } = {}
  const host: Hosting = Effect.fnUntraced(function* ({ store, wire, payments }) {
    const services = yield* Layer.build(store.layer)
    const orders = { data, ocppPort, httpPort, apiBase: payments!.apiBase, riskMinor: String(riskMinor) }
    const lives = new Lives(orders, join(directory, "server.log"), (point) => {
      wire.serverDied()
      onDeath(point)
    })
    seen.lives = lives
    seen.provider = payments!.provider
    yield* Effect.orDie(Effect.provideContext(asksAtOnce, services))
    let isOver = false
    yield* Effect.addFinalizer(() => lives.stop)
    yield* Effect.forkScoped(
      Effect.ensuring(
        lives.through(points),
        Effect.sync(() => {
          isOver = true
        })
      )
    )
    const bank = { apiAt: () => lives.apiAt, provider: payments!.provider }
    for (let saved = 1; saved <= 2; saved++)
      yield* Effect.forkScoped(
        Effect.race(
          saver(bank, `saver-${saved}`),
          untilTrue(() => isOver)
        )
      )
    return {
      url: `ws://127.0.0.1:${ocppPort}/ocpp`,
      apiAt: () => lives.apiAt,
      services,
      isOver: () => isOver
    }
  })
  const result = yield* runLive(scenario(seed), { store: "postgres", database, host })
  const { deaths, missed } = seen.lives!
  return { result, provider: seen.provider!, deaths, missed } satisfies Killed
}, Effect.scoped)
