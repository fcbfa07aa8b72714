import type { Habits } from "../Habits.ts"
import { catalogue } from "../Hardware.ts"
import { type Manner, plainManner } from "../Manner.ts"
import type { Preset } from "./Preset.ts"

const everyManner: Manner = Object.freeze({
  ...plainManner,
  instants: "offset",
  numbers: "exponent",
  optionals: "leftOut",
  texts: "longest"
})

const everyHabit = {
  retryMessageId: "new",
  lowerCaseUids: true,
  tickMs: 1_000,
  tellsStatusTwice: true,
  replays: "statusesLast",
  timeoutsBeforeReconnect: 4
} as const satisfies Partial<Habits>

/**
 * An OCPP 1.6 station that takes every liberty the specification gives and real firmwares take, none that it forbids.
 *
 * - A repeated CALL has a new message id (OCPP-J 1.6 errata 3.1).
 * - transactionId -1 where it was never learnt (1.6 errata 3.18); no transactionId in MeterValues at all (1.6 section
 *   6.31, optional), and the first of them ahead of StartTransaction (1.6 section 3.7.1 says "should" of the order).
 * - No Authorize for a card its cache knows (1.6 section 4.1, LocalPreAuthorize).
 * - StatusNotification ahead of StartTransaction, twice, without Preparing and Finishing (1.6 section 4.9, which ties it
 *   to no order; MinimumStatusDuration, section 9.1.17), and after an absence behind all that is about transactions,
 *   with the timestamps of when it was so (1.6 section 3.7.1: only the latter have an order).
 * - Values with every default left out: context, measurand, unit, location (1.6 section 7.43); as decimals with a power
 *   of ten (section 7.43, "value"); serial number and firmware unsaid (section 6.3, optional).
 * - Texts, message ids and vendor fields at the length of their fields (1.6 section 7.15 and following; OCPP-J 4.1.4).
 * - Timestamps with an offset from UTC and without milliseconds (1.6 section 3.14, RFC 3339).
 * - Token uids in lower case (1.6 section 7.15, IdToken is a CiString20Type).
 * - No heartbeats (1.6 section 4.6: not mandatory over WebSocket), no reading of its own in StopTransaction (4.10).
 *
 * Readings: every minute and at each quarter of an hour. Memory, power cuts, resets: as a good station. Not taken: no
 * timestamp in StatusNotification, because what parking costs hangs on it and nobody could know.
 */
export const rude16: Preset = Object.freeze({
  name: "rude-16",
  title: "OCPP 1.6 with every liberty taken that the specification gives",
  hardware: catalogue.street22,
  dialects: ["1.6"],
  settings: { localPreAuthorize: true, clockAlignedS: 900 },
  habits: {
    ...everyHabit,
    manner: everyManner,
    unknownTransactionId: "minusOne",
    namesTransaction: false,
    tellsReadingFirst: true,
    statusAtStart: "beforeStart",
    skipsStatuses: ["Preparing", "Finishing"],
    heartbeats: "never",
    sendsTransactionData: false
  }
} as const satisfies Preset)

/**
 * The same manners in OCPP 2.0.1.
 *
 * - seqNo goes on over the transactions of an EVSE and has gaps where intermediate messages gave way to a full memory
 *   (2.0.1 part 2, use case E04 and the section on sequence numbers).
 * - Registers, powers and voltages of each phase without a total (SampledDataCtrlr.RegisterValuesWithoutPhases is not
 *   true), in thousands by a multiplier (UnitOfMeasureType), with nine decimals.
 * - Every TransactionEvent names its EVSE (TransactionEventRequest.evse, optional), trigger reasons are the less usual of
 *   those that fit (TriggerReasonEnumType: EVDetected, EVDeparted), BootNotification says Unknown (BootReasonEnumType).
 * - A heartbeat every twenty seconds beside all other traffic (use case G02, "may").
 * - The longest ids and names (TransactionType.transactionId, 36), timestamps with an offset (part 2, DateTime).
 * - Token ids in lower case (IdTokenType.idToken is an identifierString without regard to case).
 */
export const rude201: Preset = Object.freeze({
  name: "rude-201",
  title: "OCPP 2.0.1 with every liberty taken that the specification gives",
  hardware: catalogue.street22,
  dialects: ["2.0.1"],
  settings: { localPreAuthorize: true, clockAlignedS: 900 },
  habits: {
    ...everyHabit,
    manner: Object.freeze({ ...everyManner, units: "multiplied", numbers: "nineDecimals", phases: "only" } as const),
    outboxLimit: 60,
    whenFull: "everySecondReading",
    numbers: "perEvse",
    alwaysNamesEvse: true,
    triggers: "unusual",
    tellsBootReason: false,
    heartbeats: 20
  }
} as const satisfies Preset)

/**
 * The same manners in OCPP 2.1, with what its own schemas add and a CMS must let pass: every TransactionEvent tells the
 * phases in use, the cable's rating, a sleeping EVSE, an unknown preconditioning and ChargingOnly as its mode of
 * operation (2.1 part 2, TransactionEventRequest and TransactionType, all optional), and carries customData of a vendor
 * that nobody knows, with a structure of its own (CustomDataType, open to anything). Falls back to 2.0.1, where of
 * these only customData is known and told.
 */
export const rude21: Preset = Object.freeze({
  ...rude201,
  name: "rude-21",
  title: "OCPP 2.1 with every liberty taken that the specification gives",
  dialects: ["2.1", "2.0.1"],
  habits: { ...rude201.habits, tellsExtras: true, keepsLimits: ["energy"] }
} as const satisfies Preset)
