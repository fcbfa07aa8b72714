import { Duration, Option } from "effect"
import type { Settings } from "#server/Settings.ts"

/** Settings of a server on free ports of this machine, as its defaults say otherwise. */
export const settings = (more: Partial<Settings> = {}): Settings => ({
  ocppPort: 0,
  httpPort: 0,
  host: "127.0.0.1",
  data: "unused",
  databaseUrl: Option.none(),
  databaseCa: Option.none(),
  onboarding: "registered",
  registration: "closed",
  token: Option.none(),
  heartbeatInterval: Duration.minutes(5),
  pingInterval: Duration.seconds(60),
  pingTimeout: Duration.seconds(30),
  stripeSecretKey: Option.none(),
  stripeWebhookSecret: Option.none(),
  stripeApiBase: "https://api.stripe.com",
  maxCompressed: 0,
  ...more
})
