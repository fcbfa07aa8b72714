import type { DayOfWeek, TariffDimension } from "../TariffWire.ts"

/** What people use and OCPI lacks, as far as it belongs to a whole tariff. */
export interface TariffExtras {
  /** While one of them holds, PARKING_TIME is neither charged nor counted towards a grace period. */
  readonly quietHours: ReadonlyArray<QuietHours>
  /** The calendar that elements refer to. */
  readonly holidays: Holidays | null
  /** The most that a session pays for a dimension; each dimension once. */
  readonly caps: ReadonlyArray<Cap>
  readonly energyPrices: EnergyPrices | null
  /** Taken one after the other, each from what the one before has left. */
  readonly discounts: ReadonlyArray<Discount>
}

/** A window of the local day; an end at or before the start wraps over midnight, 0 is the end of the day. */
export interface QuietHours {
  /** Minute of the local day, 0 to 1439; the same twice is the whole day. */
  readonly startMinute: number
  readonly endMinute: number
  /** The local day of the moment, after midnight too; null: every day. */
  readonly daysOfWeek: ReadonlyArray<DayOfWeek> | null
}

export interface Holidays {
  readonly name: string
  /** `YYYY-MM-DD`, local, ascending, each once. */
  readonly dates: ReadonlyArray<string>
}

export type CappedDimension = "ENERGY" | "TIME" | "PARKING_TIME"

/** In millionths of a currency unit, as the tariff states its prices: with the tax inside if it is inside them. */
export interface Cap {
  readonly dimension: CappedDimension
  readonly amountMicros: number
}

/** Prices of a kWh by the clock, without a gap: each holds until the next one starts, the last until the end. */
export interface EnergyPrices {
  /** Added to every price of the series. The sum is at least 0. */
  readonly surchargeMicros: number
  /** Ascending. */
  readonly prices: ReadonlyArray<{ readonly startAtMs: number; readonly priceMicros: number }>
  readonly endAtMs: number
}

/** Either a percentage or an amount as the tariff states its prices; never more than there is. */
export interface Discount {
  readonly name: string
  /** Null: of everything that the session costs, reservation included. */
  readonly dimension: TariffDimension | null
  /** Millionths: 10 % is 100000. */
  readonly ratePpm: number | null
  readonly amountMicros: number | null
  /** Ids of driver groups; null: for everybody. */
  readonly groups: ReadonlyArray<string> | null
}

/** What people use and OCPI lacks, as far as it belongs to one element. */
export interface ElementExtras {
  /** On days of the calendar alone, or on all others alone; null: whatever the day. */
  readonly holidays: "ONLY" | "EXCEPT" | null
  readonly grace: Grace | null
  /** Whether its ENERGY costs what the series says; its own price is for when the series says nothing. */
  readonly usesEnergyPrices: boolean
}

/**
 * So long is PARKING_TIME free. A stretch of parking lasts until the vehicle requests power again; `SESSION` counts all
 * of them together. Quiet hours do not count.
 */
export interface Grace {
  readonly freeMs: number
  readonly per: "STRETCH" | "SESSION"
}
