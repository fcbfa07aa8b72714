import type { Initiator } from "#core/ocpp/Action.ts"
import { type Model, payloadName } from "./Model.ts"

/** The typed registry of one version: one entry per action, in alphabetical order. */
export const writeActions = (
  model: Model,
  initiators: ReadonlyMap<string, Initiator>,
  sends: ReadonlySet<string>
): string => {
  const actions = [...new Set(model.messages.map((message) => message.action))].sort()
  const unplaced = actions.filter((action) => !initiators.has(action))
  const unknown = [...initiators.keys()].filter((action) => !actions.includes(action))
  if (unplaced.length + unknown.length > 0) throw new Error(`initiators: missing ${unplaced}, unknown ${unknown}`)
  const types: string[] = []
  const values: string[] = []
  const send = actions.some((action) => sends.has(action))
  for (const action of actions) {
    const initiator = initiators.get(action)
    const request = payloadName(action, "request")
    const response = payloadName(action, "response")
    const unanswered = sends.has(action)
    if (unanswered === model.types.has(response)) throw new Error(`${action}: response and kind disagree`)
    const responseType = unanswered ? "void" : `schema.${response}`
    types.push(`  readonly ${action}: Action<"${action}", "${initiator}", schema.${request}, ${responseType}>`)
    values.push(
      `  ${action}: {`,
      `    name: "${action}",`,
      `    initiator: "${initiator}",`,
      `    kind: "${unanswered ? "send" : "call"}",`,
      `    request: schema.${request},`,
      `    response: ${unanswered ? "Schema.Void" : `schema.${response}`},`,
      `    checkRequest: check.${request},`,
      `    checkResponse: ${unanswered ? "nothing" : `check.${response}`}`,
      "  },"
    )
  }
  return [
    ...(send ? [`import { Schema } from "effect"`] : []),
    `import type { Action } from "../../Action.ts"`,
    ...(send ? [`import { nothing } from "../../Wire.ts"`] : []),
    `import * as schema from "./schemas.ts"`,
    `import * as check from "./validators.ts"`,
    "",
    "export type Actions = {",
    ...types,
    "}",
    "",
    "export const actions: Actions = {",
    ...values.slice(0, -1),
    "  }",
    "}",
    ""
  ].join("\n")
}
