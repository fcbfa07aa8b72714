import { Effect } from "effect"
import type { CallFailure } from "#core/ocpp/CallFailure.ts"
import type { Peer } from "#core/ocpp/Peer.ts"
import { actions } from "#core/ocpp/v16/generated/actions.ts"
import type { TriggerMessageRequest } from "#core/ocpp/v16/generated/schemas.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"
import type { Outcome, StationOperation } from "./Operation.ts"
import { answered, impossible } from "./outcomes.ts"
import { isPassword } from "./stationKeys.ts"

const triggers: ReadonlySet<string> = new Set<TriggerMessageRequest["requestedMessage"]>([
  "BootNotification",
  "DiagnosticsStatusNotification",
  "FirmwareStatusNotification",
  "Heartbeat",
  "MeterValues",
  "StatusNotification"
])

/** An operation as 1.6 says it (sections 5.1 to 5.18). `transaction` is the one that a Stop names. */
export const translate16 = (
  peer: Peer,
  operation: StationOperation,
  transaction: Transaction | undefined
): Effect.Effect<Outcome, CallFailure> => {
  switch (operation._tag) {
    case "Start":
      if (operation.tokenUid.length > 20) return impossible("an OCPP 1.6 idTag has at most 20 characters")
      return answered(
        peer.call(actions.RemoteStartTransaction, { connectorId: operation.evseId, idTag: operation.tokenUid })
      )
    case "Stop":
      return answered(peer.call(actions.RemoteStopTransaction, { transactionId: Number(transaction!.ocppId) }))
    case "Reset":
      if (operation.evseId !== null) return impossible("OCPP 1.6 resets the whole station only")
      return answered(peer.call(actions.Reset, { type: operation.when === "now" ? "Hard" : "Soft" }))
    case "Unlock":
      return answered(peer.call(actions.UnlockConnector, { connectorId: operation.evseId }))
    case "ChangeAvailability":
      return answered(
        peer.call(actions.ChangeAvailability, {
          connectorId: operation.evseId ?? 0,
          type: operation.available ? "Operative" : "Inoperative"
        })
      )
    case "Trigger":
      if (!triggers.has(operation.message)) return impossible(`OCPP 1.6 cannot be asked for ${operation.message}`)
      return answered(
        peer.call(actions.TriggerMessage, {
          requestedMessage: operation.message as TriggerMessageRequest["requestedMessage"],
          ...(operation.evseId !== null ? { connectorId: operation.evseId } : {})
        })
      )
    case "GetConfiguration":
      return getConfiguration(peer, operation.keys)
    case "SetConfiguration":
      return answered(peer.call(actions.ChangeConfiguration, { key: operation.key, value: operation.value }))
    case "ClearCache":
      return answered(peer.call(actions.ClearCache, {}))
  }
}

/** A station must not say its password, and some do: it is not shown (1.6 security whitepaper, AuthorizationKey). */
const getConfiguration = (peer: Peer, keys: ReadonlyArray<string>): Effect.Effect<Outcome, CallFailure> =>
  Effect.map(peer.call(actions.GetConfiguration, keys.length > 0 ? { key: keys } : {}), (response) => {
    const unknown = response.unknownKey ?? []
    return {
      _tag: "Answered",
      accepted: unknown.length === 0,
      status: unknown.length === 0 ? "Accepted" : "UnknownKey",
      detail: unknown.length === 0 ? null : `unknown: ${unknown.join(", ")}`,
      values: (response.configurationKey ?? []).map(({ key, value, readonly }) => ({
        key,
        value: isPassword(key) ? null : (value ?? null),
        readonly
      }))
    }
  })
