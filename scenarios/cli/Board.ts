import type { Event } from "#core/api/Events.ts"
import * as Instant from "#core/Instant.ts"
import type { Style } from "#server/cli/Screen.ts"
import type { Judgement } from "#simulator/Truth.ts"
import { ownerOf } from "./demoPeople.ts"
import { count, cut, energy, money, plural, power } from "./format.ts"

/** What is not told by events. */
export interface Gauges {
  readonly stations: number
  readonly connected: number
  readonly messagesPerSecond: number
}

/** Something that happened, for the list below the figures. */
interface Happening {
  readonly atMs: number
  readonly stationId: string
  readonly text: string
}

const latestLimit = 100
/** Transactions that may wait for their bill at a time; of some nothing is owed, and no bill comes. */
const settlingLimit = 200

/** What the demo's screen shows, kept up by the server's live events. */
export class Board {
  private readonly running = new Map<string, { readonly energyWh: number; readonly powerW: number }>()
  /** Over and not billed yet: Wh. */
  private readonly settling = new Map<string, number>()
  private readonly billed = new Map<string, bigint>()
  private readonly latest: Array<Happening> = []
  private billedWh = 0
  /** Charges billed, and cards refused, since the start. */
  private charges = 0
  private refusals = 0

  /** Takes in what the CMS answered to a card. */
  judged({ atMs, stationId, tokenUid, status }: Judgement): void {
    if (status === "Accepted") return
    this.refusals++
    this.add({ atMs, stationId, text: `card ${tokenUid} is refused: ${status}` })
  }

  /** Takes in an event. */
  hear(event: Event): void {
    switch (event.kind) {
      case "TransactionStarted":
        this.running.set(event.transactionId, { energyWh: 0, powerW: 0 })
        this.note(event, `${ownerOf(event.tokenUid)} begins`)
        return
      case "MeterReading": {
        const known = this.running.get(event.transactionId)
        // A reading that comes after the end is no longer of what runs.
        if (known === undefined) return
        const { energyWh, powerW } = event
        this.running.set(event.transactionId, { energyWh: energyWh ?? known.energyWh, powerW: powerW ?? 0 })
        return
      }
      case "TransactionEnded": {
        const known = this.running.get(event.transactionId)
        this.running.delete(event.transactionId)
        if (known === undefined) return
        this.settling.set(event.transactionId, known.energyWh)
        const [oldest] = this.settling.keys()
        if (this.settling.size > settlingLimit && oldest !== undefined) this.settling.delete(oldest)
        return
      }
      case "CdrIssued": {
        const { currency, energyWh } = event
        const amountMinor = BigInt(event.amountMinor)
        this.running.delete(event.transactionId)
        this.settling.delete(event.transactionId)
        this.billed.set(currency, (this.billed.get(currency) ?? 0n) + amountMinor)
        this.billedWh += energyWh
        this.charges++
        this.note(event, `${energy(energyWh)} for ${money(amountMinor, currency)}`)
        return
      }
      case "FindingRaised":
        this.note(event, `${event.code}: ${event.text}`)
    }
  }

  /** Transactions that are not over, or not billed yet. */
  get open(): number {
    return this.running.size + this.settling.size
  }

  /** Billed, and metered of what still runs; whole Wh. */
  get energyWh(): number {
    let sum = this.billedWh
    for (const energyWh of this.settling.values()) sum += energyWh
    for (const { energyWh } of this.running.values()) sum += energyWh
    return sum
  }

  /** The figures on one line, for a log. */
  line({ stations, connected, messagesPerSecond }: Gauges): string {
    const { charging, powerW } = this.load
    return [
      `${connected} of ${stations} stations connected`,
      `${count(charging)} charging at ${power(powerW)}`,
      `${energy(this.energyWh)} delivered`,
      this.bill,
      `${plural(this.refusals, "card")} refused`,
      `${messagesPerSecond.toFixed(1)} messages/s`
    ].join(", ")
  }

  /** The figures, and the `most` latest happenings, newest first; no line is wider than the columns. */
  lines(gauges: Gauges, options: { readonly columns: number; readonly most: number; readonly style: Style }) {
    const { columns, most, style } = options
    const { charging, powerW } = this.load
    const { stations, connected, messagesPerSecond } = gauges
    const pair = (name: string, value: string, nameWidth: number, valueWidth: number): string =>
      `${style.dim(name.padEnd(nameWidth))}${style.bold(cut(value, valueWidth).padEnd(valueWidth))}`
    const right = columns - 1 - 2 - 11 - 22 - 2 - 10
    const row = (name: string, value: string, other: string, otherValue: string): ReadonlyArray<string> =>
      right < 10
        ? [`  ${pair(name, value, 11, columns - 14)}`, `  ${pair(other, otherValue, 11, columns - 14)}`]
        : [`  ${pair(name, value, 11, 22)}  ${pair(other, otherValue, 10, right)}`]
    const happenings = this.latest.slice(-most).reverse()
    return [
      ...row("stations", `${connected} of ${stations} connected`, "charging", `${count(charging)} at ${power(powerW)}`),
      ...row("delivered", energy(this.energyWh), "billed", this.bill.replace(" billed", "")),
      ...row("messages", `${messagesPerSecond.toFixed(1)} a second`, "cards", `${count(this.refusals)} refused`),
      "",
      ...happenings.map(({ atMs, stationId, text }) => {
        const when = new Date(atMs).toTimeString().slice(0, 8)
        const left = `  ${when}  ${stationId}  `
        return `  ${style.dim(when)}  ${stationId}  ${cut(text, Math.max(0, columns - 1 - left.length))}`
      })
    ]
  }

  /** What the charges since the start came to. */
  get sums(): string {
    return `${energy(this.energyWh)} delivered, ${this.bill}, ${plural(this.refusals, "card")} refused`
  }

  private get load(): { readonly charging: number; readonly powerW: number } {
    let powerW = 0
    let charging = 0
    for (const each of this.running.values()) {
      powerW += each.powerW
      if (each.powerW > 0) charging++
    }
    return { charging, powerW }
  }

  private get bill(): string {
    if (this.charges === 0) return "nothing billed yet"
    const sums = [...this.billed].map(([currency, minor]) => money(minor, currency))
    return `${sums.join(", ")} billed for ${plural(this.charges, "charge")}`
  }

  private note({ at, stationId }: { readonly at: string; readonly stationId: string }, text: string): void {
    this.add({ atMs: Instant.parse(at) ?? 0, stationId, text })
  }

  private add(happening: Happening): void {
    this.latest.push(happening)
    if (this.latest.length > latestLimit) this.latest.shift()
  }
}
