import { Effect } from "effect"
import type { Membership } from "#core/driver/Group.ts"
import { type Directory, NotFound } from "../directory/Directory.ts"
import type { MemoryState } from "./MemoryState.ts"
import { pageOf } from "./paging.ts"
import { create, update } from "./registers.ts"

type Groups = Pick<
  Directory["Service"],
  "group" | "memberships" | "createGroup" | "updateGroup" | "joinGroup" | "leaveGroup" | "groups" | "members"
>

/** The directory's groups of drivers over a state in memory. */
export const groups = (state: MemoryState): Groups => ({
  group: (id) => Effect.sync(() => state.groups.get(id)),
  memberships: (driverId) => Effect.sync(() => state.memberships.get(driverId) ?? []),
  createGroup: (group) => Effect.suspend(() => create(state.groups, state.groupIds, "group", group.id, group)),
  updateGroup: (group) => Effect.suspend(() => update(state.groups, "group", group.id, group)),
  joinGroup: ({ driverId, groupId, atMs }) =>
    Effect.suspend(() => {
      if (!state.drivers.has(driverId)) return new NotFound({ kind: "driver", id: driverId })
      if (!state.groups.has(groupId)) return new NotFound({ kind: "group", id: groupId })
      const known = state.memberships.get(driverId) ?? []
      if (known.some(isIn(groupId))) return Effect.void
      // Who left and comes back within one millisecond never left.
      const others = known.filter((it) => it.groupId !== groupId || it.sinceMs !== atMs)
      state.memberships.set(driverId, [...others, { groupId, sinceMs: atMs, untilMs: null }].sort(byGroupThenTime))
      return Effect.void
    }),
  leaveGroup: ({ driverId, groupId, atMs }) =>
    Effect.suspend(() => {
      const known = state.memberships.get(driverId) ?? []
      const standing = known.find(isIn(groupId))
      if (standing === undefined) return new NotFound({ kind: "member", id: `${groupId} ${driverId}` })
      const left = { ...standing, untilMs: Math.max(standing.sinceMs, atMs) }
      state.memberships.set(
        driverId,
        known.map((it) => (it === standing ? left : it))
      )
      return Effect.void
    }),
  groups: ({ limit, cursor }) =>
    Effect.sync(() => pageOf(state.groupIds.ascending(cursor), limit, (id) => state.groups.get(id))),
  members: ({ limit, cursor, groupId }) =>
    Effect.sync(() =>
      pageOf(
        state.driverIds.ascending(cursor),
        limit,
        (id) => state.drivers.get(id),
        ({ id }) => (state.memberships.get(id) ?? []).some(isIn(groupId))
      )
    )
})

const isIn =
  (groupId: string) =>
  (it: Membership): boolean =>
    it.groupId === groupId && it.untilMs === null

const byGroupThenTime = (a: Membership, b: Membership): number =>
  a.groupId === b.groupId ? a.sinceMs - b.sinceMs : a.groupId < b.groupId ? -1 : 1
