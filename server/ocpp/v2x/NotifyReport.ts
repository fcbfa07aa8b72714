import type { Effect } from "effect"
import type { CallError } from "#core/ocpp/CallError.ts"
import type { Variable } from "#core/station/Station.ts"
import { isPassword } from "../../operations/stationKeys.ts"
import { committed, nothing, type Session } from "../Session.ts"

interface ReportData {
  readonly component: {
    readonly name: string
    readonly instance?: string
    readonly evse?: { readonly id: number; readonly connectorId?: number }
  }
  readonly variable: { readonly name: string; readonly instance?: string }
  readonly variableAttribute: ReadonlyArray<{
    readonly type?: string
    readonly value?: string
    readonly mutability?: string
  }>
}

/** NotifyReport (2.x B07): the station's device model, part by part; each part is kept as it comes. */
export const notifyReport = (
  request: { readonly reportData?: ReadonlyArray<ReportData> },
  session: Session
): Effect.Effect<Record<string, never>, CallError> =>
  committed(session, session.owner.variables((request.reportData ?? []).flatMap(variablesOf)), nothing)

/** Only the Actual attribute is a value; Target, MinSet and MaxSet say what it may become. */
const variablesOf = (data: ReportData): ReadonlyArray<Variable> => {
  const { component, variable } = data
  const place = component.evse === undefined ? "" : `/${component.evse.id}/${component.evse.connectorId ?? ""}`
  const instance = `${component.instance ?? ""}${place}${variable.instance === undefined ? "" : `@${variable.instance}`}`
  return data.variableAttribute
    .filter((attribute) => (attribute.type ?? "Actual") === "Actual")
    .map((attribute) => ({
      component: component.name,
      variable: variable.name,
      instance,
      // Write-only, and some stations report it all the same (2.x A01).
      value: isPassword(`${component.name}.${variable.name}`) ? null : (attribute.value ?? null),
      mutability: attribute.mutability ?? null
    }))
}
