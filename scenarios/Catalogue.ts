import { firstCharge } from "./first-charge.ts"
import type { Scenario } from "./Scenario.ts"

/** Every scenario, in the order listed. */
export const catalogue: ReadonlyArray<Scenario> = [firstCharge]

/** The scenario of that name. */
export const find = (name: string): Scenario | undefined => catalogue.find((scenario) => scenario.name === name)
