import * as Instant from "#core/Instant.ts"
import type { Dialect } from "#core/ocpp/Dialect.ts"
import type { Actions } from "#core/ocpp/v201/generated/actions.ts"
import type { ReportDataType } from "#core/ocpp/v201/generated/schemas.ts"
import type { Commands } from "../Commands.ts"
import { type Call, call } from "../Voice.ts"
import { type Variable, variables } from "./variables.ts"

/** Variables that one NotifyReport holds (ItemsPerMessage). */
const itemsPerMessage = 10

const dataOf = ({ configuration }: Commands, variable: Variable): ReportDataType => {
  const { entry } = variable
  const isSecret = entry.access === "WriteOnly"
  return {
    component: { name: variable.component },
    variable: {
      name: variable.name,
      ...(variable.instance === undefined ? {} : { instance: variable.instance })
    },
    variableAttribute: [
      {
        type: "Actual",
        mutability: entry.access,
        ...(isSecret ? {} : { value: configuration.read(entry) })
      }
    ],
    variableCharacteristics: {
      dataType: variable.dataType,
      supportsMonitoring: false,
      ...(variable.unit === undefined ? {} : { unit: variable.unit })
    }
  }
}

const evseAvailable = (id: number): ReportDataType => ({
  component: { name: "EVSE", evse: { id } },
  variable: { name: "Available" },
  variableAttribute: [{ type: "Actual", mutability: "ReadOnly", value: "true" }],
  variableCharacteristics: { dataType: "boolean", supportsMonitoring: false }
})

const connectorType = (id: number, connectorId: number): ReportDataType => ({
  component: { name: "Connector", evse: { id, connectorId } },
  variable: { name: "ConnectorType" },
  variableAttribute: [{ type: "Actual", mutability: "ReadOnly", value: "sType2" }],
  variableCharacteristics: { dataType: "string", supportsMonitoring: false }
})

/**
 * The NotifyReport messages that answer a GetBaseReport (2.0.1 B07): the configuration, and with `isFull` the EVSEs
 * and connectors as well. At least one message, seqNo from 0, `tbc` on all but the last.
 */
export const reportOf = (
  dialect: Dialect,
  commands: Commands,
  requestId: number,
  isFull: boolean
): ReadonlyArray<Call> => {
  const data = variables.map((variable) => dataOf(commands, variable))
  if (isFull) {
    for (const evseId of commands.evseIds) {
      data.push(evseAvailable(evseId))
      for (const connectorId of commands.connectorIds(evseId)) data.push(connectorType(evseId, connectorId))
    }
  }
  const notifyReport = dialect.actions.get("NotifyReport") as Actions["NotifyReport"]
  const generatedAt = Instant.format(commands.nowAtMs())
  const parts: Array<Call> = []
  for (let from = 0; from < data.length; from += itemsPerMessage) {
    const isLast = from + itemsPerMessage >= data.length
    parts.push(
      call(notifyReport, {
        requestId,
        generatedAt,
        seqNo: parts.length,
        reportData: data.slice(from, from + itemsPerMessage),
        ...(isLast ? {} : { tbc: true })
      })
    )
  }
  return parts
}
