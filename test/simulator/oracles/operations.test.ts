import { assert, describe, it } from "@effect/vitest"
import type { Command } from "#simulator/oracles/Commands.ts"
import { nothingVisible } from "#simulator/oracles/Evidence.ts"
import { type Ask, operations, type Presence, type Wish } from "#simulator/oracles/operations.ts"
import { noonMs, rightWorld } from "./world.ts"

const ask = (wish: Wish, isAgreed: boolean | null, more: Partial<Ask> = {}): Ask => ({
  stationId: "CP1",
  wish,
  askedAtMs: 1_000,
  mustReach: false,
  told: isAgreed === null ? null : { isAgreed, atMs: 2_000 },
  ...more
})
const command = (action: string, payload: unknown, status?: string, more: Partial<Command> = {}): Command => ({
  stationId: "CP1",
  atMs: 1_500,
  action,
  payload,
  answer: status === undefined ? undefined : { status },
  answeredAtMs: status === undefined ? null : 1_600,
  ...more
})

interface Day {
  readonly asks?: ReadonlyArray<Ask>
  readonly commands?: ReadonlyArray<Command>
  readonly deaths?: ReadonlyArray<number>
  readonly presences?: ReadonlyArray<Presence>
}

const said = ({ asks = [], commands = [], deaths = [], presences = [] }: Day): ReadonlyArray<string> => {
  const { truth, context } = rightWorld()
  const wire = { ...context.wire, commands, deaths }
  const { failures } = operations.checks(truth, nothingVisible, { ...context, wire, desk: { asks, presences } })
  return failures.map(({ sentence }) => sentence)
}

const reset: Wish = { do: "reset", isAtOnce: true }

describe("the operations oracle", () => {
  it("is content when each wish is said in either version's words and its answer is told", () => {
    const exchanges: ReadonlyArray<readonly [Wish, string, unknown, string]> = [
      [reset, "Reset", { type: "Hard" }, "Accepted"],
      [{ do: "reset", isAtOnce: false }, "Reset", { type: "OnIdle" }, "Scheduled"],
      [{ do: "unlock", evseId: 2 }, "UnlockConnector", { connectorId: 2 }, "Unlocked"],
      [{ do: "unlock", evseId: 2 }, "UnlockConnector", { evseId: 2, connectorId: 1 }, "Unlocked"],
      [{ do: "start", evseId: 2, tokenUid: "A" }, "RemoteStartTransaction", { connectorId: 2, idTag: "A" }, "Accepted"],
      [
        { do: "start", evseId: 2, tokenUid: "A" },
        "RequestStartTransaction",
        { evseId: 2, idToken: { idToken: "A", type: "Central" } },
        "Accepted"
      ],
      [{ do: "stop", ocppTransactionId: "7" }, "RemoteStopTransaction", { transactionId: 7 }, "Accepted"],
      [
        { do: "change availability", isOperative: false },
        "ChangeAvailability",
        { connectorId: 0, type: "Inoperative" },
        "Accepted"
      ],
      [
        { do: "change availability", isOperative: true },
        "ChangeAvailability",
        { operationalStatus: "Operative" },
        "Accepted"
      ]
    ]
    for (const [wish, action, payload, status] of exchanges) {
      assert.deepStrictEqual(
        said({ asks: [ask(wish, true)], commands: [command(action, payload, status)] }),
        [],
        `${action} ${JSON.stringify(payload)}`
      )
    }
  })

  it("tells of a command that nobody asked for, to that station, at that time", () => {
    const hard = command("Reset", { type: "Hard" }, "Accepted")
    const asks = [ask(reset, null)]
    assert.lengthOf(said({ asks, commands: [{ ...hard, payload: { type: "Soft" } }] }), 1)
    assert.lengthOf(said({ asks, commands: [{ ...hard, stationId: "CP2" }] }), 1)
    assert.lengthOf(said({ asks, commands: [{ ...hard, atMs: 900 }] }), 1)
    assert.lengthOf(said({ asks, commands: [hard, hard] }), 1)
    assert.deepStrictEqual(said({ asks, commands: [hard] }), [])
  })

  it("tells of a yes that the station never said, and of a no where it said yes", () => {
    const rejected = command("Reset", { type: "Hard" }, "Rejected")
    const silent = command("Reset", { type: "Hard" })
    const agreed = command("Reset", { type: "Hard" }, "Accepted")
    assert.match(said({ asks: [ask(reset, true)], commands: [rejected] }).join(), /agreed to/)
    assert.match(said({ asks: [ask(reset, true)], commands: [silent] }).join(), /agreed to/)
    assert.match(said({ asks: [ask(reset, true)] }).join(), /agreed to/)
    assert.match(said({ asks: [ask(reset, false)], commands: [agreed] }).join(), /was refused/)
    assert.deepStrictEqual(said({ asks: [ask(reset, false)], commands: [rejected] }), [])
  })

  it("forgives a no where the server died before it could tell, or the answer came too late", () => {
    const agreed = command("Reset", { type: "Hard" }, "Accepted")
    assert.deepStrictEqual(said({ asks: [ask(reset, false)], commands: [agreed], deaths: [1_700] }), [])
    const late = { ...agreed, answeredAtMs: 40_000 }
    const told = { isAgreed: false, atMs: 31_500 }
    assert.deepStrictEqual(said({ asks: [ask(reset, null, { told })], commands: [late] }), [])
  })

  it("takes a command for the wish that is still open, not for one that was given up before it", () => {
    const expired = ask(reset, false, { told: { isAgreed: false, atMs: 1_100 } })
    const commands = [command("Reset", { type: "Hard" }, "Accepted")]
    assert.deepStrictEqual(said({ asks: [expired, ask(reset, true)], commands }), [])
  })

  it("asks that a station in touch is reached and shown", () => {
    const roll = ask({ do: "send a heartbeat" }, false, { mustReach: true })
    assert.match(said({ asks: [roll] }).join(), /not reached/)
    assert.lengthOf(said({ presences: [{ stationId: "CP1", isConnected: true, isShown: false }] }), 1)
  })
})

