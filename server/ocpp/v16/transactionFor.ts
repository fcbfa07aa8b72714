import { Effect } from "effect"
import { beginAtMs } from "#core/transaction/assess.ts"
import { canRise } from "#core/transaction/measure.ts"
import type { Sample } from "#core/transaction/Sample.ts"
import type { KnownState, Transaction } from "#core/transaction/Transaction.ts"
import type { Holdings } from "../../station/Holdings.ts"
import { type Stopper, stopsRightly } from "../../station/Judgement.ts"
import type { StationOwner } from "../../station/StationOwner.ts"

/**
 * The wire id of the transaction that a reading belongs to: the one that it names, unless that ran at another connector, whose
 * meter is another. A station that has not seen our answer to its start says -1 (1.6 errata 3.18), one in a hurry says
 * nothing, and some firmware an id that this station was never given: then it is the one open on that connector, if there
 * is exactly one that had begun by then. `named` is what the books have of this station under the id, at hand or not. Who
 * says nothing of what he reads behind a boot has lost the charge that had begun before it: one that remembers it knows its
 * id. Who makes one up for a charge that stands behind another, by what its connector said, has not learnt that of the
 * second: see `isFollowed` and `isForgotten`. What was read before the boot and told behind it is that charge's, also of a
 * station that never says an id. Where none is open it may be of one whose place was free only for a clock that was set
 * back since: see `isTakenForOver`.
 */
export const transactionFor = (
  holdings: Holdings,
  named: Transaction | undefined,
  { connectorId, transactionId }: { readonly connectorId: number; readonly transactionId: number | undefined },
  { atMs, registerWh }: Pick<Sample, "atMs" | "registerWh">
): string | undefined => {
  if (named !== undefined && isFrom(named, connectorId)) return named.ocppId
  const isAnothers = (open: Transaction) =>
    transactionId === undefined ? isLost(open, holdings, atMs) : isPast(open, holdings, atMs)
  const candidates = holdings
    .running()
    .filter((it) => it.evseId === connectorId && connectorId !== 0 && beginAtMs(it) <= atMs && !isAnothers(it))
  if (candidates.length > 0) return candidates.length === 1 ? candidates[0]!.ocppId : undefined
  return holdings.all().findLast((it) => it.evseId === connectorId && isTakenForOver(it, atMs, registerWh))?.ocppId
}

/**
 * Whether a reading is of a charge that was closed as it began, because its connector had been free since: by a clock that was
 * set back meanwhile, for it goes on. An idle meter does not rise.
 */
const isTakenForOver = (transaction: Transaction, atMs: number, registerWh: number | null): boolean => {
  const last = transaction.samples.findLast((sample) => sample.registerWh !== null)
  if (!isClosedByGuess(transaction) || transaction.closed?.why !== "connector-free") return false
  if (transaction.settled !== null || last === undefined || registerWh === null) return false
  const roseWh = registerWh - last.registerWh!
  return atMs > last.atMs && roseWh > 0 && canRise(roseWh, last.atMs, atMs)
}

/** Whether its connector was known to be free, or another's, ahead of its start. */
const isClosedByGuess = ({ started, ended, closed }: Transaction): boolean =>
  ended === null && closed !== null && closed.receivedAtMs === started?.receivedAtMs

/** A charge of which no state was told is taken to charge, once its connector has had time to tell what it was before. */
const drawsAfterMs = 60_000

/**
 * Whether another charge, of whose start nothing is known, had begun at its connector by then: that had charged, was said to be
 * without a charge (Preparing, Finishing), and charged again, which no transaction does (1.6 section 4.9, from C and F). A pause
 * is told as Suspended.
 */
const isFollowed = (transaction: Transaction, atMs: number): boolean => {
  const { states } = transaction
  const drewAtMs = Math.min(states.find(isDrawing)?.atMs ?? Infinity, beginAtMs(transaction) + drawsAfterMs)
  const stood = states.findIndex((it) => it.atMs > drewAtMs && !isDrawing(it))
  const again = states.find((it, index) => stood >= 0 && index > stood && isDrawing(it))
  return again !== undefined && again.atMs <= atMs
}

/** What a station says of a connector so long behind a boot is what it found there. */
const foundWithinMs = 60_000

/**
 * Whether its station restarted without it before that, and said so: it found its connector without a charge, at which it
 * goes on with none.
 */
