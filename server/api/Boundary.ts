import { Cause, Effect } from "effect"
import { HttpServerError, HttpServerResponse, ProblemDetails } from "effect/http"

/** How soon a client should try again when the store was away. */
const retryAfterSeconds = 5

const titles: Readonly<Record<number, readonly [title: string, detail: string]>> = {
  400: ["Bad Request", "The request could not be read."],
  404: ["Not Found", "There is nothing at this path with this method. See /docs."],
  408: ["Request Timeout", "The request took too long to arrive."],
  413: ["Content Too Large", "The body is larger than this server accepts."],
  415: ["Unsupported Media Type", "Send application/json."],
  503: ["Service Unavailable", "The server is going away."]
}

const problem = (status: number): HttpServerResponse.HttpServerResponse => {
  const [title, detail] = titles[status] ?? [status < 500 ? "Bad Request" : "Internal Server Error", undefined]
  return ProblemDetails.toResponse({ type: "about:blank", title, status, ...(detail !== undefined && { detail }) })
}

/** An error that came from outside the contract, such as an unknown path, as a problem; all else as it is. */
const asProblem = (response: HttpServerResponse.HttpServerResponse): HttpServerResponse.HttpServerResponse =>
  response.status < 400 || (response.headers["content-type"] ?? "").includes("json")
    ? response
    : problem(response.status)

const withHeaders = (response: HttpServerResponse.HttpServerResponse): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.setHeaders(response, {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": response.headers["cache-control"] ?? "no-store",
    ...(response.status === 401 && { "www-authenticate": "Bearer" }),
    ...(response.status === 503 && { "retry-after": String(retryAfterSeconds) })
  })

/**
 * The outermost layer of the HTTP application. Every error leaves as problem details; a defect is logged with its cause
 * and leaves as a bare 500.
 */
export const boundary = <E, R>(
  app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, R> =>
  app.pipe(
    Effect.catchCause((cause) => {
      if (Cause.hasInterruptsOnly(cause)) return Effect.failCause(cause as Cause.Cause<never>)
      return Effect.flatMap(HttpServerError.causeResponse(cause), ([response]) =>
        response.status < 500
          ? Effect.succeed(response)
          : Effect.as(Effect.logError("an HTTP handler died", cause), response)
      )
    }),
    Effect.map((response) => withHeaders(asProblem(response)))
  )
