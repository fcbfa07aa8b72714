/** A request as the provider hears it. Header names in lower case; the path carries the query. */
export interface PspRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What goes back. Header names in lower case; the body is JSON. */
export interface PspResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** An answer before it is written. `kept`: under the idempotency key, because something was begun. */
export interface Reply {
  readonly status: number
  readonly body: object
  readonly kept: boolean
}

export const ok = (body: object): Reply => ({ status: 200, body, kept: true })

const refuse = (status: number, error: object, kept: boolean): Reply => ({ status, body: { error }, kept })

/** Not understood: nothing was begun, and the key stays free. */
export const invalid = (message: string, param: string, code = "parameter_invalid_empty"): Reply =>
  refuse(400, { type: "invalid_request_error", code, message, param }, false)

export const missing = (param: string): Reply =>
  invalid(`Missing required param: ${param}.`, param, "parameter_missing")

/** There is no such object. */
export const noSuch = (what: string, id: string): Reply =>
  refuse(
    404,
    { type: "invalid_request_error", code: "resource_missing", message: `No such ${what}: '${id}'`, param: "id" },
    false
  )

/** Understood, and impossible as things stand. */
export const conflicting = (code: string, message: string, more: object = {}): Reply =>
  refuse(400, { type: "invalid_request_error", code, message, ...more }, true)

/** The bank's no. */
export const cardError = (code: string, declineCode: string | null, more: object): Reply =>
  refuse(
    402,
    {
      type: "card_error",
      code,
      ...(declineCode === null ? {} : { decline_code: declineCode }),
      message: "Your card was declined.",
      ...more
    },
    true
  )

export const unauthorized: Reply = refuse(
  401,
  { type: "invalid_request_error", message: "Invalid API Key provided." },
  false
)

export const rateLimited: Reply = refuse(
  429,
  { type: "invalid_request_error", code: "rate_limit", message: "Too many requests hit the API too quickly." },
  false
)

export const broken: Reply = refuse(
  500,
  { type: "api_error", message: "An unknown error occurred on our side. Please retry." },
  true
)

export const keyInUse: Reply = refuse(
  409,
  {
    type: "idempotency_error",
    code: "idempotency_key_in_use",
    message: "There is currently another in-progress request using this idempotency key."
  },
  false
)

export const keyReused = (key: string): Reply =>
  refuse(
    400,
    {
      type: "idempotency_error",
      message: `Keys for idempotent requests can only be used with the same parameters they were first used with: ${key}.`
    },
    false
  )

export const isRefusal = (value: unknown): value is Reply =>
  typeof value === "object" && value !== null && "kept" in value && "status" in value && "body" in value
