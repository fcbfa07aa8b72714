import { Effect } from "effect"
import * as Instant from "#core/Instant.ts"
import type { CallError } from "#core/ocpp/CallError.ts"
import type { Sample } from "#core/transaction/Sample.ts"
import { type SampledValue, toSample } from "../meterValues.ts"
import { isPlace, misplaced, type Session } from "../Session.ts"

export interface MeterValue {
  readonly timestamp: string
  readonly sampledValue: ReadonlyArray<SampledValue>
}

/** Readings as samples by their own timestamps. */
export const samplesOf = (
  values: ReadonlyArray<MeterValue>,
  nowMs: number,
  seqNo: number | null
): ReadonlyArray<Sample> =>
  values.map((value) => toSample(Instant.parse(value.timestamp) ?? nowMs, value.sampledValue, seqNo))

/**
 * MeterValues (2.x J01): readings outside transactions; those of a transaction travel in TransactionEvent. Only the
 * register is remembered, as the baseline of the next start.
 */
export const meterValues = (
  request: { readonly evseId: number; readonly meterValue: ReadonlyArray<MeterValue> },
  session: Session
): Effect.Effect<Record<string, never>, CallError> => {
  if (!isPlace(request.evseId)) return misplaced
  const nowMs = session.nowMs()
  for (const { registerWh, atMs } of samplesOf(request.meterValue, nowMs, null)) {
    if (registerWh !== null) session.owner.holdings.putRegister(request.evseId, registerWh, atMs)
  }
  return Effect.succeed({})
}
