import { Schema } from "effect"
import type { Action, Any, Initiator, Validator } from "#core/ocpp/Action.ts"
import * as Dialect from "#core/ocpp/Dialect.ts"
import type { PeerDialect } from "#core/ocpp/Peer.ts"

const properties =
  (required: Readonly<Record<string, "string" | "number">>): Validator =>
  (payload) => {
    const record = payload as Record<string, unknown>
    for (const name in required) {
      if (!(name in record)) return { path: "", keyword: "required", param: name }
      if (typeof record[name] !== required[name]) return { path: `/${name}`, keyword: "type", param: required[name] }
    }
    for (const name in record) {
      if (!(name in required)) return { path: "", keyword: "additionalProperties", param: name }
    }
    return undefined
  }

type Payload = { readonly [name: string]: string | number }

const action = <const Name extends string>(
  name: Name,
  initiator: Initiator,
  request: Readonly<Record<string, "string" | "number">>,
  response: Readonly<Record<string, "string" | "number">>,
  kind: "call" | "send" = "call"
): Action<Name, Initiator, Payload, Payload> => {
  const any = Schema.Unknown as unknown as Schema.Codec<Payload, unknown>
  return {
    name,
    initiator,
    kind,
    request: any,
    response: any,
    checkRequest: properties(request),
    checkResponse: properties(response)
  }
}

/** Messages with as little in them as a test of the engine needs; the real ones are generated. */
export const actions = {
  Heartbeat: action("Heartbeat", "station", {}, { currentTime: "string" }),
  StartTransaction: action("StartTransaction", "station", { meterStart: "number" }, { transactionId: "number" }),
  MeterValues: action("MeterValues", "station", { value: "number" }, {}),
  Reset: action("Reset", "csms", { type: "string" }, { status: "string" }),
  GetLog: action("GetLog", "csms", { requestId: "number" }, { status: "string" }),
  Stream: action("Stream", "station", { id: "number" }, {}, "send")
}

const real = { "1.6": Dialect.v16, "2.0.1": Dialect.v201, "2.1": Dialect.v21 }

/** The codes of the real dialect, and these few messages. */
export const plainDialect = (version: PeerDialect["version"]): PeerDialect => ({
  ...real[version],
  actions: new Map<string, Any>(Object.entries(actions))
})
