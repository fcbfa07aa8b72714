import type { EvseHost } from "./EvseHost.ts"
import type { Phase } from "./Phase.ts"
import type { Transaction } from "./Transaction.ts"
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
  if (reading !== null && tellsReadingFirst) host.post(reading)
  host.post(host.voice.started(transaction, phase, trigger, !host.isOnline()))
  if (statusAtStart === "afterStart") reportStatus()
  if (reading !== null && !tellsReadingFirst) host.post(reading)
}

/** Tells the CMS that a transaction has ended. */
export const tellEnd = (host: EvseHost, transaction: Transaction, ending: Omit<Ending, "offline">): void =>
  host.post(host.voice.ended(transaction, { ...ending, offline: !host.isOnline() }, host.habits.sendsTransactionData))
