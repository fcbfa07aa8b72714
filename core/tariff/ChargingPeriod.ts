/**
 * A stretch of a session over which no price changes (OCPI CDR ChargingPeriod), in integers so that the parts of a
 * session add up to the whole. A volume of 0 is an absent dimension.
 */
export interface ChargingPeriod {
  readonly startAtMs: number
  readonly endAtMs: number
  /** ENERGY. */
  readonly energyMilliWh: number
  /** TIME: charging, about to charge, or held back by the operator. */
  readonly chargingMs: number
  /** PARKING_TIME: the vehicle is not requesting power. */
  readonly parkingMs: number
  /** RESERVATION_TIME. */
  readonly reservedMs: number
  /** The least and the most power and current (summed over the phases) seen; null when no meter told. */
  readonly minPowerW: number | null
  readonly maxPowerW: number | null
  readonly minCurrentMa: number | null
  readonly maxCurrentMa: number | null
}

/** A period that holds nothing yet: to be spread into. */
export const emptyPeriod: Omit<ChargingPeriod, "startAtMs" | "endAtMs"> = {
  energyMilliWh: 0,
  chargingMs: 0,
  parkingMs: 0,
  reservedMs: 0,
  minPowerW: null,
  maxPowerW: null,
  minCurrentMa: null,
  maxCurrentMa: null
}
