import { Effect } from "effect"
import { runLive, runVirtual } from "#scenarios/Lab.ts"
import type { PaymentWorld } from "#scenarios/lab/psp.ts"
import type { RunResult } from "#scenarios/lab/Result.ts"
import { payday } from "#scenarios/payday.ts"
import { paymentCrashPointNames } from "#scenarios/paymentCrashPoints.ts"
import type { Crash, PaymentPlan, Scenario } from "#scenarios/Scenario.ts"
import { plainTariff } from "#scenarios/tariffs.ts"
import type { Evidence } from "#simulator/oracles/Evidence.ts"
import { paymentCatalogue, paymentFaults } from "#simulator/psp/faults.ts"
import type { Provider } from "#simulator/psp/Provider.ts"
import * as Stream from "#simulator/Stream.ts"

const hourMs = 3_600_000

/** A tenner is held at first, so that many charges need more. */
export const dearTariff = plainTariff.map((tariff) => ({ ...tariff, preauthorize_amount: 10 }))

/** A day of few drivers who all pay by card; nothing goes wrong. */
export const smallDay = (seed: string): Scenario => ({
  ...payday,
  seed,
  stations: 2,
  settings: { sampleIntervalS: 300 },
  people: { ...payday.people!, manners: { ...payday.people!.manners, startsBy: [["qr", 1]] } },
  payments: { ...payday.payments!, cards: [["pm_card_visa", 1]], walksAway: 0, mishaps: false, faults: [] },
  crashes: []
})

/** The same with a mixture of faults and deaths of the server drawn by the seed. */
export const drawnDay = (seed: string): Scenario => {
  const stream = Stream.make(seed, "payday")
  const faults = paymentCatalogue
    .filter(() => stream.chance(0.35))
    .map((entry) => entry.make(entry.draw(stream.split(entry.name))))
  const crashes: Array<Crash> = []
  for (let i = stream.int(0, 4); i > 0; i--) {
    const afterMs = (24 - i * 5) * hourMs + stream.int(0, hourMs)
    crashes.push({ afterMs, point: stream.pick(paymentCrashPointNames), downMs: stream.int(1, 600) * 1_000 })
  }
  const day = smallDay(seed)
  const { profile } = day.people!
  // A look every two seconds is most of what such a day costs; some days keep it.
  const pollMs = stream.weighted([
    [2_000, 1],
    [20_000, 3]
  ])
  const habits: Partial<PaymentPlan> = {
    accounts: stream.pick([0, 0.4]),
    goodwill: stream.pick([0, 0.4]),
    mishaps: stream.split("mishaps").chance(0.3),
    charging: { riskMinor: stream.pick([0n, 2_000n]) }
  }
  const drawn: Scenario = {
    ...day,
    tariff: stream.chance(0.5) ? dearTariff : day.tariff,
    people: { ...day.people!, profile: { ...profile, personsPerPlace: 5 } },
    payments: { ...payday.payments!, pollMs, ...habits, faults },
    crashes
  }
  return stream.split("owing").chance(0.25) ? owing(drawn) : drawn
}

/**
 * The same day with much owed beyond its holds, which is taken from kept cards by calls that often get no answer, while
 * neither a webhook nor a search tells in time: the only way to a second intent of one payment, and to a charge of which
 * nobody knows the end when the next is due.
 */
const owing = (day: Scenario): Scenario => {
  const own = ["increment-refused", "slow-search", "timeout-made", "timeout-nothing", "webhook-lost"]
  const faults = [
    ...day.payments!.faults.filter(({ name }) => !own.includes(name)),
    paymentFaults.lostNotices.make({ ratio: 0.8 }),
    paymentFaults.slowSearch.make({ afterMs: hourMs }),
    paymentFaults.incrementRefused.make({ ratio: 1 }),
    paymentFaults.silentAndMade.make({ ratio: 0.3 }),
    paymentFaults.silentAndNothing.make({ ratio: 0.1 })
  ]
  const habits = { accounts: 1, goodwill: 0.4, charging: { riskMinor: 2_000n }, faults }
  return { ...day, tariff: dearTariff, payments: { ...day.payments!, ...habits } }
}

/** The day in seconds and over HTTP, with some of its faults. */
export const drawnHttpDay = (seed: string): Scenario => {
  const stream = Stream.make(seed, "payday over HTTP")
  const { payments, ...plan } = payday.live!
  const faults = payments!.faults.filter(() => stream.chance(0.5))
  return { ...payday, seed, live: { ...plan, stations: 5, charges: 2, payments: { ...payments!, faults } } }
}

/** What was seen of a day's payments. */
export interface Day {
  readonly result: RunResult
  readonly provider: Provider
  readonly deaths: number
}

/** Lives it over HTTP, on the wall clock. */
export const liveOverHttp = (scenario: Scenario) =>
  Effect.gen(function* () {
    const seen: { provider?: Provider } = {}
    const result = yield* runLive(scenario, {
      store: "memory",
      onPayments: ({ provider }) => {
        seen.provider = provider
      }
    })
    return { result, provider: seen.provider!, deaths: 0 } satisfies Day
  })

/** Lives a day in memory, and shows what became of its payments. */
export const live = (scenario: Scenario) =>
  Effect.gen(function* () {
    const seen: { payments?: PaymentWorld; evidence?: Evidence } = {}
    const result = yield* runVirtual(scenario, {
      store: "memory",
      onPayments: (payments) => {
        seen.payments = payments
      },
      onEvidence: (evidence) => {
        seen.evidence = evidence
      }
    })
    return { result, payments: seen.payments!, evidence: seen.evidence! }
  })

/** What oracles hold against a day, in words. */
export const complaints = ({ oracles }: { readonly oracles: ReadonlyArray<Named> }): ReadonlyArray<string> =>
  oracles.flatMap(({ name, failures }) =>
    failures.map(({ sentence, expected, found }) => `${name}: ${sentence} expected ${expected}, found ${found}`)
  )

interface Named {
  readonly name: string
  readonly failures: ReadonlyArray<{ readonly sentence: string; readonly expected: string; readonly found: string }>
}
