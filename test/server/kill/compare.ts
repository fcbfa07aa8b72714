import { type OcpiTariff, parkedMsOf, slowRate } from "#simulator/oracles/SlowRater.ts"
import type { BookedCdr, BookedEntry, BookedReading, BookedTransaction, Books } from "./Books.ts"
import type { Session } from "./Session.ts"

/** The price of energy, time, parking and a session, with VAT on top; no restrictions, so that a slow rater can judge. */
export const tariff = {
  country_code: "DE",
  party_id: "WTP",
  id: "kill",
  currency: "EUR",
  tax_included: "NO",
  elements: [
    {
      price_components: [
        { type: "ENERGY", price: 0.49, vat: 19, step_size: 1 },
        { type: "TIME", price: 1.2, vat: 19, step_size: 1 },
        { type: "PARKING_TIME", price: 6, vat: 19, step_size: 1 },
        { type: "FLAT", price: 0.35, vat: 19, step_size: 1 }
      ]
    }
  ],
  last_updated: "2026-01-01T00:00:00Z"
} as const

const rated: OcpiTariff = { ...tariff, version: 1 }

/** What a session costs, gross, by the rater that shares nothing with the server. */
export const priceOf = (session: Session): bigint => {
  const endedAtMs = session.endedAtMs!
  return slowRate(rated, {
    energyWh: energyOf(session),
    durationMs: endedAtMs - session.startedAtMs,
    parkedMs: parkedMsOf(session.states, endedAtMs)
  }).grossMinor
}

const energyOf = ({ readings }: Session): number => readings.at(-1)!.registerWh - readings[0]!.registerWh

const nameOf = (session: Session): string =>
  `${session.stationId} EVSE ${session.evseId} transaction ${session.ocppId} of ${new Date(session.startedAtMs).toISOString()}`

const readingKey = (atMs: number, context: string, registerWh: number | null): string =>
  `${new Date(atMs).toISOString()} ${context} ${registerWh} Wh`

/**
 * Compares the books with what the stations truly did and saw acknowledged. Every sentence returned is a fault; none
 * means that nothing was lost, nothing was booked twice and everything has its right price.
 */
export const compare = (sessions: ReadonlyArray<Session>, books: Books): ReadonlyArray<string> => {
  const faults: Array<string> = []
  const byName = Map.groupBy(books.transactions, ({ stationId, ocppId }) => `${stationId} ${ocppId}`)
  const readings = Map.groupBy(books.readings, ({ transactionId }) => transactionId)
  const cdrs = Map.groupBy(books.cdrs, ({ transactionId }) => transactionId)
  const accounted = new Set<string>()
  for (const session of sessions) {
    const name = nameOf(session)
    if (!session.isStartAnswered || !session.isStopAnswered || session.endedAtMs === undefined) {
      faults.push(`${name} was never answered to its end`)
      continue
    }
    const booked = byName.get(`${session.stationId} ${session.ocppId}`) ?? []
    if (booked.length !== 1) {
      faults.push(`${name} is in the books ${booked.length} times`)
      continue
    }
    const page = booked[0]!
    accounted.add(page.id)
    for (const fault of [
      ...ofPage(session, page),
      ...ofReadings(session, readings.get(page.id) ?? []),
      ...ofCdrs(session, page, cdrs.get(page.id) ?? [])
    ]) {
      faults.push(`${name}: ${fault}`)
    }
  }
  for (const { id, stationId, ocppId } of books.transactions) {
    if (!accounted.has(id)) faults.push(`the books have a transaction ${ocppId} of ${stationId} that never was`)
  }
  return [...faults, ...ofIds(books.transactions), ...ofLedger(books.cdrs, books.entries)]
}

const differs = (what: string, found: unknown, expected: unknown): ReadonlyArray<string> =>
  found === expected ? [] : [`${what} is ${String(found)} and should be ${String(expected)}`]

