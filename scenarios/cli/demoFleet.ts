import { Clock, Effect } from "effect"
import type { Profile } from "#simulator/driver/Arrivals.ts"
import { publicPlace } from "#simulator/driver/profiles.ts"
import { type DayCurve, workingWeek } from "#simulator/driver/Week.ts"
import * as Fleet from "#simulator/Fleet.ts"
import { type Mix, today, withProfile } from "#simulator/fleet/Mix.ts"
import type { App } from "#simulator/fleet/Phone.ts"
import { connect } from "#simulator/LiveSocket.ts"
import { Truth } from "#simulator/Truth.ts"
import { cards } from "./demoPeople.ts"

const secondMs = 1_000
const minuteMs = 60_000

/** How many stations the demo has. */
export const demoStations = 24

const always: DayCurve = { mean: 900, hours: Array.from({ length: 24 }, () => 1) }

/** People in a hurry, so that one who watches for a minute has seen something: minutes instead of hours, day and night. */
const hurried: Profile = {
  ...publicPlace,
  name: "demo",
  week: workingWeek(always, always),
  dwell: { medianMs: 60 * secondMs, sigma: 0.7, minMs: 20 * secondMs, maxMs: 10 * minuteMs },
  patience: { meanMs: 40 * secondMs, minMs: 15 * secondMs },
  walksAway: 1,
  cards: [
    ["valid", 90],
    ["wrong", 5],
    ["expired", 2],
    ["blocked", 3]
  ],
  hasSecondCard: 0.5
}

const mix: Mix = withProfile(today, hurried)

/** As long as anybody will watch. */
const days = 3_650

/**
 * A fleet that dials the server over real WebSockets and lives on the wall clock. It is the same at every start; who
 * comes to it is not.
 */
export const makeFleet = Effect.fnUntraced(function* (options: {
  readonly ocppUrl: string
  readonly passwordOf: (identity: string) => string
  readonly phone: App
}) {
  const startAtMs = yield* Clock.currentTimeMillis
  const truth = new Truth({ acknowledgements: "ends" })
  const fleet = yield* Fleet.make({
    seed: "demo",
    stations: demoStations,
    prefix: "DEMO",
    mix,
    startAtMs,
    days,
    truth,
    cards,
    connect: connect({ url: options.ocppUrl }),
    password: options.passwordOf,
    settings: { sampleIntervalS: 5, heartbeatS: 30 },
    habits: { bootMs: 500 },
    powerWithinMs: 3 * secondMs,
    app: { share: 0.15, phone: options.phone }
  })
  return { fleet, truth }
})