describe("a charge with a limit that its station agreed to stop, and stopped", () => {
  const stoodAtMs = noonMs + 3_600_000
  const wish = { maxWh: 5_000, maxMs: null, maxMinor: null }

  /** Asked to stop an hour after noon, and again each minute with these answers; its state was told in between. */
  const repeats = (answers: ReadonlyArray<string | undefined>): ReadonlyArray<string> => {
    const { truth, context } = rightWorld({
      states: [
        { atMs: noonMs, state: "Charging" },
        { atMs: stoodAtMs, state: "EVConnected" }
      ]
    })
    const told = { stationId: "CP1", sessionId: "CP1#1", action: "any", kind: "state", messageId: "stood" } as const
    truth.acknowledge({ ...told, atMs: stoodAtMs + 100 })
    const commands = ["Accepted", ...answers].map((status, index) =>
      command("RemoteStopTransaction", { transactionId: 7 }, status, { atMs: stoodAtMs + index * 60_000 })
    )
    const order = { stationId: "CP1", evseId: 1, tokenUid: "GOOD", limit: wish, orderedAtMs: noonMs }
    const wishes = {
      wishes: [{ ...order, accepted: true, changes: [], isStopAsked: false }],
      withinMs: () => 0,
      downMs: 0,
      assumedPowerW: 0
    }
    const desk = { asks: [], presences: [] }
    const { failures } = operations.checks(truth, nothingVisible, {
      ...context,
      wire: { ...context.wire, commands },
      wishes,
      desk
    })
    return failures.map(({ sentence, found }) => `${sentence} ${found}`)
  }

  it("is asked no more, but for what a node may not know yet", () => {
    assert.match(repeats(Array(4).fill("Accepted")).join(), /was asked to stop again. 4 times/)
    assert.match(repeats(["Accepted", "Rejected", "Rejected", "Rejected"]).join(), /was asked to stop again. 4 times/)
    assert.deepStrictEqual(repeats(Array(3).fill("Accepted")), [])
  })

  it("was not asked by what a line swallowed that is dead and that nobody has told of", () => {
    assert.deepStrictEqual(repeats(Array(7).fill(undefined)), [])
    assert.match(repeats([undefined, ...Array(4).fill("Accepted")]).join(), /was asked to stop again. 4 times/)
  })
})
