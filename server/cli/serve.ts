import { resolve } from "node:path"
import { Effect, Option } from "effect"
import { Command } from "effect/cli"
import { type Serving, serve, stores } from "../Serve.ts"
import { Settings } from "../Settings.ts"
import { explain } from "./failures.ts"
import { contradiction, serverFlags, withFlags } from "./flags.ts"
import { Screen } from "./Screen.ts"

/** What an operator must know once the doors are open. */
export const announce = (settings: Settings, serving: Serving): ReadonlyArray<string> => {
  const row = (name: string, value: string) => `  ${name.padEnd(10)}${value}`
  const database = Option.isSome(settings.databaseUrl) ? "the one DATABASE_URL names" : resolve(settings.data)
  return [
    row("stations", `${serving.ocppUrl}<identity>`),
    row("", "OCPP 1.6, 2.0.1 and 2.1; stations nobody registered are"),
    row(
      "",
      settings.onboarding === "open" ? "taken in (--onboarding open)" : "refused (--onboarding open takes them in)"
    ),
    row("API", serving.apiUrl),
    row("docs", serving.docsUrl),
    row("database", database)
  ]
}

const firstToken = (serving: Serving): ReadonlyArray<string> =>
  serving.madeToken === undefined
    ? []
    : ["", "  The administrator's token, made now and shown this once:", "", `    ${serving.madeToken}`]

const sharedData =
  "Another server runs on the same data: each keeps its own cache of cards and stations, so a change made at one is seen late at the other, or not before that one starts again."

/** What has no flag is told here: there is no other place where an operator would find it. */
const description = `Run the charging management system, until it is told to stop (Ctrl-C).

  Set in the environment only:
    DATABASE_URL             a PostgreSQL of your own instead of the embedded one
    DATABASE_CA              TLS to that one: file with the certificate (PEM) of the authority that vouches for it
    STRIPE_SECRET_KEY        payments by Stripe; without it they are off
    STRIPE_WEBHOOK_SECRET    of its webhooks, which arrive at /webhooks/stripe on the API's port
    STRIPE_API_BASE          another place that speaks Stripe's API (https://api.stripe.com)
    WATTPROOF_REGISTRATION   open lets drivers sign up over the API (closed)
    OCPP_HEARTBEAT_INTERVAL  between stations' heartbeats, told at boot (5 minutes)
    OCPP_PING_INTERVAL       between pings of a connection (60 seconds)
    OCPP_PING_TIMEOUT        for the answer, before the connection is cut (30 seconds)
    OCPP_MAX_COMPRESSED      connections that may use permessage-deflate, 120 KiB each (256)`

/** `wattproof serve`: the CMS, until it is told to stop. */
export const serveCommand = Command.make(
  "serve",
  serverFlags,
  Effect.fnUntraced(function* (flags) {
    const { out, err } = yield* Screen
    const environment = yield* Effect.mapError(Settings, (error) => explain(error, undefined))
    const settings = withFlags(environment, flags)
    const wrong = contradiction(settings, flags)
    if (wrong !== undefined) return yield* wrong
    yield* Effect.scoped(
      Effect.gen(function* () {
        let isShared = false
        const store = stores(settings, () => {
          isShared = true
        })
        const serving = yield* Effect.mapError(serve(settings, store), (error) => explain(error, settings))
        const lines = [
          out.style.bold("Wattproof serves"),
          "",
          ...announce(settings, serving),
          ...firstToken(serving),
          ""
        ]
        out.write(`${lines.join("\n")}\n`)
        if (isShared) err.write(`${err.style.yellow("Warning.")} ${sharedData}\n`)
        yield* Effect.addFinalizer(() =>
          Effect.sync(() => err.write("Stopping: stations are told, and what waits is written.\n"))
        )
        return yield* Effect.never
      })
    )
  })
).pipe(
  Command.withShortDescription("Run the charging management system"),
  Command.withDescription(description),
  Command.withExamples([
    { command: "wattproof serve", description: "With a database of its own, in .wattproof/data" },
    { command: "DATABASE_URL=postgres://user@host/database wattproof serve", description: "With yours" }
  ])
)
