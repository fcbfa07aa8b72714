import { assert, it } from "@effect/vitest"
import type { Evidence } from "#simulator/oracles/Evidence.ts"
import type { TrueBudget, TrueWallet } from "#simulator/oracles/prepaid.ts"
import { wallet } from "#simulator/oracles/wallet.ts"
import type { OpenTrueSession } from "#simulator/Truth.ts"
import { moved, noonMs, promise, rightWorld, token } from "./world.ts"

const minuteMs = 60_000

interface Asked {
  readonly status: string
  readonly atMs: number
  readonly moves: TrueWallet["moves"]
  readonly budgets?: ReadonlyArray<TrueBudget>
  readonly owing?: Evidence["owing"]
  readonly session?: Partial<OpenTrueSession>
}

/** What is said of the answer that came to a start at noon. */
const saidOf = ({ status, atMs, moves, budgets = [], owing = [], session = {} }: Asked): ReadonlyArray<string> => {
  const { truth, evidence, context } = rightWorld({ tokenUid: "PURSE", ...session })
  truth.judge({
    atMs,
    stationId: "CP1",
    sessionId: "CP1#1",
    tokenUid: "PURSE",
    action: "StartTransaction",
    status
  })
  const tokens = new Map([["PURSE", token("PURSE", { driverId: "D" })]])
  const wallets = new Map([["D", { driverId: "D", currency: "EUR", creditLineMinor: 0n, moves }]])
  const books = { driverId: "D", currency: "EUR", balanceMinor: 0n, heldMinor: 0n, arrearsMinor: 0n, movements: [] }
  const { failures } = wallet.checks(
    truth,
    { ...evidence, wallets: [books], owing },
    { ...context, tokens, prepaid: { wallets, budgets, promise } }
  )
  return failures.map(({ sentence }) => sentence).filter((it) => it.startsWith("Card"))
}

const refused = "Card PURSE was refused for want of credit though it had some."
const earlier = moved(800n, noonMs - 60 * minuteMs)

it("sees a card refused that had money, and one let in that had none", () => {
  assert.deepStrictEqual(saidOf({ status: "NoCredit", atMs: noonMs + 50, moves: [earlier] }), [refused])
  assert.deepStrictEqual(saidOf({ status: "NoCredit", atMs: noonMs + 50, moves: [] }), [])
  assert.match(saidOf({ status: "Accepted", atMs: noonMs + 50, moves: [] })[0]!, /let in though its wallet was empty/)
  assert.deepStrictEqual(saidOf({ status: "Accepted", atMs: noonMs + 50, moves: [earlier] }), [])
})

it("takes what reminders cost off what a wallet has, from when they were written", () => {
  const reminded = (atMs: number, feeMinor: bigint): Evidence["owing"] => [
    {
      invoiceId: "wallet-D-0",
      driverId: "D",
      amountMinor: 300n,
      dueDate: "2026-05-20",
      writtenOffMinor: 0n,
      openMinor: 0n,
      paidByCardMinor: 300n,
      transferredMinor: 0n,
      isCredited: false,
      steps: [{ do: "reminder", level: 1, feeMinor, atMs }],
      of: { kind: "wallet", id: "D" },
      toldAtMs: noonMs
    }
  ]
  const refusedThen = { status: "NoCredit", atMs: noonMs + 50, moves: [earlier] }
  assert.deepStrictEqual(saidOf({ ...refusedThen, owing: reminded(noonMs - minuteMs, 701n) }), [])
  assert.deepStrictEqual(saidOf({ ...refusedThen, owing: reminded(noonMs - minuteMs, 700n) }), [refused])
  assert.deepStrictEqual(saidOf({ ...refusedThen, owing: reminded(noonMs + minuteMs, 701n) }), [refused])
})

it("takes an answer that came late for one found at any time since the card was shown", () => {
  const late = { status: "NoCredit", atMs: noonMs + 30 * minuteMs }
  const meanwhile = moved(800n, noonMs + minuteMs)
  assert.deepStrictEqual(saidOf({ ...late, moves: [meanwhile] }), [])
  assert.deepStrictEqual(saidOf({ ...late, moves: [earlier] }), [refused])
  assert.deepStrictEqual(saidOf({ ...late, moves: [earlier, moved(-750n, noonMs + minuteMs)] }), [])
  assert.deepStrictEqual(saidOf({ ...late, status: "Accepted", moves: [moved(-1n, noonMs + minuteMs)] }), [])
})

it("counts a start in the period that it began in, however late its answer, and takes either at the turn of one", () => {
  const budget: TrueBudget = {
    tokenUid: "PURSE",
    period: "day",
    timeZone: "UTC",
    maxMinor: 5_000n,
    maxWh: null,
    maxSessions: null,
    atLimit: "refuse"
  }
  const midnightMs = Date.UTC(2026, 4, 29)
  const answered = (startedAtMs: number, afterMs: number) =>
    saidOf({
      status: "NoCredit",
      atMs: startedAtMs + afterMs,
      moves: [earlier],
      budgets: [budget],
      session: { startedAtMs }
    })
  assert.deepStrictEqual(answered(midnightMs - 60 * minuteMs, 50), [refused])
  assert.deepStrictEqual(answered(midnightMs - 60 * minuteMs, 120 * minuteMs), [refused])
  assert.deepStrictEqual(answered(midnightMs + minuteMs, 50), [])
  assert.deepStrictEqual(answered(midnightMs + minuteMs, 120 * minuteMs), [])
})
