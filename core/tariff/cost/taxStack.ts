import { add, type Exact, exact, multiply } from "../../Money.ts"

/** One tax of an OCPP 2.1 tariff: its rate, and the level of the stack that it stands on. */
export interface TaxRate {
  readonly type: string
  /** Millionths: 6 % is 60000. */
  readonly ppm: number
  /** 0 taxes the net amount; each higher level taxes what the levels below have made of it. */
  readonly stack: number
}

export interface TaxAmount {
  readonly type: string
  readonly amount: Exact
}

/**
 * The taxes on a net amount (OCPP 2.1 I12.FR.13): the rates of one stack level add up, a higher level is taken of the
 * amount with the taxes of the levels below. In the order of the levels, within one as the tariff names them.
 */
export const taxesOn = (net: Exact, rates: ReadonlyArray<TaxRate>): ReadonlyArray<TaxAmount> => {
  const taxes: Array<TaxAmount> = []
  let base = net
  for (const level of [...new Set(rates.map(({ stack }) => stack))].sort((a, b) => a - b)) {
    const ofLevel = rates
      .filter(({ stack }) => stack === level)
      .map(({ type, ppm }) => ({ type, amount: multiply(base, exact(BigInt(ppm), 1_000_000n)) }))
    base = ofLevel.reduce((sum, { amount }) => add(sum, amount), base)
    taxes.push(...ofLevel)
  }
  return taxes
}
