import { WebSocket } from "ws"
import type { Stream } from "#simulator/Stream.ts"
import type { Evse } from "./Session.ts"
import type { Tally } from "./Tally.ts"
import type { Answer, Message, Words } from "./Words.ts"

export interface ClientOptions {
  readonly identity: string
  readonly version: "1.6" | "2.0.1"
  /** Everything before the identity: `ws://host:port/ocpp/`. */
  readonly url: string
  readonly evses: ReadonlyArray<Evse>
  readonly words: Words
  readonly stream: Stream
  readonly tally: Tally
  /** Mean pause between an answer and the next message. */
  readonly paceMs: number
  /** After this long without an answer it asks again, on the same socket or on a new one. Default: never. */
  readonly patienceMs?: number
  /** Told of every answer: what was asked, and when by our clock. */
  readonly onAnswer?: (action: string, askedAtMs: number, answeredAtMs: number) => void
}

interface Waiting extends Message {
  messageId: string
  text: string
  sends: number
  askedAtMs: number
  /** Answers that came and were forgotten; the next must say the same. */
  readonly forgotten: Array<string>
}

/** Longer than any outage in these tests: a timeout is the server's silence, not ours. */
const answerTimeoutMs = 60_000

/**
 * A charging station as small as it can be and still obey: one CALL at a time, a message kept until it is answered and
 * repeated after every reconnect, first come first served. It forgets an answer now and then, because links do.
 */
export class Client {
  private readonly options: ClientOptions
  private socket: WebSocket | undefined
  private readonly first: Array<Waiting> = []
  private current: Waiting | undefined
  private isOnWire = false
  private isFinishing = false
  private isStopped = false
  private last = 0
  private everBooted = false
  /** Ids of CALLs that were given up: their answers may still come and mean nothing. */
  private readonly givenUp = new Set<string>()
  private timer: NodeJS.Timeout | undefined
  private watch: NodeJS.Timeout | undefined
  private done: (() => void) | undefined

  constructor(options: ClientOptions) {
    this.options = options
  }

  start(): void {
    this.later(this.options.stream.int(0, 500), () => this.connect())
  }

  /** Ends the sessions under way, begins no more, and resolves when all of it is answered. */
  finish(): Promise<void> {
    this.isFinishing = true
    return new Promise((resolve) => {
      this.done = resolve
      if (this.socket?.readyState === WebSocket.OPEN && !this.isOnWire) this.proceed()
    })
  }

  stop(): void {
    this.isStopped = true
    clearTimeout(this.timer)
    clearTimeout(this.watch)
    this.socket?.terminate()
  }

  /** For a report about a station that could not finish. */
  describe(): string {
    const { current, options } = this
    const state = this.socket === undefined ? "offline" : `socket ${this.socket.readyState}`
    return `${options.identity} (${state}) waits with ${current?.text ?? "nothing"}, sent ${current?.sends ?? 0} times`
  }

  private connect(): void {
    const { identity, tally, url, version } = this.options
    const socket = new WebSocket(`${url}${identity}`, version === "1.6" ? ["ocpp1.6"] : ["ocpp2.0.1", "ocpp1.6"])
    this.socket = socket
    socket.on("open", () => this.opened())
    socket.on("message", (data) => this.receive(String(data)))
    socket.on("error", () => {
      if (socket.readyState !== WebSocket.OPEN) tally.refusals++
    })
    socket.on("close", () => {
      this.socket = undefined
      this.isOnWire = false
      clearTimeout(this.watch)
      if (!this.isStopped) this.later(this.options.stream.int(20, 250), () => this.connect())
    })
  }

  private opened(): void {
    const { stream, tally, version } = this.options
    tally.connects++
    if (!this.everBooted || stream.chance(0.2)) {
      const boot = version === "1.6" ? boot16 : boot201
      this.first.unshift(this.prepare({ ...boot, take: (answer) => this.booted(answer) }))
    }
    this.proceed()
  }

  private booted(answer: Answer): string | undefined {
    this.everBooted = true
    this.options.tally.boots++
    return answer["status"] === "Accepted" ? undefined : `the boot was answered ${String(answer["status"])}`
  }

  private prepare(message: Message): Waiting {
    return { ...message, messageId: "", text: "", sends: 0, askedAtMs: 0, forgotten: [] }
  }

