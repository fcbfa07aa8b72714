import type { Any, Registry, Violation } from "./Action.ts"
import type { ErrorCode } from "./CallError.ts"
import { actions as actions16 } from "./v16/generated/actions.ts"
import { actions as actions21 } from "./v21/generated/actions.ts"
import { actions as actions201 } from "./v201/generated/actions.ts"

export type Subprotocol = "ocpp1.6" | "ocpp2.0.1" | "ocpp2.1"
export type Version = "1.6" | "2.0.1" | "2.1"

/** The CALLERROR code of each situation that is not a broken payload rule; undefined where the version stays silent. */
export interface Codes {
  /** No JSON, no array, or no readable message id: 2.x answers with id "-1", 1.6 knows neither code nor id. */
  readonly unreadable: ErrorCode | undefined
  /** A message type number that does not exist: 1.6 and 2.1 ignore it (4.1.3), 2.0.1 answers (4.4). */
  readonly messageType: ErrorCode | undefined
  /** The payload is syntactically wrong, or not an object. */
  readonly formation: ErrorCode
  /** An object that is not this action's PDU: it has a property the schema does not know. */
  readonly notThePdu: ErrorCode
  /** A required property is missing, or an array has too few or too many items. 1.6 spells it with one r (errata 5.1). */
  readonly occurrence: ErrorCode
  readonly type: ErrorCode
  /** A value outside its enumeration, range, length or format. */
  readonly property: ErrorCode
  /** The version does not know an action of this name. */
  readonly unknownAction: ErrorCode
  /** The version knows the action, and we do not serve it. */
  readonly notSupported: ErrorCode
  /** The same message id is still being handled (2.x part 4, 4.2.3). */
  readonly duplicateId: ErrorCode
  /** The station has not been accepted yet (1.6-J errata 3.10; 2.x B01.FR.10, B02.FR.09, B03.FR.07). */
  readonly notAccepted: ErrorCode
  /** Our own fault. */
  readonly internal: ErrorCode
}

/** One OCPP version as it is spoken on a connection. */
export interface Dialect {
  readonly subprotocol: Subprotocol
  readonly version: Version
  /** Every action of the version by its case-sensitive name. */
  readonly actions: ReadonlyMap<string, Any>
  /** The CALLERROR code that this version's specification gives to a broken schema rule. */
  readonly codeFor: (violation: Violation) => ErrorCode
  readonly codes: Codes
}

const codes16: Codes = {
  unreadable: undefined,
  messageType: undefined,
  formation: "FormationViolation",
  notThePdu: "FormationViolation",
  occurrence: "OccurenceConstraintViolation",
  type: "TypeConstraintViolation",
  property: "PropertyConstraintViolation",
  unknownAction: "NotImplemented",
  notSupported: "NotSupported",
  duplicateId: "GenericError",
  notAccepted: "SecurityError",
  internal: "InternalError"
}

const codes21: Codes = {
  ...codes16,
  unreadable: "RpcFrameworkError",
  formation: "FormatViolation",
  notThePdu: "ProtocolError",
  occurrence: "OccurrenceConstraintViolation",
  duplicateId: "RpcFrameworkError"
}

const codes201: Codes = { ...codes21, messageType: "MessageTypeNotSupported" }

const codeOf = (codes: Codes, violation: Violation): ErrorCode => {
  switch (violation.keyword) {
    case "type":
      return violation.path === "" ? codes.formation : codes.type
    case "additionalProperties":
      return codes.notThePdu
    case "required":
    case "minItems":
    case "maxItems":
      return codes.occurrence
    case "enum":
    case "minimum":
    case "maximum":
    case "multipleOf":
    case "minLength":
    case "maxLength":
    case "format":
      return codes.property
  }
}

const dialect = (subprotocol: Subprotocol, version: Version, registry: Registry, codes: Codes): Dialect => ({
  subprotocol,
  version,
  actions: new Map(Object.entries(registry)),
  codeFor: (violation) => codeOf(codes, violation),
  codes
})

/** OCPP 1.6 edition 2 with the security whitepaper: 39 actions. */
export const v16: Dialect = dialect("ocpp1.6", "1.6", actions16, codes16)

/** OCPP 2.0.1: 64 actions. */
export const v201: Dialect = dialect("ocpp2.0.1", "2.0.1", actions201, codes201)

/** OCPP 2.1: 91 actions, one of them a SEND. */
export const v21: Dialect = dialect("ocpp2.1", "2.1", actions21, codes21)

/** Every dialect we speak, the newest first. */
export const dialects: readonly Dialect[] = [v21, v201, v16]

/**
 * Picks the dialect of a connection: the first of the station's subprotocols, in the station's order of preference,
 * that is served (OCPP-J 3.1.2 and 3.3). Names we do not know are skipped; undefined means no agreement.
 */
export const negotiate = (offered: readonly string[], served: readonly Dialect[] = dialects): Dialect | undefined => {
  for (const name of offered) {
    const agreed = served.find((each) => each.subprotocol === name)
    if (agreed !== undefined) return agreed
  }
  return undefined
}
