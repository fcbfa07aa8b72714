/**
 * Reads a decimal as stations write it (`12`, `12.5`, `12,5`, `-3`, `1.2e3`) times ten to `exponent`, rounded down to a
 * whole number, without going through a binary fraction: `4.35` kWh is 4350 Wh. Undefined when it is no number, or
 * beyond 2^53.
 */
export const scaled = (text: string, exponent: number): number | undefined => {
  if (exponent === 0 && isPlainDigits(text)) return Number(text)
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

const isPlainDigits = (text: string): boolean => {
  if (text.length === 0 || text.length > 15) return false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 48 || code > 57) return false
  }
  return true
}
