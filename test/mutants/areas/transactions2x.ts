import type { Mutant } from "../Mutant.ts"

const area = "transactions 2.x"
const event = "server/ocpp/v2x/TransactionEvent.ts"
const transaction = "core/transaction/Transaction.ts"
const decide = "core/transaction/decide.ts"

/** TransactionEvent, sequence numbers, and what comes late, twice or never. */
export const transactions2x: ReadonlyArray<Mutant> = [
  {
    id: "late-events-dropped",
    area,
    why: "An event with a lower seqNo than one already seen is taken for old news and dropped.",
    file: decide,
    find: "const isNumberTaken = seqNo !== null && hasSeqNo(transaction.seqNos, seqNo)",
    replace:
      "const isNumberTaken = seqNo !== null && hasSeqNo(transaction.seqNos, seqNo)\n  if (seqNo !== null && transaction.seqNos.some((known) => known > seqNo)) return []"
  },
  {
    id: "ended-without-started",
    area,
    why: "An Ended of a transaction that nobody knows is acknowledged and dropped: seen where Started was lost.",
    file: event,
    find: 'unknown: "begin",',
    replace: 'unknown: eventType === "Ended" ? "ignore" : "begin",'
  },
  {
    id: "events-before-started",
    area,
    why: "Events that come before their Started are dropped: a system held them in memory for 30 s at most.",
    file: event,
    find: 'unknown: "begin",',
    replace: 'unknown: eventType === "Started" ? "begin" : "ignore",'
  },
  {
    id: "offline-replay-dropped",
    area,
    why: "Events flagged offline are acknowledged and passed over, so offline charges are never billed.",
    file: event,
    find: 'unknown: "begin",',
    replace: 'unknown: request.offline === true ? "ignore" : "begin",'
  },
  {
    id: "late-started-passed-over",
    area,
    why: "A Started that comes after what followed it is passed over: the transaction exists already.",
    file: decide,
    find: 'if (report.kind === "Started" && transaction.started === null) {',
    replace: 'if (report.kind === "Started" && transaction.factCount === 0) {'
  },
  {
    id: "late-reading-reopens",
    area,
    why: "A late Updated after Ended re-opens the transaction: seen turning 10 kWh into 5.",
    file: transaction,
    find: "        samples: mergeSamples(transaction.samples, fact.samples),",
    replace: "        ended: null,\n        samples: mergeSamples(transaction.samples, fact.samples),"
  },
  {
    id: "last-end-wins",
    area,
    why: "A second end moves the first: a station that repeats its stop with the time of sending lengthens the charge.",
    file: decide,
    find: 'if (report.kind === "Ended" && transaction.ended === null) {',
    replace: 'if (report.kind === "Ended") {'
  },
  {
    id: "card-in-update-stops",
    area,
    why: "A card in an Updated is taken for a stop, so a transaction that began with the plug is never anybody's.",
    file: event,
    find: 'stops: eventType === "Ended" || request.triggerReason === "StopAuthorized",',
    replace: 'stops: eventType !== "Started",'
  },
  {
    id: "stop-by-card-as-owner",
    area,
    why: "The card that stops becomes the card that pays, where the start carried none or came later.",
    file: event,
    find: 'stops: eventType === "Ended" || request.triggerReason === "StopAuthorized",',
    replace: "stops: false,"
  },
  {
    id: "evse-2-is-1",
    area,
    why: "Every event is booked on EVSE 1: the station's other EVSE has no charges, and its cars end each other's.",
    file: event,
    find: "evseId: request.evse?.id ?? 0,",
    replace: "evseId: 1,"
  },
  {
    id: "state-only-when-it-changes",
    area,
    why: "chargingState is read only where triggerReason is ChargingStateChanged; the states in Started and others are lost.",
    file: event,
    find: "state: transactionInfo.chargingState ?? null,",
    replace: 'state: request.triggerReason === "ChargingStateChanged" ? (transactionInfo.chargingState ?? null) : null,'
  },
  {
    id: "event-by-arrival",
    area,
    why: "Events are timed by their arrival, so a replayed session lasts as long as its replay.",
    file: event,
    find: "atMs: believed(request.timestamp, nowMs),",
    replace: "atMs: nowMs,"
  },
  {
    id: "begin-reading-dropped",
    area,
    why: "meterValue of Started is not read: energy counts from the first periodic reading.",
    file: event,
    find: "samples: samplesOf(request.meterValue ?? [], nowMs, seqNo),",
    replace: 'samples: eventType === "Started" ? [] : samplesOf(request.meterValue ?? [], nowMs, seqNo),'
  },
  {
    id: "states-of-one-instant",
    area,
    why: "States of one second are put in the order of their names, so a pause of no length lasts to the end: found here.",
    file: transaction,
    find: "merged.sort((a, b) => a.atMs - b.atMs || (a.seqNo ?? 0) - (b.seqNo ?? 0))",
    replace: "merged.sort((a, b) => a.atMs - b.atMs || (a.state < b.state ? -1 : 1))"
  },
  {
    id: "gap-is-complete",
    area,
    why: "A transaction with missing messages is settled at once: numbers are not looked at, only start and end.",
    file: transaction,
    find: "return hasAllOf(seqNos, Math.min(started.seqNo, ended.seqNo), Math.max(started.seqNo, ended.seqNo))",
    replace: "return seqNos.length > 0"
  }
]
