/** The parts of an OCPI Tariff (2.3.0 mod_tariffs) that a price depends on, as they stand in JSON. */
export interface OcpiTariff {
  readonly id: string
  readonly version?: number
  readonly currency: string
  readonly elements: ReadonlyArray<OcpiElement>
  readonly tax_included?: "YES" | "NO" | "N/A"
  /** What to hold on a card before a start; says nothing of what a charge costs. */
  readonly preauthorize_amount?: number
  readonly min_price?: OcpiLimit
  readonly max_price?: OcpiLimit
  readonly start_date_time?: string
  readonly end_date_time?: string
  /** What OCPI lacks. */
  readonly wattproof?: Extras
}

export interface Extras {
  /** Local time, in which parked time is neither charged nor counted. */
  readonly quiet_hours?: ReadonlyArray<{
    readonly start_time: string
    readonly end_time: string
    readonly day_of_week?: ReadonlyArray<string>
  }>
  readonly holidays?: { readonly name: string; readonly dates: ReadonlyArray<string> }
  /** The most that a session pays, with the tax inside where the prices have it. */
  readonly caps?: ReadonlyArray<{ readonly type: "ENERGY" | "TIME" | "PARKING_TIME"; readonly amount: number }>
  readonly energy_prices?: EnergyPrices
  readonly discounts?: ReadonlyArray<Discount>
}

/** Each price holds until the next one starts. */
export interface EnergyPrices {
  readonly surcharge?: number
  readonly prices: ReadonlyArray<{ readonly start_date_time: string; readonly price: number }>
  readonly end_date_time: string
}

export interface Discount {
  readonly name: string
  readonly type?: OcpiPriceComponent["type"]
  readonly percent?: number
  readonly amount?: number
  readonly groups?: ReadonlyArray<string>
}

export interface OcpiElement {
  readonly price_components: ReadonlyArray<OcpiPriceComponent>
  readonly restrictions?: OcpiRestrictions
  readonly wattproof?: {
    readonly holidays?: "ONLY" | "EXCEPT"
    readonly grace?: { readonly seconds: number; readonly per: "STRETCH" | "SESSION" }
    readonly energy_prices?: boolean
  }
}

export interface OcpiPriceComponent {
  readonly type: "ENERGY" | "TIME" | "PARKING_TIME" | "FLAT"
  /** Per kWh, per hour, or once. */
  readonly price: number | string
  /** Percent. */
  readonly vat?: number
  /** Wh or seconds. */
  readonly step_size?: number
}

/** kWh, kW, A and seconds; minima inclusive, maxima exclusive; clock and calendar of the location. */
export interface OcpiRestrictions {
  readonly start_time?: string
  readonly end_time?: string
  readonly start_date?: string
  readonly end_date?: string
  readonly min_kwh?: number
  readonly max_kwh?: number
  readonly min_current?: number
  readonly max_current?: number
  readonly min_power?: number
  readonly max_power?: number
  readonly min_duration?: number
  readonly max_duration?: number
  readonly day_of_week?: ReadonlyArray<string>
  readonly reservation?: "RESERVATION" | "RESERVATION_EXPIRES"
}

export interface OcpiLimit {
  readonly before_taxes: number
  readonly after_taxes?: number
}

/** A stretch of a session, priced as a whole by what holds when it starts. */
export interface Stretch {
  readonly startAtMs: number
  readonly energyMilliWh: number
  readonly chargingMs: number
  readonly parkingMs: number
  readonly reservedMs: number
  /** Least and most of what was drawn; null where nobody measured. */
  readonly minPowerW: number | null
  readonly maxPowerW: number | null
  readonly minCurrentMa: number | null
  readonly maxCurrentMa: number | null
}
