import type { Site as SiteView } from "#core/api/Sites.ts"
import type { TariffAssignment, TariffLadder } from "#core/api/TariffAssignments.ts"
import * as Instant from "#core/Instant.ts"
import type { Site } from "#core/site/Site.ts"
import { type Assignment, everMs, type Slot } from "#core/tariff/assign/Assignment.ts"
import type { Step } from "#core/tariff/assign/ladder.ts"

/** Sites and what is assigned where, as the contract shows them. */

export const siteView = ({ createdAtMs, ...site }: Site): typeof SiteView.Type => ({
  ...site,
  createdAt: Instant.format(createdAtMs)
})

export const assignmentView = ({ slot, tariffId, sinceMs }: Assignment): typeof TariffAssignment.Type => ({
  ...slot,
  tariffId,
  since: sinceMs === everMs ? null : Instant.format(sinceMs)
})

export const stepView = ({ slot, ...rest }: Step): (typeof TariffLadder.Type)["steps"][number] => ({
  ...slot,
  ...rest,
  text: textOf({ slot, ...rest })
})

const textOf = ({ slot, tariffId, version, outcome }: Step): string => {
  const where = `${whomText(slot)} ${placeText(slot)}`
  switch (outcome) {
    case "unassigned":
      return `Nothing is assigned for ${where}.`
    case "no valid version":
      return `For ${where} there is ${tariffId}, of which no version is valid then: passed over.`
    case "decides":
      return `For ${where} there is ${tariffId}, of which version ${version} is valid then: it holds.`
    case "outranked":
      return `For ${where} there is ${tariffId}, version ${version}: passed over for what comes before.`
  }
}

export const placeText = ({ stationId, evseId, siteId }: Slot): string => {
  if (stationId !== null) return evseId === null ? `at station ${stationId}` : `at EVSE ${evseId} of ${stationId}`
  return siteId === null ? "anywhere" : `at site ${siteId}`
}

const whomText = ({ groupId, partnerId }: Slot): string => {
  if (groupId !== null) return `group ${groupId}`
  return partnerId === null ? "everyone" : `customers of ${partnerId}`
}
