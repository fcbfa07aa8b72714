import { Effect, Redacted } from "effect"
import type { AuditResult } from "#core/audit/Audit.ts"
import { auditBooks, providerBooks } from "#server/audit/audit.ts"
import * as StripeProvider from "#server/payments/stripe/StripeProvider.ts"
import type { World } from "../payments/world.ts"

/** The books of a world against its provider, as `wattproof audit --provider` asks for them. */
export const audited = Effect.fnUntraced(function* ({ stripe }: World) {
  const provider = StripeProvider.make({
    secretKey: Redacted.make("sk_test_1"),
    webhookSecret: Redacted.make(""),
    exchange: stripe.exchange
  })
  return yield* auditBooks(yield* providerBooks(provider))
})

/** The ids of the invariants that do not hold. */
export const violatedIn = (results: ReadonlyArray<AuditResult>) =>
  results.filter(({ violated }) => violated > 0).map(({ id }) => id)

/** Those that do not hold of a world and its provider. */
export const violated = (world: World) => Effect.map(audited(world), violatedIn)
