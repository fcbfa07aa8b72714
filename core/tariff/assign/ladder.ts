import { type TariffVersion, versionAt } from "../life.ts"
import { type Assignment, network, type Slot, slotKey } from "./Assignment.ts"

/** For whom a price is asked. */
export interface Payer {
  /** Groups that the driver is in, sorted. */
  readonly groups: ReadonlyArray<string>
  /** Whose customer it is, where that is a roaming partner. */
  readonly partnerId: string | null
}

/** Where a price is asked. */
export interface Spot {
  readonly stationId: string
  readonly evseId: number
  readonly siteId: string | null
}

/** A slot that concerns a payer at a spot, and the tariff assigned to it. */
export interface Rung {
  readonly slot: Slot
  readonly tariffId: string
}

/**
 * The precedence, from the first to the last: whom before where, and the nearer before the farther.
 *
 * 1. the payer's roaming partner: at the EVSE, at the station, at the site, anywhere;
 * 2. the payer's groups, in the order of their ids: at the EVSE, at the station, at the site, anywhere;
 * 3. everyone: at the EVSE, at the station, at the site, anywhere (the default tariff).
 *
 * An agreement is a promise to somebody, and the price at a place is for those who were promised nothing: so whom comes
 * first. A partner's customers pay what the partner agreed, whatever groups they are in, since the partner is who owes. And
 * whoever agreed on a price for one place meant that place: so the nearer comes first.
 */
export const ladder = ({ groups, partnerId }: Payer, spot: Spot): ReadonlyArray<Slot> => {
  const { stationId, evseId, siteId } = spot
  const places: ReadonlyArray<Slot> = [
    { ...network, stationId, evseId },
    { ...network, stationId },
    ...(siteId === null ? [] : [{ ...network, siteId }]),
    network
  ]
  return [
    ...(partnerId === null ? [] : places.map((place) => ({ ...place, partnerId }))),
    ...places.flatMap((place) => groups.map((groupId) => ({ ...place, groupId }))),
    ...places
  ]
}

/** Where a slot stands on the ladder; null when it does not concern that payer at that spot. */
const rankOf = (slot: Slot, { groups, partnerId }: Payer, spot: Spot): number | null => {
  const place =
    slot.stationId !== null
      ? slot.stationId !== spot.stationId
        ? null
        : slot.evseId === null
          ? 1
          : slot.evseId === spot.evseId
            ? 0
            : null
      : slot.siteId === null
        ? 3
        : slot.siteId === spot.siteId
          ? 2
          : null
  if (place === null) return null
  if (slot.partnerId !== null) return slot.partnerId === partnerId ? place : null
  if (slot.groupId === null) return 8 + place
  const group = groups.indexOf(slot.groupId)
  return group < 0 ? null : 4 + place + group / groups.length
}

/**
 * The rungs that have a tariff at that instant, in the order of the ladder. `assignments` are those of the station, its site
 * and the network, in the order of their instants within a slot. What `ladder` says, without building it: every start asks.
 */
export const rungsAt = (
  payer: Payer,
  spot: Spot,
  assignments: ReadonlyArray<Assignment>,
  atMs: number
): ReadonlyArray<Rung> => {
  const ranked: Array<{ readonly rank: number; readonly slot: Slot; readonly tariffId: string | null }> = []
  for (const { slot, sinceMs, tariffId } of assignments) {
    if (sinceMs > atMs) continue
    const rank = rankOf(slot, payer, spot)
    if (rank === null) continue
    const known = ranked.findIndex((it) => it.rank === rank)
    if (known < 0) ranked.push({ rank, slot, tariffId })
    else ranked[known] = { rank, slot, tariffId }
  }
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .flatMap(({ slot, tariffId }) => (tariffId === null ? [] : [{ slot, tariffId }]))
}

/** One step of the ladder, and what came of it. */
export interface Step {
  readonly slot: Slot
  readonly tariffId: string | null
  /** The version of that tariff that is valid then, if any. */
  readonly version: number | null
  /** Nothing is assigned there; no version of what is assigned is valid; it decides; or a step before it did. */
  readonly outcome: "unassigned" | "no valid version" | "decides" | "outranked"
}

/** The whole ladder with what came of each step: why a tariff holds, and which were passed over. */
export const explainLadder = (
  payer: Payer,
  spot: Spot,
  assignments: ReadonlyArray<Assignment>,
  versionsOf: (tariffId: string) => ReadonlyArray<TariffVersion>,
  atMs: number
): { readonly chosen: TariffVersion | null; readonly steps: ReadonlyArray<Step> } => {
  const assigned = new Map(rungsAt(payer, spot, assignments, atMs).map((it) => [slotKey(it.slot), it.tariffId]))
  let chosen: TariffVersion | null = null
  const steps = ladder(payer, spot).map((slot): Step => {
    const tariffId = assigned.get(slotKey(slot)) ?? null
    if (tariffId === null) return { slot, tariffId, version: null, outcome: "unassigned" }
    const valid = versionAt(versionsOf(tariffId), atMs)
    const version = valid?.version ?? null
    if (valid === undefined) return { slot, tariffId, version, outcome: "no valid version" }
    if (chosen !== null) return { slot, tariffId, version, outcome: "outranked" }
    chosen = valid
    return { slot, tariffId, version, outcome: "decides" }
  })
  return { chosen, steps }
}
