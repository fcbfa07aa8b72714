import type { Handlers } from "#core/ocpp/Action.ts"
import type { Actions } from "#core/ocpp/v16/generated/actions.ts"
import type { Session } from "../Session.ts"
import { authorize } from "./Authorize.ts"
import { bootNotification } from "./BootNotification.ts"
import { dataTransfer } from "./DataTransfer.ts"
import { heartbeat } from "./Heartbeat.ts"
import { meterValues } from "./MeterValues.ts"
import { startTransaction } from "./StartTransaction.ts"
import { statusNotification } from "./StatusNotification.ts"
import { stopTransaction } from "./StopTransaction.ts"

/** What a 1.6 station may ask of us; an action of the catalogue that is not here is answered NotSupported. */
export const handlers: Handlers<Actions, "station", Session> = {
  Authorize: authorize,
  BootNotification: bootNotification,
  DataTransfer: dataTransfer,
  Heartbeat: heartbeat,
  MeterValues: meterValues,
  StartTransaction: startTransaction,
  StatusNotification: statusNotification,
  StopTransaction: stopTransaction
}
