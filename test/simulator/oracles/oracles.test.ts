import { assert, describe, it } from "@effect/vitest"
import * as Instant from "#core/Instant.ts"
import { judge, oracles, verdictOf } from "#simulator/oracles/Catalogue.ts"
import { type BookedCdr, type BookedTransaction, type Evidence, nothingVisible } from "#simulator/oracles/Evidence.ts"
import type { Context } from "#simulator/oracles/Oracle.ts"
import { type OpenTrueSession, Truth } from "#simulator/Truth.ts"
import { another, cdr, entryOf, followed, noonMs, rightWorld, tariff, token, transaction, type World } from "./world.ts"

const failing = ({ truth, evidence, context }: World): ReadonlyArray<string> =>
  judge(truth, evidence, context)
    .filter(({ verdict }) => verdict === "FAIL")
    .map(({ name }) => name)

const withBooks = (world: World, books: Partial<Evidence>): World => ({
  ...world,
  evidence: { ...world.evidence, ...books }
})
const withContext = (world: World, context: Partial<Context>): World => ({
  ...world,
  context: { ...world.context, ...context }
})
const replaced = <A extends { readonly id: string }>(items: ReadonlyArray<A> | null, item: A): ReadonlyArray<A> =>
  (items ?? []).map((it) => (it.id === item.id ? item : it))

/** The right world with one bill written differently, ledger included. */
const billed = (world: World, ...bills: ReadonlyArray<BookedCdr>): World =>
  withBooks(world, { cdrs: bills, entries: bills.map(entryOf) })
const booked = (world: World, more: Partial<BookedTransaction>): World =>
  withBooks(world, { transactions: replaced(world.evidence.transactions, transaction(more)) })

/** The right world when that was paid of its bill. */
const paying = (amountMinor: bigint, account: string): World => {
  const postings = [
    { account, amountMinor },
    { account: "receivable:token:GOOD", amountMinor: -amountMinor }
  ]
  const paid = { id: "entry-paid", sourceKind: "payment", sourceId: "pi_1", currency: "EUR", postings }
  return withBooks(rightWorld(), { entries: [entryOf(cdr()), paid] })
}

const credit = cdr({ id: "T1-2", credit: true, netMinor: -980n, taxMinor: -186n, grossMinor: -1166n })
const hourMs = 3_600_000
const lost: Partial<OpenTrueSession> = { stopReason: "PowerLoss", stopTokenUid: null }
const lostWorld = (more: Partial<OpenTrueSession> = {}): World => {
  const world = rightWorld({ ...lost, ...more })
  const session = world.truth.session("CP1#1") as OpenTrueSession
  session.endKnowledge = "lost"
  return booked(world, { status: "Closed", readings: { count: 2, lowestWh: 1000, highestWh: 6000 } })
}
const half = { energyWh: 5000, durationMs: hourMs, parkingMs: 0, netMinor: 420n, taxMinor: 80n, grossMinor: 500n }
const long = { ...half, durationMs: 2.5 * hourMs, netMinor: 600n, taxMinor: 114n, grossMinor: 714n }
const readBehindAtMs = noonMs + 2.5 * hourMs

describe("a right world", () => {
  it("passes every oracle, each of which has compared something", () => {
    const { truth, evidence, context } = followed(rightWorld())
    const results = judge(truth, evidence, context)
    assert.deepStrictEqual(
      results.map(({ name, verdict, failures }) => ({ name, verdict, failures })),
      oracles.map(({ name }) => ({ name, verdict: "PASS" as const, failures: [] }))
    )
    assert.isTrue(results.every(({ checked }) => checked > 0))
    assert.strictEqual(verdictOf(results), "PASS")
  })

  const rights: ReadonlyArray<readonly [string, World]> = [
    ["a bill taken back and issued again", billed(rightWorld(), cdr(), credit, cdr({ id: "T1-3" }))],
    ["a transfer of more than is owed", paying(1_167n, "bank:transfers")],
    ["a lost end billed up to the last reading kept", billed(lostWorld(), cdr(half))],
    ["a lost end billed up to what was read behind it", billed(lostWorld({ readBehindAtMs }), cdr(long))],
    ["a card shown by the person who brought the car", brought("ada", "ada")],
    ["a card that somebody else had shown there and left", brought("bo", "ada", 60_000)],
    ["a card of nobody in particular's driver", withContext(rightWorld(), { tokens: tokens({ driverId: null }) })],
    ["a card blocked after the start", withContext(rightWorld(), { tokens: tokens({ blockedAtMs: noonMs + 1 }) })],
    [
      "a new price from the end of the session on",
      withContext(rightWorld(), {
        tariffsOf: () => [
          tariff,
          { ...tariff, version: 2, currency: "CHF", start_date_time: Instant.format(noonMs + 1) }
        ]
      })
    ]
  ]
  for (const [what, world] of rights) {
    it(`stays right with ${what}`, () => {
      assert.deepStrictEqual(failing(world), [])
    })
  }
})

