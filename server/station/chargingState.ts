import type { ConnectorStatus } from "#core/station/Station.ts"
import type { ChargingState } from "#core/transaction/Transaction.ts"

/** What a 1.6 connector's status says of the transaction on it (1.6 section 4.9); null where it says nothing. */
export const chargingStateOf = (status: ConnectorStatus): ChargingState | null => {
  switch (status) {
    case "Charging":
      return "Charging"
    case "SuspendedEV":
      return "SuspendedEV"
    case "SuspendedEVSE":
      return "SuspendedEVSE"
    case "Preparing":
    case "Finishing":
      return "EVConnected"
    default:
      return null
  }
}
