import { assert, it } from "@effect/vitest"
import { groupsAt, type Membership } from "#core/driver/Group.ts"

const memberships: ReadonlyArray<Membership> = [
  { groupId: "staff", sinceMs: 10, untilMs: 20 },
  { groupId: "staff", sinceMs: 30, untilMs: null },
  { groupId: "guests", sinceMs: 15, untilMs: null },
  { groupId: "moment", sinceMs: 15, untilMs: 15 }
]

it.each([
  [9, []],
  [10, ["staff"]],
  [15, ["guests", "staff"]],
  [19, ["guests", "staff"]],
  [20, ["guests"]],
  [30, ["guests", "staff"]]
])("at %i a driver is in the groups joined by then and not left yet, in order", (atMs, expected) => {
  assert.deepStrictEqual(groupsAt(memberships, atMs), expected)
})
