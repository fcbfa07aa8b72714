import type { Station } from "../station/Station.ts"
import type { CarSpec, Supply } from "../vehicle/Car.ts"
import type { Visitor } from "./Visitor.ts"

/** One place to charge, and who stands at it or is about to. */
export interface Place {
  readonly station: Station
  readonly evseId: number
  readonly supply: Supply["kind"]
  visitor: Visitor | null
}

/** Whether the car has an inlet for what the place gives. */
export const fits = (car: CarSpec, place: Place): boolean => place.supply === "AC" || car.dc !== undefined
