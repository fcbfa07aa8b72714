import { type Entry, entry } from "../Configuration.ts"

/** A variable of a simulated station's device model, EVSEs apart. */
export interface Variable {
  readonly component: string
  readonly name: string
  readonly instance: string | undefined
  readonly dataType: "integer" | "boolean" | "string" | "OptionList" | "MemberList"
  readonly unit: string | undefined
  readonly entry: Entry
}

type Options = {
  readonly instance?: string
  readonly unit?: string
  readonly access?: Entry["access"]
  readonly value?: string
}

const dataTypes = {
  integer: "integer",
  boolean: "boolean",
  string: "string",
  password: "string",
  measurands: "MemberList",
  txStartPoint: "OptionList"
} as const

const variable = (
  component: string,
  name: string,
  kind: Entry["kind"],
  setting: Entry["setting"],
  options: Options = {}
): Variable => ({
  component,
  name,
  instance: options.instance,
  dataType: dataTypes[kind],
  unit: options.unit,
  entry: entry(idOf(component, name, options.instance), kind, setting, options)
})

/** A variable's key in the table; names compare without regard to case (2.0.1 part 1, section 4). */
export const idOf = (component: string, name: string, instance: string | undefined): string =>
  `${component}.${name}${instance === undefined ? "" : `[${instance}]`}`.toLowerCase()

const seconds = { unit: "s" } as const
const readOnly = (value: string) => ({ access: "ReadOnly", value }) as const

/** The device model, in the order NotifyReport tells it. */
export const variables: ReadonlyArray<Variable> = Object.freeze([
  variable("AlignedDataCtrlr", "Interval", "integer", "clockAlignedS", seconds),
  variable("AlignedDataCtrlr", "Measurands", "measurands", "alignedMeasurands"),
  variable("AuthCacheCtrlr", "Enabled", "boolean", "cacheEnabled"),
  variable("AuthCacheCtrlr", "LifeTime", "integer", "cacheLifeTimeS", seconds),
  variable("AuthCtrlr", "AuthorizeRemoteStart", "boolean", "authorizeRemoteStart"),
  variable("AuthCtrlr", "LocalAuthorizeOffline", "boolean", "localAuthorizeOffline"),
  variable("AuthCtrlr", "LocalPreAuthorize", "boolean", "localPreAuthorize"),
  variable("AuthCtrlr", "OfflineTxForUnknownIdEnabled", "boolean", "allowOfflineForUnknown"),
  variable("OCPPCommCtrlr", "HeartbeatInterval", "integer", "heartbeatS", seconds),
  variable("OCPPCommCtrlr", "MessageAttempts", "integer", "transactionAttempts", { instance: "TransactionEvent" }),
  variable("OCPPCommCtrlr", "MessageAttemptInterval", "integer", "transactionRetryS", {
    instance: "TransactionEvent",
    unit: "s"
  }),
  variable("OCPPCommCtrlr", "RetryBackOffRandomRange", "integer", "backOffRandomRangeS", seconds),
  variable("OCPPCommCtrlr", "RetryBackOffRepeatTimes", "integer", "backOffRepeatTimes"),
  variable("OCPPCommCtrlr", "RetryBackOffWaitMinimum", "integer", "backOffWaitMinimumS", seconds),
  variable("OCPPCommCtrlr", "WebSocketPingInterval", "integer", "webSocketPingS", seconds),
  variable("OCPPCommCtrlr", "FileTransferProtocols", "string", null, readOnly("HTTP")),
  variable("SampledDataCtrlr", "TxUpdatedInterval", "integer", "sampleIntervalS", seconds),
  variable("SampledDataCtrlr", "TxUpdatedMeasurands", "measurands", "sampledMeasurands"),
  variable("SecurityCtrlr", "BasicAuthPassword", "password", null, { access: "WriteOnly" }),
  variable("SecurityCtrlr", "OrganizationName", "string", null),
  variable("SecurityCtrlr", "SecurityProfile", "integer", null, readOnly("1")),
  variable("TariffCostCtrlr", "Available", "boolean", null, { instance: "Cost", ...readOnly("false") }),
  variable("TariffCostCtrlr", "Enabled", "boolean", null, { instance: "Cost", ...readOnly("false") }),
  variable("TxCtrlr", "EVConnectionTimeOut", "integer", "connectionTimeOutS", seconds),
  variable("TxCtrlr", "StopTxOnEVSideDisconnect", "boolean", null, readOnly("true")),
  variable("TxCtrlr", "StopTxOnInvalidId", "boolean", "stopOnInvalidId"),
  variable("TxCtrlr", "TxStartPoint", "txStartPoint", "txStartPoint"),
  variable("TxCtrlr", "TxStopPoint", "string", null, readOnly("Authorized,EVConnected"))
])

export const components: ReadonlySet<string> = new Set(variables.map((each) => each.component.toLowerCase()))

export const byId: ReadonlyMap<string, Variable> = new Map(
  variables.map((each) => [idOf(each.component, each.name, each.instance), each])
)
