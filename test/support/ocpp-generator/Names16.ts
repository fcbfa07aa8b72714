/**
 * OCPP 1.6 schemas write their types inline. The names here are the specification's own (1.6 section 7); a place
 * names a type, and every other place of the same name must hold the very same type.
 */
const places: Record<string, readonly string[]> = {
  AuthorizationStatus: [
    "AuthorizeResponse/idTagInfo/status",
    "SendLocalListRequest/localAuthorizationList/*/idTagInfo/status",
    "StartTransactionResponse/idTagInfo/status",
    "StopTransactionResponse/idTagInfo/status"
  ],
  IdTagInfo: [
    "AuthorizeResponse/idTagInfo",
    "SendLocalListRequest/localAuthorizationList/*/idTagInfo",
    "StartTransactionResponse/idTagInfo",
    "StopTransactionResponse/idTagInfo"
  ],
  AuthorizationData: ["SendLocalListRequest/localAuthorizationList/*"],
  UpdateType: ["SendLocalListRequest/updateType"],
  UpdateStatus: ["SendLocalListResponse/status"],
  RegistrationStatus: ["BootNotificationResponse/status"],
  AvailabilityType: ["ChangeAvailabilityRequest/type"],
  AvailabilityStatus: ["ChangeAvailabilityResponse/status"],
  ConfigurationStatus: ["ChangeConfigurationResponse/status"],
  KeyValue: ["GetConfigurationResponse/configurationKey/*"],
  ClearChargingProfileStatus: ["ClearChargingProfileResponse/status"],
  DataTransferStatus: ["DataTransferResponse/status"],
  DiagnosticsStatus: ["DiagnosticsStatusNotificationRequest/status"],
  FirmwareStatus: ["FirmwareStatusNotificationRequest/status"],
  ChargingRateUnitType: [
    "GetCompositeScheduleRequest/chargingRateUnit",
    "GetCompositeScheduleResponse/chargingSchedule/chargingRateUnit",
    "RemoteStartTransactionRequest/chargingProfile/chargingSchedule/chargingRateUnit",
    "SetChargingProfileRequest/csChargingProfiles/chargingSchedule/chargingRateUnit"
  ],
  ChargingSchedulePeriod: [
    "GetCompositeScheduleResponse/chargingSchedule/chargingSchedulePeriod/*",
    "RemoteStartTransactionRequest/chargingProfile/chargingSchedule/chargingSchedulePeriod/*",
    "SetChargingProfileRequest/csChargingProfiles/chargingSchedule/chargingSchedulePeriod/*"
  ],
  ChargingSchedule: [
    "GetCompositeScheduleResponse/chargingSchedule",
    "RemoteStartTransactionRequest/chargingProfile/chargingSchedule",
    "SetChargingProfileRequest/csChargingProfiles/chargingSchedule"
  ],
  ChargingProfilePurposeType: [
    "ClearChargingProfileRequest/chargingProfilePurpose",
    "RemoteStartTransactionRequest/chargingProfile/chargingProfilePurpose",
    "SetChargingProfileRequest/csChargingProfiles/chargingProfilePurpose"
  ],
  ChargingProfileKindType: [
    "RemoteStartTransactionRequest/chargingProfile/chargingProfileKind",
    "SetChargingProfileRequest/csChargingProfiles/chargingProfileKind"
  ],
  RecurrencyKindType: [
    "RemoteStartTransactionRequest/chargingProfile/recurrencyKind",
    "SetChargingProfileRequest/csChargingProfiles/recurrencyKind"
  ],
  ChargingProfile: ["RemoteStartTransactionRequest/chargingProfile", "SetChargingProfileRequest/csChargingProfiles"],
  ChargingProfileStatus: ["SetChargingProfileResponse/status"],
  MeterValue: ["MeterValuesRequest/meterValue/*", "StopTransactionRequest/transactionData/*"],
  SampledValue: [
    "MeterValuesRequest/meterValue/*/sampledValue/*",
    "StopTransactionRequest/transactionData/*/sampledValue/*"
  ],
  ReadingContext: [
    "MeterValuesRequest/meterValue/*/sampledValue/*/context",
    "StopTransactionRequest/transactionData/*/sampledValue/*/context"
  ],
  ValueFormat: [
    "MeterValuesRequest/meterValue/*/sampledValue/*/format",
    "StopTransactionRequest/transactionData/*/sampledValue/*/format"
  ],
  Measurand: [
    "MeterValuesRequest/meterValue/*/sampledValue/*/measurand",
    "StopTransactionRequest/transactionData/*/sampledValue/*/measurand"
  ],
  Phase: [
    "MeterValuesRequest/meterValue/*/sampledValue/*/phase",
    "StopTransactionRequest/transactionData/*/sampledValue/*/phase"
  ],
  Location: [
    "MeterValuesRequest/meterValue/*/sampledValue/*/location",
    "StopTransactionRequest/transactionData/*/sampledValue/*/location"
  ],
  UnitOfMeasure: [
    "MeterValuesRequest/meterValue/*/sampledValue/*/unit",
    "StopTransactionRequest/transactionData/*/sampledValue/*/unit"
  ],
  ReservationStatus: ["ReserveNowResponse/status"],
  ResetType: ["ResetRequest/type"],
  ChargePointErrorCode: ["StatusNotificationRequest/errorCode"],
  ChargePointStatus: ["StatusNotificationRequest/status"],
  Reason: ["StopTransactionRequest/reason"],
  MessageTrigger: ["TriggerMessageRequest/requestedMessage"],
  TriggerMessageStatus: ["TriggerMessageResponse/status"],
  UnlockStatus: ["UnlockConnectorResponse/status"]
}

/** Place in a message -> the specification's name for the type found there. */
export const names16: ReadonlyMap<string, string> = new Map(
  Object.entries(places).flatMap(([name, where]) => where.map((place) => [place, name] as const))
)
