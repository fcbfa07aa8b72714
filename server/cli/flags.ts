import { Option, Redacted } from "effect"
import { Flag } from "effect/cli"
import { minTokenLength } from "../api/FirstToken.ts"
import type { Settings } from "../Settings.ts"
import { WrongUse } from "./failures.ts"

/** A flag whose value is a whole number from `minimum` to `maximum`; `expected` tells what to give instead. */
export const wholeNumber = (name: string, minimum: number, maximum: number, expected: string): Flag.Flag<number> =>
  Flag.String(name).pipe(
    Flag.withMetavar("number"),
    Flag.filterMap(
      (text) => {
        const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
        return value >= minimum && value <= maximum ? Option.some(value) : Option.none()
      },
      () => expected
    )
  )

const port = (name: string, description: string) =>
  wholeNumber(name, 0, 65_535, "a port from 0 to 65535 (0 takes any that is free)").pipe(
    Flag.withDescription(description),
    Flag.optional
  )

/** The flag that says where the embedded database is. */
export const dataFlag = (description: string): Flag.Flag<Option.Option<string>> =>
  Flag.String("data").pipe(Flag.withMetavar("directory"), Flag.withDescription(description), Flag.optional)

const tokenRule = `a token of at least ${minTokenLength} characters`

/** The flags of every command that runs a server; each stands above its environment variable. */
export const serverFlags = {
  ocppPort: port("ocpp-port", "Where stations connect (OCPP_PORT, else 9220)"),
  httpPort: port("http-port", "Where the API is (HTTP_PORT, else 9221); the OCPP port serves both"),
  host: Flag.String("host").pipe(
    Flag.withMetavar("address"),
    Flag.withDescription("Address to listen on (HOST, else 0.0.0.0)"),
    Flag.optional
  ),
  data: dataFlag("Directory of the embedded database (WATTPROOF_DATA, else .wattproof/data)"),
  onboarding: Flag.Literals("onboarding", ["registered", "open"]).pipe(
    Flag.withDescription("open takes in stations that nobody registered (WATTPROOF_ONBOARDING, else registered)"),
    Flag.optional
  ),
  token: Flag.String("token").pipe(
    Flag.withMetavar("token"),
    Flag.filter(
      (token) => token.length >= minTokenLength,
      () => tokenRule
    ),
    Flag.withDescription("The first administrator's token, given instead of made (WATTPROOF_TOKEN)"),
    Flag.optional
  )
}

export interface ServerFlags {
  readonly ocppPort: Option.Option<number>
  readonly httpPort: Option.Option<number>
  readonly host: Option.Option<string>
  readonly data: Option.Option<string>
  readonly onboarding: Option.Option<"registered" | "open">
  readonly token: Option.Option<string>
}

/** What the environment says, with the flags above it. */
export const withFlags = (settings: Settings, flags: ServerFlags): Settings => ({
  ...settings,
  ocppPort: Option.getOrElse(flags.ocppPort, () => settings.ocppPort),
  httpPort: Option.getOrElse(flags.httpPort, () => settings.httpPort),
  host: Option.getOrElse(flags.host, () => settings.host),
  data: Option.getOrElse(flags.data, () => settings.data),
  onboarding: Option.getOrElse(flags.onboarding, () => settings.onboarding),
  token: Option.match(flags.token, { onSome: (it) => Option.some(Redacted.make(it)), onNone: () => settings.token })
})

/** What flags and environment say together that cannot be meant; undefined when nothing is wrong. */
export const contradiction = (settings: Settings, flags: ServerFlags): WrongUse | undefined => {
  if (Option.exists(settings.token, (it) => Redacted.value(it).length < minTokenLength)) {
    return new WrongUse({ message: `WATTPROOF_TOKEN will not do: give ${tokenRule}, or unset it to have one made.` })
  }
  if (Option.isSome(flags.data) && Option.isSome(settings.databaseUrl)) {
    return new WrongUse({
      message:
        "--data names a directory for the embedded database, but DATABASE_URL names a database of your own.\nUnset DATABASE_URL, or leave --data out."
    })
  }
  if (Option.isSome(settings.databaseCa) && Option.isNone(settings.databaseUrl)) {
    return new WrongUse({
      message:
        "DATABASE_CA is for TLS to a PostgreSQL of your own, and DATABASE_URL names none.\nSet DATABASE_URL, or unset DATABASE_CA."
    })
  }
  return undefined
}
