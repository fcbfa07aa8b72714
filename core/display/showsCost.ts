import type { Station, Variable } from "../station/Station.ts"

/** What a station reports of its display, by its device model (2.x) or its configuration (1.6). */
export interface ReportedDisplay {
  /** 2.x TariffCostCtrlr.Available and Enabled for Cost; 1.6 CustomDisplayCostAndPrice. Null: it never said. */
  readonly isAvailable: boolean | null
  readonly isEnabled: boolean | null
  /** 2.x TariffCostCtrlr.Currency: its figures are shown in this one. */
  readonly currency: string | null
}

/** Nothing was reported. */
export const unknownDisplay: ReportedDisplay = Object.freeze({ isAvailable: null, isEnabled: null, currency: null })

const truth = (value: string | null): boolean | null => (value === null ? null : value.toLowerCase() === "true")

/** What is known once the station has told this variable; `known` itself where it says nothing of a display. */
export const withVariable = (
  known: ReportedDisplay,
  { component, variable, instance, value }: Variable
): ReportedDisplay => {
  if (component === "") return variable === "CustomDisplayCostAndPrice" ? { ...known, isEnabled: truth(value) } : known
  if (component !== "TariffCostCtrlr") return known
  if (variable === "Currency") return { ...known, currency: value === null || value === "" ? null : value }
  if (instance !== "@Cost") return known
  if (variable === "Available") return { ...known, isAvailable: truth(value) }
  return variable === "Enabled" ? { ...known, isEnabled: truth(value) } : known
}

/**
 * Whether a station is told what a charge costs: as its operator says, else if it reports that it shows it (2.0.1 part 2,
 * I02 and I03; 1.6 by the OCA's cost messages).
 */
export const showsCost = (
  { costDisplay }: Pick<Station, "costDisplay">,
  { isAvailable, isEnabled }: ReportedDisplay
): boolean => costDisplay === "on" || (costDisplay === "auto" && isEnabled === true && isAvailable !== false)