function tokens(more: Parameters<typeof token>[1]) {
  return new Map([["GOOD", token("GOOD", more)]])
}

/** One person's car, on a card that one person showed. */
function brought(personId: string, shownBy: string, beforeMs = 1): World {
  const world = rightWorld({ personId })
  const shown = { stationId: "CP1", evseId: 1, tokenUid: "GOOD", way: "card", atMs: noonMs - beforeMs } as const
  world.truth.present({ ...shown, personId: shownBy })
  return world
}

const twoCars = (): World => {
  const world = rightWorld()
  another(world, { ocppTransactionId: "7" })
  return world
}
const rejectedThough = (): World => {
  const world = rightWorld()
  const judged = { stationId: "CP1", tokenUid: "GOOD", atMs: noonMs + 50, action: "StartTransaction" }
  world.truth.judge({ ...judged, status: "Blocked", sessionId: "CP1#1" })
  return world
}
/** Its station's clock is two hours ahead: by that alone it had expired an hour before. */
const refusedByItsClock = (): World => {
  const world = rightWorld()
  const trueStartedAtMs = noonMs - hourMs
  const session = { ocppTransactionId: "8", stationId: "CP3", startedAtMs: noonMs + hourMs, trueStartedAtMs }
  another(world, { ...session, tokenUid: "QR", endKnowledge: "queued" })
  const judged = { stationId: "CP3", tokenUid: "QR", action: "StartTransaction", sessionId: "CP1#2" }
  world.truth.judge({ ...judged, atMs: trueStartedAtMs + 50, status: "Expired" })
  const token = { uid: "QR", groupId: null, expiresAtMs: noonMs, blockedAtMs: null, concurrencyLimit: null }
  return withContext(world, { tokens: new Map([...tokens({}), ["QR", { ...token, allowedStations: null }]]) })
}
const limited = (status: string): World => {
  const world = rightWorld()
  another(world, { ocppTransactionId: "8", startedAtMs: noonMs + hourMs, endKnowledge: "queued", stationId: "CP3" })
  const judged = { stationId: "CP3", tokenUid: "GOOD", action: "StartTransaction", sessionId: "CP1#2" }
  world.truth.judge({ ...judged, atMs: noonMs + hourMs + 50, status })
  return withContext(world, { tokens: tokens({ concurrencyLimit: 1 }) })
}
/**
 * A charge of its card was refused at CP1 and goes on all the same from noon to two; at one o'clock the card is shown
 * elsewhere. The refused charge is the only one, so the card is at its limit of one.
 */
