import { delay } from "./delay.ts"
import { disconnect } from "./disconnect.ts"
import { duplicates } from "./duplicates.ts"
import { flapping } from "./flapping.ts"
import { halfOpen } from "./halfOpen.ts"
import { linkCut } from "./linkCut.ts"
import { lostAnswers } from "./lostAnswers.ts"
import { lostRequests } from "./lostRequests.ts"
import { powerCut } from "./powerCut.ts"
import { reboot } from "./reboot.ts"

/** Every fault there is, to be given its parameters. */
export const faults = Object.freeze({
  delay,
  disconnect,
  duplicates,
  flapping,
  halfOpen,
  linkCut,
  lostAnswers,
  lostRequests,
  powerCut,
  reboot
})
