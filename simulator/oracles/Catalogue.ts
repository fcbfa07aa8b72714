import type { Truth } from "../Truth.ts"
import { audit } from "./audit.ts"
import { authorization } from "./authorization.ts"
import { displays } from "./displays.ts"
import { durability } from "./durability.ts"
import type { Evidence } from "./Evidence.ts"
import { energy } from "./energy.ts"
import { identity } from "./identity.ts"
import { limits } from "./limits.ts"
import { liveness } from "./liveness.ts"
import { money } from "./money.ts"
import { monotone } from "./monotone.ts"
import { type Context, merge, type Oracle, type OracleResult, type Verdict } from "./Oracle.ts"
import { operations } from "./operations.ts"
import { payments } from "./payments.ts"
import { protocol } from "./protocol.ts"
import { resources } from "./resources.ts"
import { status } from "./status.ts"
import { stops } from "./stops.ts"
import { subscriptions } from "./subscriptions.ts"
import { wallet } from "./wallet.ts"

/** Every oracle that is asked of every run, in the order reported. */
export const oracles: ReadonlyArray<Oracle> = [
  energy,
  money,
  authorization,
  identity,
  monotone,
  liveness,
  durability,
  protocol,
  status,
  operations,
  audit,
  resources
]

/** With those of payments, wallets, limits, displays and subscriptions, where there are any; elsewhere they have nothing to say. */
export const oraclesOf = ({
  psp,
  prepaid,
  wishes,
  displays: looked,
  subscribers
}: Pick<Context, "psp" | "prepaid" | "wishes" | "displays" | "subscribers">): ReadonlyArray<Oracle> => [
  ...oracles,
  ...(psp === undefined ? [] : [payments]),
  ...(prepaid === undefined ? [] : [wallet, stops]),
  ...(wishes === undefined ? [] : [limits]),
  ...(looked === undefined ? [] : [displays]),
  ...(subscribers === undefined ? [] : [subscriptions])
]

/** Asks every oracle concerned, and adds what was found while the run lasted. */
export const judge = (truth: Truth, evidence: Evidence, context: Context): ReadonlyArray<OracleResult> => {
  const during = context.course?.outcomes() ?? {}
  return oraclesOf(context).map(({ name, title, checks }) => {
    const atTheEnd = checks(truth, evidence, context)
    const earlier = during[name]
    return { name, title, ...(earlier === undefined ? atTheEnd : merge(earlier, atTheEnd)) }
  })
}

/** The run's verdict: one failure fails it; otherwise what was verifiable at all decides. */
export const verdictOf = (results: ReadonlyArray<OracleResult>): Verdict => {
  if (results.some(({ verdict }) => verdict === "FAIL")) return "FAIL"
  return results.some(({ verdict }) => verdict === "PASS") ? "PASS" : "NOT VERIFIABLE"
}
