import { type Entry, entry } from "../Configuration.ts"

const readOnly = (key: string, value: string): Entry => entry(key, "string", null, { access: "ReadOnly", value })

const list: ReadonlyArray<Entry> = [
  entry("AllowOfflineTxForUnknownId", "boolean", "allowOfflineForUnknown"),
  entry("AuthorizationCacheEnabled", "boolean", "cacheEnabled"),
  entry("AuthorizeRemoteTxRequests", "boolean", "authorizeRemoteStart"),
  entry("ClockAlignedDataInterval", "integer", "clockAlignedS"),
  entry("ConnectionTimeOut", "integer", "connectionTimeOutS"),
  entry("HeartbeatInterval", "integer", "heartbeatS"),
  entry("LocalAuthorizeOffline", "boolean", "localAuthorizeOffline"),
  entry("LocalPreAuthorize", "boolean", "localPreAuthorize"),
  entry("MeterValueSampleInterval", "integer", "sampleIntervalS"),
  entry("MeterValuesSampledData", "measurands", "sampledMeasurands"),
  entry("MeterValuesAlignedData", "measurands", "alignedMeasurands"),
  entry("StopTransactionOnInvalidId", "boolean", "stopOnInvalidId"),
  entry("TransactionMessageAttempts", "integer", "transactionAttempts"),
  entry("TransactionMessageRetryInterval", "integer", "transactionRetryS"),
  entry("WebSocketPingInterval", "integer", "webSocketPingS"),
  entry("MaxEnergyOnInvalidId", "integer", null, { value: "0" }),
  entry("LightIntensity", "integer", null, { value: "80" }),
  entry("CpoName", "string", null),
  entry("ResetRetries", "integer", null, { value: "3" }),
  entry("AuthorizationKey", "password", null, { access: "WriteOnly" }),
  readOnly("CustomDisplayCostAndPrice", "false"),
  readOnly("GetConfigurationMaxKeys", "100"),
  readOnly("ConnectorPhaseRotation", "0.RST"),
  readOnly("MeterValuesSampledDataMaxLength", "5"),
  readOnly("MeterValuesAlignedDataMaxLength", "5"),
  readOnly("SecurityProfile", "1"),
  readOnly("StopTransactionOnEVSideDisconnect", "true"),
  readOnly("StopTxnAlignedData", ""),
  readOnly("StopTxnSampledData", "Energy.Active.Import.Register"),
  readOnly("SupportedFeatureProfiles", "Core,RemoteTrigger"),
  readOnly("UnlockConnectorOnEVSideDisconnect", "true")
]

const byName: ReadonlyMap<string, Entry> = new Map(list.map((each) => [each.id.toLowerCase(), each]))

/** The configuration keys of a simulated 1.6 station (1.6 section 9). */
export const keys: ReadonlyArray<Entry> = list

/** The key of that name, which compares without regard to case (CiString50Type). */
export const keyNamed = (name: string): Entry | undefined => byName.get(name.toLowerCase())
