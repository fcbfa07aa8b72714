import { assert, describe, it } from "@effect/vitest"
import { type AuthorizationRequest, authorize, mayStop } from "#core/token/authorize.ts"
import type { Token } from "#core/token/Token.ts"

const good: Token = {
  uid: "ALICE",
  type: "ISO14443",
  groupId: null,
  driverId: null,
  partnerId: null,
  expiresAtMs: null,
  blockedAtMs: null,
  concurrencyLimit: null,
  allowedStations: null,
  createdAtMs: 0
}

const cases: ReadonlyArray<readonly [string, Partial<Token> | undefined, Partial<AuthorizationRequest>, string]> = [
  ["a registered token may charge", {}, {}, "Accepted"],
  ["one that nobody registered may not", undefined, {}, "Unknown"],
  ["a token is good until the instant it expires", { expiresAtMs: 1_001 }, {}, "Accepted"],
  ["and not from that instant on", { expiresAtMs: 1_000 }, {}, "Expired"],
  ["a start before the block was lawful", { blockedAtMs: 1_001 }, {}, "Accepted"],
  ["a start from the block on is not", { blockedAtMs: 1_000 }, {}, "Blocked"],
  ["blocked says more than expired", { blockedAtMs: 1, expiresAtMs: 1 }, {}, "Blocked"],
  ["a token for some stations is good there", { allowedStations: ["S1", "S2"] }, {}, "Accepted"],
  ["and nowhere else", { allowedStations: ["S2"] }, {}, "NotAtThisLocation"],
  ["below its limit another charge may begin", { concurrencyLimit: 2 }, { openTransactions: 1 }, "Accepted"],
  ["at its limit none may", { concurrencyLimit: 2 }, { openTransactions: 2 }, "ConcurrentTx"],
  ["a limit of none is a token that cannot charge", { concurrencyLimit: 0 }, {}, "ConcurrentTx"]
]

describe("authorization", () => {
  for (const [title, token, request, expected] of cases) {
    it(title, () => {
      const asked = { stationId: "S1", atMs: 1_000, openTransactions: 0, ...request }
      assert.strictEqual(authorize(token === undefined ? undefined : { ...good, ...token }, asked), expected)
    })
  }

  it("lets a charge be stopped by its own token or one of its group, and by no other", () => {
    const alice = { uid: "ALICE", groupId: null }
    assert.isTrue(mayStop(alice, alice))
    assert.isFalse(mayStop(alice, { uid: "BOB", groupId: null }))
    assert.isTrue(mayStop({ uid: "ALICE", groupId: "FAMILY" }, { uid: "BOB", groupId: "FAMILY" }))
    assert.isFalse(mayStop({ uid: "ALICE", groupId: "FAMILY" }, { uid: "BOB", groupId: "OTHERS" }))
  })
})
