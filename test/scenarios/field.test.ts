import { assert, describe, it } from "@effect/vitest"
import { oracles } from "#simulator/oracles/Catalogue.ts"
import { catalogue } from "../mutants/catalogue.ts"
import { defects } from "./plant.ts"

/** A defect that was found in a running system: where it is planted here, and which oracle says so. */
interface Seen {
  readonly seen: string
  /** Planted in `plant.ts`, and caught in `defects.test.ts`. */
  readonly plants?: ReadonlyArray<keyof typeof defects>
  /** Planted in `test/mutants`, and hunted by `npm run mutants`. */
  readonly mutants?: ReadonlyArray<string>
  readonly oracle: string
}

const field: ReadonlyArray<Seen> = [
  { seen: "a repeated 1.6 start is answered with the id 0", mutants: ["repeated-start-0"], oracle: "identity" },
  { seen: "the stop of that 0 is dropped", mutants: ["refused-start-0", "unknown-stop-dropped"], oracle: "durability" },
  {
    seen: "a repeated start makes a second transaction",
    mutants: ["start-repeated-is-new"],
    oracle: "identity"
  },
  { seen: "a repeated stop is billed twice", plants: ["doubleBilling"], oracle: "money" },
  {
    seen: "two cars at one station get one transaction",
    plants: ["oneIdForTwo"],
    mutants: ["start-key-without-connector", "connector-2-is-1"],
    oracle: "identity"
  },
  { seen: "sessions are merged under load", mutants: ["start-key-too-wide"], oracle: "identity" },
  {
    seen: "a late update re-opens what has ended, and changes its energy",
    plants: ["reopening"],
    mutants: ["late-reading-reopens"],
    oracle: "monotone"
  },
  {
    seen: "an end that carries a card gets no cost",
    mutants: ["stop-by-card-as-owner", "stop-without-card"],
    oracle: "money"
  },
  {
    seen: "fee, minutes and tax are never billed",
    plants: ["withoutFee"],
    mutants: ["no-energy-no-bill", "fee-per-period", "tax-taken-out"],
    oracle: "money"
  },
  {
    seen: "idle time is billed as charging",
    plants: ["parkingAsCharging"],
    mutants: ["idle-as-charging"],
    oracle: "money"
  },
  {
    seen: "a status right behind the boot is dropped, because the station does not exist yet",
    plants: ["deafToStatus"],
    mutants: ["status-behind-boot-dropped"],
    oracle: "status"
  },
  {
    seen: "a begin of 0 bills the meter's lifetime",
    plants: ["zeroBaseline"],
    mutants: ["zero-begin-believed"],
    oracle: "energy"
  },
  {
    seen: "the session's price and the CDR's differ",
    mutants: ["lines-rounded", "tax-rounded-by-itself"],
    oracle: "money"
  },
  {
    seen: "an offline session is priced by its arrival",
    plants: ["pricingByArrival"],
    mutants: ["price-by-arrival", "start-by-arrival"],
    oracle: "money"
  },
  {
    seen: "events that wait for their start are dropped",
    plants: ["losingReplay"],
    mutants: ["events-before-started", "ended-without-started", "late-events-dropped"],
    oracle: "durability"
  },
  { seen: "an offline queue that is flushed is refused as a flood", mutants: ["flood-refused"], oracle: "protocol" },
  {
    seen: "a message is acknowledged although saving it failed",
    plants: ["losingReadings"],
    mutants: ["failed-save-acknowledged"],
    oracle: "durability"
  },
  {
    seen: "a message is acknowledged before it is saved, and lost by a kill",
    plants: ["answeringFirst"],
    mutants: ["answer-before-commit"],
    oracle: "durability"
  },
  {
    seen: "six stations that repeat their status bring the server to a halt",
    plants: ["deadlock"],
    oracle: "protocol"
  },
  {
    seen: "a stop with somebody else's id ends his charge",
    plants: ["strangersStop"],
    mutants: ["stop-of-stranger"],
    oracle: "identity"
  },
  {
    seen: "an unknown stop is answered NotSupported, and repeated for ever",
    plants: ["refusingStops"],
    oracle: "protocol"
  },
  { seen: "the stop of an offline start names -1", mutants: ["minus-one-taken-as-id"], oracle: "durability" },
  { seen: "only the stop of a start that was lost arrives", mutants: ["unknown-stop-dropped"], oracle: "durability" },
  {
    seen: "dead sockets are believed in, and get the commands",
    mutants: ["older-socket-wins", "commands-to-dead-socket"],
    oracle: "operations"
  },
  { seen: "2.x transaction ids are taken as unique over all stations", plants: ["oneNameForAll"], oracle: "durability" }
]

describe("a defect that was found in a running system is planted here, and an oracle says so", () => {
  const known = new Set(oracles.map(({ name }) => name))
  const hunted = new Set(catalogue.map(({ id }) => id))
  for (const { seen, plants = [], mutants = [], oracle } of field) {
    it(`${seen}: ${oracle}`, () => {
      assert.isTrue(known.has(oracle), `there is no oracle ${oracle}`)
      assert.isNotEmpty([...plants, ...mutants])
      for (const plant of plants) assert.property(defects, plant)
      for (const mutant of mutants) assert.isTrue(hunted.has(mutant), `there is no mutant ${mutant}`)
    })
  }
})
