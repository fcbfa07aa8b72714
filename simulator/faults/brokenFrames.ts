import { define, millis, ratio, whole } from "./Entry.ts"
import { overAtOnce, type Target } from "./Fault.ts"
import { callOf, textOf } from "./frames.ts"
import { idOf, isCall } from "./Uplink.ts"

/** Says of a message that it is not one that a station would send. */
const broken =
  ({ truth, identity }: Target["station"]) =>
  (messageId: string): void =>
    truth.breakMessage(identity, messageId)

/**
 * Some of the station's messages are no JSON: the end is missing, as a buffer that is too short leaves it. The station
 * waits for an answer in vain and says it again.
 *
 * The CMS owes: no guess at what was meant, the connection kept for a single slip, and the repetition taken.
 */
export const malformedJson = define({
  name: "malformed-json",
  about: "snprintf into a buffer of 512 bytes; trailing commas; NaN for a meter that does not answer.",
  owes: "nothing taken from it, and the repetition taken whole",
  family: "message",
  fields: { ratio: ratio(0.3) },
  draw: (stream) => ({ ratio: stream.between(0.05, 0.6) }),
  strike: ({ station, uplink }, parameters, stream) =>
    uplink.disturb((direction, text) => {
      if (direction !== "toCms" || !isCall(text) || !stream.chance(parameters.ratio)) return undefined
      const messageId = idOf(text)
      if (messageId !== undefined) station.truth.breakMessage(station.identity, messageId)
      // The id is whole still, so that the oracles know which message it was.
      return { copies: 1, delayMs: 0, text: text.slice(0, stream.int(text.indexOf("{") + 1, text.length - 2)) }
    })
})

/**
 * A frame beyond all limits, once.
 *
 * The CMS owes: it is refused without being held in memory, the others go on, and so does this station after a redial.
 */
export const oversizedFrame = define({
  name: "oversized-frame",
  about: "Diagnostics sent as one DataTransfer, a log loop; by an attacker, a gigabyte a frame.",
  owes: "a refusal that costs no memory, everybody else served, this station again after it",
  family: "message",
  fields: { bytes: whole(2_000_000, 1_000, 12_000_000) },
  draw: (stream) => ({ bytes: stream.pick([300_000, 2_000_000, 10_000_000]) }),
  strike: ({ station, uplink }, { bytes }) => {
    uplink.inject("DataTransfer", { vendorId: "Simulated", data: "x".repeat(bytes) }, broken(station))
    return overAtOnce
  }
})

/**
 * A text frame that is no UTF-8, once. Over a real socket the bytes are sent; in memory the connection ends as the
 * WebSocket below must end it (RFC 6455 section 8.1).
 *
 * The CMS owes: nothing taken from it, and the station taken in when it dials again.
 */
export const invalidUtf8 = define({
  name: "invalid-utf8",
  about: "A serial number in Latin-1, an idTag read from an uninitialised buffer.",
  owes: "nothing taken from it, and the station taken in again",
  family: "message",
  fields: {},
  draw: () => ({}),
  strike: ({ uplink }) => {
    const bytes = Uint8Array.from([...`[2,"utf8","Heartbeat",{"x":"`].map((letter) => letter.charCodeAt(0)))
    if (!uplink.putBytes(Uint8Array.from([...bytes, 0xff, 0xfe, 0xfd]), true)) uplink.close(1007)
    return overAtOnce
  }
})

/**
 * Now and then a message whose action no version knows.
 *
 * The CMS owes: a CALLERROR NotImplemented, each time, and the connection kept.
 */
export const unknownAction = define({
  name: "unknown-action",
  about: "Vendor messages outside of DataTransfer, actions of a later version than was agreed.",
  owes: "NotImplemented each time, and the connection kept",
  family: "message",
  fields: { everyMs: millis(20_000) },
  draw: (stream) => ({ everyMs: stream.int(1_000, 60_000) }),
  strike: ({ station, uplink, timers }, { everyMs }) => {
    let cancel = (): void => {}
    const turn = (): void => {
      uplink.inject("VendorHeartbeat", { uptime: 1 }, broken(station))
      cancel = timers.after(Math.max(1_000, everyMs), turn)
    }
    turn()
    return () => cancel()
  }
})

