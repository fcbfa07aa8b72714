import { adHocSunday } from "./ad-hoc-sunday.ts"
import { arrears } from "./arrears.ts"
import { badDatabase } from "./bad-database.ts"
import { badNetwork } from "./bad-network.ts"
import { cmsRestart } from "./cms-restart.ts"
import { depotNight } from "./depot-night.ts"
import { displays } from "./displays.ts"
import { dstNight, dstNightHalf, dstNightSpring } from "./dst-night.ts"
import { firstCharge } from "./first-charge.ts"
import { fleetCard } from "./fleet-card.ts"
import { lossyUplink } from "./lossy-uplink.ts"
import { massReconnect } from "./mass-reconnect.ts"
import { morningPeak } from "./morning-peak.ts"
import { motorwayFriday } from "./motorway-friday.ts"
import { payday } from "./payday.ts"
import { powerCut } from "./power-cut.ts"
import { realKinds } from "./real-kinds.ts"
import { residentialWeekEnd } from "./residential-week-end.ts"
import { rudeStations } from "./rude-stations.ts"
import type { Scenario } from "./Scenario.ts"
import { sharedCards } from "./shared-cards.ts"
import { stopAt } from "./stop-at.ts"
import { strangers } from "./strangers.ts"
import { subscribers } from "./subscribers.ts"
import { tariffSwitch } from "./tariff-switch.ts"
import { twoNodes } from "./two-nodes.ts"
import { workplaceMonday } from "./workplace-monday.ts"
import { wrongClocks } from "./wrong-clocks.ts"
import { wrongMeters } from "./wrong-meters.ts"

/** Every scenario, in the order listed. */
export const catalogue: ReadonlyArray<Scenario> = [
  firstCharge,
  morningPeak,
  strangers,
  lossyUplink,
  powerCut,
  cmsRestart,
  massReconnect,
  twoNodes,
  badNetwork,
  rudeStations,
  wrongClocks,
  wrongMeters,
  workplaceMonday,
  motorwayFriday,
  residentialWeekEnd,
  depotNight,
  sharedCards,
  fleetCard,
  badDatabase,
  stopAt,
  displays,
  subscribers,
  arrears,
  realKinds,
  adHocSunday,
  payday,
  tariffSwitch,
  dstNight,
  dstNightSpring,
  dstNightHalf
]

/** The scenario of that name. */
export const find = (name: string): Scenario | undefined => catalogue.find((scenario) => scenario.name === name)
