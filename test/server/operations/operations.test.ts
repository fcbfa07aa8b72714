import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { v16, v201 } from "#core/ocpp/Dialect.ts"
import * as Peer from "#core/ocpp/Peer.ts"
import { LiveView } from "#server/api/Live.ts"
import { Books } from "#server/books/Books.ts"
import { Directory } from "#server/directory/Directory.ts"
import { Gateway } from "#server/ocpp/Gateway.ts"
import { verifyPassword } from "#server/ocpp/Password.ts"
import type { Operation, Outcome } from "#server/operations/Operation.ts"
import { OperationLog } from "#server/operations/OperationLog.ts"
import { Journal } from "#server/record/Journal.ts"
import { cms, token } from "../../support/cms.ts"
import { transportPair } from "../../support/transportPair.ts"

/** A station that answers what it is asked with `answers`, and keeps what it was asked. */
const obedient = Effect.fnUntraced(function* (
  stationId: string,
  dialect: typeof v16,
  answers: Readonly<Record<string, unknown>>
) {
  const gateway = yield* Gateway
  const ends = transportPair()
  const asked: Array<readonly [string, unknown]> = []
  const peer = Peer.make({
    dialect,
    side: "station",
    transport: ends.station,
    nextMessageId: () => "never",
    run: Effect.runForkWith(yield* Effect.context<never>()),
    handle: (action, payload) => {
      asked.push([action.name, payload])
      const answer = answers[action.name]
      if (answer === undefined) return undefined
      return Effect.isEffect(answer) ? (answer as Effect.Effect<never>) : Effect.succeed(answer)
    }
  })
  peer.start()
  gateway.accept({ stationId, dialect, transport: ends.server, remoteAddress: "memory" })
  while (gateway.connected(stationId) === undefined) yield* Effect.yieldNow
  return { asked, peer }
})

const ask = (stationId: string, operation: Operation, queueForMs = 0) =>
  Effect.flatMap(LiveView, (live) => live.runOperation(stationId, operation, { waitMs: 60_000, queueForMs }))

const inTheCms = <A, E, R>(test: Effect.Effect<A, E, R>) =>
  Effect.andThen(TestClock.setTime(Date.UTC(2026, 4, 4, 12)), Effect.provide(test, cms([token("ALICE")])))

const accepted = (status: string): Outcome => ({ _tag: "Answered", accepted: true, status, detail: null, values: [] })

const table: ReadonlyArray<{
  readonly operation: Operation
  readonly in16: readonly [string, unknown, unknown]
  readonly in201: readonly [string, unknown, unknown]
}> = [
  {
    operation: { _tag: "Reset", when: "now", evseId: null },
    in16: ["Reset", { type: "Hard" }, { status: "Accepted" }],
    in201: ["Reset", { type: "Immediate" }, { status: "Accepted" }]
  },
  {
    operation: { _tag: "ClearCache" },
    in16: ["ClearCache", {}, { status: "Accepted" }],
    in201: ["ClearCache", {}, { status: "Accepted" }]
  },
  {
    operation: { _tag: "ChangeAvailability", evseId: 1, connectorId: null, available: false },
    in16: ["ChangeAvailability", { connectorId: 1, type: "Inoperative" }, { status: "Accepted" }],
    in201: ["ChangeAvailability", { operationalStatus: "Inoperative", evse: { id: 1 } }, { status: "Accepted" }]
  },
  {
    operation: { _tag: "Trigger", message: "Heartbeat", evseId: null },
    in16: ["TriggerMessage", { requestedMessage: "Heartbeat" }, { status: "Accepted" }],
    in201: ["TriggerMessage", { requestedMessage: "Heartbeat" }, { status: "Accepted" }]
  },
  {
    operation: { _tag: "Trigger", message: "StatusNotification", evseId: 2 },
    in16: ["TriggerMessage", { requestedMessage: "StatusNotification", connectorId: 2 }, { status: "Accepted" }],
    in201: [
      "TriggerMessage",
      { requestedMessage: "StatusNotification", evse: { id: 2, connectorId: 1 } },
      { status: "Accepted" }
    ]
  },
  {
    operation: { _tag: "SetConfiguration", key: "OCPPCommCtrlr.HeartbeatInterval", value: "60" },
    in16: ["ChangeConfiguration", { key: "OCPPCommCtrlr.HeartbeatInterval", value: "60" }, { status: "Accepted" }],
    in201: [
      "SetVariables",
      {
        setVariableData: [
          {
            component: { name: "OCPPCommCtrlr" },
            variable: { name: "HeartbeatInterval" },
            attributeValue: "60"
          }
        ]
      },
      {
        setVariableResult: [
          {
            attributeStatus: "Accepted",
            component: { name: "OCPPCommCtrlr" },
            variable: { name: "HeartbeatInterval" }
          }
        ]
      }
    ]
  }
]

