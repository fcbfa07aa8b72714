import { noteReading, noteState } from "./bookkeeping.ts"
import type { EvseHost } from "./EvseHost.ts"
import type { Message } from "./Outbox.ts"
import { chargingState, type Phase } from "./Phase.ts"
import type { Said } from "./Screen.ts"
import type { Reading, Transaction } from "./Transaction.ts"
import type { Ending, Trigger } from "./Voice.ts"

/** Tells the CMS that a transaction has begun, with what goes with it in the order of the firmware's habits. */
export const tellStart = (
  host: EvseHost,
  transaction: Transaction,
  { phase, trigger, reportStatus }: { readonly phase: Phase; readonly trigger: Trigger; reportStatus(): void }
): void => {
  const { sendsBeginReading, tellsReadingFirst, statusAtStart } = host.habits
  const reading = sendsBeginReading ? host.voice.beginReading(transaction) : null
  if (statusAtStart === "beforeStart") reportStatus()
  const beginning = { readings: [transaction.begin], state: null }
  if (reading !== null && tellsReadingFirst) post(host, transaction, reading, beginning)
  const state = host.voice.dialect.version === "1.6" ? null : chargingState(phase)
  post(host, transaction, host.voice.started(transaction, phase, trigger, !host.isOnline()), { ...beginning, state })
  if (statusAtStart === "afterStart") reportStatus()
  if (reading !== null && !tellsReadingFirst) post(host, transaction, reading, beginning)
}

/** Posts a message about a transaction, and keeps what it says of where the charge stands. */
const post = (host: EvseHost, transaction: Transaction, message: Message, said: Said): void => {
  host.screen.tell(transaction, message, said)
  host.post(message)
}

/** Tells a reading, at once or with the next ones, as the firmware's habit is; `now` does not wait for those. */
export const tellSample = (
  host: EvseHost,
  transaction: Transaction,
  sample: { readonly reading: Reading; readonly phase: Phase },
  now: boolean
): void => {
  // Where no context is told, two readings of one instant would be one and the same.
  if (host.habits.manner.optionals === "leftOut" && transaction.kept.atMs === sample.reading.atMs) return
  noteReading(transaction, sample.reading, true)
  const { untold } = transaction
  if (untold.length === 0 && (now || host.habits.readingsPerMessage <= 1)) {
    tellReadings(host, transaction, [sample.reading], sample.phase)
    return
  }
  transaction.untold = [...untold, sample]
  if (now || transaction.untold.length >= host.habits.readingsPerMessage) tellUntold(host, transaction)
}

/** Tells the readings that were gathered: before all else that is told of their transaction. */
const tellUntold = (host: EvseHost, transaction: Transaction): void => {
  const { untold } = transaction
  const last = untold.at(-1)
  if (last === undefined) return
  transaction.untold = []
  const readings = untold.map(({ reading }) => reading)
  tellReadings(host, transaction, readings, last.phase)
}

const tellReadings = (
  host: EvseHost,
  transaction: Transaction,
  readings: ReadonlyArray<Reading>,
  phase: Phase
): void => {
  const state = host.voice.dialect.version === "1.6" ? null : chargingState(phase)
  post(host, transaction, host.voice.sampled(transaction, phase, readings, !host.isOnline()), { readings, state })
}

/** Tells what has changed on a running transaction, in the words of `say`; null where the dialect has none for it. */
export const tellChange = (
  host: EvseHost,
  transaction: Transaction,
  { reading, phase }: { readonly reading: Reading; readonly phase: Phase },
  say: () => Message | null
): void => {
  tellUntold(host, transaction)
  const message = say()
  noteReading(transaction, reading, message !== null)
  noteState(transaction, reading.atMs, chargingState(phase))
  if (message !== null) post(host, transaction, message, { readings: [reading], state: chargingState(phase) })
}

/** Tells the CMS that a transaction has ended. */
export const tellEnd = (host: EvseHost, transaction: Transaction, ending: Omit<Ending, "offline" | "cost">): void => {
  tellUntold(host, transaction)
  const told = { ...ending, cost: host.screen.end(transaction, ending.reading), offline: !host.isOnline() }
  host.post(host.voice.ended(transaction, told, host.habits.sendsTransactionData))
}