/** Numbers as texts, at every depth. */
const mistyped = (value: unknown): unknown => {
  if (typeof value === "number") return String(value)
  if (Array.isArray(value)) return value.map(mistyped)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, mistyped(entry)]))
}

/**
 * Some of the station's messages have texts where numbers belong.
 *
 * The CMS owes: an error code of this version (or what a lenient station is forgiven), and the right one taken when it
 * comes; nothing half taken.
 */
export const wrongTypes = define({
  name: "wrong-types",
  about: 'Lua and C firmware that prints every value in quotes: "connectorId":"1", "meterStart":"1200".',
  owes: "an error code of its version or forgiveness, nothing half taken, the right message taken when it comes",
  family: "message",
  fields: { ratio: ratio(0.3) },
  draw: (stream) => ({ ratio: stream.between(0.05, 0.6) }),
  strike: ({ station, uplink }, parameters, stream) =>
    uplink.disturb((direction, text) => {
      const call = direction === "toCms" && stream.chance(parameters.ratio) ? callOf(text) : undefined
      if (call === undefined) return undefined
      station.truth.breakMessage(station.identity, call.messageId)
      return { copies: 1, delayMs: 0, text: textOf({ ...call, payload: mistyped(call.payload) }) }
    })
})

/**
 * A message that must be refused, repeated after every CALLERROR for as long as the fault lasts.
 *
 * The CMS owes: the same refusal every time, cheaply, and everything else the station says taken meanwhile.
 */
export const stubbornRetry = define({
  name: "stubborn-retry",
  about: "Chargers that repeat an unknown StopTransaction for ever when it is answered NotSupported or an error.",
  owes: "the same refusal every time, and all else the station says taken meanwhile",
  family: "station",
  fields: { everyMs: millis(5_000) },
  draw: (stream) => ({ everyMs: stream.int(100, 30_000) }),
  strike: ({ station, uplink, timers }, { everyMs }) => {
    let isOver = false
    let turn = 0
    const send = (): void => {
      // Whoever is prodded while it waits begins anew: there is one chain of repetitions, not one a minute.
      const own = ++turn
      const again = (afterMs: number): void => {
        timers.after(afterMs, () => {
          if (!isOver && own === turn) send()
        })
      }
      // A stop without what a stop must have, in either version.
      const isSent = uplink.inject("StopTransaction", { transactionId: "forever" }, broken(station), (answer) => {
        if (answer.startsWith("[4")) again(Math.max(100, everyMs))
      })
      if (!isSent) again(Math.max(1_000, everyMs))
    }
    send()
    // A connection that broke took the answer with it.
    let cancel = (): void => {}
    const prod = (): void => {
      cancel = timers.after(60_000, () => {
        send()
        prod()
      })
    }
    prod()
    return () => {
      isOver = true
      cancel()
    }
  }
})

/**
 * Everything that the station sends is swallowed while it lasts and its queue is wiped at the end: what was said
 * offline is said by nobody any more. The meter and the EVSE go on as they were.
 *
 * The CMS owes: what it heard, billed; a transaction whose end was wiped, closed by the connector's state or the next
 * car; nothing billed for what it never heard.
 */
export const queueLost = define({
  name: "queue-lost",
  about: "Queues in RAM, queues of ten messages, a firmware update that formats its flash: starts and stops are gone.",
  owes: "what was heard, billed; what was open, closed when the connector says so; nothing for what was never heard",
  family: "station",
  fields: {},
  draw: () => ({}),
  strike: ({ station }) => {
    const back = station.loseNetwork()
    return () => {
      station.loseQueue()
      back()
    }
  }
})
