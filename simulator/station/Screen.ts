import { Result } from "effect"
import { canonicalUid } from "#core/token/Token.ts"
import type { Shown } from "../Displays.ts"
import type { TrueState, Truth } from "../Truth.ts"
import type { TimersApi } from "../time/Timers.ts"
import type { Habits } from "./Habits.ts"
import type { Message } from "./Outbox.ts"
import { type OwnCost, OwnPrices } from "./OwnPrices.ts"
import type { Reading, Transaction } from "./Transaction.ts"
import { idOf } from "./v201/variables.ts"

interface Host {
  readonly identity: string
  readonly truth: Truth
  readonly timers: TimersApi
  readonly habits: Habits
}

/** What a message says beside being one: where a charge stands. */
export interface Said {
  readonly readings: ReadonlyArray<Reading>
  /** Null where the message does not tell it. */
  readonly state: TrueState | null
  /** By the station's clock; that of the last reading when not given. */
  readonly atMs?: number
}

const nothingMore = {
  wireId: null,
  sessionId: null,
  isFinal: false,
  amount: null,
  meter: null,
  tokenUid: null,
  text: null
}

/** The OCA's extension of 1.6 for prices and costs (OCPP & California Pricing Requirements). */
export const costVendor = "org.openchargealliance.costmsg"

const told: ReadonlyMap<string, string> = new Map([
  ["CustomDisplayCostAndPrice", "true"],
  [idOf("TariffCostCtrlr", "Available", "Cost"), "true"],
  [idOf("TariffCostCtrlr", "Enabled", "Cost"), "true"]
])
const none: ReadonlyMap<string, string> = new Map()

/** What a station reports of its display, by the names of the entries. */
export const reportedOf = ({ display }: Pick<Habits, "display">): ReadonlyMap<string, string> =>
  display === "told" ? told : none

/**
 * What a station shows a driver of money, if it has a display for that. Whatever reaches it is written down, also where
 * nobody can see it.
 */
export class Screen {
  /** Of a station that prices by itself; of others none is ever set. */
  readonly prices: OwnPrices
  private readonly host: Host

  constructor(host: Host) {
    this.host = host
    this.prices = new OwnPrices(host.habits.forgetsInCost)
  }

  get hasDisplay(): boolean {
    return this.host.habits.display !== "none"
  }

  get pricesItself(): boolean {
    return this.host.habits.display === "own"
  }

  /** Writes down what came. */
  show(shown: Pick<Shown, "by"> & Partial<Shown>): void {
    const { identity, timers, truth } = this.host
    truth.displays.show({
      ...nothingMore,
      stationId: identity,
      hasDisplay: this.hasDisplay,
      atMs: timers.nowAtMs(),
      ...shown
    })
  }

  /** The answer to a message of a transaction of its own says what it costs. */
  answered({ truth, wireId }: Transaction, amount: number, isFinal: boolean): void {
    this.show({ by: "totalCost", sessionId: truth.id, wireId, amount, isFinal })
  }

  /** One of the OCA's cost messages: the status to answer it with. */
  transfer(
    messageId: string | undefined,
    data: string | undefined
  ): "Accepted" | "Rejected" | "UnknownMessageId" | "UnknownVendorId" {
    const told = dataOf(data)
    const wireId = told["transactionId"] === undefined ? null : String(told["transactionId"])
    const amount = numberOf(told["cost"])
    switch (messageId) {
      case "SetUserPrice": {
        const { idToken, priceText } = told
        this.show({
          by: messageId,
          tokenUid: typeof idToken === "string" ? canonicalUid(idToken) : null,
          text: typeof priceText === "string" ? priceText : null
        })
        break
      }
      case "RunningCost": {
        const [atMs, registerWh] = [Date.parse(String(told["timestamp"])), numberOf(told["meterValue"])]
        this.show({ by: messageId, wireId, amount, meter: registerWh === null ? null : { atMs, registerWh } })
        break
      }
      case "FinalCost":
        this.show({ by: messageId, wireId, amount, isFinal: true })
        break
      default:
        return this.hasDisplay ? "UnknownMessageId" : "UnknownVendorId"
    }
    return this.hasDisplay ? "Accepted" : "UnknownVendorId"
  }

  /** A message goes out that says where a charge stands: kept for whoever asks what the CMS could know. */
  tell(transaction: Transaction, message: Message, { readings, state, atMs }: Said): void {
    if (!this.hasDisplay) return
    const { truth, timers } = this.host
    truth.displays.tell(transaction.truth.id, message, {
      atMs: Math.max(atMs ?? 0, ...readings.map((reading) => reading.atMs)),
      readings: readings.map((reading) => ({ atMs: reading.atMs, registerWh: reading.registerWh })),
      state,
      toldAtMs: timers.nowAtMs()
    })
    this.showOwn(transaction, this.prices.costOf(transaction, truth.displays), false)
  }

  /** What a charge came to by the station's own reckoning, which it shows and tells; null where it has none. */
  end(transaction: Transaction, reading: Reading): OwnCost | null {
    const cost = this.prices.costOf(transaction, this.host.truth.displays, reading)
    this.showOwn(transaction, cost, true)
    return cost
  }

  private showOwn({ truth, wireId }: Transaction, cost: OwnCost | null, isFinal: boolean): void {
    if (cost !== null) this.show({ by: "own", sessionId: truth.id, wireId, amount: cost.inclTax, isFinal })
  }
}

const numberOf = (value: unknown): number | null => (typeof value === "number" ? value : null)

/** What stands in a DataTransfer's text; nothing where that is no JSON object. */
const dataOf = (data: string | undefined): Readonly<Record<string, unknown>> => {
  const parsed = Result.getOrUndefined(Result.try((): unknown => JSON.parse(data ?? "")))
  return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {}
}
