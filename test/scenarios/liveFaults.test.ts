import type { AddressInfo } from "node:net"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { WebSocketServer } from "ws"
import { DeadLines } from "#scenarios/explore/DeadLines.ts"
import type { Step, Story } from "#scenarios/explore/Story.ts"
import { runStoryLive } from "#scenarios/lab/storyLive.ts"
import { Uplink } from "#simulator/faults/Uplink.ts"
import * as LiveSocket from "#simulator/LiveSocket.ts"
import { tap } from "#simulator/oracles/tap.ts"
import type { Connect } from "#simulator/station/Link.ts"
import { Timers } from "#simulator/time/Timers.ts"

/** Each strikes one station, so that what it leaves behind is its own. */
const faults = [
  "invalid-utf8",
  "cut-mid-frame",
  "malformed-json",
  "oversized-frame",
  "unknown-action",
  "two-sockets",
  "wrong-subprotocol"
] as const

const idOf = (index: number): string => `CP-${index + 1}`
const cardOf = (index: number): string => `CARD-${index + 1}`

const steps: ReadonlyArray<Step> = [
  ...faults.flatMap((_, index): ReadonlyArray<Step> => {
    const place = { at: 1, station: idOf(index), evse: 1 }
    return [
      { ...place, do: "plug in", car: "saloon", socPercent: 20 },
      { ...place, do: "present card", card: cardOf(index) }
    ]
  }),
  ...faults.map((fault, index): Step => ({ at: 2, do: "fault", station: idOf(index), fault, parameters: {}, for: 2 })),
  // A wrong subprotocol is offered when the station dials again.
  { at: 3, do: "cut link", station: idOf(faults.indexOf("wrong-subprotocol")), for: 1 }
]

const story: Story = {
  about: "Every fault of the wire, over real sockets",
  seed: "live-faults",
  stations: faults.map((_, index) => ({
    id: idOf(index),
    dialect: index % 2 === 0 ? "1.6" : "2.0.1",
    hardware: "wallbox11"
  })),
  cards: faults.map((_, index) => ({ uid: cardOf(index) })),
  firmware: {},
  steps
}

it.live(
  "faults of the wire strike over real sockets, and nothing is lost or billed wrongly",
  () =>
    Effect.gen(function* () {
      const result = yield* runStoryLive(story, { store: "memory", atMostS: 2 })
      assert.deepStrictEqual(result.leftOut, [])
      assert.deepStrictEqual(
        result.oracles.flatMap(({ failures }) => failures),
        []
      )
      assert.strictEqual(result.transactions, faults.length)
      assert.isAbove(result.energyWh, 0)
    }),
  30_000
)

/** The error that a server's WebSocket ends with once a station has sent those bytes. */
const endOf = (bytes: Uint8Array) =>
  Effect.gen(function* () {
    const timers = yield* Timers
    return yield* Effect.callback<string>((resume) => {
      const server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: () => "ocpp1.6" })
      server.on("connection", (socket) => {
        socket.on("message", () => resume(Effect.succeed("a whole message")))
        socket.on("error", (error: NodeJS.ErrnoException) => resume(Effect.succeed(error.code ?? error.message)))
      })
      server.on("listening", () => {
        const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
        const live = LiveSocket.connect({ url })
        const watched: Connect = (dial, answer) =>
          live(dial, (answered) =>
            answer(
              answered._tag === "Refused"
                ? answered
                : { ...answered, transport: tap(answered.transport, { close: () => {}, frame: () => {} }) }
            )
          )
        const uplink = new Uplink(timers)
        uplink.through(new DeadLines().through(watched))(
          { identity: "CP-1", subprotocols: ["ocpp1.6"], password: null },
          (answered) => {
            if (answered._tag === "Refused" || !uplink.putBytes(bytes, true)) resume(Effect.succeed("no bytes sent"))
          }
        )
      })
      return Effect.sync(() => {
        for (const socket of server.clients) socket.terminate()
        server.close()
      })
    })
  })

it.live("bytes that are no UTF-8 go over a story's line as they are, and end the connection at the other end", () =>
  Effect.gen(function* () {
    assert.strictEqual(yield* endOf(Uint8Array.of(0x5b, 0xff, 0xfe)), "WS_ERR_INVALID_UTF8")
    assert.strictEqual(yield* endOf(Uint8Array.of(0x5b, 0x5d)), "a whole message")
  })
)