const besideTheRefused = (answer: string, more: Parameters<typeof token>[1] = {}): World => {
  const world = rightWorld({ rejected: true })
  another(world, { ocppTransactionId: "8", startedAtMs: noonMs + hourMs, endKnowledge: "queued", stationId: "CP3" })
  const judged = { tokenUid: "GOOD", action: "StartTransaction" }
  world.truth.judge({ ...judged, stationId: "CP3", sessionId: "CP1#2", atMs: noonMs + hourMs + 50, status: answer })
  return withContext(world, { tokens: tokens({ concurrencyLimit: 1, ...more }) })
}
/** The card came two hours after the plug, and another charge of it, which had begun before, was over by then. */
const besideThePlug = (answer: string): World => {
  const world = rightWorld()
  const [pluggedMs, shownMs] = [noonMs + hourMs, noonMs + 3 * hourMs]
  const states = [
    { atMs: pluggedMs, state: "EVConnected" as const },
    { atMs: shownMs, state: "Charging" as const }
  ]
  const span = { startedAtMs: pluggedMs, endedAtMs: shownMs + hourMs, trueEndedAtMs: shownMs + hourMs }
  another(world, { ...span, ocppTransactionId: "8", dialect: "2.0.1", stationId: "CP3", stopTokenUid: null, states })
  const judged = { tokenUid: "GOOD", action: "TransactionEvent", stationId: "CP3", sessionId: "CP1#2" }
  world.truth.judge({ ...judged, atMs: shownMs + 50, status: answer })
  return withContext(world, { tokens: tokens({ concurrencyLimit: 1 }) })
}
/** Its card was let in, began a second charge, and is told of the limit when its first start comes again. */
const answeredOtherwise = (): World => {
  const world = rightWorld()
  another(world, { ocppTransactionId: "8", startedAtMs: noonMs + 10, endKnowledge: "queued", stationId: "CP3" })
  const judged = { stationId: "CP1", tokenUid: "GOOD", action: "StartTransaction", sessionId: "CP1#1" }
  world.truth.judge({ ...judged, atMs: noonMs + 60_000, status: "ConcurrentTx" })
  return withContext(world, { tokens: tokens({ concurrencyLimit: 1 }) })
}

