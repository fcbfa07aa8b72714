import { Effect } from "effect"
import type { CallFailure } from "#core/ocpp/CallFailure.ts"
import type { Peer } from "#core/ocpp/Peer.ts"
import { actions } from "#core/ocpp/v201/generated/actions.ts"
import type { IdTokenType, MessageTriggerEnumType } from "#core/ocpp/v201/generated/schemas.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"
import type { Outcome, StationOperation } from "./Operation.ts"
import { answered, impossible } from "./outcomes.ts"
import { isPassword } from "./stationKeys.ts"

const triggers: ReadonlySet<string> = new Set<MessageTriggerEnumType>([
  "BootNotification",
  "FirmwareStatusNotification",
  "Heartbeat",
  "LogStatusNotification",
  "MeterValues",
  "StatusNotification",
  "TransactionEvent"
])

/**
 * An operation as 2.0.1 and 2.1 say it: these messages are the same in both. `requestId` is fresh for this station,
 * `transaction` the one that a Stop names.
 */
export const translate2x = (
  peer: Peer,
  operation: StationOperation,
  transaction: Transaction | undefined,
  requestId: number
): Effect.Effect<Outcome, CallFailure> => {
  switch (operation._tag) {
    case "Start":
      if (operation.tokenUid.length > 36) return impossible("an OCPP 2.x idToken has at most 36 characters")
      return answered(
        peer.call(actions.RequestStartTransaction, {
          evseId: operation.evseId,
          remoteStartId: requestId,
          idToken: { idToken: operation.tokenUid, type: operation.tokenType as IdTokenType["type"] }
        })
      )
    case "Stop":
      return answered(peer.call(actions.RequestStopTransaction, { transactionId: transaction!.ocppId }))
    case "Reset":
      return answered(
        peer.call(actions.Reset, {
          type: operation.when === "now" ? "Immediate" : "OnIdle",
          ...(operation.evseId !== null ? { evseId: operation.evseId } : {})
        })
      )
    case "Unlock":
      return answered(
        peer.call(actions.UnlockConnector, { evseId: operation.evseId, connectorId: operation.connectorId })
      )
    case "ChangeAvailability":
      return answered(
        peer.call(actions.ChangeAvailability, {
          operationalStatus: operation.available ? "Operative" : "Inoperative",
          ...(operation.evseId !== null ? { evse: evseOf(operation.evseId, operation.connectorId) } : {})
        })
      )
    case "Trigger":
      if (!triggers.has(operation.message)) return impossible(`OCPP 2.x cannot be asked for ${operation.message}`)
      return answered(
        peer.call(actions.TriggerMessage, {
          requestedMessage: operation.message as MessageTriggerEnumType,
          ...(operation.evseId !== null ? { evse: triggered(operation.evseId, operation) } : {})
        })
      )
    case "GetConfiguration":
      return operation.keys.length === 0
        ? answered(peer.call(actions.GetBaseReport, { requestId, reportBase: "FullInventory" }))
        : getVariables(peer, operation.keys)
    case "SetConfiguration":
      return setVariable(peer, operation.key, operation.value)
    case "ClearCache":
      return answered(peer.call(actions.ClearCache, {}))
  }
}

/** A status is asked of one connector (2.0.1 F06): the first, unless another is named. */
const triggered = (id: number, { message, connectorId }: Extract<StationOperation, { _tag: "Trigger" }>) =>
  evseOf(id, connectorId ?? (message === "StatusNotification" ? 1 : null))

const evseOf = (id: number, connectorId: number | null) => (connectorId === null ? { id } : { id, connectorId })

/** `Component.Variable`; a variable's name may hold dots, a component's does not. */
const nameOf = (key: string) => {
  const dot = key.indexOf(".")
  if (dot <= 0 || dot === key.length - 1) return undefined
  return { component: { name: key.slice(0, dot) }, variable: { name: key.slice(dot + 1) } }
}

const needsName = "OCPP 2.x names a setting Component.Variable, such as OCPPCommCtrlr.HeartbeatInterval"

const getVariables = (peer: Peer, keys: ReadonlyArray<string>): Effect.Effect<Outcome, CallFailure> => {
  const names = keys.map(nameOf)
  if (names.includes(undefined)) return impossible(needsName)
  const getVariableData = names.filter((name) => name !== undefined)
  return Effect.map(peer.call(actions.GetVariables, { getVariableData }), ({ getVariableResult }) => {
    const refused = getVariableResult.filter(({ attributeStatus }) => attributeStatus !== "Accepted")
    return {
      _tag: "Answered",
      accepted: refused.length === 0,
      status: refused[0]?.attributeStatus ?? "Accepted",
      detail:
        refused.length === 0
          ? null
          : refused.map((one) => `${one.component.name}.${one.variable.name}: ${one.attributeStatus}`).join(", "),
      values: getVariableResult
        .filter(({ attributeStatus }) => attributeStatus === "Accepted")
        .map((one) => {
          const key = `${one.component.name}.${one.variable.name}`
          return { key, value: isPassword(key) ? null : (one.attributeValue ?? null), readonly: false }
        })
    }
  })
}

const setVariable = (peer: Peer, key: string, value: string): Effect.Effect<Outcome, CallFailure> => {
  const name = nameOf(key)
  if (name === undefined) return impossible(needsName)
  return Effect.map(
    peer.call(actions.SetVariables, { setVariableData: [{ ...name, attributeValue: value }] }),
    ({ setVariableResult }) => {
      const { attributeStatus, attributeStatusInfo } = setVariableResult[0]!
      return {
        _tag: "Answered",
        accepted: attributeStatus === "Accepted" || attributeStatus === "RebootRequired",
        status: attributeStatus,
        detail: attributeStatusInfo?.reasonCode ?? null,
        values: []
      }
    }
  )
}
