import { Data, Effect } from "effect"

/** One HTTP request as the SDK would send it, and what came back. */
export interface ExchangeRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface ExchangeResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Nothing came back. */
export class ExchangeFailed extends Data.TaggedError("ExchangeFailed")<{ readonly message: string }> {}

/**
 * Carries one request to the provider and its answer back. An Effect, so that its patience is ours: a timeout or an
 * interruption ends it, and in a simulation it takes virtual time.
 */
export type Exchange = (request: ExchangeRequest) => Effect.Effect<ExchangeResponse, ExchangeFailed>

/** The part of the platform's fetch that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** An exchange over HTTP by fetch; interrupting it aborts the request. Redirects are not followed. */
export const overFetch =
  (fetch: Fetch): Exchange =>
  ({ method, url, headers, body }) =>
    Effect.tryPromise({
      try: (signal) =>
        fetch(url, {
          method,
          headers,
          signal,
          redirect: "error",
          ...(method !== "GET" && method !== "DELETE" && { body })
        }).then((response) =>
          response.text().then((text) => ({
            status: response.status,
            headers: Object.fromEntries(response.headers),
            body: text
          }))
        ),
      catch: (cause) => new ExchangeFailed({ message: cause instanceof Error ? cause.message : String(cause) })
    })
