import { assert, it } from "@effect/vitest"
import { make as makeStream } from "#simulator/Stream.ts"
import type { BookedCdr, BookedEntry, BookedReading, BookedTransaction, Books } from "./Books.ts"
import { compare, priceOf } from "./compare.ts"
import { Evse, type Session } from "./Session.ts"

/** Three sessions of a card that is known, answered to their end. */
const charged = (): ReadonlyArray<Session> => {
  const place = { stationId: "S1", version: "1.6", evseId: 1 } as const
  const evse = new Evse(place, "CARD", makeStream("compare", "evse"), Date.UTC(2026, 0, 5))
  while (evse.sessions.length < 4 || !evse.isIdle) evse.next()
  const known = evse.sessions.filter(({ isKnown }) => isKnown).slice(0, 3)
  known.forEach((session, index) => {
    Object.assign(session, { ocppId: String(index + 1), isStartAnswered: true, isStopAnswered: true })
  })
  return known
}

interface Doctored {
  transactions: Array<BookedTransaction>
  readings: Array<BookedReading>
  cdrs: Array<BookedCdr>
  entries: Array<BookedEntry>
}

/** Books as a server that forgets nothing keeps them. */
const kept = (sessions: ReadonlyArray<Session>): Doctored => {
  const books: Doctored = { transactions: [], readings: [], cdrs: [], entries: [] }
  for (const session of sessions) {
    const { evseId, ocppId, readings, startedAtMs, stationId, tokenUid, version } = session
    const id = `t${ocppId}`
    const energyWh = readings.at(-1)!.registerWh - readings[0]!.registerWh
    const grossMinor = priceOf(session)
    books.transactions.push({
      ...{ id, stationId, dialect: version, ocppId: ocppId!, evseId, status: "Ended", startedAtMs, tokenUid, energyWh },
      ...{ endedAtMs: session.endedAtMs!, authorization: "Accepted", findings: [], cdrId: `${id}-1` }
    })
    for (const reading of readings) books.readings.push({ transactionId: id, ...reading })
    const cdr = { id: `${id}-1`, transactionId: id, currency: "EUR", grossMinor, energyWh, creditReferenceId: null }
    books.cdrs.push(cdr)
    books.entries.push({ id: `e-${id}`, cdrId: cdr.id, postings: 3, sumMinor: 0n, owedMinor: grossMinor })
  }
  return books
}

/** What the comparison says once `doctor` has been at the books. */
const said = (doctor: (books: Doctored, sessions: ReadonlyArray<Session>) => void): string => {
  const sessions = charged()
  const books = kept(sessions)
  doctor(books, sessions)
  return compare(sessions, books as Books).join("\n")
}

it("finds nothing in books that are right", () =>
  assert.strictEqual(
    said(() => {}),
    ""
  ))

const faults: ReadonlyArray<readonly [string, RegExp, Parameters<typeof said>[0]]> = [
  ["an acknowledged reading that is lost", /was acknowledged and is lost/, ({ readings }) => readings.splice(1, 1)],
  ["a reading booked twice", /is in the books twice/, ({ readings }) => readings.push(readings[1]!)],
  ["a reading nobody took", /was never taken/, ({ readings }) => readings.push({ ...readings[1]!, registerWh: 7 })],
  ["a lost transaction", /is in the books 0 times/, ({ transactions }) => transactions.splice(0, 1)],
  [
    "a start that made two",
    /that never was/,
    ({ transactions }) => transactions.push({ ...transactions[0]!, id: "t9", ocppId: "9" })
  ],
  [
    "one id for two stations",
    /is S1's and S2's/,
    ({ transactions }) => transactions.push({ ...transactions[0]!, id: "t9", stationId: "S2" })
  ],
  [
    "an id of 0",
    /has a 1.6 transaction 0/,
    ({ transactions }, sessions) => {
      transactions[0] = { ...transactions[0]!, ocppId: "0" }
      sessions[0]!.ocppId = "0"
    }
  ],
  ["no bill", /0 CDRs of it stand/, ({ cdrs, entries }) => [cdrs.splice(0, 1), entries.splice(0, 1)]],
  ["two bills", /2 CDRs of it stand/, ({ cdrs }) => cdrs.push({ ...cdrs[0]!, id: "t1-2" })],
  [
    "a price that is a cent off",
    /its price in cents/,
    ({ cdrs }) => {
      cdrs[0] = { ...cdrs[0]!, grossMinor: cdrs[0]!.grossMinor + 1n }
    }
  ],
  [
    "a bill that is not booked as it is",
    /is booked with 1$/m,
    ({ entries }) => {
      entries[0] = { ...entries[0]!, owedMinor: 1n }
    }
  ],
  [
    "an entry that does not sum to zero",
    /sums to -1/,
    ({ entries }) => {
      entries[0] = { ...entries[0]!, sumMinor: -1n }
    }
  ],
  [
    "a stop that was never answered",
    /was never answered to its end/,
    (_, sessions) => {
      sessions[0]!.isStopAnswered = false
    }
  ]
]

for (const [title, expected, doctor] of faults) {
  it(`finds ${title}`, () => assert.match(said(doctor), expected))
}
