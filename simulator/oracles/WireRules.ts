import * as Instant from "#core/Instant.ts"
import { type Dialect, dialects } from "#core/ocpp/Dialect.ts"
import type { WireFrame } from "./WireFrame.ts"

/** What a rule has to say of one message. */
export interface Breach {
  readonly messageId: string
  readonly expected: string
  readonly found: string
  readonly sentence: string
}

type Standing = "Unknown" | "Asked" | "Accepted" | "Pending" | "Rejected"

/** What a CMS may not ask of a station that is held in Pending (1.6 section 4.2; 2.0.1 and 2.1 B02.FR.05). */
const remoteStarts = new Set([
  "RemoteStartTransaction",
  "RemoteStopTransaction",
  "RequestStartTransaction",
  "RequestStopTransaction"
])

/** An answer may have waited in a line, or be that of the same question a while ago; no zone is so near another. */
const clockToleranceMs = 15 * 60_000

/** What a CMS says of itself and not of the payload: never the answer to a message that is in order. */
const blames = new Set(["InternalError", "NotSupported"])

/** Codes a CALLERROR may carry (1.6-J 4.2.3 with errata; 2.x part 4 section 4.3). */
export const legalCodes: Readonly<Record<string, ReadonlySet<string>>> = (() => {
  const common = "NotImplemented NotSupported InternalError ProtocolError SecurityError PropertyConstraintViolation"
  const more = `${common} TypeConstraintViolation GenericError`
  const v16 = new Set(`${more} FormationViolation OccurenceConstraintViolation`.split(" "))
  const v2x = `${more} FormatViolation OccurrenceConstraintViolation RpcFrameworkError MessageTypeNotSupported`
  return { "1.6": v16, "2.0.1": new Set(v2x.split(" ")), "2.1": new Set(v2x.split(" ")) }
})()

/** The dialect of a version; undefined while it is not known. */
const dialectOf = (version: string): Dialect | undefined => dialects.find((it) => it.version === version)

/**
 * The rules that one end can hold by itself, whatever the line does to frames: one CALL outstanding per direction
 * (OCPP-J 1.6 section 4.1.1, 2.x part 4 section 4.1.1). A CALL is outstanding until its answer comes or its sender gives
 * it up.
 */
export class Outstanding {
  private readonly end: string
  private open: WireFrame | undefined

  constructor(end: string) {
    this.end = end
  }

  /** The CALL that an answer belongs to; undefined for an answer to none, or to one given up. */
  sent(frame: WireFrame, tell: (breach: Breach) => void): void {
    const { open } = this
    this.open = frame
    if (open === undefined) return
    tell({
      messageId: frame.messageId,
      expected: `the answer to ${open.action} ${open.messageId} first`,
      found: `a CALL of ${frame.action}`,
      sentence: `The ${this.end} asked while a CALL of its own was unanswered.`
    })
  }

  answered(messageId: string): WireFrame | undefined {
    const { open } = this
    if (open?.messageId !== messageId) return undefined
    this.open = undefined
    return open
  }

  /** The sender waits no longer: time is up, or the connection is gone. */
  givenUp(messageId: string): void {
    if (this.open?.messageId === messageId) this.open = undefined
  }

  closed(): void {
    this.open = undefined
  }
}

/**
 * One station's side of the conversation, over however many connections: who may ask before the boot was accepted (1.6
 * section 4.2; 2.x B01 to B03), and which CALLERROR is no answer to a message that is in order.
 */
export class StationRules {
  private readonly outstanding = new Outstanding("station")
  private readonly versionOf: () => string
  private readonly isFaithful: boolean
  private readonly nowAtMs: () => number
  private standing: Standing = "Unknown"
  /** The CMS asked for something, so that the station may speak out of turn. */
  private isAsked = false
  /** What the CMS answered to the last boot, nobody saw here: it may have been no. */
  private isBootUnheard = false

  constructor(options: {
    readonly versionOf: () => string
    readonly faithful: boolean
    readonly nowAtMs: () => number
  }) {
    this.versionOf = options.versionOf
    this.nowAtMs = options.nowAtMs
    this.isFaithful = options.faithful
  }

