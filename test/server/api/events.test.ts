import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import type { LiveEvent } from "#core/api/LiveEvent.ts"
import { type Delivery, LiveEvents } from "#server/api/Events.ts"
import { client, services, World } from "./harness.ts"

const status = (stationId: string, evseId: number): LiveEvent => ({
  _tag: "ConnectorStatus",
  stationId,
  atMs: 0,
  evseId,
  connectorId: 1,
  status: "Charging",
  errorCode: null
})

const gone: LiveEvent = { _tag: "StationDisconnected", stationId: "CS-2", atMs: 0 }

const told = (delivery: Delivery) =>
  delivery._tag === "Lost" ? { lost: delivery.count } : { ...delivery.event, id: delivery.id.split("-")[1] }

const listen = (
  events: LiveEvents["Service"],
  count: number,
  ...options: Parameters<LiveEvents["Service"]["stream"]>
) => events.stream(...options).pipe(Stream.take(count), Stream.map(told), Stream.runCollect, Effect.forkChild)

it.effect("who listens hears what is published from then on, filtered by station and kind", () =>
  Effect.gen(function* () {
    const events = yield* LiveEvents
    assert.isFalse(events.isHeard())
    events.publish(status("CS-1", 9))
    const all = yield* listen(events, 3, {})
    const own = yield* listen(events, 1, { stationId: "CS-1", kinds: ["ConnectorStatus"] })
    yield* Effect.yieldNow
    assert.isTrue(events.isHeard())
    events.publish(gone)
    events.publish(status("CS-2", 1))
    events.publish(status("CS-1", 2))
    assert.deepStrictEqual(yield* Fiber.join(all), [
      { ...gone, id: "2" },
      { ...status("CS-2", 1), id: "3" },
      { ...status("CS-1", 2), id: "4" }
    ])
    assert.deepStrictEqual(yield* Fiber.join(own), [{ ...status("CS-1", 2), id: "4" }])
    assert.isFalse(events.isHeard())
    assert.strictEqual(events.listeners(), 0)
  }).pipe(Effect.provide(LiveEvents.layer({ capacity: 4 })))
)

it.effect("telling runs nothing of those who listen", () =>
  Effect.gen(function* () {
    const events = yield* LiveEvents
    let heard = 0
    const count = Stream.map(events.stream({}), () => ++heard)
    const listener = yield* Effect.forkChild(Stream.runDrain(Stream.take(count, 2)))
    yield* Effect.yieldNow
    events.publish(gone)
    events.publish(gone)
    assert.strictEqual(heard, 0)
    yield* Fiber.join(listener)
    assert.strictEqual(heard, 2)
  }).pipe(Effect.provide(LiveEvents.layer({ capacity: 4 })))
)

it.effect("who is slower than the ring is told how many events are gone, and goes on with the oldest kept", () =>
  Effect.gen(function* () {
    const events = yield* LiveEvents
    const from = events.position()
    for (let evse = 1; evse <= 6; evse++) events.publish(status("CS-1", evse))
    const heard = yield* Fiber.join(yield* listen(events, 5, {}, from))
    assert.deepStrictEqual(heard[0], { lost: 2 })
    assert.deepStrictEqual(
      heard.slice(1).map((it) => ("evseId" in it ? it.evseId : undefined)),
      [3, 4, 5, 6]
    )
  }).pipe(Effect.provide(LiveEvents.layer({ capacity: 4 })))
)

it.effect("who comes back goes on after the last id, unless nobody counted meanwhile", () =>
  Effect.gen(function* () {
    const events = yield* LiveEvents
    const first = yield* listen(events, 1, {})
    yield* Effect.yieldNow
    events.publish(status("CS-1", 1))
    yield* Fiber.join(first)
    const left = events.position()
    events.publish(status("CS-1", 2))
    const back = yield* Fiber.join(yield* listen(events, 1, {}, left))
    assert.deepStrictEqual(back, [{ ...status("CS-1", 2), id: "2" }])

    assert.isFalse(events.isHeard())
    const late = yield* Fiber.join(yield* listen(events, 1, {}, left))
    assert.deepStrictEqual(late, [{ lost: null }])
    const foreign = yield* Fiber.join(yield* listen(events, 1, {}, "abc-7"))
    assert.deepStrictEqual(foreign, [{ lost: null }])
    const ahead = yield* Fiber.join(yield* listen(events, 1, {}, left.replace(/\d+$/, "99")))
    assert.deepStrictEqual(ahead, [{ lost: null }])
  }).pipe(Effect.provide(LiveEvents.layer({ capacity: 4 })))
)

it.effect("who comes for the first time after a silence has lost nothing", () =>
  Effect.gen(function* () {
    const events = yield* LiveEvents
    const old = events.position()
    assert.isFalse(events.isHeard())
    const hello = events.position()
    const newcomer = yield* listen(events, 1, {}, hello)
    const returned = yield* listen(events, 1, {}, old)
    yield* Effect.yieldNow
    events.publish(status("CS-1", 1))
    assert.deepStrictEqual(yield* Fiber.join(newcomer), [{ ...status("CS-1", 1), id: "1" }])
    assert.deepStrictEqual(yield* Fiber.join(returned), [{ lost: null }])
  }).pipe(Effect.provide(LiveEvents.layer({ capacity: 4 })))
)

it.effect("the stream is server-sent events with retry, ids, kinds, and a sign of life in silence", () =>
  Effect.gen(function* () {
    const api = yield* client
    const events = yield* LiveEvents
    const response = yield* api.send("GET", "/api/v1/events?stationId=CS-1&kind=ConnectorStatus&kind=CdrIssued", {
      headers: { accept: "text/event-stream" }
    })
    assert.strictEqual(response.status, 200)
    assert.match(response.headers.get("content-type")!, /^text\/event-stream/)
    const reader = response.body!.getReader()
    const decoder = new TextDecoder()
    const read = Effect.map(
      Effect.promise(() => reader.read()),
      ({ value }) => decoder.decode(value)
    )
    assert.match(yield* read, /^retry: 3000\nid: \w+\.\d+-0\n\n$/)
    events.publish(gone)
    events.publish({
      _tag: "CdrIssued",
      stationId: "CS-1",
      atMs: 0,
      cdrId: "t1-1",
      transactionId: "t1",
      energyWh: 1000,
      amountMinor: 1410n,
      currency: "EUR"
    })
    const frame = yield* read
    const [id, event, data] = frame.split("\n")
    assert.match(id!, /^id: \w+\.\d+-2$/)
    assert.strictEqual(event, "event: CdrIssued")
    assert.deepStrictEqual(JSON.parse(data!.slice("data: ".length)), {
      kind: "CdrIssued",
      stationId: "CS-1",
      at: "1970-01-01T00:00:00.000Z",
      cdrId: "t1-1",
      transactionId: "t1",
      energyWh: 1000,
      amountMinor: "1410",
      currency: "EUR"
    })
    yield* TestClock.adjust("15 seconds")
    assert.strictEqual(yield* read, ":\n\n")
    yield* Effect.promise(() => reader.cancel())
    assert.strictEqual((yield* api.get("/api/v1/events?kind=Rumour")).status, 400)
  }).pipe(Effect.provide(services(new World())))
)
