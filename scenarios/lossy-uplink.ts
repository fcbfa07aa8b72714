import { publicPlace } from "#simulator/driver/profiles.ts"
import { faults } from "#simulator/faults/Catalogue.ts"
import { today, withProfile } from "#simulator/fleet/Mix.ts"
import { goodCards } from "./lab/cards.ts"
import type { Scenario } from "./Scenario.ts"
import { risingTariff, weekdayAtMs } from "./tariffs.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** Mobile networks as they are: cuts, half-open sockets, answers that get lost, and everything replayed later. */
export const lossyUplink: Scenario = {
  name: "lossy-uplink",
  title: "A bad mobile network: cuts, lost answers, repetitions, offline replay",
  shows:
    "That a message repeated, late or replayed hours later changes nothing that is already true, and that an offline " +
    "charge is priced by its own time.",
  stations: 20,
  days: 1,
  startAtMs: weekdayAtMs,
  mix: withProfile(today, publicPlace),
  tariff: risingTariff,
  cards: { ...goodCards, expiring: 0.1, blockedDuring: 0.1 },
  appShare: 0.1,
  habits: { retryMessageId: "new" },
  settings: { allowOfflineForUnknown: true },
  troubles: [
    { fault: faults.linkCut.make(), everyMs: 4 * hourMs, lastsMs: 40 * minuteMs },
    { fault: faults.lostAnswers.make({ ratio: 0.3 }), everyMs: 2 * hourMs, lastsMs: 10 * minuteMs },
    { fault: faults.lostRequests.make({ ratio: 0.3 }), everyMs: 3 * hourMs, lastsMs: 10 * minuteMs },
    { fault: faults.duplicates.make({ ratio: 0.3 }), everyMs: 3 * hourMs, lastsMs: 20 * minuteMs },
    { fault: faults.delay.make({ meanMs: 20_000 }), everyMs: 4 * hourMs, lastsMs: 15 * minuteMs },
    { fault: faults.halfOpen.make(), everyMs: 5 * hourMs, lastsMs: 20 * minuteMs },
    {
      fault: faults.flapping.make({ upMs: 20_000, downMs: 40_000 }),
      everyMs: 6 * hourMs,
      lastsMs: 20 * minuteMs,
      share: 0.5
    }
  ],
  healedBeforeEndMs: hourMs,
  echoes: 0.02,
  crashes: [],
  quietWithinMs: 2 * hourMs,
  settleMs: 20 * minuteMs,
  seed: "lossy-uplink",
  live: {
    stations: 6,
    charges: 2,
    chargeMs: 5_000,
    troubles: [
      { fault: faults.linkCut.make(), everyMs: 6_000, lastsMs: 1_000 },
      { fault: faults.lostAnswers.make({ ratio: 0.2 }), everyMs: 6_000, lastsMs: 2_000 },
      { fault: faults.duplicates.make({ ratio: 0.3 }), everyMs: 6_000, lastsMs: 3_000 }
    ]
  }
}