  sent(frame: WireFrame, tell: (breach: Breach) => void): void {
    if (frame.type !== "call") return
    this.outstanding.sent(frame, tell)
    const { action, messageId } = frame
    if (action === "BootNotification") {
      this.isBootUnheard = true
      if (!this.isAsked) this.standing = "Asked"
      return
    }
    const mayReport = this.standing === "Pending" && this.isAsked
    if (this.standing === "Accepted" || mayReport) return
    tell({
      messageId,
      expected: "BootNotification accepted first",
      found: `${action} while ${this.standing === "Asked" ? "the boot was unanswered" : this.standing}`,
      sentence: `The station sent ${action} before it was accepted.`
    })
  }

  received(frame: WireFrame, tell: (breach: Breach) => void): void {
    if (frame.type === "call") {
      this.isAsked = true
      this.judgeAsking(frame, tell)
      return
    }
    const question = this.outstanding.answered(frame.messageId)
    if (question === undefined) return
    if (frame.type === "error") this.judgeRefusal(question, frame, tell)
    else if (question.action === "BootNotification" || question.action === "Heartbeat") {
      this.judgeTime(question.action, frame, tell)
      if (question.action === "BootNotification") this.booted(frame)
    }
  }

  /** A station sets its clock by the answer (1.6 sections 4.2 and 4.6, 2.x B01 and G02). */
  private judgeTime(action: string, { text, messageId }: WireFrame, tell: (breach: Breach) => void): void {
    const told = instantIn(text)
    const nowAtMs = this.nowAtMs()
    if (told === undefined || Math.abs(told - nowAtMs) <= clockToleranceMs) return
    tell({
      messageId,
      expected: Instant.format(nowAtMs),
      found: Instant.format(told),
      sentence: `The server told a wrong currentTime in its answer to ${action}.`
    })
  }

  givenUp(messageId: string): void {
    this.outstanding.givenUp(messageId)
  }

  closed(): void {
    this.outstanding.closed()
  }

  private booted({ text }: WireFrame): void {
    const status = statusIn(text)
    this.isBootUnheard = false
    if (status === "Accepted" || status === "Pending" || status === "Rejected") this.standing = status
    // What was asked for ahead of a boot that is answered Pending once more may be told behind it.
    this.isAsked &&= status === "Pending"
  }

  private judgeAsking({ action, messageId }: WireFrame, tell: (breach: Breach) => void): void {
    const isTooEarly = this.standing === "Rejected" || (this.standing === "Pending" && remoteStarts.has(action))
    if (!isTooEarly) return
    tell({
      messageId,
      expected: "no such CALL before the station is accepted",
      found: `${action} while ${this.standing}`,
      sentence: `The server asked ${action} of a station that it had not accepted.`
    })
  }

  /** Refused although there is nothing wrong with it: a charger then repeats it for ever, or throws it away. */
  private judgeRefusal(question: WireFrame, { text, messageId }: WireFrame, tell: (breach: Breach) => void): void {
    const dialect = dialectOf(this.versionOf())
    const action = dialect?.actions.get(question.action)
    if (dialect === undefined || action === undefined || action.initiator === "csms") return
    const code = codeIn(text)
    if ((this.standing !== "Accepted" || this.isBootUnheard) && code === dialect.codes.notAccepted) return
    // A line that repeats or alters frames may have earned any other code.
    const isHeldBack = this.standing === "Accepted" && code === dialect.codes.notAccepted
    if (!this.isFaithful && !blames.has(code) && !isHeldBack) return
    if (action.name === "DataTransfer" || action.checkRequest(payloadIn(question.text)) !== undefined) return
    tell({
      messageId,
      expected: `a ${action.name} response: the request is in order`,
      found: `CALLERROR ${code}`,
      sentence: `The server refused a valid ${action.name} with a CALLERROR.`
    })
  }
}

const parsed = (text: string): ReadonlyArray<unknown> => {
  const frame: unknown = JSON.parse(text)
  return Array.isArray(frame) ? frame : []
}

const payloadIn = (text: string): unknown => parsed(text)[3]
const codeIn = (text: string): string => String(parsed(text)[2])

/** The currentTime of an answer; undefined where there is none to be read, which its schema tells. */
const instantIn = (text: string): number | undefined => {
  const payload = parsed(text)[2]
  if (typeof payload !== "object" || payload === null || !("currentTime" in payload)) return undefined
  return Instant.parse(String(payload.currentTime))
}

const statusIn = (text: string): unknown => {
  const payload = parsed(text)[2]
  return typeof payload === "object" && payload !== null && "status" in payload ? payload.status : undefined
}