const wrongs: ReadonlyArray<readonly [what: string, caughtBy: string, world: () => World]> = [
  ["more energy billed than delivered", "energy", () => billed(rightWorld(), cdr({ energyWh: 10_001 }))],
  ["less energy billed than delivered", "energy", () => billed(rightWorld(), cdr({ energyWh: 9_999 }))],
  ["a lost end billed beyond the truth", "energy", () => billed(lostWorld(), cdr({ ...half, energyWh: 10_001 }))],
  ["a lost end billed below what was kept", "energy", () => billed(lostWorld(), cdr({ ...half, energyWh: 4_999 }))],
  ["energy credited and not billed again", "energy", () => billed(rightWorld(), cdr(), credit)],
  ["a cent too much", "money", () => billed(rightWorld(), cdr({ grossMinor: 1167n, taxMinor: 187n }))],
  ["tax where net belongs", "money", () => billed(rightWorld(), cdr({ netMinor: 981n, taxMinor: 185n }))],
  ["two bills for one session", "money", () => billed(rightWorld(), cdr(), cdr({ id: "T1-2" }))],
  ["no bill at all", "money", () => billed(rightWorld())],
  ["another currency", "money", () => billed(rightWorld(), cdr({ currency: "CHF" }))],
  ["a bill for nobody's session", "money", () => billed(rightWorld(), cdr(), cdr({ id: "X-1", transactionId: "X" }))],
  ["a lost end billed for longer than it lasted", "money", () => billed(lostWorld(), cdr(long))],
  [
    "an unbalanced entry",
    "money",
    () =>
      withBooks(rightWorld(), {
        entries: [{ ...entryOf(cdr()), postings: [{ account: "receivable:token:GOOD", amountMinor: 1166n }] }]
      })
  ],
  ["a bill that is not in the ledger", "money", () => withBooks(rightWorld(), { entries: [] })],
  [
    "a bill that is in the ledger twice",
    "money",
    () => withBooks(rightWorld(), { entries: [entryOf(cdr()), { ...entryOf(cdr()), id: "again" }] })
  ],
  ["more paid than is owed, which nobody has", "money", () => paying(1_167n, "psp_clearing:stripe")],
  [
    "a bill on an expired card",
    "authorization",
    () => withContext(rightWorld(), { tokens: tokens({ expiresAtMs: noonMs }) })
  ],
  [
    "a card let in at a station that is not its own",
    "authorization",
    () => withContext(rightWorld(), { tokens: tokens({ allowedStations: ["CP9"] }) })
  ],
  ["a good card refused", "authorization", rejectedThough],
  ["a good card refused by a clock that has it expired", "authorization", refusedByItsClock],
  ["a second charge on a card for one", "authorization", () => limited("Accepted")],
  [
    "a limit invoked where there is none",
    "authorization",
    () => withContext(limited("ConcurrentTx"), { tokens: tokens({}) })
  ],
  ["a second charge beside one that was refused and goes on", "authorization", () => besideTheRefused("Accepted")],
  ["a limit that is told in other words", "authorization", () => limited("Blocked")],
  [
    "a limit invoked for a card that was not good, and is free",
    "authorization",
    () => withContext(limited("ConcurrentTx"), { tokens: tokens({ concurrencyLimit: 3, expiresAtMs: noonMs + 1 }) })
  ],
  ["a limit invoked by what was over before the card came", "authorization", () => besideThePlug("ConcurrentTx")],
  ["a start refused that the books have as accepted", "authorization", answeredOtherwise],
  ["a stranger's stop that is not told", "authorization", () => rightWorld({ stopTokenUid: "OTHER" })],
  ["two cars in one transaction", "identity", twoCars],
  ["a session booked under another card", "identity", () => booked(rightWorld(), { tokenUid: "OTHER" })],
  [
    "a bill for another driver than the card's",
    "identity",
    () => withContext(rightWorld(), { tokens: tokens({ driverId: "ada" }) })
  ],
  ["a car that charged on a card its person never showed", "identity", () => brought("bo", "ada", hourMs)],
  ["the id 0", "identity", () => booked(rightWorld({ ocppTransactionId: "0" }), { ocppId: "0" })],
  [
    "a transaction that no car was in",
    "identity",
    () =>
      withBooks(rightWorld(), {
        transactions: [transaction(), transaction({ id: "T9", ocppId: "99", startedAtMs: 0 })]
      })
  ],
  ["a transaction at another cable of its EVSE", "identity", () => booked(rightWorld(), { connectorId: 2 })],
  ["a transaction that stays open", "liveness", () => booked(rightWorld(), { status: "Open", settled: false })],
  ["a transaction that is never priced", "liveness", () => booked(rightWorld(), { settled: false })],
  [
    "a message that is never delivered",
    "liveness",
    () => {
      const world = rightWorld()
      another(world, { ocppTransactionId: "8", endKnowledge: "queued" })
      return world
    }
  ],
  ["an acknowledged end that is not kept", "durability", () => booked(rightWorld(), { status: "Closed" })],
  [
    "an acknowledged start that is not kept",
    "durability",
    () => withBooks(rightWorld(), { transactions: [], cdrs: [], entries: [] })
  ],
  [
    "an acknowledged reading that is not kept",
    "durability",
    () => booked(rightWorld(), { readings: { count: 0, lowestWh: null, highestWh: null } })
  ],
  [
    "a fault on the wire",
    "protocol",
    () => {
      const fault = { stationId: "CP1", messageId: "1", expected: "an answer", found: "none", sentence: "No answer." }
      const faults = [{ ...fault, end: "server" as const }]
      return withContext(rightWorld(), { wire: { ...rightWorld().context.wire, calls: 1, faults, faultCount: 1 } })
    }
  ],
  [
    "a connector shown as it is not",
    "status",
    () =>
      withContext(rightWorld(), {
        connectors: [{ stationId: "CP1", evseId: 1, connectorId: 1, status: "Faulted" }]
      })
  ],
  [
    "a connector that is not shown",
    "status",
    () =>
      withContext(rightWorld(), {
        connectors: [{ stationId: "CP1", evseId: 2, connectorId: 1, status: "Available" }]
      })
  ]
]

describe("a world that went wrong", () => {
  for (const [what, caughtBy, make] of wrongs) {
    it(`${what} is caught by the ${caughtBy} oracle`, () => {
      assert.include(failing(make()), caughtBy)
    })
  }

  it("a failure names the station, the session, the transaction and both values", () => {
    const { truth, evidence, context } = billed(rightWorld(), cdr({ energyWh: 9_000 }))
    const energy = judge(truth, evidence, context).find(({ name }) => name === "energy")
    assert.deepStrictEqual(energy?.failures, [
      {
        stationId: "CP1",
        sessionId: "CP1#1",
        transactionId: "T1",
        expected: "10000 Wh",
        found: "9000 Wh in 1 CDRs, 1 standing",
        sentence: "Billed energy differs from the meter's: its end was acknowledged."
      }
    ])
  })
})

