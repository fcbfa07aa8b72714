import { define, millis, ratio } from "./Entry.ts"
import { isTransactionCall } from "./frames.ts"
import { idOf, isAnswer, isCall, lost } from "./Uplink.ts"

/**
 * Some of the station's messages are held up and overtaken by what is sent after them: with a hold beyond the call
 * timeout the repetition comes first and the original after it, between later messages.
 *
 * The CMS owes: the same transaction for the same messages in any order; nothing that ended opens again.
 */
export const reorder = define({
  name: "reorder",
  about: "A firmware with a queue a transaction and one socket: an Updated sent after Ended turned 10 kWh into 5.",
  owes: "the same transaction for the same messages in any order",
  family: "network",
  fields: { ratio: ratio(0.2), holdMs: millis(45_000) },
  draw: (stream) => ({ ratio: stream.between(0.05, 0.4), holdMs: stream.pick([200, 5_000, 45_000, 90_000]) }),
  strike: ({ uplink }, parameters, stream) =>
    uplink.disturb((direction, text) =>
      direction === "toCms" && isCall(text) && stream.chance(parameters.ratio)
        ? { copies: 1, delayMs: parameters.holdMs, isOvertaken: true }
        : undefined
    )
})

/**
 * Some answers come after the station has given them up; it has repeated the question by then.
 *
 * The CMS owes: the repetition answered as the first was; the late answer is the station's to throw away.
 */
export const lateAnswers = define({
  name: "late-answers",
  about: "A CMS behind a slow message bus: answers after the 30 s that most firmware waits.",
  owes: "the repetition answered as the first was",
  family: "network",
  fields: { ratio: ratio(0.3), byMs: millis(45_000) },
  draw: (stream) => ({ ratio: stream.between(0.05, 0.6), byMs: stream.pick([25_000, 31_000, 45_000, 120_000]) }),
  strike: ({ uplink }, parameters, stream) =>
    uplink.disturb((direction, text) =>
      direction === "toStation" && isAnswer(text) && stream.chance(parameters.ratio)
        ? { copies: 1, delayMs: parameters.byMs, isOvertaken: true }
        : undefined
    )
})

const encoder = new TextEncoder()

/**
 * The connection breaks in the middle of a frame that the station sends: half of it arrives and never the rest.
 *
 * The CMS owes: nothing for half a message; the station says it again.
 */
export const cutMidFrame = define({
  name: "cut-mid-frame",
  about: "Long MeterValues over GPRS: the context is lost between two TCP segments of one message.",
  owes: "nothing taken from half a message, and the whole one when it comes again",
  family: "network",
  fields: { ratio: ratio(0.2) },
  draw: (stream) => ({ ratio: stream.between(0.05, 0.4) }),
  strike: ({ station, uplink, timers }, parameters, stream) =>
    uplink.disturb((direction, text) => {
      if (direction !== "toCms" || !stream.chance(parameters.ratio)) return undefined
      const bytes = encoder.encode(text)
      uplink.putBytes(bytes.subarray(0, Math.ceil(bytes.length / 2)), false)
      timers.soon(() => station.cutConnection())
      return lost
    })
})

/**
 * The CMS has committed what a transaction message said, and the connection breaks before its answer is there.
 *
 * The CMS owes: on the new connection the answer that the first would have got, and one transaction.
 */
export const cutBeforeAnswer = define({
  name: "cut-before-answer",
  about: "A rolling deployment, a proxy that ends its connections at a full hour: committed, and nobody heard.",
  owes: "on the new connection the answer that was lost, and one transaction",
  family: "network",
  fields: { ratio: ratio(0.5) },
  draw: (stream) => ({ ratio: stream.between(0.1, 1) }),
  strike: ({ station, uplink, timers }, parameters, stream) => {
    const asked = new Set<string>()
    return uplink.disturb((direction, text) => {
      if (direction === "toCms") {
        if (isTransactionCall(text) && stream.chance(parameters.ratio)) asked.add(idOf(text)!)
        return undefined
      }
      if (!isAnswer(text) || !asked.delete(idOf(text) ?? "")) return undefined
      timers.soon(() => station.cutConnection())
      return lost
    })
  }
})

/**
 * The station reads for a moment now and then and not at all in between: answers and commands pile up before it.
 *
 * The CMS owes: bounded memory for a peer that does not read, other stations served, and this one again when it reads.
 */
export const slowReader = define({
  name: "slow-reader",
  about: "A controller whose one task is busy with the display, or with flashing its own firmware.",
  owes: "bounded memory for who does not read, and everybody else served",
  family: "network",
  fields: { blindMs: millis(45_000), readMs: millis(500) },
  draw: (stream) => ({ blindMs: stream.int(1_000, 90_000), readMs: stream.int(10, 2_000) }),
  strike: ({ uplink, timers }, { blindMs, readMs }) => {
    let unstall = uplink.stall()
    let isStalled = true
    let cancel = (): void => {}
    const turn = (): void => {
      cancel = timers.after(Math.max(1, isStalled ? blindMs : readMs), () => {
        if (isStalled) unstall()
        else unstall = uplink.stall()
        isStalled = !isStalled
        turn()
      })
    }
    turn()
    return () => {
      cancel()
      if (isStalled) unstall()
    }
  }
})

/**
 * A second connection under the same identity, again and again, with nobody behind it; the station's own is still up.
 *
 * The CMS owes: commands to one of the two and never to a dead one, no message of either lost that was acknowledged,
 * the station itself served as soon as it dials again.
 */
export const twoSockets = define({
  name: "two-sockets",
  about: "A reboot faster than the old socket's end, a cloned SD card, a test bench left running with a real name.",
  owes: "one owner at a time, nothing acknowledged lost, the station served when it dials again",
  family: "station",
  fields: { everyMs: millis(60_000) },
  draw: (stream) => ({ everyMs: stream.int(5_000, 300_000) }),
  strike: ({ uplink, timers }, { everyMs }) => {
    let hangUp = uplink.dialTwin()
    let cancel = (): void => {}
    const turn = (): void => {
      cancel = timers.after(Math.max(1_000, everyMs), () => {
        hangUp()
        hangUp = uplink.dialTwin()
        turn()
      })
    }
    turn()
    return () => {
      cancel()
      hangUp()
    }
  }
})

/**
 * The station loses its connection and dials with a subprotocol that there is none of, until it is healed.
 *
 * The CMS owes: a refusal before the first message, and the station taken in when it asks for what there is.
 */
export const wrongSubprotocol = define({
  name: "wrong-subprotocol",
  about: "Firmware that offers ocpp1.5 or ocpp2.0, or writes OCPP1.6 in capitals, after an update.",
  owes: "a refusal at the door, and the station taken in when it asks rightly",
  family: "station",
  fields: {},
  draw: () => ({}),
  strike: ({ station, uplink }) => {
    const end = uplink.detour((dial) => ({ ...dial, subprotocols: ["ocpp1.5"] }))
    station.cutConnection()
    return end
  }
})
