import { publicPlace } from "#simulator/driver/profiles.ts"
import { faults } from "#simulator/faults/Catalogue.ts"
import { today, withProfile } from "#simulator/fleet/Mix.ts"
import { goodCards } from "./lab/cards.ts"
import type { Scenario } from "./Scenario.ts"
import { risingTariff, weekdayAtMs } from "./tariffs.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** Every fourth station has a clock that is right. */
const isWrong = (identity: string): boolean => Number(identity.slice(-4)) % 4 !== 0

/** Clocks that are ahead, behind, too fast, in 1970, or set right in the middle of a charge. */
export const wrongClocks: Scenario = {
  name: "wrong-clocks",
  title: "Stations whose clocks are ahead, behind, drifting, in 1970, or set right while cars charge",
  shows:
    "That a charge is priced by the station's own time while that can be believed and by the instant of receipt where it " +
    "cannot, with one bill each and never more time than a clock or the world saw pass.",
  stations: 12,
  days: 1,
  startAtMs: weekdayAtMs,
  mix: withProfile(today, publicPlace),
  tariff: risingTariff,
  cards: { ...goodCards, expiring: 0.05, blockedDuring: 0.05 },
  appShare: 0.1,
  troubles: [
    { fault: faults.clockSkew.make({ bySeconds: 900 }), everyMs: 12 * hourMs, lastsMs: hourMs, stations: isWrong },
    {
      fault: faults.clockSkew.make({ bySeconds: -3_600 }),
      everyMs: 12 * hourMs,
      lastsMs: 2 * hourMs,
      stations: isWrong
    },
    { fault: faults.clockDrift.make({ ppm: 2_000 }), everyMs: 8 * hourMs, lastsMs: 2 * hourMs, stations: isWrong },
    { fault: faults.clockDrift.make({ ppm: -2_000 }), everyMs: 8 * hourMs, lastsMs: 2 * hourMs, stations: isWrong },
    { fault: faults.clock1970.make({}), everyMs: 16 * hourMs, lastsMs: 20 * minuteMs, stations: isWrong },
    { fault: faults.clockNtp.make({}), everyMs: 16 * hourMs, lastsMs: 20 * minuteMs, stations: isWrong },
    { fault: faults.linkCut.make(), everyMs: 8 * hourMs, lastsMs: 20 * minuteMs }
  ],
  healedBeforeEndMs: hourMs,
  echoes: 0,
  crashes: [],
  quietWithinMs: 2 * hourMs,
  settleMs: 20 * minuteMs,
  seed: "wrong-clocks",
  live: null
}
