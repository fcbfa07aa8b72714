import type { Initiator } from "#core/ocpp/Action.ts"

/**
 * Who may send which CALL. The JSON schemas do not say; the use cases and message definitions do (1.6 sections 4 and
 * 5 with the security whitepaper; 2.0.1 and 2.1 part 2, "Messages"). DataTransfer alone goes both ways.
 */
const fromStation16 = words(`
  Authorize BootNotification DiagnosticsStatusNotification FirmwareStatusNotification Heartbeat LogStatusNotification
  MeterValues SecurityEventNotification SignCertificate SignedFirmwareStatusNotification StartTransaction
  StatusNotification StopTransaction`)

const fromCsms16 = words(`
  CancelReservation CertificateSigned ChangeAvailability ChangeConfiguration ClearCache ClearChargingProfile
  DeleteCertificate ExtendedTriggerMessage GetCompositeSchedule GetConfiguration GetDiagnostics
  GetInstalledCertificateIds GetLocalListVersion GetLog InstallCertificate RemoteStartTransaction
  RemoteStopTransaction ReserveNow Reset SendLocalList SetChargingProfile SignedUpdateFirmware TriggerMessage
  UnlockConnector UpdateFirmware`)

const fromStation201 = words(`
  Authorize BootNotification ClearedChargingLimit FirmwareStatusNotification Get15118EVCertificate
  GetCertificateStatus Heartbeat LogStatusNotification MeterValues NotifyChargingLimit NotifyCustomerInformation
  NotifyDisplayMessages NotifyEVChargingNeeds NotifyEVChargingSchedule NotifyEvent NotifyMonitoringReport
  NotifyReport PublishFirmwareStatusNotification ReportChargingProfiles ReservationStatusUpdate
  SecurityEventNotification SignCertificate StatusNotification TransactionEvent`)

const fromCsms201 = words(`
  CancelReservation CertificateSigned ChangeAvailability ClearCache ClearChargingProfile ClearDisplayMessage
  ClearVariableMonitoring CostUpdated CustomerInformation DeleteCertificate GetBaseReport GetChargingProfiles
  GetCompositeSchedule GetDisplayMessages GetInstalledCertificateIds GetLocalListVersion GetLog GetMonitoringReport
  GetReport GetTransactionStatus GetVariables InstallCertificate PublishFirmware RequestStartTransaction
  RequestStopTransaction ReserveNow Reset SendLocalList SetChargingProfile SetDisplayMessage SetMonitoringBase
  SetMonitoringLevel SetNetworkProfile SetVariableMonitoring SetVariables TriggerMessage UnlockConnector
  UnpublishFirmware UpdateFirmware`)

const fromStation21 = words(`
  BatterySwap ClosePeriodicEventStream GetCertificateChainStatus NotifyDERAlarm NotifyDERStartStop
  NotifyPeriodicEventStream NotifyPriorityCharging NotifySettlement OpenPeriodicEventStream
  PullDynamicScheduleUpdate ReportDERControl VatNumberValidation`)

const fromCsms21 = words(`
  AdjustPeriodicEventStream AFRRSignal ChangeTransactionTariff ClearDERControl ClearTariffs GetDERControl
  GetPeriodicEventStream GetTariffs NotifyAllowedEnergyTransfer NotifyWebPaymentStarted RequestBatterySwap
  SetDefaultTariff SetDERControl UpdateDynamicSchedule UsePriorityCharging`)

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}

const table = (station: readonly string[], csms: readonly string[]): ReadonlyMap<string, Initiator> => {
  const initiators = new Map<string, Initiator>([["DataTransfer", "either"]])
  for (const action of station) initiators.set(action, "station")
  for (const action of csms) initiators.set(action, "csms")
  if (initiators.size !== 1 + station.length + csms.length) throw new Error("an action is in two lists")
  return initiators
}

export const initiators16 = table(fromStation16, fromCsms16)
export const initiators201 = table(fromStation201, fromCsms201)
export const initiators21 = table([...fromStation201, ...fromStation21], [...fromCsms201, ...fromCsms21])

/** OCPP 2.1's unanswered messages: message type SEND (6). */
export const sends: ReadonlySet<string> = new Set(["NotifyPeriodicEventStream"])
