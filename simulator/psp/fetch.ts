import type { Stream } from "../Stream.ts"
import type { TimersApi } from "../time/Timers.ts"
import type { Provider } from "./Provider.ts"
import type { PspResponse } from "./Reply.ts"

/** As much of a Response as the SDK's client reads. */
export interface FetchResponse {
  readonly status: number
  readonly headers: Iterable<readonly [string, string]>
  readonly body: null
  readonly text: () => Promise<string>
}

/** `fetch`, as the SDK's client calls it. */
export type Fetch = (
  url: string,
  init: { readonly method: string; readonly headers: unknown; readonly body?: string; readonly signal?: AbortSignal }
) => Promise<FetchResponse>

export interface FetchOptions {
  readonly provider: Provider
  readonly timers: TimersApi
  /** The network's own time, each way. */
  readonly stream: Stream
  /** When the caller gives up, on these timers: the SDK's own timeout runs on the wall clock. */
  readonly timeoutMs: number
  /** Told when a request leaves, and just before its promise settles. */
  readonly onLeave?: () => void
  readonly onSettle?: () => void
}

const plainHeaders = (headers: unknown): Readonly<Record<string, string>> => {
  const pairs =
    Array.isArray(headers) || (typeof headers === "object" && headers !== null && Symbol.iterator in headers)
      ? [...(headers as Iterable<readonly [string, string]>)]
      : Object.entries(headers ?? {})
  return Object.fromEntries(pairs.map(([name, value]) => [String(name).toLowerCase(), String(value)]))
}

/** What the SDK takes for a timeout (`HttpClient.TIMEOUT_ERROR_CODE`). */
const timeoutError = (): Error => Object.assign(new TypeError("ETIMEDOUT"), { code: "ETIMEDOUT" })

/** A `fetch` that reaches the provider over a network in memory, on its timers. */
export const makeFetch = ({ provider, timers, stream, timeoutMs, onLeave, onSettle }: FetchOptions): Fetch => {
  return (url, { method, headers, body }) =>
    new Promise((resolve, reject) => {
      onLeave?.()
      let isOver = false
      const settle = (by: () => void): void => {
        if (isOver) return
        isOver = true
        onSettle?.()
        by()
      }
      const giveUp = timers.after(timeoutMs, () => settle(() => reject(timeoutError())))
      const path = url.replace(/^https?:\/\/[^/]+/, "")
      const request = { method, path, headers: plainHeaders(headers), body: body ?? "" }
      const wayMs = () => 5 + stream.int(0, 20)
      timers.after(wayMs(), () =>
        provider.handle(request, (response) =>
          timers.after(wayMs(), () => {
            giveUp()
            settle(() => resolve(read(response)))
          })
        )
      )
    })
}

const read = ({ status, headers, body }: PspResponse): FetchResponse => ({
  status,
  headers: Object.entries(headers),
  body: null,
  text: () => Promise.resolve(body)
})
