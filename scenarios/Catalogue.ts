import { cmsRestart } from "./cms-restart.ts"
import { firstCharge } from "./first-charge.ts"
import { lossyUplink } from "./lossy-uplink.ts"
import { massReconnect } from "./mass-reconnect.ts"
import { morningPeak } from "./morning-peak.ts"
import { powerCut } from "./power-cut.ts"
import type { Scenario } from "./Scenario.ts"
import { strangers } from "./strangers.ts"

/** Every scenario, in the order listed. */
export const catalogue: ReadonlyArray<Scenario> = [
  firstCharge,
  morningPeak,
  strangers,
  lossyUplink,
  powerCut,
  cmsRestart,
  massReconnect
]

/** The scenario of that name. */
export const find = (name: string): Scenario | undefined => catalogue.find((scenario) => scenario.name === name)
