import { invariants } from "#core/audit/Audit.ts"
import type { Commit } from "#simulator/oracles/Commit.ts"
import { Course } from "#simulator/oracles/Course.ts"
import type { BookedCdr, BookedEntry, BookedPayment, BookedTransaction, Evidence } from "#simulator/oracles/Evidence.ts"
import type { Gauge } from "#simulator/oracles/Gauges.ts"
import type { Context, TrueToken } from "#simulator/oracles/Oracle.ts"
import type { PrepaidRecord, TrueWallet } from "#simulator/oracles/prepaid.ts"
import type { OcpiTariff } from "#simulator/oracles/SlowRater.ts"
import { type OpenTrueSession, Truth } from "#simulator/Truth.ts"

/** A world by hand: what truly happened, what the books say of it, and what else is known. */
export interface World {
  readonly truth: Truth
  readonly evidence: Evidence
  readonly context: Context
}

export const noonMs = 1_780_000_000_000
const hourMs = 3_600_000

/** A payment of 7.00 that was captured, and is owed. */
export const bookedPayment = (id = "P1"): BookedPayment => ({
  id,
  transactionId: "T1",
  currency: "EUR",
  state: "CAPTURED",
  isAtRest: true,
  owedMinor: 700n,
  writtenOffMinor: 0n,
  residualMinor: 0n,
  goodwillMinor: 0n,
  intents: [{ id: "pi_1", authorizedMinor: 700n, capturedMinor: 700n, refundedMinor: 0n, disputedMinor: 0n }]
})

/** 0.40 a kWh, 1.20 an hour, 6.00 an hour parked, 1.00 once; 19 % on top. */
export const tariff: OcpiTariff = {
  id: "PLAIN",
  currency: "EUR",
  tax_included: "NO",
  elements: [
    {
      price_components: [
        { type: "ENERGY", price: 0.4, vat: 19 },
        { type: "TIME", price: 1.2, vat: 19 },
        { type: "PARKING_TIME", price: 6, vat: 19 },
        { type: "FLAT", price: 1, vat: 19 }
      ]
    }
  ]
}

export const token = (uid: string, more: Partial<TrueToken> = {}): TrueToken => ({
  uid,
  groupId: null,
  expiresAtMs: null,
  blockedAtMs: null,
  concurrencyLimit: null,
  allowedStations: null,
  ...more
})

const session = (id: string, more: Partial<OpenTrueSession>): OpenTrueSession => ({
  id,
  stationId: "CP1",
  evseId: 1,
  connectorId: 1,
  dialect: "1.6",
  tokenUid: "GOOD",
  personId: null,
  pluggedAtMs: noonMs - 60_000,
  startedAtMs: noonMs,
  endedAtMs: noonMs + 2 * hourMs,
  unpluggedAtMs: noonMs + 2 * hourMs,
  trueStartedAtMs: more.startedAtMs ?? noonMs,
  trueEndedAtMs: noonMs + 2 * hourMs,
  meterStartWh: 1000,
  meterStopWh: 11_000,
  shownStartWh: 1000,
  shownStopWh: 11_000,
  maxPowerW: 22_000,
  peakPowerW: 22_000,
  deliveredMilliWh: 10_000_400,
  exportedMilliWh: 0,
  lostMilliWh: 0,
  states: [
    { atMs: noonMs, state: "Charging" },
    { atMs: noonMs + hourMs + hourMs / 2, state: "SuspendedEV" }
  ],
  readings: 3,
  ocppTransactionId: "7",
  startOffline: false,
  stopReason: "Local",
  stopTokenUid: "GOOD",
  rejected: false,
  startAcknowledged: false,
  endKnowledge: "queued",
  faults: [],
  lies: [],
  remoteStartId: null,
  ...more
})

/** 10 kWh and 1.5 h of charging, 0.5 h parked: 4.00 + 1.80 + 3.00 + 1.00 = 9.80, with VAT 11.66. */
export const cdr = (more: Partial<BookedCdr> = {}): BookedCdr => ({
  id: "T1-1",
  transactionId: "T1",
  stationId: "CP1",
  startAtMs: noonMs,
  endAtMs: noonMs + 2 * hourMs,
  currency: "EUR",
  energyWh: 10_000,
  durationMs: 2 * hourMs,
  parkingMs: hourMs / 2,
  netMinor: 980n,
  taxMinor: 186n,
  grossMinor: 1166n,
  credit: false,
  ...more
})

/** The booking that a CDR asks for. */
export const entryOf = ({ id, netMinor, taxMinor, grossMinor }: BookedCdr): BookedEntry => ({
  id: `entry-${id}`,
  sourceId: id,
  currency: "EUR",
  postings: [
    { account: "receivable:token:GOOD", amountMinor: grossMinor },
    { account: "revenue:energy", amountMinor: -netMinor },
    { account: "vat_payable:19", amountMinor: -taxMinor }
  ]
})

export const transaction = (more: Partial<BookedTransaction> = {}): BookedTransaction => ({
  id: "T1",
  stationId: "CP1",
  ocppId: "7",
  evseId: 1,
  connectorId: 1,
  status: "Ended",
  startedAtMs: noonMs,
  endedAtMs: noonMs + 2 * hourMs,
  tokenUid: "GOOD",
  authorization: "Accepted",
  findings: [],
  settled: true,
  readings: { count: 3, lowestWh: 1000, highestWh: 11_000 },
  ...more
})

