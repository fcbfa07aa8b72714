import type { Event } from "#core/api/Events.ts"
import * as Instant from "#core/Instant.ts"
import type { Style } from "#server/cli/Screen.ts"
import { count, cut, energy, money, plural, power } from "./format.ts"
import { ownerOf } from "./demoPeople.ts"

/** What is not told by events. */
export interface Gauges {
  readonly stations: number
  readonly connected: number
  readonly refusedCards: number
  readonly messagesPerSecond: number
}

/** Something that happened, for the list below the figures. */
interface Happening {
  readonly atMs: number
  readonly stationId: string
  readonly text: string
}

const latestLimit = 100

/** What the demo's screen shows, kept up by the server's live events. */
export class Board {
  private readonly running = new Map<string, { readonly energyWh: number; readonly powerW: number }>()
  private readonly billed = new Map<string, bigint>()
  private readonly latest: Array<Happening> = []
  private billedWh = 0
  /** Charges that were billed since the start. */
  charges = 0

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
        if (known !== undefined) this.running.set(event.transactionId, { ...known, powerW: 0 })
        return
      }
      case "CdrIssued": {
        const { currency, energyWh } = event
        const amountMinor = BigInt(event.amountMinor)
        this.running.delete(event.transactionId)
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

  /** Transactions that are not over. */
  get open(): number {
    return this.running.size
  }

  /** Billed, and metered of what still runs; whole Wh. */
  get energyWh(): number {
    let sum = this.billedWh
    for (const { energyWh } of this.running.values()) sum += energyWh
    return sum
  }

  /** Billed since the start, all currencies. */
  get money(): string {
    return [...this.billed].map(([currency, minor]) => money(minor, currency)).join(", ") || "nothing"
  }

  /** The figures as two short lines. */
  figures({ stations, connected, refusedCards, messagesPerSecond }: Gauges): readonly [string, string] {
    let powerW = 0
    let charging = 0
    for (const each of this.running.values()) {
      powerW += each.powerW
      if (each.powerW > 0) charging++
    }
    return [
      `${connected} of ${stations} stations connected, ${count(charging)} charging at ${power(powerW)}, ${messagesPerSecond.toFixed(1)} messages/s`,
      `${energy(this.energyWh)} delivered, ${this.money} billed for ${plural(this.charges, "charge")}, ${plural(refusedCards, "card")} refused`
    ]
  }

  /** The figures, and the `most` latest happenings, newest first, no line wider than the columns. */
  lines(gauges: Gauges, options: { readonly columns: number; readonly most: number; readonly style: Style }) {
    const { columns, most, style } = options
    const [now, sums] = this.figures(gauges)
    const happenings = this.latest
      .slice(-most)
      .reverse()
      .map(({ atMs, stationId, text }) => {
        const time = Instant.format(atMs).slice(11, 19)
        return `  ${style.dim(time)}  ${stationId}  ${cut(text, Math.max(0, columns - 1 - 2 - time.length - 2 - stationId.length - 2))}`
      })
    return [`  ${style.bold(cut(now, columns - 3))}`, `  ${cut(sums, columns - 3)}`, "", ...happenings]
  }

  private note({ at, stationId }: { readonly at: string; readonly stationId: string }, text: string): void {
    this.latest.push({ atMs: Instant.parse(at) ?? 0, stationId, text })
    if (this.latest.length > latestLimit) this.latest.shift()
  }
}
