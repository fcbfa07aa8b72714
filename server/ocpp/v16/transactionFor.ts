import { beginAtMs } from "#core/transaction/assess.ts"
import { canRise } from "#core/transaction/measure.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"
import type { Holdings } from "../../station/Holdings.ts"

/**
 * The wire id of the transaction that a reading belongs to. A station that has not seen our answer to its start says
 * -1 (1.6 errata 3.18), one in a hurry says nothing: then it is the one open on that connector, if there is exactly
 * one that had begun by then. Ids that are not this station's are not looked for elsewhere.
 */
export const transactionFor = (
  holdings: Holdings,
  transactionId: number | undefined,
  connectorId: number,
  atMs: number
): string | undefined => {
  if (transactionId !== undefined && transactionId > 0) return String(transactionId)
  const candidates = holdings.openAt(connectorId).filter((open) => beginAtMs(open) <= atMs)
  return candidates.length === 1 ? candidates[0]!.ocppId : undefined
}

/** Whether a transaction ended at another instant, or its connector was free, or another's, before that. */
const isOverBy = (transaction: Transaction | undefined, atMs: number): boolean => {
  if (transaction === undefined) return false
  const { ended, closed } = transaction
  if (ended !== null) return ended.atMs !== atMs
  return (closed?.why === "superseded" || closed?.why === "connector-free") && closed.atMs < atMs
}

/** Whether the stop's register can be this charge's: another EVSE's meter stands elsewhere. */
const isSameMeter = (
  { samples }: Transaction,
  { atMs, meterStopWh }: { readonly atMs: number; readonly meterStopWh: number }
): boolean => {
  const last = samples.findLast((sample) => sample.registerWh !== null && sample.atMs <= atMs)
  return last === undefined || canRise(meterStopWh - last.registerWh!, last.atMs, atMs)
}

/**
 * The same for a stop without an id, which names no connector either: the one open transaction that had begun by then
 * with a register that can have risen so far, on the same token where the stop carries one. Never a guess among several. So too for a
 * stop that names a transaction which has ended at another instant: firmware sends the id of its last one. A stop
 * without an id that says what one has ended with is that one's, come again.
 */
export const transactionForStop = (
  holdings: Holdings,
  stop: {
    readonly transactionId: number
    readonly atMs: number
    readonly meterStopWh: number
    readonly uid: string | null
  }
): string | undefined => {
  const named = stop.transactionId > 0 ? String(stop.transactionId) : undefined
  const known = named === undefined ? undefined : holdings.byOcppId(named)
  if (named !== undefined && !isOverBy(known, stop.atMs)) return named
  const again = named === undefined ? holdings.endedAt(stop.atMs, stop.meterStopWh) : undefined
  if (again !== undefined) return again
  const candidates = holdings.open().filter((open) => {
    const isSameToken = stop.uid === null || open.authorized === null || open.authorized.token.uid === stop.uid
    return beginAtMs(open) <= stop.atMs && isSameMeter(open, stop) && isSameToken
  })
  if (candidates.length === 1) return candidates[0]!.ocppId
  // One that ended is not changed by it; one that was closed would be, by another car's end.
  return known?.ended == null ? undefined : named
}
