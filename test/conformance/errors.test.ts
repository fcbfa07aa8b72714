import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Redacted } from "effect"
import { WebSocket } from "ws"
import * as Memory from "#server/memory/Memory.ts"
import { serve } from "#server/Serve.ts"
import { settings } from "#test/support/settings.ts"

/**
 * What goes wrong on the wire and what each version's specification has us say to it (1.6-J 4.2 with its errata, 2.0.1
 * and 2.1 part 4 section 4), told to a server as it ships, over real sockets.
 */

const token = "a token for the tests"

const cms = Effect.map(
  serve(settings({ token: Option.some(Redacted.make(token)) }), Memory.layer(new Memory.MemoryState())),
  ({ apiUrl, ocppUrl }) => ({
    url: `${ocppUrl}CS-1`,
    register: Effect.promise(() =>
      fetch(`${apiUrl}/stations`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ id: "CS-1", strictness: "strict" })
      })
    )
  })
)

/** A connection; each text said is followed by a heartbeat, and what came back before that one's answer is handed on. */
const dial = (url: string, protocol: string) =>
  Effect.acquireRelease(
    Effect.callback<WebSocket, Error>((resume) => {
      const socket = new WebSocket(url, [protocol])
      socket.on("open", () => resume(Effect.succeed(socket)))
      socket.on("error", (error) => resume(Effect.fail(error)))
    }),
    (socket) => Effect.sync(() => socket.terminate())
  )

const say = (socket: WebSocket, text: string) =>
  Effect.callback<ReadonlyArray<ReadonlyArray<unknown>>, Error>((resume) => {
    const frames: Array<ReadonlyArray<unknown>> = []
    const onClose = (code: number): void => resume(Effect.fail(new Error(`closed with ${code} at ${text}`)))
    const onMessage = (data: Buffer): void => {
      const frame = JSON.parse(data.toString("utf8")) as ReadonlyArray<unknown>
      if (frame[1] !== "the last") {
        frames.push(frame)
        return
      }
      socket.off("message", onMessage)
      socket.off("close", onClose)
      resume(Effect.succeed(frames))
    }
    socket.on("message", onMessage)
    socket.on("close", onClose)
    socket.send(text)
    socket.send('[2,"the last","Heartbeat",{}]')
  })

const call = (action: string, payload: unknown): string => JSON.stringify([2, "id", action, payload])

const at = "2026-05-04T12:00:00Z"
const status16 = { connectorId: 1, errorCode: "NoError", status: "Available", timestamp: at }
const status2x = { timestamp: at, connectorStatus: "Available", evseId: 1, connectorId: 1 }

/** Code by version; null where that version stays silent. The id is the call's own unless it could not be read. */
const table: ReadonlyArray<{
  readonly what: string
  readonly text: string | ((is16: boolean) => string)
  readonly codes: readonly [in16: string | null, in201: string | null, in21: string | null]
  readonly id?: string
}> = [
  { what: "no JSON", text: "{", codes: [null, "RpcFrameworkError", "RpcFrameworkError"], id: "-1" },
  { what: "no array", text: '{"a":1}', codes: [null, "RpcFrameworkError", "RpcFrameworkError"], id: "-1" },
  {
    what: "an id of 37 characters",
    text: `[2,"${"x".repeat(37)}","Heartbeat",{}]`,
    codes: [null, "RpcFrameworkError", "RpcFrameworkError"],
    id: "-1"
  },
  { what: "an unknown message type", text: '[9,"id"]', codes: [null, "MessageTypeNotSupported", null] },
  { what: "a result nobody waits for", text: '[3,"id",{}]', codes: [null, null, null] },
  { what: "an error nobody waits for", text: '[4,"id","GenericError","",{}]', codes: [null, null, null] },
  {
    what: "a payload that is no object",
    text: call("Heartbeat", []),
    codes: ["FormationViolation", "FormatViolation", "FormatViolation"]
  },
  {
    what: "a property too much",
    text: call("Heartbeat", { pulse: 60 }),
    codes: ["FormationViolation", "ProtocolError", "ProtocolError"]
  },
  {
    what: "a property too few",
    text: call("StatusNotification", {}),
    codes: ["OccurenceConstraintViolation", "OccurrenceConstraintViolation", "OccurrenceConstraintViolation"]
  },
  {
    what: "a wrong type",
    text: (is16) => call("StatusNotification", { ...(is16 ? status16 : status2x), connectorId: "1" }),
    codes: ["TypeConstraintViolation", "TypeConstraintViolation", "TypeConstraintViolation"]
  },
  {
    what: "a word that is not in the list",
    text: (is16) =>
      call("StatusNotification", is16 ? { ...status16, status: "Fine" } : { ...status2x, connectorStatus: "Fine" }),
    codes: ["PropertyConstraintViolation", "PropertyConstraintViolation", "PropertyConstraintViolation"]
  },
  {
    what: "a timestamp that is none",
    text: (is16) => call("StatusNotification", { ...(is16 ? status16 : status2x), timestamp: "noon" }),
    codes: ["PropertyConstraintViolation", "PropertyConstraintViolation", "PropertyConstraintViolation"]
  },
  {
    what: "a connector that no station has",
    text: (is16) => call("StatusNotification", { ...(is16 ? status16 : status2x), connectorId: 3_000_000_000 }),
    codes: ["PropertyConstraintViolation", "PropertyConstraintViolation", "PropertyConstraintViolation"]
  },
  {
    what: "an action that the version does not know",
    text: call("toString", {}),
    codes: ["NotImplemented", "NotImplemented", "NotImplemented"]
  },
  {
    what: "an action that is known and not served",
    text: call("DiagnosticsStatusNotification", { status: "Idle" }),
    codes: ["NotSupported", "NotImplemented", "NotImplemented"]
  },
  {
    what: "an action that is ours to send",
    text: call("ClearCache", {}),
    codes: ["NotSupported", "NotSupported", "NotSupported"]
  }
]

const versions = ["ocpp1.6", "ocpp2.0.1", "ocpp2.1"]

describe("told of what is wrong", () => {
  for (const [version, protocol] of versions.entries()) {
    it.live(`${protocol} has its own word for each`, () =>
      Effect.gen(function* () {
        const { url, register } = yield* cms
        yield* register
        const socket = yield* dial(url, protocol)
        for (const { what, text, codes, id = "id" } of table) {
          const frames = yield* say(socket, typeof text === "string" ? text : text(version === 0))
          const answers = frames.map((frame) => frame.slice(0, 3))
          const code = codes[version]
          assert.deepStrictEqual(answers, code === null ? [] : [[4, id, code]], what)
        }
      }).pipe(Effect.scoped)
    )
  }
})
