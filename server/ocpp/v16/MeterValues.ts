import { Effect } from "effect"
import * as Instant from "#core/Instant.ts"
import type { CallError } from "#core/ocpp/CallError.ts"
import type { MeterValue, MeterValuesRequest, MeterValuesResponse } from "#core/ocpp/v16/generated/schemas.ts"
import type { Sample } from "#core/transaction/Sample.ts"
import { flatMapEager } from "../../station/eager.ts"
import type { StationOwner } from "../../station/StationOwner.ts"
import type { TransactionMessage } from "../../station/TransactionMessage.ts"
import { toSample } from "../meterValues.ts"
import { committed, isPlace, misplaced, type Session } from "../Session.ts"
import { recalled, transactionFor } from "./transactionFor.ts"

/** Readings as samples by their own timestamps. */
export const samplesOf = (values: ReadonlyArray<MeterValue>, nowMs: number): ReadonlyArray<Sample> =>
  values.map((value) => toSample(Instant.parse(value.timestamp) ?? nowMs, value.sampledValue, null))

/**
 * MeterValues (1.6 section 4.7): kept before they are answered. Readings of no transaction are the station's idle
 * meter: only the register is remembered, as the baseline of the next start.
 */
export const meterValues = (
  request: MeterValuesRequest,
  session: Session
): Effect.Effect<MeterValuesResponse, CallError> => {
  // By their names: the request itself must not be held for as long as its answer takes.
  const { connectorId, transactionId } = request
  if (!isPlace(connectorId)) return misplaced
  const nowMs = session.nowMs()
  const samples = samplesOf(request.meterValue, nowMs)
  const { owner } = session
  const first = samples[0] ?? { atMs: nowMs, registerWh: null }
  return flatMapEager(recalled(owner, transactionId), (named) => {
    const transaction = transactionFor(owner.holdings, named, { connectorId, transactionId }, first)
    if (transaction === undefined) {
      putRegisters(owner, connectorId, samples)
      return Effect.succeed({})
    }
    const report = owner.message(readingOf(transaction, connectorId, samples, first.atMs, nowMs))
    return committed(session, report, (reported) => {
      if (reported.transaction === null) putRegisters(owner, connectorId, samples)
      return {}
    })
  })
}

const readingOf = (
  ocppId: string,
  evseId: number,
  samples: ReadonlyArray<Sample>,
  atMs: number,
  receivedAtMs: number
): TransactionMessage => ({
  kind: "Updated",
  ocppId,
  startKey: null,
  unknown: "ignore",
  evseId,
  connectorId: 1,
  atMs,
  receivedAtMs,
  seqNo: null,
  offline: false,
  presented: null,
  stops: false,
  samples,
  state: null,
  reason: null,
  remoteStartId: null,
  reservationId: null
})

const putRegisters = ({ holdings }: StationOwner, evseId: number, samples: ReadonlyArray<Sample>): void => {
  for (const { registerWh, atMs } of samples) if (registerWh !== null) holdings.putRegister(evseId, registerWh, atMs)
}
