import type { CrowdOptions } from "#simulator/fleet/Crowd.ts"
import type { Wallet } from "#simulator/fleet/Person.ts"
import type { AdHoc, App } from "#simulator/fleet/Phone.ts"
import type { TrueToken } from "#simulator/oracles/Oracle.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import type { PeoplePlan } from "../Scenario.ts"
import { operator } from "./operator.ts"
import { adHoc, phone, type Within } from "./phone.ts"
import { dealWallets, type RegisteredToken } from "./wallets.ts"

/** The crowd of a scenario, before its fleet is known. */
export interface People {
  readonly crowd: CrowdOptions
  /** Hands out the wallets; returns what the CMS must be told of. */
  readonly deal: (persons: number) => ReadonlyArray<RegisteredToken>
}

/** People whose phones, codes and operator reach the CMS that serves now. What they change is true from then on. */
export const people = (
  plan: PeoplePlan,
  run: {
    readonly seed: string
    readonly within: Within
    readonly timers: TimersApi
    /** What is true of the tokens, by uid. */
    readonly tokens: Map<string, TrueToken>
    /** The page behind the code on a station; the operator's own, that asks for no money, when not given. */
    readonly adHoc?: AdHoc
    /** What drivers say by their phone, written down. */
    readonly app?: App
  }
): People => {
  const { within, timers, tokens } = run
  const { wallets: walletPlan, ...rest } = plan
  const desk = operator(within)
  let wallets: ReadonlyArray<Wallet> = []
  return {
    deal: (persons) => {
      const dealt = dealWallets(walletPlan, { seed: run.seed, persons })
      wallets = dealt.wallets
      for (const token of dealt.tokens) tokens.set(token.uid, token)
      return dealt.tokens
    },
    crowd: {
      ...rest,
      wallet: (index) => wallets[index]!,
      app: run.app ?? phone(within),
      adHoc: run.adHoc ?? adHoc(within, timers.nowAtMs, (token) => tokens.set(token.uid, token)),
      block: ({ uid }) => {
        const token = tokens.get(uid)
        if (token === undefined || token.blockedAtMs !== null) return
        const blockedAtMs = timers.nowAtMs()
        desk.blockCard(uid, blockedAtMs, (isDone) => {
          if (isDone) tokens.set(uid, { ...token, blockedAtMs })
        })
      }
    }
  }
}
