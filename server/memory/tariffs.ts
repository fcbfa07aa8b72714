import { Effect } from "effect"
import type { Station } from "#core/station/Station.ts"
import { type Assignment, everMs, network, slotKey, stationSlot } from "#core/tariff/assign/Assignment.ts"
import { AlreadyExists, type AssignedAt, type Directory, NotFound } from "../directory/Directory.ts"
import type { MemoryState } from "./MemoryState.ts"
import { pageOf } from "./paging.ts"
import { SortedKeys } from "./SortedKeys.ts"

type Tariffs = Pick<
  Directory["Service"],
  | "tariff"
  | "assignments"
  | "defaultTariffId"
  | "setDefaultTariffId"
  | "publishTariff"
  | "retireTariff"
  | "assign"
  | "tariffDraft"
  | "saveTariffDraft"
  | "dropTariffDraft"
  | "tariffs"
  | "tariffDrafts"
  | "assigned"
>

/** The directory's tariffs, their versions, drafts and assignments over a state in memory. */
export const tariffs = (state: MemoryState): Tariffs => ({
  tariff: (id) => Effect.sync(() => state.tariffs.get(id)?.slice() ?? []),
  tariffs: ({ limit, cursor }) =>
    Effect.sync(() => pageOf(state.tariffIds.ascending(cursor), limit, (id) => state.tariffs.get(id)?.at(-1))),
  publishTariff: (tariff) =>
    Effect.suspend(() => {
      const versions = state.tariffs.get(tariff.id) ?? []
      if (tariff.version <= versions.length) {
        return new AlreadyExists({ kind: "tariff version", id: `${tariff.id} ${tariff.version}` })
      }
      if (tariff.version > versions.length + 1) {
        return Effect.die(new Error(`version ${tariff.version} of tariff ${tariff.id} would leave a gap`))
      }
      if (versions.length === 0) {
        state.tariffs.set(tariff.id, versions)
        state.tariffIds.add(tariff.id)
      }
      versions.push({ ...tariff, retiredAtMs: null })
      return Effect.void
    }),
  retireTariff: ({ id, version, atMs }) =>
    Effect.suspend(() => {
      const versions = state.tariffs.get(id)
      const known = versions?.[version - 1]
      if (versions === undefined || known === undefined) {
        return new NotFound({ kind: "tariff version", id: `${id} ${version}` })
      }
      versions[version - 1] = { ...known, retiredAtMs: known.retiredAtMs ?? atMs }
      return Effect.void
    }),

  assignments: (at) =>
    Effect.sync(() => {
      const keys = state.slotsAt.get(placeKey(at))
      return keys === undefined ? [] : [...keys.ascending(undefined)].flatMap((key) => state.assignments.get(key) ?? [])
    }),
  assign: (assignment) => Effect.suspend(() => assign(state, assignment)),
  assigned: ({ limit, cursor, tariffId }) =>
    Effect.sync(() =>
      pageOf(
        state.slotKeys.ascending(cursor),
        limit,
        (key) => state.assignments.get(key)?.at(-1),
        (newest) => newest.tariffId !== null && (tariffId === undefined || newest.tariffId === tariffId)
      )
    ),
  defaultTariffId: Effect.sync(() => newestOf(state, network) ?? undefined),
  setDefaultTariffId: (tariffId) => Effect.suspend(() => assign(state, { slot: network, sinceMs: everMs, tariffId })),

  tariffDraft: (id) => Effect.sync(() => state.tariffDrafts.get(id)),
  saveTariffDraft: (draft) =>
    Effect.sync(() => {
      const { id } = draft.tariff
      if (!state.tariffDrafts.has(id)) state.tariffDraftIds.add(id)
      state.tariffDrafts.set(id, draft)
    }),
  dropTariffDraft: (id) =>
    Effect.suspend(() => {
      if (!state.tariffDrafts.delete(id)) return new NotFound({ kind: "draft", id })
      state.tariffDraftIds.remove(id)
      return Effect.void
    }),
  tariffDrafts: ({ limit, cursor }) =>
    Effect.sync(() => pageOf(state.tariffDraftIds.ascending(cursor), limit, (id) => state.tariffDrafts.get(id)))
})

/** The tariff of a slot by its newest assignment. */
const newestOf = (state: MemoryState, slot: Assignment["slot"]): string | null =>
  state.assignments.get(slotKey(slot))?.at(-1)?.tariffId ?? null

const placeKey = (at: AssignedAt): string => {
  if (at === "network") return ""
  return "stationId" in at ? `station/${at.stationId}` : `site/${at.siteId}`
}

const placeOf = ({ stationId, siteId }: Assignment["slot"]): AssignedAt =>
  stationId !== null ? { stationId } : siteId !== null ? { siteId } : "network"

/** Checks what it names, and writes it beside what was assigned before. */
export const assign = (state: MemoryState, assignment: Assignment): Effect.Effect<void, NotFound> => {
  const { slot, tariffId, sinceMs } = assignment
  const missing = (kind: string, id: string) => new NotFound({ kind, id })
  if (tariffId !== null && !state.tariffs.has(tariffId)) return missing("tariff", tariffId)
  if (slot.stationId !== null && !state.stations.has(slot.stationId)) return missing("station", slot.stationId)
  if (slot.siteId !== null && !state.sites.has(slot.siteId)) return missing("site", slot.siteId)
  if (slot.groupId !== null && !state.groups.has(slot.groupId)) return missing("group", slot.groupId)
  const key = slotKey(slot)
  const known = state.assignments.get(key)
  if (known === undefined) {
    state.slotKeys.add(key)
    const place = placeKey(placeOf(slot))
    const keys = state.slotsAt.get(place) ?? new SortedKeys()
    keys.add(key)
    state.slotsAt.set(place, keys)
  }
  const others = (known ?? []).filter((it) => it.sinceMs !== sinceMs)
  state.assignments.set(
    key,
    [...others, assignment].sort((a, b) => a.sinceMs - b.sinceMs)
  )
  return Effect.void
}

/** A station as it is now: with the tariff that is assigned to it. */
export const stationOf = (state: MemoryState, id: string): Station | undefined => {
  const station = state.stations.get(id)
  if (station === undefined) return undefined
  const tariffId = newestOf(state, stationSlot(id))
  return station.tariffId === tariffId ? station : { ...station, tariffId }
}
