import type { Effect } from "effect"
import type { TrueToken } from "#simulator/oracles/Oracle.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import type { Scenario } from "../Scenario.ts"
import { both, type PatchStores } from "./CmsProcess.ts"
import { Dunned } from "./dunned.ts"
import type { Within } from "./phone.ts"
import { Prepaid } from "./prepaid.ts"
import { PaymentWorld } from "./psp.ts"
import { Subscribers } from "./subscribers.ts"

/** What those who pay have of the world around them. */
interface Around {
  readonly timers: TimersApi
  readonly tokens: Map<string, TrueToken>
  readonly within: Within
  /** Ends the server's process at that place, and never returns. */
  readonly die: Effect.Effect<never>
  readonly sampleIntervalS: number
  readonly longestDownMs: number
}

/** Those who pay in a scenario, each part where the scenario has it, and what of them stands between server and stores. */
export interface Payers {
  readonly payments: PaymentWorld | undefined
  readonly prepaid: Prepaid | undefined
  readonly subscribers: Subscribers | undefined
  readonly dunned: Dunned | undefined
  readonly patch: PatchStores
}

/** A provider and its cards, wallets and budgets, subscriptions, and debts: as the scenario plans them. */
export const payersOf = (scenario: Scenario, around: Around): Payers => {
  const { seed, startAtMs, days } = scenario
  const own = { ...around, seed }
  const payments = scenario.payments && new PaymentWorld({ ...own, plan: scenario.payments })
  const provider = payments?.provider
  const prepaid =
    scenario.prepaid && new Prepaid({ ...own, plan: scenario.prepaid, topUps: payments?.topUps, startAtMs, days })
  const subscribers =
    scenario.subscribers && provider && new Subscribers({ ...own, plan: scenario.subscribers, provider, startAtMs })
  const dunned = scenario.dunning && provider && new Dunned({ ...own, plan: scenario.dunning, provider })
  const patch = both(payments?.patch, both(prepaid?.patch, both(subscribers?.patch, dunned?.patch)))
  return { payments, prepaid, subscribers, dunned, patch }
}