describe("an operation", () => {
  for (const { operation, in16, in201 } of table) {
    it.effect(
      `${operation._tag}${operation._tag === "Trigger" ? ` ${operation.message}` : ""} is said in either dialect, and its answer understood`,
      () =>
        inTheCms(
          Effect.gen(function* () {
            const old = yield* obedient("S1", v16, { [in16[0]]: in16[2] })
            const young = yield* obedient("S2", v201, { [in201[0]]: in201[2] })
            assert.deepStrictEqual((yield* ask("S1", operation)).outcome, accepted("Accepted"))
            assert.deepStrictEqual((yield* ask("S2", operation)).outcome, accepted("Accepted"))
            assert.deepStrictEqual(old.asked, [[in16[0], in16[1]]])
            assert.deepStrictEqual(young.asked, [[in201[0], in201[1]]])
          })
        )
    )
  }

  it.effect("for a station that is offline expires at once, unless it may wait", () =>
    inTheCms(
      Effect.gen(function* () {
        const now = yield* ask("S1", { _tag: "ClearCache" })
        assert.deepStrictEqual(now.outcome, { _tag: "Expired" })
        const later = yield* Effect.forkChild(ask("S1", { _tag: "ClearCache" }, 120_000))
        yield* TestClock.adjust("30 seconds")
        yield* obedient("S1", v16, { ClearCache: { status: "Accepted" } })
        yield* TestClock.adjust("1 second")
        const done = yield* Fiber.join(later)
        assert.deepStrictEqual(done.outcome, accepted("Accepted"))
      })
    )
  )

  it.effect("that waits longer than it may is never sent", () =>
    inTheCms(
      Effect.gen(function* () {
        const record = yield* Effect.forkChild(ask("S1", { _tag: "ClearCache" }, 10_000))
        yield* TestClock.adjust("61 seconds")
        assert.deepStrictEqual((yield* Fiber.join(record)).outcome, { _tag: "Expired" })
        const station = yield* obedient("S1", v16, { ClearCache: { status: "Accepted" } })
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(station.asked, [])
      })
    )
  )

  it.effect("that the station refuses, ignores or cannot say is told apart", () =>
    inTheCms(
      Effect.gen(function* () {
        yield* obedient("S1", v16, { Reset: { status: "Rejected" } })
        const rejected = yield* ask("S1", { _tag: "Reset", when: "now", evseId: null })
        assert.deepInclude(rejected.outcome, { accepted: false, status: "Rejected" })
        const refused = yield* ask("S1", { _tag: "ClearCache" })
        assert.deepInclude(refused.outcome, { _tag: "Refused" })
        const impossible = yield* ask("S1", { _tag: "Reset", when: "now", evseId: 1 })
        assert.deepInclude(impossible.outcome, { _tag: "Impossible" })
        const stranger = yield* ask("S1", { _tag: "Stop", transactionId: "nobody's" })
        assert.deepInclude(stranger.outcome, { _tag: "Impossible" })
      })
    )
  )

  it.effect(
    "whose answer cannot be read is not refused: it may be done, and a password it set holds beside the old one",
    () =>
      inTheCms(
        Effect.gen(function* () {
          const gateway = yield* Gateway
          const { station, server } = transportPair()
          const answer = (text: string) => {
            const [, messageId] = JSON.parse(text)
            station.send(JSON.stringify([3, messageId, { status: "Perhaps" }]))
          }
          station.listen({ onText: answer, onBinary: () => {}, onAlive: () => {}, onClose: () => {} })
          gateway.accept({ stationId: "S1", dialect: v16, transport: server, remoteAddress: "memory" })
          while (gateway.connected("S1") === undefined) yield* Effect.yieldNow
          const { outcome } = yield* ask("S1", { _tag: "Reset", when: "now", evseId: null })
          assert.deepStrictEqual(outcome, {
            _tag: "Unreadable",
            why: 'its answer breaks the schema of Reset at "/status" (enum)'
          })
          yield* ask("S1", { _tag: "SetConfiguration", key: "AuthorizationKey", value: "perhaps-password-16" })
          const { passwordHashes } = (yield* (yield* Directory).station("S1"))!
          assert.isTrue(passwordHashes.some((hash) => verifyPassword(Buffer.from("perhaps-password-16"), hash)))
        })
      )
  )

  it.effect("that asks a 1.6 station for its configuration keeps the answer, but not its password", () =>
    inTheCms(
      Effect.gen(function* () {
        const configurationKey = [
          { key: "HeartbeatInterval", readonly: false, value: "300" },
          { key: "NumberOfConnectors", readonly: true, value: "2" },
          { key: "authorizationKey", readonly: false, value: "said all the same" }
        ]
        yield* obedient("S1", v16, { GetConfiguration: { configurationKey } })
        yield* ask("S1", { _tag: "GetConfiguration", keys: [] })
        const kept = yield* (yield* Books).variables("S1")
        assert.deepStrictEqual(
          kept.map(({ component, variable, value, mutability }) => [component, variable, value, mutability]),
          [
            ["", "HeartbeatInterval", "300", "ReadWrite"],
            ["", "NumberOfConnectors", "2", "ReadOnly"],
            ["", "authorizationKey", null, "ReadWrite"]
          ]
        )
      })
    )
  )

  it.effect("for a station that another node holds says so at once, and since when", () =>
    inTheCms(
      Effect.gen(function* () {
        const presence = {
          dialect: "1.6",
          connectedAtMs: Date.UTC(2026, 4, 4, 11),
          remoteAddress: "elsewhere"
        } as const
        const journal = yield* Journal
        const [epoch = 0] = yield* journal.claim(["S1"])
        assert.deepStrictEqual(yield* journal.commit([{ stationId: "S1", epoch, presence }]), ["Committed"])
        const { outcome } = yield* ask("S1", { _tag: "ClearCache" })
        const why =
          "as the books have it, another node of this CMS holds its connection since 2026-05-04T11:00:00.000Z: ask there"
        assert.deepStrictEqual(outcome, { _tag: "Impossible", why })
      })
    )
  )

  it.effect("that carries a password is kept without it, however its name is written and even if never sent", () =>
    inTheCms(
      Effect.gen(function* () {
        for (const key of ["AuthorizationKey", "authorizationkey", "securityCtrlr.BasicAuthPassword"]) {
          const { id, outcome } = yield* ask("S1", { _tag: "SetConfiguration", key, value: "password-of-16-bytes" })
          assert.deepStrictEqual(outcome, { _tag: "Expired" })
          const kept = yield* (yield* OperationLog).get(id)
          assert.deepStrictEqual(kept?.operation, { _tag: "SetConfiguration", key, value: "(secret)" })
        }
      })
    )
  )

  it.effect("that changes a station's key keeps both until the station has answered, and never shows it", () =>
    inTheCms(
      Effect.gen(function* () {
        const directory = yield* Directory
        const hashes = Effect.map(directory.station("S1"), (station) => station!.passwordHashes)
        const opens = (password: string, stored: ReadonlyArray<string>) =>
          stored.filter((one) => verifyPassword(Buffer.from(password), one)).length
        const setKey = (value: string): Operation => ({ _tag: "SetConfiguration", key: "AuthorizationKey", value })
        const obeying = yield* obedient("S1", v16, { ChangeConfiguration: { status: "Accepted" } })
        const accepted = yield* ask("S1", setKey("first-password-16"))
        assert.deepStrictEqual(accepted.operation, setKey("(secret)"))
        assert.strictEqual(opens("first-password-16", yield* hashes), 1)
        obeying.peer.terminate()
        const refusing = yield* obedient("S1", v16, { ChangeConfiguration: { status: "Rejected" } })
        yield* ask("S1", setKey("second-password-16"))
        assert.strictEqual(opens("second-password-16", yield* hashes), 0)
        assert.strictEqual(opens("first-password-16", yield* hashes), 1)
        refusing.peer.terminate()
        yield* obedient("S1", v16, { ChangeConfiguration: Effect.never })
        const unanswered = yield* Effect.forkChild(ask("S1", setKey("third-password-16")))
        yield* TestClock.adjust("31 seconds")
        assert.deepStrictEqual((yield* Fiber.join(unanswered)).outcome, { _tag: "TimedOut" })
        assert.strictEqual(opens("third-password-16", yield* hashes) + opens("first-password-16", yield* hashes), 2)
      })
    )
  )
})

it.effect("the stations in touch are known by their ids, until they are gone", () =>
  inTheCms(
    Effect.gen(function* () {
      const live = yield* LiveView
      assert.deepStrictEqual(live.connectedIds(), [])
      const { peer } = yield* obedient("S1", v16, {})
      yield* obedient("S2", v201, {})
      assert.deepStrictEqual(live.connectedIds(), ["S1", "S2"])
      peer.terminate()
      assert.deepStrictEqual(live.connectedIds(), ["S2"])
    })
  )
)
