import type { Exact } from "../Money.ts"

/** What a line is for: a dimension of OCPI, or the difference a limit makes. */
export type LineDimension = "ENERGY" | "TIME" | "PARKING_TIME" | "RESERVATION_TIME" | "FLAT" | "ADJUSTMENT"

/**
 * Why a line is not a quantity times the tariff's price. Time that is free (GRACE, QUIET_HOURS) is a quantity at a price
 * of 0; what a subscription includes (INCLUDED) is a quantity taken off at the price it had. The others are amounts alone: what a cap or a discount takes from a dimension, what a limit does to the total.
 */
export const adjustmentReasons = [
  "MIN_PRICE",
  "MAX_PRICE",
  "NEGATIVE_TAX",
  "INCLUDED",
  "GRACE",
  "QUIET_HOURS",
  "CAP",
  "DISCOUNT"
] as const
export type AdjustmentReason = (typeof adjustmentReasons)[number]

/** Whether a line is an amount alone, without a quantity and a price of its own. */
export const isAmount = ({ adjustment }: { readonly adjustment: string | null }): boolean =>
  adjustment !== null && adjustment !== "GRACE" && adjustment !== "QUIET_HOURS" && adjustment !== "INCLUDED"

/** One price of one charging period, or an adjustment of the total. */
export interface RatingLine {
  /** A reservation is priced apart from the session that follows it. */
  readonly scope: "session" | "reservation"
  readonly dimension: LineDimension
  /** Into the rated periods, sorted by start; of an adjustment the last one, -1 when there is none. */
  readonly period: number
  readonly startAtMs: number
  /**
   * Into the tariff's elements and that element's price components; -1 for an amount alone, but of a CAP or DISCOUNT
   * `component` is its place among the tariff's caps or discounts.
   */
  readonly element: number
  readonly component: number
  /** What is billed: mWh of ENERGY, ms of the times, 1 of FLAT, 0 of an amount alone; step_size included. */
  readonly volume: number
  /** The part of `volume` that only step_size added. */
  readonly stepSurplus: number
  readonly unitPriceMicros: number
  /** The rate that applied; null when the tariff names none, or says that none applies. */
  readonly vatPpm: number | null
  readonly net: Exact
  readonly tax: Exact
  /** The line's share of the rounded totals: the lines sum to them. */
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly adjustment: AdjustmentReason | null
}

/** All lines of one VAT rate; null: without a known rate. */
export interface TaxLine {
  readonly vatPpm: number | null
  readonly net: Exact
  readonly tax: Exact
  readonly netMinor: bigint
  readonly taxMinor: bigint
}

/**
 * What is worth telling about a rating, as codes: `total_clamped`, `unattributed_tax`, `negative_tax`,
 * `tax_included_without_rate`, `tax_rate_ignored`, `no_price_component:DIM`, `period_spans_price_change:DIM`,
 * `periods_out_of_order`, `periods_overlap`, `missing_signal:POWER`, `missing_signal:CURRENT`.
 */
export type RatingNote = string

/**
 * A session priced by one version of one tariff. The exact totals are the sums of the lines; the minor units are those
 * totals rounded once, half away from zero, gross and net each, the tax being their difference.
 */
export interface Rating {
  readonly tariffId: string
  readonly tariffVersion: number
  readonly currency: string
  /** How it was rounded and stepped: a number without its policy cannot be explained years later. */
  readonly policy: string
  /** Limits included: adjustment lines carry the difference. */
  readonly lines: ReadonlyArray<RatingLine>
  readonly taxes: ReadonlyArray<TaxLine>
  readonly net: Exact
  readonly tax: Exact
  readonly gross: Exact
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly grossMinor: bigint
  readonly limitApplied: "min_price" | "max_price" | null
  readonly notes: ReadonlyArray<RatingNote>
}
