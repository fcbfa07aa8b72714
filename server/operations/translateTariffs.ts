import { Effect } from "effect"
import type { CallFailure } from "#core/ocpp/CallFailure.ts"
import type { Peer } from "#core/ocpp/Peer.ts"
import { actions } from "#core/ocpp/v21/generated/actions.ts"
import type { TariffType } from "#core/ocpp/v21/generated/schemas.ts"
import { exportTariff, type Loss } from "#core/tariff/formats/formats.ts"
import type { Tariff } from "#core/tariff/Tariff.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"
import type { Operation, Outcome, TariffOperation } from "./Operation.ts"
import { answered, impossible } from "./outcomes.ts"

/** Losses named when a tariff cannot be sent; the rest are of a kind. */
const lossesNamed = 5

export const isTariffOperation = (operation: Operation): operation is TariffOperation =>
  operation._tag === "SetDefaultTariff" ||
  operation._tag === "GetTariffs" ||
  operation._tag === "ClearTariffs" ||
  operation._tag === "ChangeTransactionTariff"

/**
 * Tariffs of a station that prices by itself (OCPP 2.1 part 2, block I). `tariff` is what is to be sent, undefined where
 * there is none. A tariff that OCPP 2.1 cannot say without changing a price or a tax is not sent: the station would show
 * another cost than the bill.
 */
export const translateTariffs = (
  version: Transaction["dialect"],
  peer: Peer,
  operation: TariffOperation,
  tariff: Tariff | undefined,
  transaction: Transaction | undefined
): Effect.Effect<Outcome, CallFailure> => {
  if (version !== "2.1")
    return impossible(`OCPP ${version} knows no ${operation._tag}: only stations of 2.1 price by themselves`)
  switch (operation._tag) {
    case "SetDefaultTariff":
      return sent(tariff, `no version of tariff ${operation.tariffId} holds now`, (wire) =>
        answered(peer.call(actions.SetDefaultTariff, { evseId: operation.evseId, tariff: wire }))
      )
    case "ChangeTransactionTariff":
      return sent(tariff, "the transaction has no tariff", (wire) =>
        answered(peer.call(actions.ChangeTransactionTariff, { transactionId: transaction!.ocppId, tariff: wire }))
      )
    case "GetTariffs":
      return getTariffs(peer, operation.evseId)
    case "ClearTariffs":
      return clearTariffs(peer, operation)
  }
}

const sent = (
  tariff: Tariff | undefined,
  why: string,
  send: (wire: TariffType) => Effect.Effect<Outcome, CallFailure>
): Effect.Effect<Outcome, CallFailure> => {
  if (tariff === undefined) return impossible(why)
  const { json, losses } = exportTariff(tariff, "ocpp-2.1")
  const dear = losses.filter(({ changes }) => changes === "price" || changes === "tax")
  return dear.length > 0 ? impossible(whyLost(tariff, dear)) : send(json as unknown as TariffType)
}

const whyLost = ({ id, version }: Tariff, losses: ReadonlyArray<Loss>): string => {
  const named = losses.slice(0, lossesNamed).map(({ path, sentence }) => `${path}: ${sentence}`)
  const more = losses.length - named.length
  const rest = more > 0 ? ` And ${more} more.` : ""
  return `OCPP 2.1 cannot say tariff ${id} v${version} at its price. ${named.join(" ")}${rest}`
}

const getTariffs = (peer: Peer, evseId: number): Effect.Effect<Outcome, CallFailure> =>
  Effect.map(peer.call(actions.GetTariffs, { evseId }), ({ status, tariffAssignments = [], statusInfo }) => ({
    _tag: "Answered",
    // None is an answer, too.
    accepted: status !== "Rejected",
    status,
    detail: statusInfo?.reasonCode ?? null,
    values: tariffAssignments.map(({ tariffId, tariffKind, evseIds = [], idTokens = [], validFrom }) => ({
      key: tariffId,
      value: [
        tariffKind,
        ...(evseIds.length > 0 ? [`EVSE ${evseIds.join(", ")}`] : []),
        ...(idTokens.length > 0 ? [`for ${idTokens.join(", ")}`] : []),
        ...(validFrom === undefined ? [] : [`from ${validFrom}`])
      ].join("; "),
      readonly: false
    }))
  }))

const clearTariffs = (
  peer: Peer,
  { evseId, tariffIds }: Extract<TariffOperation, { _tag: "ClearTariffs" }>
): Effect.Effect<Outcome, CallFailure> =>
  Effect.map(
    peer.call(actions.ClearTariffs, {
      ...(evseId === null ? {} : { evseId }),
      ...(tariffIds.length === 0 ? {} : { tariffIds })
    }),
    ({ clearTariffsResult }) => {
      const refused = clearTariffsResult.filter(({ status }) => status === "Rejected")
      return {
        _tag: "Answered",
        accepted: refused.length === 0,
        status: refused[0]?.status ?? clearTariffsResult[0]!.status,
        detail: refused.length === 0 ? null : refused.map(({ tariffId = "a tariff" }) => tariffId).join(", "),
        values: clearTariffsResult.map(({ tariffId = "", status }) => ({
          key: tariffId,
          value: status,
          readonly: false
        }))
      }
    }
  )
