import { assert, it } from "@effect/vitest"
import { Exchange, type FrameEntry } from "#scenarios/telemetry/Exchange.ts"
import { StationLog } from "#scenarios/telemetry/StationLog.ts"

const world = () => {
  let nowAtMs = 1_000
  const exchanges: Array<Exchange> = []
  const answered: Array<readonly [string, number]> = []
  const log = new StationLog("CS-1", {
    nowAtMs: () => nowAtMs,
    seesCms: () => true,
    open: (stationId, evseId) => {
      const exchange = new Exchange(stationId, evseId, exchanges.length)
      exchanges.push(exchange)
      return exchange
    },
    sent: () => {},
    answered: (_from, action, _isError, ms) => void answered.push([action, ms])
  })
  const passes = (from: "station" | "cms", text: string, travelMs = 10): void => {
    log.frame(from, "out", text)
    nowAtMs += travelMs
    log.frame(from === "station" ? "cms" : "station", "in", text)
  }
  return {
    log,
    exchanges,
    answered,
    passes,
    wait: (ms: number) => {
      nowAtMs += ms
    }
  }
}

const start = (id: string) =>
  `[2,"${id}","StartTransaction",{"connectorId":1,"idTag":"A","meterStart":0,"timestamp":"2026-03-04T08:00:00Z"}]`
const startedAtMs = Date.UTC(2026, 2, 4, 8)
const frames = ({ entries }: Exchange) => entries.filter((it): it is FrameEntry => it.what === "frame")

it("a lost start and its repetition are one transaction, that waited from the first to the answer", () => {
  const { log, exchanges, answered, passes, wait } = world()
  log.frame("station", "out", start("1"))
  wait(30_000)
  passes("station", start("2"))
  passes("cms", `[3,"2",{"transactionId":17,"idTagInfo":{"status":"Accepted"}}]`)
  assert.strictEqual(exchanges.length, 1)
  assert.deepStrictEqual(
    frames(exchanges[0]!).map(({ attempt, arrivedAtMs }) => [attempt, arrivedAtMs !== null]),
    [
      [1, false],
      [2, true],
      [1, true]
    ]
  )
  assert.strictEqual(exchanges[0]!.worstMs, 30_020)
  assert.deepStrictEqual(answered, [["StartTransaction", 20]])
  assert.strictEqual(log.find(1, startedAtMs, null), exchanges[0])
  assert.strictEqual(log.find(9, null, "17"), exchanges[0])
})

it("a copy that the network made is told from what its sender sent", () => {
  const { log, exchanges, passes } = world()
  const event = `[2,"1","TransactionEvent",{"eventType":"Started","seqNo":0,"transactionInfo":{"transactionId":"t"},"evse":{"id":2}}]`
  passes("station", event)
  log.frame("cms", "in", event)
  assert.deepStrictEqual(
    frames(exchanges[0]!).map(({ sentAtMs }) => sentAtMs !== null),
    [true, false]
  )
  assert.strictEqual(exchanges[0]!.evseId, 2)
})

it("what is said around a transaction stands in its log, and what is said long after does not", () => {
  const { exchanges, passes } = world()
  const say = (id: string, action: string, body = "{}") => passes("station", `[2,"${id}","${action}",${body}]`)
  say("1", "Authorize", '{"idTag":"A"}')
  passes("station", start("2"))
  passes("cms", `[3,"2",{"transactionId":17}]`)
  say("3", "StopTransaction", '{"transactionId":17,"meterStop":5}')
  passes("cms", `[3,"3",{}]`)
  for (let n = 0; n < 20; n++) say(`h${n}`, "Heartbeat")
  const actions = frames(exchanges[0]!).map(({ action }) => action)
  assert.deepStrictEqual(actions.slice(0, 5), [
    "Authorize",
    "StartTransaction",
    "StartTransaction",
    "StopTransaction",
    "StopTransaction"
  ])
  assert.isTrue(exchanges[0]!.isOver)
  assert.isAtMost(actions.length, 10)
})

it("a log stays small however long a transaction lasts, and keeps what is odd in it", () => {
  const { log, exchanges, passes } = world()
  passes("station", start("s"))
  passes("cms", `[3,"s",{"transactionId":17}]`)
  const reading = (n: number) =>
    `[2,"m${n}","MeterValues",{"connectorId":1,"transactionId":17,"meterValue":[{"timestamp":"${n}"}]}]`
  for (let n = 0; n < 5_000; n++) {
    if (n === 2_500) log.frame("station", "out", reading(n))
    else passes("station", reading(n))
    passes("cms", `[3,"m${n}",{}]`)
  }
  const { entries } = exchanges[0]!
  assert.isAtMost(entries.length, 120)
  assert.isTrue(entries.some((it) => it.what === "frame" && it.text === reading(2_500) && it.arrivedAtMs === null))
  const gone = entries.reduce((sum, it) => sum + (it.what === "gap" ? it.frames : 1), 0)
  assert.strictEqual(gone, exchanges[0]!.frames)
})
