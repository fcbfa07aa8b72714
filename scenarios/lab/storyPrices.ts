import { network } from "#core/tariff/assign/Assignment.ts"
import type { Context } from "#simulator/oracles/Oracle.ts"
import { siteZone } from "#simulator/oracles/Oracle.ts"
import type { OcpiTariff } from "#simulator/oracles/SlowRater.ts"
import type { Step, Story } from "../explore/Story.ts"
import type { PriceAct, PricePlan } from "../Scenario.ts"
import { plainTariff } from "../tariffs.ts"
import { PriceOffice } from "./PriceOffice.ts"
import type { Within } from "./phone.ts"

const usual = plainTariff[0]!

/** How long a node may believe what it knows of prices when another one changed them, and an answer's way. */
const turnsWithinMs = 70_000

/** Whether prices are decided on in a story, by whoever knows more than one of them. */
export const hasPrices = ({ steps, tariffs = [] }: Story): boolean =>
  tariffs.length > 0 ||
  steps.some(
    (it) => it.do === "assign tariff" || it.do === "retire tariff" || (it.do === "publish tariff" && it.tariff)
  )

/** The usual tariff under another name, and at another price of a kWh (in cents). */
const priced = (id: string, perKwh: number): OcpiTariff => ({
  id,
  currency: usual.currency,
  tax_included: "NO",
  elements: usual.elements.map(({ price_components: parts }) => ({
    price_components: parts.map((part) => (part.type === "ENERGY" ? { ...part, price: `${perKwh / 100}` } : part))
  }))
})

type PriceStep = Extract<
  Step,
  { readonly do: "publish tariff" | "assign tariff" | "retire tariff" | "join group" | "leave group" }
>

const isOfPrices = (step: Step): step is PriceStep =>
  step.do === "publish tariff" ||
  step.do === "assign tariff" ||
  step.do === "retire tariff" ||
  step.do === "join group" ||
  step.do === "leave group"

const actOf = (step: PriceStep): PriceAct => {
  const afterMs = step.at * 1000
  switch (step.do) {
    case "publish tariff": {
      const { tariff = usual.id, perKwh, from } = step
      const later = from === undefined ? {} : { fromAfterMs: afterMs + from * 1000 }
      return { afterMs, do: "publish", tariff: priced(tariff, perKwh), ...later }
    }
    case "retire tariff":
      return { afterMs, do: "retire", tariffId: step.tariff, version: step.version }
    case "assign tariff": {
      const { tariff = null, station, evse, site, group } = step
      const to = {
        ...(station === undefined ? {} : { stationId: station }),
        ...(evse === undefined ? {} : { evseId: evse }),
        ...(site === undefined || station !== undefined ? {} : { siteId: site }),
        ...(group === undefined ? {} : { groupId: group })
      }
      return { afterMs, do: "assign", to, tariffId: tariff }
    }
    default:
      return {
        afterMs,
        do: step.do === "join group" ? "join" : "leave",
        groupId: step.group,
        who: { driverId: step.driver }
      }
  }
}

/** What of it makes sense in its turn: a step about what is not there does nothing, so that a story stays one. */
const sensible = (acts: ReadonlyArray<PriceAct>, sites: ReadonlySet<string>): ReadonlyArray<PriceAct> => {
  const versions = new Map<string, number>([[usual.id, 1]])
  return acts.filter((act) => {
    if (act.do === "publish") versions.set(act.tariff.id, (versions.get(act.tariff.id) ?? 0) + 1)
    if (act.do === "retire") return act.version <= (versions.get(act.tariffId) ?? 0)
    if (act.do !== "assign") return true
    const { siteId } = { ...network, ...act.to }
    return (act.tariffId === null || versions.has(act.tariffId)) && (siteId === null || sites.has(siteId))
  })
}

const planOf = ({ stations, steps, tariffs = [] }: Story): PricePlan => {
  const sites = stations.map(({ site }) => (site === undefined ? null : { id: site, timeZone: siteZone }))
  const first = tariffs.map(({ id, perKwh }): PriceAct => ({ afterMs: 0, do: "publish", tariff: priced(id, perKwh) }))
  const acts = [...first, ...steps.filter(isOfPrices).map(actOf)]
  const known = new Set(sites.flatMap((site) => site?.id ?? []))
  return { sites, groups: [], partners: [], acts: sensible(acts, known) }
}

/** Whoever decides about prices in a story; undefined where there is one tariff, which the operator's desk publishes anew. */
export const officeOf = (story: Story, startAtMs: number, within: Within): PriceOffice | undefined =>
  hasPrices(story) ? new PriceOffice(planOf(story), startAtMs, within) : undefined

/** What prices held in a story: by the office's book, else by what the desk published. */
export const storyPriced = (
  { nodes }: Story,
  office: PriceOffice | undefined,
  register: { readonly tariff: ReadonlyArray<OcpiTariff> }
): Pick<Context, "tariffsOf" | "timeZoneOf" | "isPriceTurning"> =>
  office === undefined
    ? { tariffsOf: () => register.tariff }
    : {
        tariffsOf: (_stationId, session) => office.book.tariffsOf(session),
        timeZoneOf: (stationId) => office.book.timeZoneOf(stationId),
        isPriceTurning: (session) =>
          office.book.isBetween(session) || (nodes === 2 && office.book.isTurning(session, turnsWithinMs))
      }
