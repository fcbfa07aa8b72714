import { assert, describe, it } from "@effect/vitest"
import type { Context } from "#simulator/oracles/Oracle.ts"
import type { PrepaidRecord, TrueWallet } from "#simulator/oracles/prepaid.ts"
import { stops } from "#simulator/oracles/stops.ts"
import type { OpenTrueSession } from "#simulator/Truth.ts"
import { another, noonMs, rightWorld, token, type World } from "./world.ts"

const hourMs = 3_600_000
const minuteMs = 60_000

const promise: PrepaidRecord["promise"] = {
  leastMinor: 100n,
  leastWh: 200,
  heldBeyondMinor: 2_500n,
  setAside: { firstMinor: 1_000n, stepMinor: 500n },
  aheadMs: 90_000,
  overshootMs: () => 2 * minuteMs,
  assumedPowerW: 22_000
}

const paidIn = (amountMinor: bigint, atMs = noonMs - hourMs): TrueWallet["moves"][number] => ({
  sourceId: `in-${atMs}`,
  amountMinor,
  askedAtMs: atMs,
  knownAtMs: atMs
})

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
    passes(onWallet({ moves: [paidIn(1_200n)] }))
    passes(onWallet({ moves: [paidIn(1_250n)] }))
  })

  it("fails when there was more than may flow until a stop has taken effect", () => {
    fails(onWallet({ moves: [paidIn(1_400n)] }), soon)
    fails(onWallet({ moves: [paidIn(1_200n), paidIn(500n, noonMs + hourMs)] }), soon)
  })

  it("is not blamed for money that came when the stop was on its way, or went before it", () => {
    passes(onWallet({ moves: [paidIn(1_200n), paidIn(900n, noonMs + 2 * hourMs - minuteMs)] }))
    passes(onWallet({ moves: [paidIn(2_100n), paidIn(-900n, noonMs + hourMs)] }))
  })

  it("may use the credit as it was agreed then", () => {
    const moves = [paidIn(700n)]
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
    passes(beside([paidIn(4_000n)]))
    fails(beside([paidIn(6_000n)]), soon)
  })

  it("is not judged where something else may have ended it", () => {
    const moves = [paidIn(5_000n)]
    passes(onWallet({ moves }, { stopReason: "Local" }))
    const wish = { do: "stop", ocppTransactionId: "7" } as const
    const ask = { stationId: "CP1", wish, askedAtMs: noonMs + hourMs, mustReach: false, told: null }
    passes(onWallet({ moves }, {}, { desk: { asks: [ask], presences: [] } }))
  })
})

describe("a charge whose wallet is empty", () => {
  it("fails when it went on for longer than a stop takes, whoever ended it", () => {
    fails(onWallet({ moves: [paidIn(900n)] }), late)
    fails(onWallet({ moves: [paidIn(900n)] }, { stopReason: "Local" }), late)
    passes(onWallet({ moves: [paidIn(1_130n)] }))
  })

  it("is not blamed for a car that stays when it was stopped, or where it had no say", () => {
    const states: OpenTrueSession["states"] = [
      { atMs: noonMs, state: "Charging" },
      { atMs: noonMs + 1.5 * hourMs, state: "EVConnected" }
    ]
    passes(onWallet({ moves: [paidIn(900n)] }, { states }))
    const free = verdictOf(onWallet({ moves: [] }, { startOffline: true }))
    assert.deepStrictEqual([free.verdict, free.failed], ["NOT VERIFIABLE", 0])
  })
})
