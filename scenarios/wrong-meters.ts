import { publicPlace } from "#simulator/driver/profiles.ts"
import { faults } from "#simulator/faults/Catalogue.ts"
import { today, withProfile } from "#simulator/fleet/Mix.ts"
import { goodCards } from "./lab/cards.ts"
import type { Scenario } from "./Scenario.ts"
import { plainTariff, weekdayAtMs } from "./tariffs.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** Meters that fall, jump, stand still, begin at nothing, or are read in the wrong unit and order. */
export const wrongMeters: Scenario = {
  name: "wrong-meters",
  title: "Meters that fall, overflow, freeze, spike, begin at 0, change their unit, or are exchanged",
  shows:
    "That a driver is never billed more than was delivered, whatever the register shows, and that what cannot be believed " +
    "is a finding for the operator.",
  stations: 12,
  days: 1,
  startAtMs: weekdayAtMs,
  mix: withProfile(today, publicPlace),
  tariff: plainTariff,
  cards: goodCards,
  appShare: 0.1,
  troubles: [
    { fault: faults.meterRollback.make({}), everyMs: 12 * hourMs, lastsMs: 0 },
    { fault: faults.meterSwap.make({}), everyMs: 16 * hourMs, lastsMs: 0 },
    { fault: faults.meterOverflow.make({}), everyMs: 12 * hourMs, lastsMs: 0 },
    { fault: faults.meterZeroBaseline.make({}), everyMs: 8 * hourMs, lastsMs: 30 * minuteMs },
    { fault: faults.meterFrozen.make({ loses: false }), everyMs: 12 * hourMs, lastsMs: 20 * minuteMs },
    { fault: faults.meterFrozen.make({ loses: true }), everyMs: 12 * hourMs, lastsMs: 20 * minuteMs },
    { fault: faults.meterSpike.make({}), everyMs: 8 * hourMs, lastsMs: 20 * minuteMs },
    { fault: faults.meterUnits.make({ shows: "kWh" }), everyMs: 16 * hourMs, lastsMs: 30 * minuteMs },
    { fault: faults.meterUnits.make({ shows: "mWh" }), everyMs: 16 * hourMs, lastsMs: 30 * minuteMs },
    { fault: faults.missingBegin.make({}), everyMs: 8 * hourMs, lastsMs: 30 * minuteMs },
    { fault: faults.unorderedSamples.make({}), everyMs: 8 * hourMs, lastsMs: 30 * minuteMs }
  ],
  healedBeforeEndMs: hourMs,
  echoes: 0,
  crashes: [],
  quietWithinMs: 2 * hourMs,
  settleMs: 20 * minuteMs,
  seed: "wrong-meters",
  live: null
}
