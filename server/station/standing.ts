import type { Station } from "#core/station/Station.ts"
import type { StationSnapshot } from "../record/Journal.ts"

/** What a station was answered when it last booted: it goes by that until it boots again (1.6 section 4.2, 2.x B01). */
export type Standing = Station["registration"]

/**
 * How a station stands that connects, by the books. It need not boot again (OCPP-J, reconnecting), so an operator who holds it
 * back meanwhile has told it nothing yet. Where no answer was kept, a connector's status or a charge of it in the books shows
 * that it was let in.
 */
export const standingOf = (
  { registration }: Station,
  { boot, connectors, transactions }: Pick<StationSnapshot, "boot" | "connectors" | "transactions">
): Standing => boot?.answered ?? (connectors.length + transactions.length > 0 ? "Accepted" : registration)