/** One session of a good card, told and acknowledged; another of an unknown card, refused and stopped at once. */
export const rightWorld = (more: Partial<OpenTrueSession> = {}): World => {
  const truth = new Truth()
  truth.begin(session("CP1#1", more))
  truth.begin(
    session("CP2#1", {
      stationId: "CP2",
      dialect: "2.0.1",
      tokenUid: "NOBODY",
      ocppTransactionId: "abc",
      endedAtMs: noonMs + 1000,
      meterStopWh: 1000,
      peakPowerW: 0,
      deliveredMilliWh: 0,
      states: [{ atMs: noonMs, state: "EVConnected" }],
      stopReason: "DeAuthorized",
      stopTokenUid: null,
      rejected: true
    })
  )
  for (const [stationId, kind, atMs] of [
    ["CP1", "start", noonMs + 50],
    ["CP1", "reading", noonMs + hourMs],
    ["CP1", "end", noonMs + 2 * hourMs + 50],
    ["CP2", "start", noonMs + 50],
    ["CP2", "end", noonMs + 1100]
  ] as const) {
    truth.acknowledge({ stationId, sessionId: `${stationId}#1`, action: "any", kind, messageId: `${atMs}`, atMs })
  }
  const judged = { atMs: noonMs + 50, stationId: "CP1", sessionId: "CP1#1" }
  truth.judge({ ...judged, tokenUid: "GOOD", action: "StartTransaction", status: "Accepted" })
  truth.judge({
    ...judged,
    stationId: "CP2",
    sessionId: "CP2#1",
    tokenUid: "NOBODY",
    action: "TransactionEvent",
    status: "Unknown"
  })
  const bill = cdr()
  return {
    truth,
    evidence: {
      transactions: [
        transaction(),
        transaction({
          id: "T2",
          stationId: "CP2",
          ocppId: "abc",
          endedAtMs: noonMs + 1000,
          tokenUid: "NOBODY",
          authorization: "Unknown",
          findings: ["start-rejected"],
          readings: { count: 2, lowestWh: 1000, highestWh: 1000 }
        })
      ],
      cdrs: [bill],
      entries: [entryOf(bill)],
      audit: [{ id: "I1", title: invariants.I1, checked: 1, violated: 0, violations: [] }],
      connectors: [
        { stationId: "CP1", evseId: 1, connectorId: 1, status: "Available" },
        { stationId: "CP2", evseId: 1, connectorId: 1, status: "Available" }
      ]
    },
    context: {
      atMs: noonMs + 6 * hourMs,
      tokens: new Map([["GOOD", token("GOOD")]]),
      isRegistered: true,
      tariffsOf: () => [tariff],
      connectors: [
        { stationId: "CP1", evseId: 1, connectorId: 1, status: "Available" },
        { stationId: "CP2", evseId: 1, connectorId: 1, status: "Available" }
      ],
      wire: { calls: 12, tallies: [], faults: [], faultCount: 0, sawServer: true, commands: [], deaths: [] },
      desk: { asks: [], presences: [{ stationId: "CP1", isConnected: true, isShown: true }] },
      course: null
    }
  }
}

/** A further session beside the first, with the books to match unless told otherwise. */
export const another = (world: World, more: Partial<OpenTrueSession>): void => {
  world.truth.begin(session("CP1#2", { evseId: 2, endKnowledge: "reported", startAcknowledged: true, ...more }))
}

/** A commit of nothing. */
export const commitOf = (stationId: string): Commit => ({
  stationId,
  facts: [],
  readings: [],
  transactions: [],
  cdrs: [],
  entries: [],
  isRepeated: false
})

export const gauge = (more: Partial<Gauge> = {}): Gauge => ({
  name: "unread CALLs",
  value: 1,
  bound: 64,
  because: "the peer stops reading",
  ...more
})

/** The world with a course in which its books came to be as they are; the first session settled at an instant. */
export const followed = (
  world: World,
  also: (course: Course) => void = () => {},
  settledAtMs: number = noonMs + 2 * hourMs
): World => {
  const { truth, evidence, context } = world
  const course = new Course(truth, context)
  for (const page of evidence.transactions ?? []) {
    const readings = Array.from({ length: page.readings?.count ?? 0 }, () => page.id)
    const begun = { ...page, status: "Open" as const, endedAtMs: null, settled: false, version: 1 }
    const first = { transactionId: page.id, seq: 0, kind: "Started", text: `Started ${page.id}` }
    const unit = { ...commitOf(page.stationId), facts: [first], readings, transactions: [begun] }
    course.committed(unit, page.startedAtMs ?? 0)
    const ended = { ...commitOf(page.stationId), transactions: [{ ...page, settled: false, version: 2 }] }
    course.committed(ended, page.endedAtMs ?? 0)
    course.looked([gauge()], page.endedAtMs ?? 0)
    const cdrs = (evidence.cdrs ?? []).filter(({ transactionId }) => transactionId === page.id)
    const entries = (evidence.entries ?? []).filter(({ sourceId }) => cdrs.some(({ id }) => id === sourceId))
    const settled = { ...commitOf(page.stationId), transactions: [{ ...page, version: 3 }], cdrs, entries }
    course.committed(settled, page.id === "T1" ? settledAtMs : (page.endedAtMs ?? 0))
  }
  also(course)
  for (const it of truth.acknowledgements) course.acknowledged(it, it.atMs)
  return { ...world, context: { ...context, course } }
}

/** What is promised about money paid ahead. */
export const promise: PrepaidRecord["promise"] = {
  leastMinor: 100n,
  leastWh: 200,
  heldBeyondMinor: 2_500n,
  setAside: { firstMinor: 1_000n, stepMinor: 500n },
  aheadMs: 90_000,
  overshootMs: () => 120_000,
  assumedPowerW: 22_000
}

/** Money that a driver moved on his wallet at an instant: in positive, out negative. */
export const moved = (amountMinor: bigint, atMs: number = noonMs - hourMs): TrueWallet["moves"][number] => ({
  sourceId: `move-${atMs}`,
  amountMinor,
  askedAtMs: atMs,
  knownAtMs: atMs
})
