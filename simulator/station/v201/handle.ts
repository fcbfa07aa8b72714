import { Effect } from "effect"
import type { Any, Request, Response } from "#core/ocpp/Action.ts"
import type { CallError } from "#core/ocpp/CallError.ts"
import type { Dialect } from "#core/ocpp/Dialect.ts"
import type { Actions } from "#core/ocpp/v201/generated/actions.ts"
import type { TokenType } from "#core/token/Token.ts"
import type { Commands, TriggeredMessage } from "../Commands.ts"
import { pricing } from "../v21/handle.ts"
import { reportOf } from "./report.ts"
import { byId, components, idOf } from "./variables.ts"

/** What a 2.x station does about each CALL it obeys. */
type Obey = {
  readonly [Name in keyof Actions]?: (
    commands: Commands,
    request: Request<Actions[Name]>,
    dialect: Dialect
  ) => Response<Actions[Name]>
}

type GetResult = Response<Actions["GetVariables"]>["getVariableResult"][number]
type SetResult = Response<Actions["SetVariables"]>["setVariableResult"][number]

const getVariables = (
  { configuration }: Commands,
  { getVariableData }: Request<Actions["GetVariables"]>
): Response<Actions["GetVariables"]> => ({
  getVariableResult: getVariableData.map(({ component, variable, attributeType }): GetResult => {
    const what = { component, variable, ...(attributeType === undefined ? {} : { attributeType }) }
    const found = byId.get(idOf(component.name, variable.name, variable.instance))
    if (found === undefined) {
      const isKnown = components.has(component.name.toLowerCase())
      return { ...what, attributeStatus: isKnown ? "UnknownVariable" : "UnknownComponent" }
    }
    if (attributeType !== undefined && attributeType !== "Actual") {
      return { ...what, attributeStatus: "NotSupportedAttributeType" }
    }
    if (found.entry.access === "WriteOnly") return { ...what, attributeStatus: "Rejected" }
    return { ...what, attributeStatus: "Accepted", attributeValue: configuration.read(found.entry) }
  })
})

const setVariables = (
  { configuration }: Commands,
  { setVariableData }: Request<Actions["SetVariables"]>
): Response<Actions["SetVariables"]> => ({
  setVariableResult: setVariableData.map(({ component, variable, attributeType, attributeValue }): SetResult => {
    const what = { component, variable, ...(attributeType === undefined ? {} : { attributeType }) }
    const found = byId.get(idOf(component.name, variable.name, variable.instance))
    if (found === undefined) {
      const isKnown = components.has(component.name.toLowerCase())
      return { ...what, attributeStatus: isKnown ? "UnknownVariable" : "UnknownComponent" }
    }
    if (attributeType !== undefined && attributeType !== "Actual") {
      return { ...what, attributeStatus: "NotSupportedAttributeType" }
    }
    return { ...what, attributeStatus: configuration.write(found.entry, attributeValue) ? "Accepted" : "Rejected" }
  })
})

const triggers: Readonly<Record<string, TriggeredMessage>> = {
  BootNotification: "BootNotification",
  Heartbeat: "Heartbeat",
  MeterValues: "MeterValues",
  StatusNotification: "StatusNotification",
  TransactionEvent: "TransactionEvent"
}

const unlocked = { Unlocked: "Unlocked", Ongoing: "OngoingAuthorizedTransaction", Unknown: "UnknownConnector" } as const

const obey: Obey = {
  RequestStartTransaction: (commands, { idToken, evseId, remoteStartId }) => {
    const token = { uid: idToken.idToken, type: idToken.type as TokenType }
    const { accepted, transactionId } = commands.remoteStart({ token, evseId: evseId ?? null, remoteStartId })
    return {
      status: accepted ? "Accepted" : "Rejected",
      ...(transactionId === null ? {} : { transactionId })
    }
  },
  RequestStopTransaction: (commands, { transactionId }) => ({
    status: commands.remoteStop(transactionId) ? "Accepted" : "Rejected"
  }),
  // Resetting one EVSE alone is not what this hardware can do (2.0.1 B11.FR.09).
  Reset: (commands, { type, evseId }) => ({
    status: evseId === undefined ? commands.reset(type === "OnIdle" ? "onIdle" : "immediate") : "Rejected"
  }),
  UnlockConnector: (commands, { evseId, connectorId }) => ({
    status: commands.connectorIds(evseId).includes(connectorId)
      ? unlocked[commands.unlock(evseId, false)]
      : "UnknownConnector"
  }),
  ChangeAvailability: (commands, { evse, operationalStatus }) => ({
    status: commands.setAvailability(evse?.id ?? 0, operationalStatus === "Operative")
  }),
  TriggerMessage: (commands, { requestedMessage, evse }) => {
    const what = triggers[requestedMessage]
    if (what === undefined) return { status: "NotImplemented" }
    return { status: commands.trigger(what, evse?.id ?? null) ? "Accepted" : "Rejected" }
  },
  GetVariables: getVariables,
  SetVariables: setVariables,
  GetBaseReport: (commands, { requestId, reportBase }, dialect) => {
    if (reportBase === "SummaryInventory") return { status: "NotSupported" }
    commands.report(reportOf(dialect, commands, requestId, reportBase === "FullInventory"))
    return { status: "Accepted" }
  },
  ClearCache: (commands) => ({ status: commands.clearCache() ? "Accepted" : "Rejected" }),
  GetTransactionStatus: (commands, { transactionId }) => {
    const { ongoing, messagesInQueue } = commands.transactionStatus(transactionId ?? null)
    return { messagesInQueue, ...(ongoing === null ? {} : { ongoingIndicator: ongoing }) }
  },
  CostUpdated: ({ screen }, { transactionId, totalCost }) => {
    screen.show({ by: "CostUpdated", wireId: transactionId, amount: totalCost })
    return {}
  },
  DataTransfer: () => ({ status: "UnknownVendorId" })
}

type Handler = (commands: Commands, request: unknown, dialect: Dialect) => unknown

/** Obeys the CALLs of a CMS that speaks this dialect; undefined for what this station does not offer. */
export const handlerOf = (dialect: Dialect) => {
  const handlers = new Map<Any, Handler>()
  for (const [name, handler] of Object.entries(obey)) {
    const action = dialect.actions.get(name)
    if (action !== undefined) handlers.set(action, handler as Handler)
  }
  const ofPrices = new Map<Any, Handler>()
  for (const [name, handler] of dialect.version === "2.1" ? Object.entries(pricing) : [])
    ofPrices.set(dialect.actions.get(name)!, handler as Handler)
  return (commands: Commands, action: Any, payload: unknown): Effect.Effect<unknown, CallError> | undefined => {
    const handler = handlers.get(action) ?? (commands.screen.pricesItself ? ofPrices.get(action) : undefined)
    return handler === undefined ? undefined : Effect.succeed(handler(commands, payload, dialect))
  }
}
