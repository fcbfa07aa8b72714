import { Schema } from "effect"
import { HttpApiError } from "effect/http-api"

/**
 * Errors as RFC 9457 problem details. `type` is a path of the documentation, where the problem is described; the
 * status says enough for a client that knows none of them.
 */

/** One thing wrong with a request: where, as a JSON pointer into that part of it, and what was expected. */
export const Fault = Schema.Struct({
  in: Schema.Literals(["path", "query", "headers", "body"]),
  pointer: Schema.String.annotate({
    description: "RFC 6901 pointer into that part of the request; empty for the whole.",
    examples: ["/allowedStations/0"]
  }),
  message: Schema.String.annotate({ description: "What was expected." })
}).annotate({ identifier: "Fault" })

export interface Fault extends Schema.Schema.Type<typeof Fault> {}

/** 400: the request does not have the shape the contract says. */
export class InvalidRequest extends HttpApiError.Problem<InvalidRequest>()(
  "InvalidRequest",
  { type: "/docs#problem-invalid-request", status: 400, title: "Bad Request" },
  { errors: Schema.Array(Fault) },
  { identifier: "InvalidRequest" }
) {}

/** 401: no bearer token, or one that nobody was given. */
export class Unauthorized extends HttpApiError.Problem<Unauthorized>()(
  "Unauthorized",
  { type: "/docs#problem-unauthorized", status: 401, title: "Unauthorized" },
  {},
  { identifier: "Unauthorized" }
) {}

/** 403: the bearer token is good, and not for this: drivers have their own endpoints, operators theirs. */
export class Forbidden extends HttpApiError.Problem<Forbidden>()(
  "Forbidden",
  { type: "/docs#problem-forbidden", status: 403, title: "Forbidden" },
  {},
  { identifier: "Forbidden" }
) {}

/** 404: what the path names does not exist. */
export class UnknownResource extends HttpApiError.Problem<UnknownResource>()(
  "UnknownResource",
  { type: "/docs#problem-unknown-resource", status: 404, title: "Not Found" },
  { kind: Schema.String, id: Schema.String },
  { identifier: "UnknownResource" }
) {}

/** 409: something of that name exists already, has changed meanwhile, or must stay. */
export class Conflict extends HttpApiError.Problem<Conflict>()(
  "Conflict",
  { type: "/docs#problem-conflict", status: 409, title: "Conflict" },
  { kind: Schema.String, id: Schema.String },
  { identifier: "Conflict" }
) {}

/** 422: well formed, but it makes no sense, or refers to what does not exist. */
export class Unprocessable extends HttpApiError.Problem<Unprocessable>()(
  "Unprocessable",
  { type: "/docs#problem-unprocessable", status: 422, title: "Unprocessable Content" },
  { errors: Schema.Array(Fault) },
  { identifier: "Unprocessable" }
) {}

/** 503: the store is away or too slow; the same request may succeed after `Retry-After` seconds. */
export class Unavailable extends HttpApiError.Problem<Unavailable>()(
  "Unavailable",
  { type: "/docs#problem-unavailable", status: 503, title: "Service Unavailable" },
  {},
  { identifier: "Unavailable" }
) {}

/** 500: a defect of the server. It says nothing but that. */
export class ServerFault extends HttpApiError.Problem<ServerFault>()(
  "ServerFault",
  { type: "/docs#problem-server-fault", status: 500, title: "Internal Server Error" },
  {},
  { identifier: "ServerFault" }
) {}
