import { assert, describe, it } from "@effect/vitest"
import type { Context } from "#simulator/oracles/Oracle.ts"
import type { TrueWallet } from "#simulator/oracles/prepaid.ts"
import { stops } from "#simulator/oracles/stops.ts"
import type { OpenTrueSession } from "#simulator/Truth.ts"
import { another, moved, noonMs, promise, rightWorld, token, type World } from "./world.ts"

const hourMs = 3_600_000
const minuteMs = 60_000

/** The charge of the right world (11.66) on a wallet, ended from afar. */
const onWallet = (
  wallet: Partial<TrueWallet>,
  more: Partial<OpenTrueSession> = {},
  context: Partial<Context> = {}
): World => {
  const world = rightWorld({ stopReason: "Remote", stopTokenUid: null, ...more })
  const own = { driverId: "D", currency: "EUR", creditLineMinor: 0n, moves: [], ...wallet }
  return {
    ...world,
    context: {
      ...world.context,
      tokens: new Map([["GOOD", token("GOOD", { driverId: "D" })]]),
      prepaid: { wallets: new Map([["D", own]]), budgets: [], promise },
      ...context
    }
  }
}

const verdictOf = ({ truth, evidence, context }: World) => stops.checks(truth, evidence, context)

const passes = (world: World): void => {
  const { verdict, failures } = verdictOf(world)
  assert.deepStrictEqual([verdict, failures], ["PASS", []])
}

const fails = (world: World, sentence: RegExp): void => {
  const { verdict, failures } = verdictOf(world)
  assert.strictEqual(verdict, "FAIL")
  assert.match(failures[0]!.sentence, sentence)
}

const soon = /stopped while its wallet had more/
const late = /went on when their wallet was empty/

describe("a charge that its wallet ended", () => {
  it("passes when the wallet was as good as used up", () => {
    passes(onWallet({ moves: [moved(1_200n)] }))
    passes(onWallet({ moves: [moved(1_250n)] }))
  })

  it("fails when there was more than may flow until a stop has taken effect", () => {
    fails(onWallet({ moves: [moved(1_400n)] }), soon)
    fails(onWallet({ moves: [moved(1_200n), moved(500n, noonMs + hourMs)] }), soon)
  })

  it("is not blamed for money that came when the stop was on its way, or went before it", () => {
    passes(onWallet({ moves: [moved(1_200n), moved(900n, noonMs + 2 * hourMs - minuteMs)] }))
    passes(onWallet({ moves: [moved(2_100n), moved(-900n, noonMs + hourMs)] }))
  })

  it("may use the credit as it was agreed then", () => {
    const moves = [moved(700n)]
    const line = (creditLineMinor: bigint, atMs: number) => ({ creditLineMinor, askedAtMs: atMs, knownAtMs: atMs })
    passes(onWallet({ moves, creditLineMinor: 500n }))
    fails(onWallet({ moves, creditLineMinor: 900n }), soon)
    fails(onWallet({ moves, lines: [line(900n, noonMs + minuteMs)] }), soon)
    passes(onWallet({ moves, lines: [line(500n, noonMs + minuteMs), line(900n, noonMs + 3 * hourMs)] }))
  })

  it("leaves another charge of the wallet what may be set aside for it", () => {
    const beside = (moves: TrueWallet["moves"]): World => {
      const world = onWallet({ moves })
      another(world, { ocppTransactionId: "8", endedAtMs: noonMs + 3 * hourMs, trueEndedAtMs: noonMs + 3 * hourMs })
      return world
    }
    passes(beside([moved(4_000n)]))
    fails(beside([moved(6_000n)]), soon)
  })

  it("is not judged beside one that was refused, until the end of that was heard", () => {
    const beside = (heardMs: number): World => {
      const world = onWallet({ moves: [moved(4_000n)] })
      const endedAtMs = noonMs + 1_000
      another(world, { ocppTransactionId: "8", rejected: true, endedAtMs, trueEndedAtMs: endedAtMs })
      for (const [kind, atMs] of [
        ["start", noonMs + 50],
        ["end", heardMs]
      ] as const)
        world.truth.acknowledge({
          stationId: "CP1",
          sessionId: "CP1#2",
          action: "any",
          kind,
          messageId: `2-${atMs}`,
          atMs
        })
      return world
    }
    fails(beside(noonMs + 2 * minuteMs), soon)
    passes(beside(noonMs + 110 * minuteMs))
  })

  it("is not judged where something else may have ended it", () => {
    const moves = [moved(5_000n)]
    passes(onWallet({ moves }, { stopReason: "Local" }))
    const wish = { do: "stop", ocppTransactionId: "7" } as const
    const ask = { stationId: "CP1", wish, askedAtMs: noonMs + hourMs, mustReach: false, told: null }
    passes(onWallet({ moves }, {}, { desk: { asks: [ask], presences: [] } }))
  })
})

describe("a charge whose wallet is empty", () => {
  it("fails when it went on for longer than a stop takes, whoever ended it", () => {
    fails(onWallet({ moves: [moved(900n)] }), late)
    fails(onWallet({ moves: [moved(900n)] }, { stopReason: "Local" }), late)
    passes(onWallet({ moves: [moved(1_130n)] }))
  })

  it("is not blamed for a car that stays when it was stopped, or where it had no say", () => {
    const states: OpenTrueSession["states"] = [
      { atMs: noonMs, state: "Charging" },
      { atMs: noonMs + 1.5 * hourMs, state: "EVConnected" }
    ]
    passes(onWallet({ moves: [moved(900n)] }, { states }))
    const free = verdictOf(onWallet({ moves: [] }, { startOffline: true }))
    assert.deepStrictEqual([free.verdict, free.failed], ["NOT VERIFIABLE", 0])
  })
})
