import { resolve } from "node:path"
import { Console, Effect, Option } from "effect"
import { Command } from "effect/cli"
import { type Serving, serve, stores } from "../Serve.ts"
import { Settings } from "../Settings.ts"
import { serverFlags, withFlags } from "./flags.ts"

/** What an operator must know once the doors are open. */
export const announce = (settings: Settings, serving: Serving): ReadonlyArray<string> => {
  const row = (name: string, value: string) => `  ${name.padEnd(10)}${value}`
  const database = Option.isSome(settings.databaseUrl) ? "DATABASE_URL" : resolve(settings.data)
  return [
    row("stations", `${serving.ocppUrl}<identity>   (ocpp1.6, ocpp2.0.1, ocpp2.1)`),
    row("API", serving.apiUrl),
    row("docs", serving.docsUrl),
    row("database", database),
    row("unknown", settings.onboarding === "open" ? "stations are taken in" : "stations are refused"),
    ...(serving.madeToken === undefined
      ? []
      : ["", "  The administrator's token, shown this once:", "", `    ${serving.madeToken}`, ""])
  ]
}

/** `wattproof serve`: the CMS, until it is told to stop. */
export const serveCommand = Command.make(
  "serve",
  serverFlags,
  Effect.fnUntraced(function* (flags) {
    const settings = withFlags(yield* Settings, flags)
    yield* Effect.scoped(
      Effect.gen(function* () {
        const serving = yield* serve(settings, stores(settings))
        yield* Console.log(["wattproof serves", ...announce(settings, serving)].join("\n"))
        yield* Effect.never
      })
    )
  })
).pipe(Command.withDescription("Run the charging management system"))
