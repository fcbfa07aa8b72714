import type { Handlers } from "#core/ocpp/Action.ts"
import type { Actions as Actions21 } from "#core/ocpp/v21/generated/actions.ts"
import type { Actions as Actions201 } from "#core/ocpp/v201/generated/actions.ts"
import type { Session } from "../Session.ts"
import { authorize } from "./Authorize.ts"
import { bootNotification } from "./BootNotification.ts"
import { dataTransfer } from "./DataTransfer.ts"
import { heartbeat } from "./Heartbeat.ts"
import { meterValues } from "./MeterValues.ts"
import { notifyReport } from "./NotifyReport.ts"
import { statusNotification } from "./StatusNotification.ts"
import { transactionEvent } from "./TransactionEvent.ts"

/** What a 2.0.1 station may ask of us; an action of the catalogue that is not here is answered NotSupported. */
export const handlers201: Handlers<Actions201, "station", Session> = {
  Authorize: authorize,
  BootNotification: bootNotification,
  DataTransfer: dataTransfer,
  Heartbeat: heartbeat,
  MeterValues: meterValues,
  NotifyReport: notifyReport,
  StatusNotification: statusNotification,
  TransactionEvent: transactionEvent
}

/** The same of 2.1, whose messages only add to those of 2.0.1 here. */
export const handlers21: Handlers<Actions21, "station", Session> = {
  Authorize: authorize,
  BootNotification: bootNotification,
  DataTransfer: dataTransfer,
  Heartbeat: heartbeat,
  MeterValues: meterValues,
  NotifyReport: notifyReport,
  StatusNotification: statusNotification,
  TransactionEvent: transactionEvent
}
