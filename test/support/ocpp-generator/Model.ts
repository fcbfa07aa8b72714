/** What the official JSON schemas say, reduced to the fifteen keywords they use. Anything else stops the generator. */
export type Type =
  | { readonly kind: "string"; readonly maxLength?: number; readonly dateTime: boolean }
  | { readonly kind: "enum"; readonly values: readonly string[] }
  | {
      readonly kind: "number"
      readonly integer: boolean
      readonly minimum?: number
      readonly maximum?: number
      readonly multipleOf?: number
    }
  | { readonly kind: "boolean" }
  | { readonly kind: "unknown" }
  | { readonly kind: "array"; readonly items: Type; readonly minItems?: number; readonly maxItems?: number }
  | { readonly kind: "object"; readonly fields: readonly Field[]; readonly open: boolean }
  | { readonly kind: "ref"; readonly name: string }

export interface Field {
  readonly name: string
  readonly required: boolean
  readonly type: Type
}

export interface Message {
  readonly action: string
  readonly part: "request" | "response"
}

/** One OCPP version: every named type, dependencies before their users, and the messages among them. */
export interface Model {
  readonly types: ReadonlyMap<string, Type>
  readonly messages: readonly Message[]
}

/** The name of a message's payload type: `BootNotificationRequest`. */
export const payloadName = (action: string, part: Message["part"]): string =>
  `${action}${part === "request" ? "Request" : "Response"}`
