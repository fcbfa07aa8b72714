import { Data, Effect, Layer, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type { AuditResult } from "#core/audit/Audit.ts"
import { auditBooks, providerBooks } from "../audit/audit.ts"
import { PaymentProvider } from "../payments/Provider.ts"
import { atOneInstant } from "../postgres/atOneInstant.ts"
import { paymentsOf, storesOnOneConnection } from "../Serve.ts"
import { Settings } from "../Settings.ts"
import { orUnavailable } from "../sql/failures.ts"
import { CannotRun, explain, WrongUse } from "./failures.ts"
import { dataFlag } from "./flags.ts"
import { Screen } from "./Screen.ts"

/** The books break an invariant; which one is on the screen. */
export class AuditFailed extends Data.TaggedError("AuditFailed") {}

/** Invariants on one another's line, and below each what breaks it. */
export const auditLines = (results: ReadonlyArray<AuditResult>): ReadonlyArray<string> => {
  const width = Math.max(...results.map(({ title }) => title.length))
  const digits = Math.max(...results.map(({ checked }) => String(checked).length))
  return results.flatMap(({ id, title, checked, violated, violations }) => {
    const verdict = violated > 0 ? `${violated} violated` : checked === 0 ? "nothing to check" : "holds"
    const more = violated - violations.length
    return [
      `  ${id.padEnd(4)} ${title.padEnd(width)}  ${String(checked).padStart(digits)}  ${verdict}`,
      ...violations.map(({ document, sentence }) => `         ${document}: ${sentence}`),
      ...(more > 0 ? [`         and ${more} more`] : [])
    ]
  })
}

/** What the provider of the settings says, asked before the books are read: what it has not yet settled is left out. */
const asked = Effect.fnUntraced(function* (settings: Settings) {
  const payments = paymentsOf(settings)
  if (payments === undefined)
    return yield* new WrongUse({ message: "--provider asks the payment provider: set STRIPE_SECRET_KEY." })
  return yield* Effect.flatMap(PaymentProvider, providerBooks).pipe(
    Effect.provide(payments.provider),
    Effect.mapError(
      ({ message }) => new CannotRun({ message: `The payment provider did not say what it has. ${message}` })
    )
  )
})

/** `wattproof audit`: the books of a database against the invariants; exit code 1 when one is broken. */
export const auditCommand = Command.make(
  "audit",
  {
    data: dataFlag("Directory of the embedded database (WATTPROOF_DATA, else .wattproof/data)"),
    provider: Flag.Boolean("provider").pipe(
      Flag.withDescription("Also ask the payment provider what it captured and gave back in the last 35 days"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    ),
    json: Flag.Boolean("json").pipe(
      Flag.withDescription("Print one JSON array"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function* ({ data, provider, json }) {
    const { out } = yield* Screen
    const environment = yield* Effect.mapError(Settings, (error) => explain(error, undefined))
    const settings = { ...environment, data: Option.getOrElse(data, () => environment.data) }
    const told = provider ? yield* asked(settings) : undefined
    const results = yield* Effect.scoped(
      Effect.gen(function* () {
        const services = yield* Layer.build(storesOnOneConnection(settings))
        return yield* Effect.provideContext(orUnavailable(atOneInstant(auditBooks(told))), services)
      })
    ).pipe(Effect.mapError((error) => explain(error, settings)))
    out.write(json ? `${JSON.stringify(results)}\n` : `${auditLines(results).join("\n")}\n`)
    if (results.some(({ violated }) => violated > 0)) return yield* new AuditFailed()
  })
).pipe(
  Command.withShortDescription("Hold the books of a database against the invariants of billing"),
  Command.withDescription(
    "Hold the books of a database against the invariants of billing: bills, ledger, invoices, payments. Exits with 1 when one is broken, and names the document. Uses the database that serve would use, as it is at one instant: the server may run on."
  )
)
