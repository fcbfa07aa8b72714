import { scaled } from "../Money.ts"
import type { BilledPart, CostPart, OwedTotal } from "../transaction/localCost.ts"
import type { Cdr } from "./Cdr.ts"

type Line = Cdr["lines"][number]

const partOf: Readonly<Record<Line["dimension"], CostPart | "adjustment">> = {
  ENERGY: "energy",
  TIME: "time",
  PARKING_TIME: "idle",
  FLAT: "fixed",
  RESERVATION_TIME: "reservation",
  ADJUSTMENT: "adjustment"
}

/** A bill by what it is for, in the words in which a station tells its own (TotalCostType). */
export const costPartsOf = ({ lines }: Pick<Cdr, "lines">): NonNullable<OwedTotal["parts"]> => {
  const parts: Partial<Record<CostPart | "adjustment", BilledPart>> = {}
  for (const { scope, dimension, adjustment, net, tax } of lines) {
    const part = adjustment !== null ? "adjustment" : scope === "reservation" ? "reservation" : partOf[dimension]
    const { netMicros, taxMicros } = parts[part] ?? { netMicros: 0, taxMicros: 0 }
    parts[part] = { netMicros: netMicros + Number(scaled(net, 6)), taxMicros: taxMicros + Number(scaled(tax, 6)) }
  }
  return parts
}
