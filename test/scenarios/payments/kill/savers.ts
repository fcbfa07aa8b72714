import { Effect } from "effect"
import { operatorToken } from "#scenarios/lab/doors.ts"
import type { ApiAt } from "#scenarios/lab/pspLive.ts"
import type { Provider } from "#simulator/psp/Provider.ts"

interface Bank {
  readonly apiAt: ApiAt
  readonly provider: Provider
}

/** One request to the API over HTTP; undefined when it was not answered with what was asked for. */
const ask = <A>({ apiAt }: Bank, bearer: string, method: "GET" | "POST", path: string, body?: object) =>
  Effect.promise((): Promise<A | undefined> => {
    const base = apiAt()
    if (base === undefined) return Promise.resolve(undefined)
    return fetch(`${base}/api/v1${path}`, {
      method,
      signal: AbortSignal.timeout(5_000),
      headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    }).then(
      (response) =>
        response.text().then(
          (text) => (response.ok ? (JSON.parse(text) as A) : undefined),
          () => undefined
        ),
      () => undefined
    )
  })

const untilAnswered = Effect.fnUntraced(function* <A>(asked: Effect.Effect<A | undefined>) {
  for (;;) {
    const answer = yield* asked
    if (answer !== undefined) return answer
    yield* Effect.sleep("300 millis")
  }
})

/**
 * Somebody who pays into his wallet by card, again and again, and asks for each under its name until there is an answer:
 * what was asked for twice is there once.
 */
export const saver = Effect.fnUntraced(function* (bank: Bank, driverId: string) {
  const asOperator = <A>(method: "GET" | "POST", path: string, body?: object) =>
    ask<A>(bank, operatorToken, method, path, body)
  yield* untilAnswered(
    Effect.gen(function* () {
      yield* asOperator("POST", "/drivers", { id: driverId, name: driverId })
      yield* asOperator("POST", "/wallets", { driverId, currency: "EUR" })
      return yield* asOperator("GET", `/wallets/${driverId}`)
    })
  )
  const key = asOperator<{ readonly token: string }>("POST", `/drivers/${driverId}/keys`, { name: "app" })
  const { token } = yield* untilAnswered(key)
  for (let count = 1; ; count++) {
    const wish = { id: `saved-${count}`, amountMinor: String(1_000 + count) }
    const asked = ask<{ readonly clientSecret: string | null }>(bank, token, "POST", "/me/wallet/top-ups", wish)
    const { clientSecret } = yield* untilAnswered(asked)
    if (clientSecret !== null) bank.provider.enterCard(clientSecret, "pm_card_visa")
    yield* Effect.sleep("700 millis")
  }
})
