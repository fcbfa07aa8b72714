import { catalogue } from "../Hardware.ts"
import type { Preset } from "./Preset.ts"

/**
 * An OCPP 1.6 station that takes the liberties the specification gives and real firmwares take, none that it forbids.
 *
 * - A repeated CALL has a new message id (OCPP-J 1.6 errata 3.1).
 * - transactionId -1 where it was never learnt (1.6 errata 3.18).
 * - Token uids in lower case (1.6 section 7.15, idToken is a CiString20Type).
 * - No Authorize for a card its cache knows (1.6 section 4.1, LocalPreAuthorize).
 * - No reading of its own at the start and none in StopTransaction (1.6 sections 4.7 and 4.10, both optional).
 */
export const rude16: Preset = Object.freeze({
  name: "rude-16",
  title: "OCPP 1.6 with every liberty taken that the specification gives",
  hardware: catalogue.street22,
  dialects: ["1.6"],
  settings: { localPreAuthorize: true },
  habits: {
    retryMessageId: "new",
    unknownTransactionId: "minusOne",
    lowerCaseUids: true,
    sendsBeginReading: false,
    sendsTransactionData: false
  }
} as const satisfies Preset)

/** The same manners in OCPP 2.0.1, where a token is compared without regard to case as well (2.0.1 IdTokenType). */
export const rude201: Preset = Object.freeze({
  name: "rude-201",
  title: "OCPP 2.0.1 with every liberty taken that the specification gives",
  hardware: catalogue.street22,
  dialects: ["2.0.1"],
  settings: { localPreAuthorize: true },
  habits: { retryMessageId: "new", lowerCaseUids: true, outboxLimit: 60, whenFull: "everySecondReading" }
} as const satisfies Preset)
