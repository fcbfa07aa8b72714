import { type Manner, plainManner } from "./Manner.ts"

/** How a firmware behaves where specifications leave it a choice, or where it breaks them. */
export interface Habits {
  /** A repeated CALL carries the same message id as the first, or a new one (OCPP-J 2.1 section 4.1.4 allows both). */
  readonly retryMessageId: "same" | "new"
  /** Gives a transaction message up after TransactionMessageAttempts, as 1.6 section 3.7.1 allows. Loses money. */
  readonly dropsAfterAttempts: boolean
  /**
   * What it writes in a 1.6 MeterValues or StopTransaction of a transaction whose id it never learnt, because its
   * start was given up: it says nothing either, or -1 (1.6 errata 3.18).
   */
  readonly unknownTransactionId: "silent" | "minusOne"
  /** 1.6: whether a MeterValues names its transaction, which it need not (1.6 section 6.31). */
  readonly namesTransaction: boolean
  /** How it writes what it says. */
  readonly manner: Manner
  /** What becomes of a running transaction after a power cut, when the station has a memory. */
  readonly afterPowerCut: "end" | "resume"
  /** What its memory holds of a running transaction: the very instant of the cut, or the last reading kept. */
  readonly persists: "atPowerLoss" | "lastReading"
  /** Calls in a row without an answer after which it believes the connection dead and dials again. */
  readonly timeoutsBeforeReconnect: number
  readonly callTimeoutMs: number
  /** From power or reset until it dials. */
  readonly bootMs: number
  /** How far its clock is ahead of the true time. */
  readonly clockSkewMs: number
  /** Messages its memory holds; when full, readings are dropped, starts, ends and states never. */
  readonly outboxLimit: number
  /**
   * Which reading a full memory gives up: the one that comes, the one that has waited longest, or every second one that
   * waits (2.0.1 part 2, use case E04, lets intermediate messages go first and keeps the picture even).
   */
  readonly whenFull: "newestReading" | "oldestReading" | "everySecondReading"
  /** With no room for the messages of one more transaction it lets nobody begin until it has told what it holds. */
  readonly refusesWhenFull: boolean
  /** Its clock counts in steps of this; stations that write no milliseconds have none. */
  readonly tickMs: number
  /** How often it sends heartbeats: as it is told, every so many seconds whatever it is told, or never (1.6 section 4.6). */
  readonly heartbeats: "asTold" | "never" | number
  /** Whether 2.x BootNotification says why. */
  readonly tellsBootReason: boolean
  /** Whether the status of a connector that begins to charge is sent behind the start or ahead of it. */
  readonly statusAtStart: "afterStart" | "beforeStart"
  /** Every status goes out twice. */
  readonly tellsStatusTwice: boolean
  /** 1.6: states that pass too quickly for it to tell (MinimumStatusDuration, 1.6 section 9.1.17). */
  readonly skipsStatuses: ReadonlyArray<string>
  /**
   * After an absence: everything as it happened, or what is about transactions first (1.6 section 3.7.1); or the newest
   * of those first, as from a stack, which seqNo of 2.x is there to mend.
   */
  readonly replays: "inOrder" | "statusesLast" | "newestFirst"
  /** 1.6: the reading at the start goes out ahead of the start. */
  readonly tellsReadingFirst: boolean
  /** 2.x: seqNo counts from 0 in each transaction, or goes on over all transactions of an EVSE. */
  readonly numbers: "perTransaction" | "perEvse"
  /** 2.x: every TransactionEvent names its EVSE, not the first alone. */
  readonly alwaysNamesEvse: boolean
  /** 2.x: trigger reasons as usual, or the less usual ones that fit as well. */
  readonly triggers: "usual" | "unusual"
  /** 2.x: fills the optional fields of TransactionEvent that nobody asked for, customData among them. */
  readonly tellsExtras: boolean
  /** Tokens its authorization cache holds. */
  readonly cacheLimit: number
  /** 1.6: sends the reading at the start as a MeterValues of its own (context Transaction.Begin). */
  readonly sendsBeginReading: boolean
  /** 1.6: StopTransaction carries the readings at start and end (transactionData). */
  readonly sendsTransactionData: boolean
  /** Writes token uids in lower case. */
  readonly lowerCaseUids: boolean
  /**
   * Whose card ends a charge: its own and one of its group (1.6 section 4.10, 2.0.1 C01), or any that the CMS accepts, as
   * where a reader asks no more than whether a card is good.
   */
  readonly stopsFor: "group" | "anybody"
  /** How many readings it gathers before it tells them in one message, as the meterValue of both versions allows. */
  readonly readingsPerMessage: number
  /**
   * 2.x: a Started carries a reading whatever the EVSE does, or only once energy may flow, which is when there is
   * something to measure (TransactionEventRequest.meterValue is optional).
   */
  readonly readsAtStart: "always" | "whenEnergized"
  /** 2.1: what of a limit that the CMS tells it keeps by itself (E16); a cost only where it prices by itself. */
  readonly keepsLimits: ReadonlyArray<"energy" | "time" | "cost">
  /**
   * What it shows a driver of money: nothing; what the CMS tells it (2.x I02 and I03; 1.6 by the OCA's cost messages); or,
   * in 2.1, what it reckons by itself under the tariff that it was given (block I).
   */
  readonly display: "none" | "told" | "own"
  /** What it leaves out of what it reckons by itself: a firmware that never adds up fees, say. */
  readonly forgetsInCost: ReadonlyArray<"FLAT" | "PARKING_TIME" | "TIME" | "ENERGY">
}

/** A station that loses nothing and repeats what it must. */
export const goodHabits: Habits = Object.freeze({
  retryMessageId: "same",
  dropsAfterAttempts: false,
  unknownTransactionId: "silent",
  namesTransaction: true,
  manner: plainManner,
  afterPowerCut: "end",
  persists: "atPowerLoss",
  timeoutsBeforeReconnect: 2,
  callTimeoutMs: 30_000,
  bootMs: 15_000,
  clockSkewMs: 0,
  outboxLimit: 20_000,
  whenFull: "newestReading",
  refusesWhenFull: false,
  tickMs: 1,
  heartbeats: "asTold",
  tellsBootReason: true,
  statusAtStart: "afterStart",
  tellsStatusTwice: false,
  skipsStatuses: Object.freeze([]),
  replays: "inOrder",
  tellsReadingFirst: false,
  numbers: "perTransaction",
  alwaysNamesEvse: false,
  triggers: "usual",
  tellsExtras: false,
  cacheLimit: 100,
  sendsBeginReading: true,
  sendsTransactionData: true,
  lowerCaseUids: false,
  stopsFor: "group",
  readingsPerMessage: 1,
  readsAtStart: "always",
  keepsLimits: Object.freeze(["energy", "time"] as const),
  display: "none",
  forgetsInCost: Object.freeze([])
})