it("a card is at its limit by a charge that was refused and goes on, and free of what ended before it came", () => {
  for (const world of [limited("ConcurrentTx"), besideTheRefused("ConcurrentTx"), besideThePlug("Accepted")])
    assert.notInclude(failing(world), "authorization")
})

it("an oracle that had nothing to compare does not pass", () => {
  const { context } = rightWorld()
  const nothing = { transactions: [], cdrs: [], entries: [], connectors: [] }
  const wire = { ...context.wire, calls: 0 }
  const results = judge(new Truth(), nothing, { ...context, connectors: [], wire, desk: { asks: [], presences: [] } })
  assert.sameMembers(
    results.map(({ verdict }) => verdict),
    oracles.map(() => "NOT VERIFIABLE")
  )
})

it("tells what the audit of the books found broken", () => {
  const { truth, evidence, context } = rightWorld()
  const violations = [{ document: "entry-9", sentence: "The postings of entry entry-9 sum to 1 EUR." }]
  const broken = [{ id: "I1", title: "Every entry sums to zero", checked: 9, violated: 1, violations }] as const
  const found = judge(truth, { ...evidence, audit: broken }, context).find(({ name }) => name === "audit")
  assert.deepStrictEqual(found?.verdict, "FAIL")
  assert.deepStrictEqual(
    found?.failures.map(({ sentence, expected }) => [sentence, expected]),
    [[violations[0]!.sentence, "I1: Every entry sums to zero"]]
  )
})

it("what cannot be looked into is not verifiable, and what the stations alone can tell still fails", () => {
  const { truth, context } = rightWorld()
  const blind = { ...context, connectors: null }
  const verdicts = (world: World) =>
    Object.fromEntries(judge(world.truth, nothingVisible, blind).map(({ name, verdict }) => [name, verdict]))
  assert.deepStrictEqual(verdicts({ truth, evidence: nothingVisible, context: blind }), {
    energy: "NOT VERIFIABLE",
    money: "NOT VERIFIABLE",
    authorization: "NOT VERIFIABLE",
    identity: "NOT VERIFIABLE",
    liveness: "NOT VERIFIABLE",
    durability: "NOT VERIFIABLE",
    monotone: "NOT VERIFIABLE",
    protocol: "PASS",
    status: "NOT VERIFIABLE",
    operations: "PASS",
    audit: "NOT VERIFIABLE",
    resources: "NOT VERIFIABLE"
  })
  for (const { name, verdict, notes } of judge(truth, nothingVisible, blind)) {
    if (verdict === "NOT VERIFIABLE") assert.isNotEmpty(notes, `${name} says why`)
  }
  assert.strictEqual(verdicts(twoCars()).identity, "FAIL")
  assert.strictEqual(verdicts(rejectedThough()).authorization, "FAIL")
})

it("no CMS is blamed for a status that its station gave up telling, until it tells one again", () => {
  const status = (isHeard: boolean) => {
    const { truth, evidence, context } = withContext(rightWorld(), {
      connectors: [
        { stationId: "CP1", evseId: 1, connectorId: 1, status: "Faulted" },
        { stationId: "CP2", evseId: 1, connectorId: 1, status: "Available" }
      ]
    })
    truth.statusHeard("CP1", 1, 1, false)
    if (isHeard) truth.statusHeard("CP1", 1, 1, true)
    const { verdict, checked } = judge(truth, evidence, context).find(({ name }) => name === "status")!
    return { verdict, checked }
  }
  assert.deepStrictEqual(status(false), { verdict: "PASS", checked: 1 })
  assert.deepStrictEqual(status(true), { verdict: "FAIL", checked: 2 })
})

describe("a look that comes too early", () => {
  const early = (afterEndMs: number) => {
    const world = booked(rightWorld(), { settled: false })
    const { endedAtMs } = world.truth.sessions[0]!
    const { truth, evidence, context } = withContext(withBooks(world, { cdrs: [], entries: [] }), {
      atMs: endedAtMs! + afterEndMs
    })
    return judge(truth, evidence, context).find(({ name }) => name === "liveness")!.verdict
  }

  it("says nothing of a price that the CMS may still wait for, and fails one that is overdue", () => {
    assert.strictEqual(early(60_000), "NOT VERIFIABLE")
    assert.strictEqual(early(hourMs), "FAIL")
  })
})
