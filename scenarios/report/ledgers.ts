import { hardStates } from "#core/Sometimes.ts"
import { money as amount, count, duration, energy, plural } from "../cli/format.ts"
import type { MessageRow, MoneyOf, MoneyRow, RunRecord } from "../telemetry/RunRecord.ts"
import { type Html, html } from "./html.ts"
import { latencyTable } from "./latencyTable.ts"
import type { Section } from "./page.ts"
import { table } from "./table.ts"

const zeroOr = (value: number): Html | string => (value === 0 ? html`<span class="zero">0</span>` : count(value))

const rowsFrom = (messages: ReadonlyArray<MessageRow>, from: MessageRow["from"]) =>
  messages.filter((it) => it.from === from).sort((a, b) => b.sent - a.sent || (a.name < b.name ? -1 : 1))

/** CALLs by action, and how long their answers took. */
export const messages = (record: RunRecord, prefix: string): Section => {
  const more = {
    heads: ["sent", "errors", "unanswered"],
    cells: ({ sent, errors, unanswered }: MessageRow) => [count(sent), zeroOr(errors), zeroOr(unanswered)]
  }
  const tableOf = (from: MessageRow["from"], caption: string) => {
    const rows = rowsFrom(record.messages, from)
    return rows.length > 0 && latencyTable(caption, "action", rows, more)
  }
  const isVirtual = record.result.world === "virtual"
  return {
    id: `${prefix}messages`,
    title: "Messages",
    lede: `From a CALL's departure to its answer's arrival, as the side that asked saw it${
      isVirtual ? ", in virtual time: the network's delay and its faults, not the speed of this machine" : ""
    }. The bars at the right share one logarithmic scale.`,
    body: [
      tableOf("station", "Stations ask the CMS"),
      tableOf("cms", "The CMS asks stations"),
      record.messages.length === 0 && html`<p class="note">No message was seen.</p>`
    ]
  }
}

const names: Readonly<Record<string, string>> = {
  FLAT: "Session fee",
  ENERGY: "Energy",
  TIME: "Charging time",
  PARKING_TIME: "Parking",
  RESERVATION_TIME: "Reservation",
  ADJUSTMENT: "Adjustment"
}

const volumeOf = ({ dimension, volume, lines }: MoneyRow): string => {
  if (dimension === "ENERGY") return energy(Math.round(volume / 1000))
  if (dimension === "FLAT" || dimension === "ADJUSTMENT") return plural(lines, "time")
  return duration(volume / 1000)
}

const moneyTable = ({ currency, cdrs, rows, credits, creditNetMinor, creditTaxMinor }: MoneyOf): Html => {
  const money = (minor: bigint) => amount(minor, currency).replace(`${currency} `, "")
  const net = rows.reduce((sum, it) => sum + it.netMinor, 0n)
  const tax = rows.reduce((sum, it) => sum + it.taxMinor, 0n)
  const most = rows.reduce((top, it) => (it.netMinor + it.taxMinor > top ? it.netMinor + it.taxMinor : top), 1n)
  const line = (name: string, volume: string, n: bigint, t: bigint, bar: Html | string = "") => ({
    cells: [name, volume, money(n), money(t), money(n + t), bar]
  })
  const credited = line("Taken back by credits", plural(credits, "credit CDR"), creditNetMinor, creditTaxMinor)
  return table({
    caption: `${currency}, ${plural(cdrs, "CDR")}, by what the tariff charges for`,
    columns: [
      { head: "element" },
      { head: "quantity", isNumber: true },
      { head: "net", isNumber: true },
      { head: "tax", isNumber: true },
      { head: "gross", isNumber: true },
      { head: html`<span class="visually-hidden">share</span>` }
    ],
    rows: [
      ...rows.map((it) => {
        const share = Number(((it.netMinor + it.taxMinor) * 1000n) / most) / 10
        const bar = html`<span class="bar" style="width:${Math.max(0, share) * 1.6}px"></span>`
        return line(names[it.dimension] ?? it.dimension, volumeOf(it), it.netMinor, it.taxMinor, bar)
      }),
      ...(credits > 0 ? [credited] : [])
    ],
    foot: [line("Together", "", net + creditNetMinor, tax + creditTaxMinor)]
  })
}

/** What was billed, by the elements of the tariffs. */
export const money = ({ money: by }: RunRecord, prefix: string): Section => ({
  id: `${prefix}money`,
  title: "Money",
  body:
    by === null
      ? html`<p class="lede">The books of this CMS cannot be seen.</p>`
      : by.length === 0
        ? html`<p class="lede">No CDR was issued.</p>`
        : by.map(moneyTable)
})

/** The hard states that the run reached, and those it did not. */
export const coverage = ({ sometimes }: RunRecord, prefix: string): Section => {
  const reached = sometimes.filter(([, times]) => times > 0)
  return {
    id: `${prefix}coverage`,
    title: "Hard states",
    lede: `This run reached ${reached.length} of ${sometimes.length}: places in the code that a day of good luck never passes. One run need not reach them all; a night of exploration must, those it promises.`,
    body: table({
      caption: "How often each was reached",
      columns: [{ head: "state" }, { head: "promised" }, { head: "reached", isNumber: true }],
      rows: [...sometimes]
        .sort(([, a], [, b]) => b - a)
        .map(([state, times]) => ({
          cells: [
            state,
            html`<span class="note">${hardStates[state] === "nightly" ? "every night" : "no, rare"}</span>`,
            times === 0 ? html`<span class="zero">never</span>` : count(times)
          ]
        }))
    })
  }
}