  /** Sends what is next: a message on a fresh connection, the one that waits for its answer, or a new one. */
  private proceed(): void {
    if (this.isOnWire || this.isStopped || this.socket?.readyState !== WebSocket.OPEN) return
    const waiting = this.first[0] ?? this.current ?? this.compose()
    if (waiting === undefined) {
      this.done?.()
      return
    }
    this.send(waiting)
  }

  private compose(): Waiting | undefined {
    const { evses, stream, words } = this.options
    const busy = this.isFinishing ? evses.filter((evse) => !evse.isIdle) : evses
    if (busy.length === 0) return undefined
    const message = stream.chance(0.03) ? heartbeat : words(stream.pick(busy).next())
    this.current = this.prepare(message)
    return this.current
  }

  private send(waiting: Waiting): void {
    const { identity, stream, tally } = this.options
    if (waiting.sends === 0 || stream.chance(0.5)) {
      waiting.messageId = `${++this.last}-${identity}`
      waiting.text = JSON.stringify([2, waiting.messageId, waiting.action, waiting.payload])
      if (waiting.sends > 0) tally.repeatedWithNewId++
    } else tally.repeatedWithSameId++
    waiting.sends++
    waiting.askedAtMs = Date.now()
    this.isOnWire = true
    this.watch = this.watched(waiting)
    this.socket?.send(waiting.text)
  }

  private watched(waiting: Waiting): NodeJS.Timeout {
    const { identity, patienceMs, tally } = this.options
    const { socket } = this
    if (patienceMs === undefined) {
      return setTimeout(() => {
        tally.fail(`${identity} waited ${answerTimeoutMs} ms for an answer to ${waiting.text}`)
        socket?.terminate()
      }, answerTimeoutMs)
    }
    return setTimeout(() => {
      tally.timeouts++
      if (this.options.stream.chance(0.5)) {
        socket?.terminate()
        return
      }
      this.givenUp.add(waiting.messageId)
      this.isOnWire = false
      this.proceed()
    }, patienceMs)
  }

  private receive(text: string): void {
    const [type, id, ...rest] = JSON.parse(text) as [number, string, ...Array<unknown>]
    const { identity, onAnswer, stream, tally } = this.options
    if (type === 2) {
      this.socket?.send(JSON.stringify([4, id, "NotSupported", "", {}]))
      return
    }
    const waiting = this.first[0] ?? this.current
    if (waiting === undefined || !this.isOnWire || waiting.messageId !== id) {
      if (this.givenUp.has(id)) return
      tally.fail(`${identity} was told ${text} and had not asked`)
      return
    }
    clearTimeout(this.watch)
    onAnswer?.(waiting.action, waiting.askedAtMs, Date.now())
    if (type !== 3) {
      tally.fail(`${identity} asked ${waiting.text} and was refused with ${text}`)
      this.isOnWire = false
      this.later(200, () => this.proceed())
      return
    }
    if (stream.chance(0.01)) {
      tally.forgotten++
      waiting.forgotten.push(JSON.stringify(rest[0]))
      this.socket?.terminate()
      return
    }
    this.acknowledge(waiting, rest[0] as Answer)
  }

  private acknowledge(waiting: Waiting, answer: Answer): void {
    const { identity, paceMs, stream, tally } = this.options
    tally.acknowledged++
    this.isOnWire = false
    if (this.first[0] === waiting) this.first.shift()
    else this.current = undefined
    const complaint = waiting.take(answer)
    if (complaint !== undefined) tally.fail(`${identity}: ${waiting.text} was answered wrongly: ${complaint}`)
    const said = JSON.stringify(answer)
    if (!tellsTheTime.has(waiting.action) && waiting.forgotten.some((earlier) => earlier !== said)) {
      tally.fail(`${identity}: ${waiting.text} was answered ${waiting.forgotten.join(", ")} and then ${said}`)
    }
    this.later(Math.min(1_000, stream.exponential(paceMs)), () => this.proceed())
  }

  private later(delayMs: number, action: () => void): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      if (!this.isStopped) action()
    }, delayMs)
  }
}

const tellsTheTime: ReadonlySet<string> = new Set(["BootNotification", "Heartbeat"])
const heartbeat: Message = { action: "Heartbeat", payload: {}, take: () => undefined }
const boot16 = { action: "BootNotification", payload: { chargePointVendor: "Kill", chargePointModel: "Nine" } }
const boot201 = {
  action: "BootNotification",
  payload: { reason: "PowerUp", chargingStation: { vendorName: "Kill", model: "Nine" } }
}
