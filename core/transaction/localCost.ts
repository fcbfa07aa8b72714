import { exponentOf, formatMinor, roundHalfAwayFromZero, unscaled } from "../Money.ts"

/** What a 2.1 station reckoned by itself and told with the end (costDetails, use case I12): exact, never billed. */
export interface LocalCost {
  readonly currency: string
  /** Millionths of a currency unit; null: it did not tell the total in that way. */
  readonly netMicros: number | null
  readonly grossMicros: number | null
  /** Why it could not reckon, where it says so. */
  readonly failure: string | null
}

/** What the bill says, kept with the settlement to hold the station's figure against. Minor units, as text. */
export interface OwedTotal {
  readonly currency: string
  readonly netMinor: string
  readonly grossMinor: string
}

/**
 * How a station's own figure differs from the bill, as a sentence; null when it does not, to the minor unit. Totals with
 * tax are compared where both are told, else those without. What only the CMS knows of, such as included energy of a
 * subscription, is a difference too: the driver saw another figure than he pays.
 */
export const costDifference = (told: LocalCost, owed: OwedTotal): string | null => {
  if (told.failure !== null) return `The station could not reckon the cost: ${told.failure}.`
  if (told.currency !== owed.currency)
    return `The station reckoned in ${told.currency}, the bill is in ${owed.currency}.`
  const isGross = told.grossMicros !== null
  const micros = told.grossMicros ?? told.netMicros
  if (micros === null) return "The station told a cost without a total."
  const bill = BigInt(isGross ? owed.grossMinor : owed.netMinor)
  const exponent = exponentOf(owed.currency) ?? 2
  const said = roundHalfAwayFromZero(BigInt(micros), 10n ** BigInt(6 - exponent))
  if (said === bill) return null
  const by = formatMinor(said > bill ? said - bill : bill - said, owed.currency)
  return (
    `The station showed ${unscaled(BigInt(micros), 6, exponent)} ${owed.currency} ${isGross ? "with" : "without"} tax, ` +
    `${by} ${said > bill ? "more" : "less"} than the bill of ${formatMinor(bill, owed.currency)}.`
  )
}
