import { define } from "./Entry.ts"
import { overAtOnce, type Target } from "./Fault.ts"

const cut = ({ station }: Target) => {
  station.cutConnection()
  return overAtOnce
}

/**
 * The connection breaks once; the station dials again after its back-off.
 *
 * The CMS owes: the station back under its name, and no difference in the books.
 */
export const disconnect = define({
  name: "disconnect",
  about: "NAT tables and carrier gateways that drop a connection after minutes of silence, or at their own midnight.",
  owes: "the station back under its name, and no difference in the books",
  family: "network",
  fields: {},
  draw: () => ({}),
  strike: cut
})

/**
 * Every station's connection breaks at one instant, and all of them come back within their back-off.
 *
 * The CMS owes: every station back in time, the commands of meanwhile answered or failed, the books as if nothing was.
 */
export const massDisconnect = define({
  name: "mass-disconnect",
  about: "A load balancer that is restarted, a CMS that is deployed, a carrier that renews its addresses.",
  owes: "every station back in time, and no difference in the books",
  family: "network",
  together: true,
  fields: {},
  draw: () => ({}),
  strike: cut
})
