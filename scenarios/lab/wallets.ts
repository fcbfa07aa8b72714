import type { PresentedToken, TokenType } from "#core/token/Token.ts"
import { strayCard } from "#simulator/fleet/Cards.ts"
import type { Wallet } from "#simulator/fleet/Person.ts"
import type { TrueToken } from "#simulator/oracles/Oracle.ts"
import * as Stream from "#simulator/Stream.ts"

/** What people carry: shares of persons, 0 to 1. */
export interface WalletPlan {
  /** A second card of another kind, for the same driver. */
  readonly second: number
  /** The app's account, for the same driver. */
  readonly account: number
  /** Somebody else has a card of the same group. */
  readonly mate: number
  /** Pays with the company's card, one for so many neighbours in the list; `limit` charges at once, null is any number. */
  readonly fleet: { readonly share: number; readonly drivers: number; readonly limit: number | null }
}

/** One card each, and an account for every third. */
export const plainWallets: WalletPlan = {
  second: 0.4,
  account: 0.35,
  mate: 0.1,
  fleet: { share: 0, drivers: 1, limit: null }
}

/** A token as the operator enters it. */
export interface RegisteredToken extends TrueToken {
  readonly type: TokenType
}

/** All wallets of a run, and the tokens in them that the CMS is told of, each once. */
export interface Wallets {
  readonly wallets: ReadonlyArray<Wallet>
  readonly tokens: ReadonlyArray<RegisteredToken>
}

const plain = { expiresAtMs: null, blockedAtMs: null, allowedStations: null }

/** Deals wallets for so many persons; one depends on its number and the seed only. */
export const dealWallets = (plan: WalletPlan, run: { readonly seed: string; readonly persons: number }): Wallets => {
  const root = Stream.make(run.seed, "wallets")
  const tokens = new Map<string, RegisteredToken>()
  const register = (
    uid: string,
    type: TokenType,
    driverId: string,
    more: { readonly groupId?: string; readonly concurrencyLimit?: number | null } = {}
  ): PresentedToken => {
    const { groupId = null, concurrencyLimit = null } = more
    tokens.set(uid, { uid, type, driverId, groupId, concurrencyLimit, ...plain })
    return { uid, type }
  }
  const wallets = Array.from({ length: run.persons }, (_, index): Wallet => {
    const stream = root.split(String(index + 1))
    const number = String(index + 1).padStart(6, "0")
    const driverId = `person-${number}`
    const [hasFleetCard, hasSecond, hasAccount, hasMate] = [plan.fleet.share, plan.second, plan.account, plan.mate].map(
      (share) => stream.chance(share)
    )
    const group = hasMate === true && hasFleetCard !== true ? { groupId: `G${number}` } : {}
    return {
      card: hasFleetCard === true ? fleetCard(index) : register(`P${number}`, "ISO14443", driverId, group),
      second: hasSecond === true ? register(`S${number}`, "ISO15693", driverId) : null,
      account: hasAccount === true ? register(`A${number}`, "Central", driverId) : null,
      mate: group.groupId === undefined ? null : register(`M${number}`, "ISO14443", `mate-${number}`, group),
      stray: strayCard(stream.split("stray"))
    }
  })
  return { wallets, tokens: [...tokens.values()] }

  function fleetCard(index: number): PresentedToken {
    const company = String(Math.floor(index / plan.fleet.drivers) + 1).padStart(4, "0")
    return register(`F${company}`, "ISO14443", `company-${company}`, { concurrencyLimit: plan.fleet.limit })
  }
}
