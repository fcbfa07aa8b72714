import type * as Wire from "#core/api/Operations.ts"
import * as Instant from "#core/Instant.ts"
import type { Operation, OperationRecord, Outcome } from "../operations/Operation.ts"
import { withoutSecret } from "../operations/stationKeys.ts"
import { limitOf, wireLimitOf } from "./limitViews.ts"

/** What a client asked for as the domain's operation; `tokenType` is the type of a token named without one. */
export const operationOf = (wire: typeof Wire.Operation.Type, tokenType: string): Operation => {
  switch (wire.type) {
    case "Start":
      return {
        _tag: "Start",
        evseId: wire.evseId,
        tokenUid: wire.tokenUid,
        tokenType: wire.tokenType ?? tokenType,
        ...(wire.limit === undefined ? {} : { limit: limitOf(wire.limit) })
      }
    case "Stop":
      return { _tag: "Stop", transactionId: wire.transactionId }
    case "Reset":
      return { _tag: "Reset", when: wire.when, evseId: wire.evseId ?? null }
    case "Unlock":
      return { _tag: "Unlock", evseId: wire.evseId, connectorId: wire.connectorId }
    case "ChangeAvailability": {
      const { evseId = null, connectorId = null, available } = wire
      return { _tag: "ChangeAvailability", evseId, connectorId, available }
    }
    case "Trigger":
      return {
        _tag: "Trigger",
        message: wire.message,
        evseId: wire.evseId ?? null,
        ...(wire.connectorId === undefined ? {} : { connectorId: wire.connectorId })
      }
    case "GetConfiguration":
      return { _tag: "GetConfiguration", keys: wire.keys ?? [] }
    case "SetConfiguration":
      return { _tag: "SetConfiguration", key: wire.key, value: wire.value }
    case "ClearCache":
      return { _tag: "ClearCache" }
    case "SetDefaultTariff":
      return { _tag: "SetDefaultTariff", evseId: wire.evseId ?? 0, tariffId: wire.tariffId }
    case "GetTariffs":
      return { _tag: "GetTariffs", evseId: wire.evseId ?? 0 }
    case "ClearTariffs":
      return { _tag: "ClearTariffs", evseId: wire.evseId ?? null, tariffIds: wire.tariffIds ?? [] }
    case "ChangeTransactionTariff":
      return { _tag: "ChangeTransactionTariff", transactionId: wire.transactionId }
  }
}

const operationView = ({ _tag, ...rest }: Operation) => {
  const limit = "limit" in rest && rest.limit !== undefined ? { limit: wireLimitOf(rest.limit) } : {}
  return { type: _tag, ...rest, ...limit } as typeof Wire.Operation.Type
}

const outcomeView = ({ _tag, ...rest }: Outcome) => ({ type: _tag, ...rest }) as typeof Wire.Outcome.Type

/** An operation and what became of it, as the contract shows it. */
export const operationRecordView = (record: OperationRecord): typeof Wire.OperationRecord.Type => {
  const asked = {
    id: record.id,
    stationId: record.stationId,
    operation: operationView(withoutSecret(record.operation)),
    requestedAt: Instant.format(record.requestedAtMs),
    queuedUntil: Instant.format(record.queuedUntilMs)
  }
  const { status, outcome, doneAtMs } = record
  if (status !== "Done") return { ...asked, status, outcome: null, doneAt: null }
  if (outcome === null || doneAtMs === null) throw new Error(`operation ${record.id} is done without an outcome`)
  return { ...asked, status, outcome: outcomeView(outcome), doneAt: Instant.format(doneAtMs) }
}
