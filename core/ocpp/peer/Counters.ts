/** What happened on one connection so far; plain numbers, because each is touched for every message. */
export interface Counters {
  callsReceived: number
  resultsSent: number
  errorsSent: number
  callsSent: number
  resultsReceived: number
  errorsReceived: number
  sendsReceived: number
  sendsSent: number
  /** CALLs of ours that brought no answer in time. */
  timeouts: number
  /** Results and errors that answer nothing we wait for: late, unknown or repeated. */
  unsolicited: number
  /** Texts that are no frame, and binary frames. */
  malformed: number
  /** Payloads of theirs that break their schema, forgiven ones included. */
  violationsReceived: number
  /** Payloads of ours that break their schema and were held back. */
  violationsHeldBack: number
  /** Handlers that died. */
  defects: number
  /** Repeated CALLs answered from memory. */
  replayed: number
  /** CALLs unanswered because the connection ended before their turn. */
  dropped: number
  /** Times reading was stopped because the inbox was full. */
  pauses: number
}

export const makeCounters = (): Counters => ({
  callsReceived: 0,
  resultsSent: 0,
  errorsSent: 0,
  callsSent: 0,
  resultsReceived: 0,
  errorsReceived: 0,
  sendsReceived: 0,
  sendsSent: 0,
  timeouts: 0,
  unsolicited: 0,
  malformed: 0,
  violationsReceived: 0,
  violationsHeldBack: 0,
  defects: 0,
  replayed: 0,
  dropped: 0,
  pauses: 0
})
