import { exponentOf, formatMinor, roundHalfAwayFromZero, unscaled } from "../Money.ts"

/** What a 2.1 station tells one by one (TotalCostType). Idle is parking; fixed is a fee per session. */
export const costParts = ["energy", "time", "idle", "fixed", "reservation"] as const

export type CostPart = (typeof costParts)[number]

/** Millionths of a currency unit; null: not told in that way. */
export interface PartCost {
  readonly netMicros: number | null
  readonly grossMicros: number | null
}

/** What a 2.1 station reckoned by itself and told with the end (costDetails, use case I12): exact, never billed. */
export interface LocalCost extends PartCost {
  readonly currency: string
  /** Why it could not reckon, where it says so. */
  readonly failure: string | null
  /** Those that it told; absent where it told the total alone. */
  readonly parts?: Readonly<Partial<Record<CostPart, PartCost>>>
}

/** What the bill says, kept with the settlement to hold the station's figure against. Minor units, as text. */
export interface OwedTotal {
  readonly currency: string
  readonly netMinor: string
  readonly grossMinor: string
  /**
   * By what it is for, before the total was rounded; `adjustment`: minimum and maximum, caps, discounts, what a plan includes.
   * Absent where the station told no parts.
   */
  readonly parts?: Readonly<Partial<Record<CostPart | "adjustment", BilledPart>>>
}

export interface BilledPart {
  readonly netMicros: number
  readonly taxMicros: number
}

/** One dimension of a cost as the station and as the bill has it, and the station's less the bill's; currency units. */
export interface CostRow {
  readonly dimension: CostPart | "adjustment" | "tax"
  readonly told: string
  readonly billed: string
  readonly difference: string
}

const microsPerMinor = (currency: string): bigint => 10n ** BigInt(6 - (exponentOf(currency) ?? 2))

/** A rounding apart is none. */
const isApart = (micros: bigint, currency: string): boolean =>
  roundHalfAwayFromZero(micros, microsPerMinor(currency)) !== 0n

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
  const said = roundHalfAwayFromZero(BigInt(micros), microsPerMinor(owed.currency))
  if (said === bill) return null
  const by = formatMinor(said > bill ? said - bill : bill - said, owed.currency)
  return (
    `The station showed ${unscaled(BigInt(micros), 6, exponent)} ${owed.currency} ${isGross ? "with" : "without"} tax, ` +
    `${by} ${said > bill ? "more" : "less"} than the bill of ${formatMinor(bill, owed.currency)}.`
  )
}

/**
 * Where a station's own figure and the bill are apart, dimension by dimension, all those in which either has anything:
 * without tax, and the tax by itself, where the station told that much; else with tax. A dimension that it left out it had
 * for nothing. Empty where it told the total alone, or nothing that compares.
 */
export const costRows = (told: LocalCost, owed: OwedTotal): ReadonlyArray<CostRow> => {
  const { parts } = told
  if (parts === undefined || owed.parts === undefined) return []
  if (told.failure !== null || told.currency !== owed.currency) return []
  const isNet = Object.values(parts).every(({ netMicros }) => netMicros !== null)
  const toldOf = (part: PartCost | undefined): bigint =>
    BigInt((isNet ? part?.netMicros : (part?.grossMicros ?? part?.netMicros)) ?? 0)
  const billedOf = (part: BilledPart | undefined): bigint =>
    part === undefined ? 0n : BigInt(part.netMicros) + (isNet ? 0n : BigInt(part.taxMicros))
  const rows = [...costParts, "adjustment" as const].map((dimension) =>
    rowOf(
      dimension,
      dimension === "adjustment" ? 0n : toldOf(parts[dimension]),
      billedOf(owed.parts?.[dimension]),
      owed.currency
    )
  )
  if (isNet && told.grossMicros !== null && told.netMicros !== null) {
    const billed = (BigInt(owed.grossMinor) - BigInt(owed.netMinor)) * microsPerMinor(owed.currency)
    rows.push(rowOf("tax", BigInt(told.grossMicros) - BigInt(told.netMicros), billed, owed.currency))
  }
  return rows.filter(({ told: says, billed }) => Number(says) !== 0 || Number(billed) !== 0)
}

const rowOf = (dimension: CostRow["dimension"], told: bigint, billed: bigint, currency: string): CostRow => {
  const text = (micros: bigint) => unscaled(micros, 6, exponentOf(currency) ?? 2)
  const difference = isApart(told - billed, currency) ? told - billed : 0n
  return { dimension, told: text(told), billed: text(billed), difference: text(difference) }
}
