import type { Truth } from "../Truth.ts"
import { authorization } from "./authorization.ts"
import { durability } from "./durability.ts"
import type { Evidence } from "./Evidence.ts"
import { energy } from "./energy.ts"
import { identity } from "./identity.ts"
import { liveness } from "./liveness.ts"
import { money } from "./money.ts"
import type { Context, Oracle, OracleResult, Verdict } from "./Oracle.ts"
import { protocol } from "./protocol.ts"
import { status } from "./status.ts"

/** Every oracle, in the order reported. */
export const oracles: ReadonlyArray<Oracle> = [
  energy,
  money,
  authorization,
  identity,
  liveness,
  durability,
  protocol,
  status
]

/** Asks every oracle. */
export const judge = (truth: Truth, evidence: Evidence, context: Context): ReadonlyArray<OracleResult> =>
  oracles.map(({ name, title, checks }) => ({ name, title, ...checks(truth, evidence, context) }))

/** The run's verdict: one failure fails it; otherwise what was verifiable at all decides. */
export const verdictOf = (results: ReadonlyArray<OracleResult>): Verdict => {
  if (results.some(({ verdict }) => verdict === "FAIL")) return "FAIL"
  return results.some(({ verdict }) => verdict === "PASS") ? "PASS" : "NOT VERIFIABLE"
}
