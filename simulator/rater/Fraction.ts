/** A fraction of whole numbers; `below` is positive. */
export interface Fraction {
  readonly above: bigint
  readonly below: bigint
}

export const fraction = (above: bigint, below: bigint): Fraction =>
  below < 0n ? { above: -above, below: -below } : { above, below }
export const whole = (value: number | bigint): Fraction => fraction(BigInt(value), 1n)
export const nothing = whole(0)

/** In lowest terms, so that the sum of a thousand parts has no denominator of a thousand parts. */
export const plus = (a: Fraction, b: Fraction): Fraction => {
  if (a.below === b.below) return fraction(a.above + b.above, a.below)
  const [above, below] = [a.above * b.below + b.above * a.below, a.below * b.below]
  const common = greatestCommonDivisor(above < 0n ? -above : above, below)
  return fraction(above / common, below / common)
}

const greatestCommonDivisor = (a: bigint, b: bigint): bigint => {
  while (b !== 0n) [a, b] = [b, a % b]
  return a
}

export const minus = (a: Fraction, b: Fraction): Fraction => plus(a, fraction(-b.above, b.below))
export const times = (a: Fraction, b: Fraction): Fraction => fraction(a.above * b.above, a.below * b.below)
export const over = (a: Fraction, b: Fraction): Fraction => fraction(a.above * b.below, a.below * b.above)
export const isLess = (a: Fraction, b: Fraction): boolean => a.above * b.below < b.above * a.below
export const isEqual = (a: Fraction, b: Fraction): boolean => a.above * b.below === b.above * a.below
export const sumOf = (all: ReadonlyArray<Fraction>): Fraction => all.reduce(plus, nothing)

/** The decimal as it is written: "0.49" is 49/100. */
export const decimal = (written: number | string): Fraction => {
  const text = String(written)
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (parts === null) throw new Error(`${text} is no figure this rater reads`)
  const [, sign, units, decimals = ""] = parts
  const above = BigInt(`${units}${decimals}`)
  return fraction(sign === "-" ? -above : above, 10n ** BigInt(decimals.length))
}

/** To the nearest whole number, a half away from zero. */
export const nearest = ({ above, below }: Fraction): bigint =>
  above < 0n ? -((-2n * above + below) / (2n * below)) : (2n * above + below) / (2n * below)

/** As decimal text of so many places, the last one rounded. */
export const written = (value: Fraction, places: number): string => {
  const scaled = nearest(times(value, whole(10n ** BigInt(places))))
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(places + 1, "0")
  return `${scaled < 0n ? "-" : ""}${digits.slice(0, -places)}.${digits.slice(-places)}`
}
