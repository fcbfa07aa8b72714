import type { Effect, Schema } from "effect"
import type { CallError } from "./CallError.ts"

/** Who may send the CALL. Heartbeat is the station's to send, Reset the CSMS's, DataTransfer either's. */
export type Initiator = "station" | "csms" | "either"

/** The side of a connection that a peer speaks for. */
export type Side = "station" | "csms"

/** The first rule of the official JSON schema that a payload breaks. `path` is a JSON pointer ("" is the payload). */
export interface Violation {
  readonly path: string
  readonly keyword:
    | "type"
    | "required"
    | "additionalProperties"
    | "enum"
    | "maxLength"
    | "minLength"
    | "maxItems"
    | "minItems"
    | "minimum"
    | "maximum"
    | "multipleOf"
    | "format"
  /** What the rule asks for: the missing or unknown property's name, the limit, the type, the allowed values. */
  readonly param: unknown
}

/** A generated, allocation-free check of one payload: undefined when it conforms. */
export type Validator = (payload: unknown) => Violation | undefined

/** One OCPP message pair: its name on the wire, who may send it, and both payload schemas with their fast checks. */
export interface Action<Name extends string, By extends Initiator, Request, Response> {
  readonly name: Name
  readonly initiator: By
  /** "send" is OCPP 2.1's unanswered message (type 6); its response is `Schema.Void` and never used. */
  readonly kind: "call" | "send"
  readonly request: Schema.Codec<Request, unknown>
  readonly response: Schema.Codec<Response, unknown>
  readonly checkRequest: Validator
  readonly checkResponse: Validator
}

// biome-ignore lint/suspicious/noExplicitAny: an action of unknown payloads; a codec is invariant, so unknown will not do
export type Any = Action<string, Initiator, any, any>
export type Request<A extends Any> = A["request"]["Type"]
export type Response<A extends Any> = A["response"]["Type"]

/** A dialect's actions, keyed by their own name. */
export type Registry = { readonly [Name in string]: Any }

/** The actions of `R` that `By` may send, so that the other side knows what it may be asked. */
export type SentBy<R extends Registry, By extends Side> = {
  readonly [Name in keyof R as R[Name]["initiator"] extends By | "either" ? Name : never]: R[Name]
}

/**
 * What the side opposite to `By` answers to the calls of `By`. Partial handlers are allowed on purpose: a known
 * action without one is answered NotSupported (1.6: NotImplemented), see `Peer`.
 */
export type Handlers<R extends Registry, By extends Side, Context, Env = never> = {
  readonly [Name in keyof SentBy<R, By>]?: (
    request: Request<R[Name & keyof R]>,
    context: Context
  ) => Effect.Effect<Response<R[Name & keyof R]>, CallError, Env>
}