const isForgotten = (transaction: Transaction, holdings: Holdings, atMs: number): boolean => {
  const { boot } = holdings
  if (boot === null || !isLost(transaction, holdings, atMs)) return false
  const fromMs = secondOf(boot.atMs)
  return transaction.states.some(
    (it) => !isDrawing(it) && it.atMs >= fromMs && it.atMs <= boot.atMs + foundWithinMs && it.atMs < atMs
  )
}

/** Whether what is told then without its id is of a charge behind it. */
const isPast = (transaction: Transaction, holdings: Holdings, atMs: number): boolean =>
  isFollowed(transaction, atMs) || isForgotten(transaction, holdings, atMs)

const isDrawing = ({ state }: KnownState): boolean => state !== "EVConnected"

/** Whether its start had been heard when the station booted last, and the reading is of after that: stations tell whole seconds. */
const isLost = ({ started }: Transaction, { boot }: Holdings, atMs: number): boolean =>
  started !== null && boot !== null && started.receivedAtMs < boot.atMs && atMs >= secondOf(boot.atMs)

const secondOf = (atMs: number): number => Math.floor(atMs / 1000) * 1000

/**
 * What the books have of this station under the id that a message names; none of an id that a station makes up for want of one.
 * A long charge leaves memory when it is settled, and firmware that sends its last id names one that is over.
 */
export const recalled = (
  owner: StationOwner,
  transactionId: number | undefined
): Effect.Effect<Transaction | undefined> =>
  transactionId !== undefined && transactionId > 0 ? owner.recall(String(transactionId)) : nobody

const nobody = Effect.succeed(undefined)

/** Whether a reading of that connector can be the transaction's; connector 0 is the meter of the whole station. */
const isFrom = ({ evseId }: Transaction, connectorId: number): boolean =>
  connectorId === 0 || evseId === 0 || evseId === connectorId

/**
 * Whether a transaction ended at another instant, or its connector was free, or another's, before that. That it was
 * is no more than a guess where it was known ahead of the start, which a clock may have dated back: then the stop is its own.
 */
const isOverBy = (transaction: Transaction, atMs: number): boolean => {
  const { ended, closed } = transaction
  if (ended !== null) return ended.atMs !== atMs
  if (isClosedByGuess(transaction)) return false
  return (closed?.why === "superseded" || closed?.why === "connector-free") && closed.atMs < atMs
}

/** Whether it was closed for want of an end, because another began behind that instant. */
const isSupersededSince = ({ ended, closed }: Transaction, atMs: number): boolean =>
  ended === null && closed?.why === "superseded" && atMs <= closed.atMs

/** Whether it may be the end of a transaction whose connector was found free meanwhile, told by a clock that was never set. */
const isUndatedEndOf = (named: Transaction, stop: Parameters<typeof transactionForStop>[1]): boolean =>
  !stop.isDated && named.ended === null && named.closed?.why === "connector-free" && isSameMeter(named, stop)

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
 * with a register that can have risen so far, on the same token or one of its group where the stop carries one; where
 * there is none, the one that another superseded since. Never a guess among several. So too for a stop that names a
 * transaction which has ended at another instant, because firmware sends the id of its last one, or an id that this
 * station was never given. What says what one has ended with is that one's, come again.
 */
export const transactionForStop = (
  holdings: Holdings,
  stop: {
    readonly atMs: number
    readonly meterStopWh: number
    /** Whose token stops it; null where none was shown. */
    readonly stopper: Stopper | null
    /** By its own clock; else its instant is that of receipt, and says nothing of what came before. */
    readonly isDated: boolean
  },
  /** What the books have of this station under the id, at hand or not. */
  named: Transaction | undefined
): string | undefined => {
  if (named !== undefined && (!isOverBy(named, stop.atMs) || isUndatedEndOf(named, stop))) return named.ocppId
  const again = holdings.endedAt(stop.atMs, stop.meterStopWh)
  if (again !== undefined) return again
  const fitting = (all: ReadonlyArray<Transaction>) =>
    all.filter((it) => {
      const isRightful = stop.stopper === null || stopsRightly(it, stop.stopper)
      return beginAtMs(it) <= stop.atMs && isSameMeter(it, stop) && isRightful && !isPast(it, holdings, stop.atMs)
    })
  const open = fitting(holdings.running())
  // A station that tells its newest first has told the next start ahead of this end.
  const candidates = open.length > 0 ? open : fitting(holdings.all().filter((it) => isSupersededSince(it, stop.atMs)))
  if (candidates.length === 1) return candidates[0]!.ocppId
  // One that ended is not changed by it; one that was closed would be, by another car's end.
  return named?.ended == null ? undefined : named.ocppId
}
