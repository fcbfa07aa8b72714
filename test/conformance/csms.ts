import { assert } from "@effect/vitest"
import { Effect, Exit, Option, Redacted, Scope } from "effect"
import { WebSocket } from "ws"
import * as Memory from "#server/memory/Memory.ts"
import { serve } from "#server/Serve.ts"
import type { Settings } from "#server/Settings.ts"
import { tariffJson } from "#test/support/cms.ts"
import { settings } from "#test/support/settings.ts"

const token = "administrator of the conformance tests"

export type Protocol = "ocpp1.6" | "ocpp2.0.1" | "ocpp2.1"
export type Frame = ReadonlyArray<unknown>
type Json = Readonly<Record<string, unknown>>

/** A server as it ships, its books in memory, and what its API says. */
export interface Csms {
  readonly ocppUrl: string
  readonly api: (method: string, path: string, body?: unknown) => Promise<Json>
  /** All items of a list, newest first where the API says so. */
  readonly list: (path: string) => Promise<ReadonlyArray<Json>>
  /** Opens a connection; fails with the HTTP status when it is refused. */
  readonly dial: (identity: string, protocol: Protocol, headers?: Readonly<Record<string, string>>) => Promise<Station>
  /** Ends the server and starts another on the same books. */
  readonly restart: () => Promise<Csms>
}

/** A station's end of a connection, which says what it is told to. */
export class Station {
  readonly socket: WebSocket
  /** Everything heard and not yet taken. */
  readonly heard: Array<Frame> = []
  closeCode: number | undefined
  private readonly waiting: Array<() => void> = []
  private last = 0

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on("message", (data) => {
      this.heard.push(JSON.parse(String(data)) as Frame)
      this.wake()
    })
    socket.on("close", (code) => {
      this.closeCode = code
      this.wake()
    })
  }

  say(...frame: Frame): void {
    this.socket.send(JSON.stringify(frame))
  }

  /** Takes the first frame heard, now or later, for which `is` holds. */
  async hear(is: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const index = this.heard.findIndex(is)
      if (index >= 0) return this.heard.splice(index, 1)[0]!
      assert.isUndefined(this.closeCode, `closed while waiting, after ${JSON.stringify(this.heard)}`)
      await new Promise<void>((resolve) => this.waiting.push(resolve))
    }
  }

  /** Sends a CALL and takes what answers it, whatever it is. */
  answer(action: string, payload: unknown, id = `${++this.last}`): Promise<Frame> {
    this.say(2, id, action, payload)
    return this.hear(([type, answered]) => (type === 3 || type === 4) && answered === id)
  }

  /** Sends a CALL and takes its result's payload. */
  async ask(action: string, payload: unknown, id?: string): Promise<Json> {
    const [type, , result, ...rest] = await this.answer(action, payload, id)
    assert.strictEqual(type, 3, `${action} was refused with ${String(result)} ${JSON.stringify(rest)}`)
    return result as Json
  }

  /** The next CALL of the server. */
  async asked(action: string): Promise<{ readonly id: string; readonly payload: Json }> {
    const [, id, , payload] = await this.hear(([type, , name]) => type === 2 && name === action)
    return { id: id as string, payload: payload as Json }
  }

  async closed(): Promise<number> {
    while (this.closeCode === undefined) await new Promise<void>((resolve) => this.waiting.push(resolve))
    return this.closeCode
  }

  private wake(): void {
    for (const each of this.waiting.splice(0)) each()
  }
}

const open = async (
  state: Memory.MemoryState,
  more: Partial<Settings>,
  scopes: Set<Scope.Closeable>,
  stations: Set<Station>
): Promise<Csms> => {
  const scope = Scope.makeUnsafe()
  scopes.add(scope)
  const all = settings({ token: Option.some(Redacted.make(token)), ...more })
  const { apiUrl, ocppUrl } = await Effect.runPromise(Scope.provide(serve(all, Memory.layer(state)), scope))
  const api: Csms["api"] = async (method, path, body) => {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    const answer = (await response.json()) as Json
    assert.isTrue(response.ok, `${method} ${path} was answered ${JSON.stringify(answer)}`)
    return answer
  }
  return {
    ocppUrl,
    api,
    list: async (path) => (await api("GET", path))["items"] as ReadonlyArray<Json>,
    dial: async (identity, protocol, headers = {}) => {
      const socket = new WebSocket(`${ocppUrl}${encodeURIComponent(identity)}`, [protocol], { headers })
      await new Promise((resolve, reject) => {
        socket.once("open", resolve)
        socket.once("error", reject)
      })
      const station = new Station(socket)
      stations.add(station)
      return station
    },
    restart: async () => {
      scopes.delete(scope)
      await Effect.runPromise(Scope.close(scope, Exit.void))
      return open(state, more, scopes, stations)
    }
  }
}

/** Runs a case on a fresh server that knows the stations CS-1 and CS-2, the card ALICE and one tariff. */
export const onCsms =
  (work: (csms: Csms) => Promise<void>, more: Partial<Settings> = {}) =>
  async (): Promise<void> => {
    const scopes = new Set<Scope.Closeable>()
    const stations = new Set<Station>()
    try {
      const csms = await open(new Memory.MemoryState(), more, scopes, stations)
      await csms.api("POST", "/tariffs", tariffJson)
      await csms.api("PUT", "/default-tariff", { tariffId: "standard" })
      await csms.api("POST", "/tokens", { uid: "ALICE" })
      for (const id of ["CS-1", "CS-2"]) await csms.api("POST", "/stations", { id, strictness: "strict" })
      await work(csms)
    } finally {
      for (const { socket } of stations) socket.terminate()
      for (const scope of scopes) await Effect.runPromise(Scope.close(scope, Exit.void))
    }
  }

export const boot16 = { chargePointVendor: "Acme", chargePointModel: "One" }
export const boot2x = { reason: "PowerUp", chargingStation: { vendorName: "Acme", model: "One" } }

const noonMs = Date.UTC(2025, 4, 5, 12)

/** Minutes after a certain noon, as stations write it. */
export const at = (minutes: number): string => new Date(noonMs + minutes * 60_000).toISOString()