const ofPage = (session: Session, page: BookedTransaction): ReadonlyArray<string> => [
  ...differs("its version", page.dialect, session.version),
  ...differs("its EVSE", page.evseId, session.evseId),
  ...differs("its status", page.status, "Ended"),
  ...differs("its start", page.startedAtMs, session.startedAtMs),
  ...differs("its end", page.endedAtMs, session.endedAtMs),
  ...differs("its token", page.tokenUid, session.tokenUid),
  ...differs("its authorization", page.authorization, session.isKnown ? "Accepted" : "Unknown"),
  ...differs("its energy", page.energyWh, energyOf(session)),
  ...differs("its findings", page.findings.map(({ code }) => code).join(), session.isKnown ? "" : "start-rejected")
]

const ofReadings = (session: Session, booked: ReadonlyArray<BookedReading>): ReadonlyArray<string> => {
  const found = booked.map(({ atMs, context, registerWh }) => readingKey(atMs, context, registerWh))
  const expected = session.readings.map(({ atMs, context, registerWh }) => readingKey(atMs, context, registerWh))
  const foundOnce = new Set(found)
  const expectedOnce = new Set(expected)
  return [
    ...expected.filter((key) => !foundOnce.has(key)).map((key) => `the reading ${key} was acknowledged and is lost`),
    ...found.filter((key) => !expectedOnce.has(key)).map((key) => `the reading ${key} was never taken`),
    ...found
      .filter((key, index) => found.indexOf(key) !== index)
      .map((key) => `the reading ${key} is in the books twice`)
  ]
}

const ofCdrs = (session: Session, page: BookedTransaction, booked: ReadonlyArray<BookedCdr>): ReadonlyArray<string> => {
  const credited = new Set(booked.map(({ creditReferenceId }) => creditReferenceId))
  const standing = booked.filter(({ id, creditReferenceId }) => creditReferenceId === null && !credited.has(id))
  if (!session.isKnown) return booked.length === 0 ? [] : [`it was refused and has ${booked.length} CDRs all the same`]
  if (standing.length !== 1) return [`${standing.length} CDRs of it stand`]
  const cdr = standing[0]!
  return [
    ...(booked.length === 1 ? [] : [`it was billed, credited and billed again without a reason`]),
    ...differs("its page's CDR", page.cdrId, cdr.id),
    ...differs("its CDR's energy", cdr.energyWh, energyOf(session)),
    ...differs("its price in cents", cdr.grossMinor, priceOf(session))
  ]
}

/** 1.6 ids are unique on the whole server, positive, and fit a signed 32-bit integer. */
const ofIds = (transactions: ReadonlyArray<BookedTransaction>): ReadonlyArray<string> => {
  const faults: Array<string> = []
  const seen = new Map<string, string>()
  for (const { dialect, ocppId, stationId } of transactions) {
    if (dialect !== "1.6") continue
    const id = Number(ocppId)
    if (!Number.isInteger(id) || id <= 0 || id > 0x7fffffff) faults.push(`${stationId} has a 1.6 transaction ${ocppId}`)
    const other = seen.get(ocppId)
    if (other !== undefined) faults.push(`the 1.6 transaction ${ocppId} is ${other}'s and ${stationId}'s`)
    seen.set(ocppId, stationId)
  }
  return faults
}

const ofLedger = (cdrs: ReadonlyArray<BookedCdr>, entries: ReadonlyArray<BookedEntry>): ReadonlyArray<string> => {
  const faults: Array<string> = []
  const bySource = Map.groupBy(entries, ({ cdrId }) => cdrId)
  for (const { id, grossMinor } of cdrs) {
    const booked = bySource.get(id) ?? []
    if (booked.length !== 1) faults.push(`CDR ${id} has ${booked.length} entries in the ledger`)
    else if (booked[0]!.owedMinor !== grossMinor)
      faults.push(`CDR ${id} of ${grossMinor} cents is booked with ${booked[0]!.owedMinor}`)
  }
  const known = new Set(cdrs.map(({ id }) => id))
  for (const { id, cdrId, sumMinor } of entries) {
    if (!known.has(cdrId)) faults.push(`the entry ${id} belongs to no CDR`)
    if (sumMinor !== 0n) faults.push(`the entry ${id} sums to ${sumMinor}`)
  }
  return faults
}
