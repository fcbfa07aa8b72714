/**
 * Money without floats. A price is an integer of millionths of a currency unit, an amount that is still being summed is
 * an exact fraction, and what is owed is a bigint of minor units (cents). Between the last two stands one rounding,
 * {@link roundHalfAwayFromZero}; nothing else in the system rounds money.
 */

/** An exact amount of currency units: `n / d`, `d` positive, not necessarily reduced. */
export interface Exact {
  readonly n: bigint
  readonly d: bigint
}

export const zero: Exact = { n: 0n, d: 1n }

/** `n / d` as an exact amount; the sign is moved into `n`. A zero denominator is a defect. */
export const exact = (n: bigint, d: bigint = 1n): Exact => {
  if (d === 0n) throw new Error("an exact amount cannot have the denominator 0")
  return d < 0n ? { n: -n, d: -d } : { n, d }
}

export const add = (a: Exact, b: Exact): Exact =>
  a.d === b.d ? { n: a.n + b.n, d: a.d } : { n: a.n * b.d + b.n * a.d, d: a.d * b.d }

export const negate = (a: Exact): Exact => ({ n: -a.n, d: a.d })

export const subtract = (a: Exact, b: Exact): Exact => add(a, negate(b))

export const multiply = (a: Exact, b: Exact): Exact => ({ n: a.n * b.n, d: a.d * b.d })

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export const compare = (a: Exact, b: Exact): number => {
  const left = a.d === b.d ? a.n : a.n * b.d
  const right = a.d === b.d ? b.n : b.n * a.d
  return left < right ? -1 : left > right ? 1 : 0
}

export const sum = (amounts: ReadonlyArray<Exact>): Exact => amounts.reduce(add, zero)

/** The nearest integer to `n / d` (`d` positive); a half goes away from zero: 5.125 is 5.13, -5.125 is -5.13. */
export const roundHalfAwayFromZero = (n: bigint, d: bigint): bigint =>
  n < 0n ? -((-2n * n + d) / (2n * d)) : (2n * n + d) / (2n * d)

/** The greatest integer that is not above `n / d` (`d` positive), for negative `n` too. */
export const floorDivide = (n: bigint, d: bigint): bigint => {
  const quotient = n / d
  return n < 0n && quotient * d !== n ? quotient - 1n : quotient
}

const powers: ReadonlyArray<bigint> = Array.from({ length: 40 }, (_, digits) => 10n ** BigInt(digits))

/** 10 to the `digits`, 0 to 39. */
export const powerOfTen = (digits: number): bigint => powers[digits]!

const decimalPattern = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/

/**
 * A JSON number or decimal text as an integer of 10^-digits units, or undefined when it is no decimal or has more
 * decimals than that: `scaled(0.25, 6)` is 250000n. Numbers of up to 15 significant digits are read as they were
 * written, never through their binary fraction.
 */
export const scaled = (value: number | string, digits: number): bigint | undefined => {
  const match = decimalPattern.exec(typeof value === "number" ? String(value) : value)
  if (match === null) return undefined
  const [, sign, whole, fraction = "", exponent = "0"] = match
  const shift = digits - fraction.length + Number(exponent)
  let n = BigInt(whole! + fraction)
  if (shift >= 0) {
    if (shift >= powers.length) return undefined
    n *= powers[shift]!
  } else {
    const divisor = 10n ** BigInt(-shift)
    if (n % divisor !== 0n) return undefined
    n /= divisor
  }
  return sign === "-" ? -n : n
}

/** An integer of 10^-digits units as text, without trailing zeros after the first `minimum` decimals. */
export const unscaled = (value: bigint, digits: number, minimum = 0): string => {
  const negative = value < 0n
  const text = (negative ? -value : value).toString().padStart(digits + 1, "0")
  const whole = text.slice(0, text.length - digits)
  let end = text.length
  while (end > text.length - digits + minimum && text.charCodeAt(end - 1) === 48) end -= 1
  const fraction = text.slice(text.length - digits, end)
  return `${negative ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`
}

/** An exact amount as decimal text, rounded once to `maximum` decimals, at least `minimum` of them shown. */
export const format = (amount: Exact, maximum = 6, minimum = 2): string =>
  unscaled(roundHalfAwayFromZero(amount.n * powers[maximum]!, amount.d), maximum, Math.min(minimum, maximum))

/** An exact amount in minor units of a currency with that many decimals, rounded once. */
export const toMinor = (amount: Exact, exponent: number): bigint =>
  roundHalfAwayFromZero(amount.n * powers[exponent]!, amount.d)

/**
 * Shares `total` minor units among parts of exact size `numerators[i] / d` units of 10^-exponent each rounded down, the
 * remaining units going to the largest remainders (the earlier part at a tie). The shares sum to `total`; when `total`
 * is the rounded sum of the parts, none differs from its part by a whole unit.
 */
export const largestRemainder = (
  total: bigint,
  numerators: ReadonlyArray<bigint>,
  d: bigint,
  exponent: number
): ReadonlyArray<bigint> => {
  if (numerators.length === 1) return [total]
  const scale = powers[exponent]!
  const shares: Array<bigint> = new Array(numerators.length)
  const remainders: Array<bigint> = new Array(numerators.length)
  let left = total
  for (let index = 0; index < numerators.length; index++) {
    const value = numerators[index]! * scale
    const share = floorDivide(value, d)
    shares[index] = share
    remainders[index] = value - share * d
    left -= share
  }
  if (left === 0n) return shares
  const order = remainders.map((_, index) => index)
  order.sort((a, b) => (remainders[a]! < remainders[b]! ? 1 : remainders[a]! > remainders[b]! ? -1 : a - b))
  const count = BigInt(order.length)
  const each = floorDivide(left, count)
  const extra = Number(left - each * count)
  for (let rank = 0; rank < order.length; rank++) shares[order[rank]!]! += each + (rank < extra ? 1n : 0n)
  return shares
}

/** ISO 4217: the active codes by number of decimals of their minor unit. */
const codesByExponent: ReadonlyArray<readonly [number, string]> = [
  [0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"],
  [
    2,
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF " +
      "CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG " +
      "HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR " +
      "MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD " +
      "SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG " +
      "YER ZAR ZMW ZWG"
  ],
  [3, "BHD IQD JOD KWD LYD OMR TND"],
  [4, "CLF UYW"]
]

const exponents: ReadonlyMap<string, number> = new Map(
  codesByExponent.flatMap(([exponent, codes]) => codes.split(" ").map((code) => [code, exponent] as const))
)

/** The number of decimals of a currency's minor unit (ISO 4217), undefined for a code that is not one. */
export const exponentOf = (currency: string): number | undefined => exponents.get(currency)

/** Minor units as text with the currency's decimals: `formatMinor(1238n, "EUR")` is `12.38`. */
export const formatMinor = (amountMinor: bigint, currency: string): string => {
  const exponent = exponents.get(currency)
  if (exponent === undefined) throw new Error(`${currency} is not an ISO 4217 currency code`)
  return unscaled(amountMinor, exponent, exponent)
}
