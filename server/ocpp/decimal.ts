/**
 * Reads a decimal as stations write it (`12`, `12.5`, `12,5`, `-3`, `1.2e3`) times ten to `exponent`, rounded down to a
 * whole number, without going through a binary fraction: `4.35` kWh is 4350 Wh. Undefined when it is no number, or
 * beyond 2^53.
 */
export const scaled = (written: string | number, exponent: number): number | undefined => {
  // A whole number needs no digits; adding zero makes a zero of a negative one.
  if (isPlainNumber(written) && exponent >= 0 && exponent <= 6) return written * powers[exponent]! + 0
  const text = String(written)
  const plain = exponent >= 0 && exponent <= 6 ? scaledPlain(text, exponent) : undefined
  if (plain !== undefined) return plain
  const match = /^\s*([+-]?)(\d*)(?:[.,](\d*))?(?:[eE]([+-]?\d{1,3}))?\s*$/.exec(text)
  if (match === null) return undefined
  const [, sign, whole = "", fraction = "", power = "0"] = match
  if (whole === "" && fraction === "") return undefined
  const digits = whole + fraction
  const shift = exponent + Number(power) - fraction.length
  if (shift > 20) return undefined
  const cut = shift >= 0 ? digits + "0".repeat(shift) : digits.slice(0, Math.max(0, digits.length + shift))
  const rest = shift >= 0 ? "" : digits.slice(Math.max(0, digits.length + shift))
  const magnitude = cut === "" ? 0 : Number(cut)
  if (!Number.isSafeInteger(magnitude)) return undefined
  if (sign !== "-") return magnitude
  return /[1-9]/.test(rest) ? -magnitude - 1 : magnitude === 0 ? 0 : -magnitude
}

/** Below 10^9, so that with the six digits that an exponent may add a double is exact. */
const isPlainNumber = (written: string | number): written is number =>
  typeof written === "number" && Number.isInteger(written) && written >= 0 && written < 1e9

/**
 * Digits, or digits with a point among them, as nearly every value is written: without a regular expression. Undefined for
 * all else, and for what might not be exact.
 */
const scaledPlain = (text: string, exponent: number): number | undefined => {
  const { length } = text
  // With the six digits that the exponent may add it stays below 10^15, and a double is exact.
  if (length === 0 || length > 9) return undefined
  let number = 0
  /** Digits still to be taken in behind the point, then those that are cut off. */
  let wanted = exponent
  let hasPoint = false
  for (let index = 0; index < length; index++) {
    const digit = text.charCodeAt(index) - 48
    if (digit === -2 && !hasPoint && index > 0) hasPoint = true
    else if (digit < 0 || digit > 9) return undefined
    else if (!hasPoint) number = number * 10 + digit
    else if (wanted > 0) {
      number = number * 10 + digit
      wanted--
    }
  }
  return number * powers[wanted]!
}

const powers = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]
