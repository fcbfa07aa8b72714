import { Effect, Layer, Option, Redacted } from "effect"
import { overStore } from "#scenarios/lab/CmsProcess.ts"
import { operatorToken } from "#scenarios/lab/doors.ts"
import { PaymentTrigger } from "#scenarios/lab/PaymentTrigger.ts"
import { hurried } from "#scenarios/lab/pspLive.ts"
import { SubscriptionTrigger } from "#scenarios/lab/SubscriptionTrigger.ts"
import { DebtStore } from "#server/dunning/DebtStore.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import { serve, stores } from "#server/Serve.ts"
import { Settings } from "#server/Settings.ts"
import type { Orders } from "./Lives.ts"
import { isOfDebts } from "./points.ts"

/**
 * The server as it ships, on the rules of payments for who has seconds, in a process that kills itself with SIGKILL at
 * the step it was told: no handler runs, nothing is written or said any more.
 */
const orders: Orders = JSON.parse(process.argv[2] ?? "{}")

const die = Effect.suspend(() => {
  process.kill(process.pid, "SIGKILL")
  return Effect.never
})
const trigger = new PaymentTrigger(die)
const debts = new SubscriptionTrigger(die)
if (orders.dieAt !== null) {
  if (isOfDebts(orders.dieAt)) debts.arm(orders.dieAt)
  else trigger.arm(orders.dieAt)
}

const riskMinor = BigInt(orders.riskMinor)
const payments = hurried(orders.apiBase, { charging: { riskMinor } }, (inner) => trigger.exchange(inner))

/** Everything else is as it is when nobody sets anything. */
const program = Effect.gen(function* () {
  const settings = {
    ...(yield* Settings),
    ocppPort: orders.ocppPort,
    httpPort: orders.httpPort,
    host: "127.0.0.1",
    data: orders.data,
    token: Option.some(Redacted.make(operatorToken))
  }
  const watched = overStore(DebtStore, (store) => debts.debts(store))(
    overStore(PaymentStore, (store) => trigger.store(store))(Layer.orDie(stores(settings)))
  )
  yield* serve(settings, watched, payments, { poll: "500 millis", leaseMs: 3_000 })
  return yield* Effect.never
})

Effect.runPromise(Effect.scoped(program))
