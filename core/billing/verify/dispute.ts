import { formatMinor } from "../../Money.ts"
import { stepPolicies } from "../../tariff/steps.ts"
import { roundings } from "./policies.ts"
import type { Divergence } from "./selfCheck.ts"
import type { Verification } from "./verifyCdr.ts"

/** What each figure is in a letter. */
const nouns: Readonly<Record<string, string>> = {
  total_cost: "total cost before taxes",
  total_cost_after_taxes: "total cost after taxes",
  total_energy_cost: "cost of energy before taxes",
  total_energy_cost_after_taxes: "cost of energy after taxes",
  total_time_cost: "cost of charging time before taxes",
  total_time_cost_after_taxes: "cost of charging time after taxes",
  total_parking_cost: "cost of parking time before taxes",
  total_parking_cost_after_taxes: "cost of parking time after taxes",
  total_reservation_cost: "cost of the reservation before taxes",
  total_reservation_cost_after_taxes: "cost of the reservation after taxes",
  total_fixed_cost: "fixed cost before taxes",
  total_fixed_cost_after_taxes: "fixed cost after taxes",
  energy_volume: "total_energy, against the sum of its own charging periods",
  parking_time_volume: "total_parking_time, against the sum of its own charging periods",
  total_time: "total_time, against its own start and end",
  period_durations: "durations of the charging periods, against its own start and end",
  session_start: "start_date_time, against its first charging period",
  session_end: "end_date_time, against its last charging period"
}

const lineOf = ({ what, claimed, computed, difference, unit }: Divergence): string =>
  `- ${nouns[what] ?? what}: the CDR says ${claimed}, we come to ${computed}; the difference is ${difference} ${unit}.`

/**
 * Which policies a total fits, for the end of a sentence. A way to round that fits however step_size is read is named
 * once; where every way fits, the session is one that cannot tell them apart.
 */
export const policiesText = (policies: ReadonlyArray<string>): string => {
  if (policies.length === 0) return "is what no rounding policy known to us makes of its periods"
  const fitting = Object.keys(roundings).flatMap((rounding) => {
    const steps = stepPolicies.filter((it) => policies.includes(`${rounding}/${it}`))
    return steps.length === stepPolicies.length ? [rounding] : steps.map((it) => `${rounding}/${it}`)
  })
  if (policies.length === Object.keys(roundings).length * stepPolicies.length)
    return "is what every rounding policy known to us makes of its periods"
  return `is what these rounding policies make of its periods: ${fitting.join(", ")}`
}

/**
 * A letter to the partner about a CDR, naming each difference with its amounts; null when there is nothing to dispute.
 * English, plain text.
 */
export const disputeOf = (cdrId: string, it: Verification): string | null => {
  if (it.divergences.length === 0) return null
  const { tariff, zone } = it.compiled
  const priced = it.divergences.filter(({ isSelf }) => !isSelf)
  const own = it.divergences.filter(({ isSelf }) => isSelf)
  const tolerance = `${formatMinor(it.toleranceMinor, tariff.currency)} ${tariff.currency}`
  return [
    `We do not accept CDR ${cdrId} as it is.`,
    ...(priced.length === 0
      ? []
      : [
          "",
          `Priced again from its own charging periods by tariff ${tariff.id} (time zone ${zone.name}), beyond a tolerance of ${tolerance}:`,
          ...priced.map(lineOf)
        ]),
    ...(own.length === 0 ? [] : ["", "It contradicts itself:", ...own.map(lineOf)]),
    "",
    `The total before and after taxes ${policiesText(it.policies)}.`,
    "Please send a credit CDR for it and a corrected one."
  ].join("\n")
}
