import { count, plural } from "../cli/format.ts"
import type { OwnCosts } from "../lab/ownCosts.ts"
import type { RunRecord } from "../telemetry/RunRecord.ts"
import { html } from "./html.ts"
import type { Section } from "./page.ts"
import { table } from "./table.ts"

const names: Readonly<Record<OwnCosts["byDimension"][number]["dimension"], string>> = {
  energy: "Energy",
  time: "Charging time",
  idle: "Parking",
  fixed: "Session fee",
  reservation: "Reservation",
  adjustment: "Adjustment",
  tax: "Tax"
}

const signed = (amount: string): string => (amount.startsWith("-") || Number(amount) === 0 ? amount : `+${amount}`)

/** What 2.1 stations came to by themselves, and in what that differs from the bill; undefined where none did. */
export const ownCosts = ({ result }: RunRecord, prefix: string): Section | undefined => {
  if (result.ownCosts === undefined) return undefined
  const { told, mismatched, byDimension, apart } = result.ownCosts
  const money = { isNumber: true } as const
  const all = table({
    caption: "What stations told more or less than the bills, by dimension",
    columns: [{ head: "dimension" }, { head: "charges", ...money }, { head: "told less billed", ...money }],
    rows: byDimension.map(({ dimension, currency, charges, difference }) => ({
      cells: [names[dimension], count(charges), `${signed(difference)} ${currency}`]
    }))
  })
  const each = apart.map(
    ({ transactionId, stationId, text, costs }) =>
      html`<h3>${stationId} <span class="note">${transactionId}</span></h3><p>${text}</p>${
        costs.length === 0
          ? html`<p class="note">The station told a total alone.</p>`
          : table({
              caption: "Dimension by dimension",
              columns: [
                { head: "dimension" },
                { head: "told", ...money },
                { head: "billed", ...money },
                { head: "difference", ...money }
              ],
              rows: costs.map(({ dimension, told: says, billed, difference }) => ({
                hasFailed: Number(difference) !== 0,
                cells: [names[dimension], says, billed, Number(difference) === 0 ? "0" : signed(difference)]
              }))
            })
      }`
  )
  return {
    id: `${prefix}own-costs`,
    title: "What stations reckoned",
    lede: `${plural(told, "charge")} priced by the station itself (OCPP 2.1): ${
      mismatched === 0 ? "all came to the bill." : `${count(mismatched)} came to another figure than the bill.`
    }`,
    body: [
      byDimension.length > 0 && all,
      each,
      mismatched > apart.length && html`<p class="note">… and ${count(mismatched - apart.length)} more.</p>`
    ]
  }
}
