/**
 * Where and for whom a tariff is meant. At one place: an EVSE (`stationId` with `evseId`), a station, a site, or the whole
 * network (all null). For one kind of payer: a group of drivers, the customers of a roaming partner, or everyone (both null).
 */
export interface Slot {
  readonly stationId: string | null
  readonly evseId: number | null
  readonly siteId: string | null
  readonly groupId: string | null
  /** Party of a roaming partner, such as `DE*ABC`. */
  readonly partnerId: string | null
}

/** The whole network, for everyone. */
export const network: Slot = Object.freeze({
  stationId: null,
  evseId: null,
  siteId: null,
  groupId: null,
  partnerId: null
})

/** A station, for everyone. */
export const stationSlot = (stationId: string): Slot => ({ ...network, stationId })

/**
 * From an instant on a slot has this tariff, or none. What was assigned before stays known: a start made offline gets the
 * prices of its own instant.
 */
export interface Assignment {
  readonly slot: Slot
  /** Inclusive; `everMs` when it was so from the beginning. */
  readonly sinceMs: number
  readonly tariffId: string | null
}

/** Before any start: nobody believes a station that tells an instant as old. */
export const everMs = 0

/** A slot as text: the same slot, the same text. */
export const slotKey = (slot: Slot): string => `${placeOf(slot)}${whomOf(slot)}`

const placeOf = ({ stationId, evseId, siteId }: Slot): string => {
  if (stationId !== null) return `station/${encodeURIComponent(stationId)}${evseId === null ? "" : `/evse/${evseId}`}`
  return siteId === null ? "network" : `site/${encodeURIComponent(siteId)}`
}

const whomOf = ({ groupId, partnerId }: Slot): string => {
  if (groupId !== null) return ` group/${encodeURIComponent(groupId)}`
  return partnerId === null ? "" : ` partner/${encodeURIComponent(partnerId)}`
}

/** What is wrong with a slot, and in which field; null when it makes sense. */
export const slotFault = (slot: Slot): { readonly field: keyof Slot; readonly message: string } | null => {
  const { stationId, evseId, siteId, groupId, partnerId } = slot
  if (evseId !== null && stationId === null) return { field: "evseId", message: "Expected the station of the EVSE too" }
  if (siteId !== null && stationId !== null)
    return { field: "siteId", message: "Expected a site or a station, not both: a station is at its site" }
  if (groupId !== null && partnerId !== null)
    return { field: "partnerId", message: "Expected a group or a partner, not both" }
  return null
}
