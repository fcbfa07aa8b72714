import type { Cdr } from "#core/billing/Cdr.ts"
import type { Entry } from "#core/billing/Ledger.ts"
import type { Sample } from "#core/transaction/Sample.ts"
import type { TransactionFact } from "#core/transaction/Transaction.ts"
import type { StoredFact, StoredSample, TransactionRow } from "#server/record/Unit.ts"

/** 2026-03-01T08:00:00Z. */
export const t0 = 1_772_352_000_000

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, "0")

/** Ids as the program makes them: sorted by `n`. */
export const uuid = (n: number, kind = 0): string =>
  `${hex(Math.floor(n / 65536), 8)}-${hex(n % 65536, 4)}-7000-8000-${hex(kind, 12)}`

export const row = (over: Partial<TransactionRow> & { readonly id: string }): TransactionRow => ({
  stationId: "CS-1",
  dialect: "2.0.1",
  ocppId: `ocpp-${over.id}`,
  startKey: null,
  evseId: 1,
  connectorId: 1,
  tariff: { id: "standard", version: 1, groups: [] },
  timeZone: "Europe/Berlin",
  status: "Open",
  startedAtMs: t0,
  endedAtMs: null,
  token: { uid: "CARD", type: "ISO14443" },
  driverId: null,
  authorization: "Accepted",
  stopReason: null,
  energyWh: null,
  findings: [],
  cdrId: null,
  settleAtMs: null,
  version: 1,
  ...over
})

export const started = (atMs = t0): Extract<TransactionFact, { _tag: "Started" }> => ({
  _tag: "Started",
  atMs,
  receivedAtMs: atMs + 40,
  seqNo: 0,
  offline: false,
  evseId: 1,
  connectorId: 1,
  priorRegisterWh: null,
  remoteStartId: null,
  reservationId: null
})

export const stateChanged = (atMs: number): Extract<TransactionFact, { _tag: "StateChanged" }> => ({
  _tag: "StateChanged",
  atMs,
  state: "Charging",
  seqNo: null
})

export const fact = (transactionId: string, seq: number, it: StoredFact["fact"]): StoredFact => ({
  transactionId,
  seq,
  fact: it
})

export const sample = (atMs: number, registerWh: number | null, over: Partial<Sample> = {}): Sample => ({
  atMs,
  context: "Periodic",
  registerWh,
  powerW: 11_000,
  currentMa: null,
  voltageMv: null,
  socPercent: null,
  extra: null,
  seqNo: null,
  ...over
})

export const reading = (
  transactionId: string,
  seq: number,
  it: Sample,
  over: Partial<StoredSample> = {}
): StoredSample => ({
  transactionId,
  stationId: "CS-1",
  evseId: 1,
  seq,
  part: 0,
  receivedAtMs: it.atMs + 15,
  sample: it,
  ...over
})

/** As Billing names them: whose, and which revision. */
export const cdrId = (n: number, revision = 1): string => `${uuid(n)}-${revision}`
export const entryId = (n: number, revision = 1): string => `entry-${cdrId(n, revision)}`

export const cdr = (id: string, transactionId: string, over: Partial<Cdr> = {}): Cdr => ({
  id,
  transactionId,
  stationId: "CS-1",
  evseId: 1,
  connectorId: 1,
  token: { uid: "CARD", type: "ISO14443" },
  driverId: null,
  startAtMs: t0,
  endAtMs: t0 + 3_600_000,
  timeZone: "Europe/Berlin",
  currency: "EUR",
  tariff: { id: "standard", version: 1 },
  taxCountry: "DE",
  policy: "ocpi",
  reservationExpired: false,
  chargingPeriods: [
    {
      startAtMs: t0,
      endAtMs: t0 + 3_600_000,
      energyMilliWh: 10_000_123,
      chargingMs: 3_600_000,
      parkingMs: 0,
      reservedMs: 0,
      minPowerW: 0.1,
      maxPowerW: 11_000.5,
      minCurrentMa: null,
      maxCurrentMa: null
    }
  ],
  energyWh: 10_000,
  durationMs: 3_600_000,
  parkingMs: 0,
  lines: [
    {
      scope: "session",
      dimension: "ENERGY",
      period: 0,
      element: 0,
      component: 0,
      volume: 10_000_123,
      stepSurplus: 0,
      unitPrice: "0.40",
      vatPercent: "19",
      net: "4.000049",
      tax: "0.760009",
      netMinor: 400n,
      taxMinor: 76n,
      adjustment: null
    }
  ],
  taxes: [{ vatPercent: "19", netMinor: 400n, taxMinor: 76n }],
  limitApplied: null,
  notes: [],
  netMinor: 400n,
  taxMinor: 76n,
  grossMinor: 476n,
  findings: [],
  credit: false,
  creditReferenceId: null,
  issuedAtMs: t0 + 3_600_000,
  ...over
})

export const entry = (id: string, sourceId: string, over: Partial<Entry> = {}): Entry => ({
  id,
  bookedAtMs: t0 + 3_600_000,
  effectiveAtMs: t0 + 3_600_000,
  source: { kind: "cdr", id: sourceId },
  currency: "EUR",
  postings: [
    { account: "receivable:token:CARD", amountMinor: 476n },
    { account: "revenue:energy", amountMinor: -400n },
    { account: "vat_payable:DE:19", amountMinor: -76n }
  ],
  ...over
})
