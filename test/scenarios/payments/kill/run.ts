import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer } from "effect"
import { runLive } from "#scenarios/Lab.ts"
import type { Hosting } from "#scenarios/lab/pspLive.ts"
import type { RunResult } from "#scenarios/lab/Result.ts"
import { payday } from "#scenarios/payday.ts"
import type { PaymentCrashPoint } from "#scenarios/paymentCrashPoints.ts"
import type { PaymentPlan, Scenario } from "#scenarios/Scenario.ts"
import { start } from "#server/postgres/Launcher.ts"
import { today } from "#simulator/fleet/Mix.ts"
import { paymentFaults } from "#simulator/psp/faults.ts"
import type { Provider } from "#simulator/psp/Provider.ts"
import * as Stream from "#simulator/Stream.ts"
import { freePort } from "../../../server/kill/ServerProcess.ts"
import { Lives } from "./Lives.ts"

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

/** What came of it. */
export interface Killed {
  readonly result: RunResult
  readonly provider: Provider
  readonly deaths: ReadonlyArray<PaymentCrashPoint>
  readonly missed: ReadonlyArray<PaymentCrashPoint>
}

/**
 * Drivers pay at a server in a process of its own, which is killed by SIGKILL at each of the points, one after the
 * other, and started again on the same PostgreSQL. The provider is in this process, over HTTP, and keeps the truth.
 */
export const killThrough = Effect.fnUntraced(function* (
  points: ReadonlyArray<PaymentCrashPoint>,
  seed: string,
  onDeath: (point: PaymentCrashPoint) => void = () => {}
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
