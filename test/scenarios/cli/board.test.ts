import { assert, it } from "@effect/vitest"
import type { Event } from "#core/api/Events.ts"
import { Board } from "#scenarios/cli/Board.ts"
import { cards, drivers, ownerOf } from "#scenarios/cli/demoPeople.ts"
import { plain } from "#server/cli/Screen.ts"

const at = "2026-03-04T08:00:00.000Z"
const common = { stationId: "DEMO-0001", at }
const gauges = { stations: 24, connected: 23, messagesPerSecond: 3.14 }

const started = (transactionId: string, tokenUid: string | null = null): Event => ({
  kind: "TransactionStarted",
  ...common,
  transactionId,
  evseId: 1,
  connectorId: 1,
  tokenUid
})
const reading = (transactionId: string, energyWh: number | null, powerW: number | null): Event => ({
  kind: "MeterReading",
  ...common,
  transactionId,
  evseId: 1,
  energyWh,
  powerW
})
const ended = (transactionId: string): Event => ({
  kind: "TransactionEnded",
  ...common,
  transactionId,
  evseId: 1,
  reason: "Local"
})
const billed = (transactionId: string, energyWh: number, amountMinor: string): Event => ({
  kind: "CdrIssued",
  ...common,
  transactionId,
  cdrId: `cdr-${transactionId}`,
  energyWh,
  amountMinor,
  currency: "EUR"
})

const boardOf = (...events: ReadonlyArray<Event>): Board => {
  const board = new Board()
  for (const event of events) board.hear(event)
  return board
}

it("energy is counted once: while it is metered, while the bill is awaited, and once billed", () => {
  const events = [started("a"), reading("a", 1_500, 11_000), ended("a"), billed("a", 1_600, "80")]
  const seen = events.map((_, index) => boardOf(...events.slice(0, index + 1)).energyWh)
  assert.deepStrictEqual(seen, [0, 1_500, 1_500, 1_600])
})

it("a station charges while its newest reading shows power, and not after its end", () => {
  const board = boardOf(started("a"), started("b"), reading("a", 10, 11_000), reading("b", 10, 7_360))
  assert.include(board.line(gauges), "2 charging at 18.4 kW")
  board.hear(reading("b", 20, 0))
  assert.include(board.line(gauges), "1 charging at 11.0 kW")
  board.hear(ended("a"))
  board.hear(reading("a", 30, 11_000))
  assert.include(board.line(gauges), "0 charging at 0.0 kW")
})

it("a reading without a register keeps what was metered before", () => {
  const board = boardOf(started("a"), reading("a", 700, 5_000), reading("a", null, 4_000))
  assert.strictEqual(board.energyWh, 700)
})

it("money adds up exactly, and credits take it back", () => {
  const board = boardOf(billed("a", 1_000, "9007199254740993"), billed("b", 1_000, "10"), billed("c", 0, "-3"))
  assert.include(board.line(gauges), "EUR 90,071,992,547,410.00 billed for 3 charges")
})

it("refused cards are told, accepted ones are not", () => {
  const board = new Board()
  const judgement = { atMs: 0, stationId: "DEMO-0002", action: "Authorize", sessionId: null }
  board.judged({ ...judgement, tokenUid: "04AA", status: "Accepted" })
  board.judged({ ...judgement, tokenUid: "04BB", status: "Blocked" })
  const text = board.lines(gauges, { columns: 80, most: 5, style: plain }).join("\n")
  assert.include(text, "DEMO-0002  card 04BB is refused: Blocked")
  assert.notInclude(text, "04AA")
  assert.include(board.line(gauges), "1 card refused")
})

it("no line is wider than the terminal, and only the newest happenings are shown", () => {
  const uid = drivers[0]!.uid
  const events = Array.from({ length: 300 }, (_, index) => started(`t${index}`, uid))
  const board = boardOf(...events, billed("t1", 123_456_789, "123456789012"))
  for (const columns of [40, 60, 80, 120]) {
    const lines = board.lines(gauges, { columns, most: 8, style: plain })
    assert.strictEqual(lines.filter((line) => line.includes("DEMO-0001")).length, 8)
    for (const line of lines) assert.isBelow(line.length, columns)
  }
  const [newest] = board.lines(gauges, { columns: 80, most: 1, style: plain }).slice(-1)
  assert.include(newest, "123,456.789 kWh for EUR 1,234,567,890.12")
})

it("every driver of the demo has a card and an id of their own, and there is one for every EVSE", () => {
  assert.strictEqual(new Set(drivers.map(({ uid }) => uid)).size, drivers.length)
  assert.strictEqual(new Set(drivers.map(({ id }) => id)).size, drivers.length)
  assert.isAtLeast(drivers.length, 48)
  for (const { id, uid } of drivers) {
    assert.match(id, /^[a-z]+(-[a-z]+)+$/)
    assert.match(uid, /^[0-9A-F]{14}$/)
  }
  assert.strictEqual(ownerOf(drivers[0]!.uid), "Hertha Ayrton")
  const bad = [...cards.expired, ...cards.blocked, ...cards.elsewhere, ...cards.unknown].map(({ uid }) => uid)
  assert.isEmpty(bad.filter((uid) => drivers.some((driver) => driver.uid === uid)))
})
