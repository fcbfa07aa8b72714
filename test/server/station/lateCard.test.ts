import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Instant from "#core/Instant.ts"
import { Directory } from "#server/directory/Directory.ts"
import { MemoryState } from "#server/memory/Memory.ts"
import { WalletStore } from "#server/wallet/WalletStore.ts"
import { cms, dial201, token } from "../../support/cms.ts"

const noonMs = Date.UTC(2026, 4, 4, 12)

/**
 * A car is plugged in at noon, which begins its transaction (TxStartPoint EVConnected), and stands there for an hour until
 * a card is shown: 7.20 for the time and 1.20 for the session by then, VAT included.
 */
const shownAfterAnHour = (cents: bigint, budgetCents: bigint | null = null) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(noonMs)
    const state = new MemoryState()
    const test = Effect.gen(function* () {
      const directory = yield* Directory
      yield* directory.createDriver({ id: "ada", name: "Ada", email: null, createdAtMs: noonMs })
      yield* directory.createToken(token("ADA", { driverId: "ada" }))
      const store = yield* WalletStore
      const none = { transactionId: null, reason: null, atMs: noonMs }
      yield* store.open({ driverId: "ada", currency: "EUR", creditLineMinor: 0n, openedAtMs: noonMs })
      yield* store.move("ada", { kind: "credit", amountMinor: cents, sourceId: "in", ...none }, null)
      if (budgetCents !== null)
        yield* store.putBudget({
          tokenUid: "ADA",
          period: "day",
          timeZone: "Europe/Berlin",
          currency: "EUR",
          maxMinor: budgetCents,
          maxWh: null,
          maxSessions: null,
          atLimit: "stop",
          setAtMs: noonMs
        })
      const station = yield* dial201("S1")
      yield* station.peer.call(station.Heartbeat, {})
      const at = (minutes: number) => Instant.format(noonMs + minutes * 60_000)
      const event = (minutes: number, seqNo: number, isCard: boolean) =>
        station.peer.call(station.TransactionEvent, {
          eventType: seqNo === 0 ? "Started" : "Updated",
          triggerReason: isCard ? "Authorized" : "CablePluggedIn",
          timestamp: at(minutes),
          seqNo,
          transactionInfo: { transactionId: "T", chargingState: isCard ? "Charging" : "EVConnected" },
          evse: { id: 1, connectorId: 1 },
          ...(isCard ? { idToken: { idToken: "ADA", type: "ISO14443" } } : {}),
          meterValue: [{ timestamp: at(minutes), sampledValue: [{ value: 1_000 }] }]
        })
      yield* event(0, 0, false)
      yield* TestClock.adjust("1 hour")
      const first = yield* event(60, 1, true)
      const again = yield* event(60, 1, true)
      assert.deepStrictEqual(again.idTokenInfo, first.idTokenInfo)
      const wallet = yield* store.get("ada")
      return { status: first.idTokenInfo?.status, heldMinor: wallet!.heldMinor }
    })
    return yield* Effect.provide(test, cms([], state))
  })

it.effect("a card is refused on a charge that has come to more than its wallet has", () =>
  Effect.gen(function* () {
    assert.strictEqual((yield* shownAfterAnHour(100n)).status, "NoCredit")
  })
)

it.effect("a card is refused where what the charge came to leaves less than any charge begins with", () =>
  Effect.gen(function* () {
    assert.strictEqual((yield* shownAfterAnHour(939n)).status, "NoCredit")
  })
)

it.effect(
  "a card is let in where there is as much as a start needs beside what the charge came to, and that is set aside",
  () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* shownAfterAnHour(940n), { status: "Accepted", heldMinor: 940n })
    })
)

it.effect("what a charge came to is set aside beside what any start gets", () =>
  Effect.gen(function* () {
    assert.deepStrictEqual(yield* shownAfterAnHour(9_000n), { status: "Accepted", heldMinor: 1_840n })
  })
)

it.effect("a card's budget is judged as its wallet is", () =>
  Effect.gen(function* () {
    assert.strictEqual((yield* shownAfterAnHour(9_000n, 939n)).status, "NoCredit")
    assert.strictEqual((yield* shownAfterAnHour(9_000n, 940n)).status, "Accepted")
  })
)
