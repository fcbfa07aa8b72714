import { Config, Duration, type Option, type Redacted } from "effect"
import type { Onboarding } from "./ocpp/stationAuth.ts"

/** Everything about a server that its operator may set; from the environment, each with the command line's flag above it. */
export interface Settings {
  /** Where stations dial: `ws://HOST:OCPP_PORT/ocpp/<identity>`. */
  readonly ocppPort: number
  /** Where the API is; the same port as OCPP serves both. */
  readonly httpPort: number
  readonly host: string
  /** Directory of the embedded database. */
  readonly data: string
  /** A PostgreSQL of one's own instead of the embedded one. */
  readonly databaseUrl: Option.Option<Redacted.Redacted>
  /** File with the certificate of the authority that vouches for that PostgreSQL: TLS, and nobody else's certificate. */
  readonly databaseCa: Option.Option<string>
  /** Whether stations nobody registered are taken in. */
  readonly onboarding: Onboarding
  /** Whether drivers may sign up by themselves over the API. */
  readonly registration: "open" | "closed"
  /** The first administrator's token, given instead of made. */
  readonly token: Option.Option<Redacted.Redacted>
  readonly heartbeatInterval: Duration.Duration
  readonly pingInterval: Duration.Duration
  readonly pingTimeout: Duration.Duration
  /** Payments by Stripe; off without the key. Webhooks arrive at `/webhooks/stripe` of the API's port. */
  readonly stripeSecretKey: Option.Option<Redacted.Redacted>
  readonly stripeWebhookSecret: Option.Option<Redacted.Redacted>
  readonly stripeApiBase: string
  /** Connections that may have permessage-deflate; each costs about 120 KiB. */
  readonly maxCompressed: number
}

/** The settings as the environment gives them. */
export const Settings: Config.Config<Settings> = Config.all({
  ocppPort: Config.Port("OCPP_PORT").pipe(Config.withDefault(9220)),
  httpPort: Config.Port("HTTP_PORT").pipe(Config.withDefault(9221)),
  host: Config.String("HOST").pipe(Config.withDefault("0.0.0.0")),
  data: Config.String("WATTPROOF_DATA").pipe(Config.withDefault(".wattproof/data")),
  databaseUrl: Config.option(Config.Redacted("DATABASE_URL")),
  databaseCa: Config.option(Config.String("DATABASE_CA")),
  onboarding: Config.Literals(["registered", "open"], "WATTPROOF_ONBOARDING").pipe(Config.withDefault("registered")),
  registration: Config.Literals(["open", "closed"], "WATTPROOF_REGISTRATION").pipe(Config.withDefault("closed")),
  token: Config.option(Config.Redacted("WATTPROOF_TOKEN")),
  heartbeatInterval: Config.Duration("OCPP_HEARTBEAT_INTERVAL").pipe(Config.withDefault(Duration.minutes(5))),
  pingInterval: Config.Duration("OCPP_PING_INTERVAL").pipe(Config.withDefault(Duration.seconds(60))),
  pingTimeout: Config.Duration("OCPP_PING_TIMEOUT").pipe(Config.withDefault(Duration.seconds(30))),
  stripeSecretKey: Config.option(Config.Redacted("STRIPE_SECRET_KEY")),
  stripeWebhookSecret: Config.option(Config.Redacted("STRIPE_WEBHOOK_SECRET")),
  stripeApiBase: Config.String("STRIPE_API_BASE").pipe(Config.withDefault("https://api.stripe.com")),
  maxCompressed: Config.Int("OCPP_MAX_COMPRESSED").pipe(Config.withDefault(256))
})
