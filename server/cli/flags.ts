import { Option, Redacted, Schema } from "effect"
import { Flag } from "effect/cli"
import { minTokenLength } from "../api/FirstToken.ts"
import type { Settings } from "../Settings.ts"

const Port = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 65_535 }))

const port = (name: string, description: string) =>
  Flag.Int(name).pipe(Flag.withSchema(Port), Flag.withDescription(description), Flag.optional)

const Token = Schema.String.check(
  Schema.isMinLength(minTokenLength, { message: `a token of at least ${minTokenLength} characters` })
)

/** The flags of every command that runs a server; each stands above its environment variable. */
export const serverFlags = {
  ocppPort: port("ocpp-port", "Where stations connect (OCPP_PORT, else 9220)"),
  httpPort: port("http-port", "Where the API is (HTTP_PORT, else 9221); the OCPP port serves both"),
  host: Flag.String("host").pipe(Flag.withDescription("Address to listen on (HOST, else 0.0.0.0)"), Flag.optional),
  data: Flag.String("data").pipe(
    Flag.withDescription("Directory of the embedded database (WATTPROOF_DATA, else .wattproof/data)"),
    Flag.optional
  ),
  onboarding: Flag.Literals("onboarding", ["registered", "open"]).pipe(
    Flag.withDescription("open: stations nobody registered are taken in (WATTPROOF_ONBOARDING, else registered)"),
    Flag.optional
  ),
  token: Flag.String("token").pipe(
    Flag.withSchema(Token),
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
