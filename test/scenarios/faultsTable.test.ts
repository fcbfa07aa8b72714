import { existsSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { find } from "#scenarios/Catalogue.ts"
import { crashPointNames } from "#scenarios/crashPoints.ts"
import { databaseFailureNames, databaseFailures } from "#scenarios/databaseFailures.ts"
import { storyOf } from "#scenarios/explore/generate.ts"
import type { Scenario } from "#scenarios/Scenario.ts"
import { catalogue, faults } from "#simulator/faults/Catalogue.ts"
import { oracles } from "#simulator/oracles/Catalogue.ts"
import { limits } from "#simulator/oracles/limits.ts"
import { payments } from "#simulator/oracles/payments.ts"
import { stops } from "#simulator/oracles/stops.ts"
import { subscriptions } from "#simulator/oracles/subscriptions.ts"
import { wallet } from "#simulator/oracles/wallet.ts"
import { paymentCatalogue, paymentFaults } from "#simulator/psp/faults.ts"

const quoted = (cell: string): ReadonlyArray<string> => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)

const rows = readFileSync("scenarios/FAULTS.md", "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| fault |"))
  .map((line) => {
    const [fault, names, places, judges] = line.split("|").slice(1, -1)
    return { fault: fault!.trim(), names: quoted(names!), places: quoted(places!), judges: judges!.trim().split(", ") }
  })

const ofStations = new Set(catalogue.map(({ name }) => name))
const all = [
  ...ofStations,
  ...crashPointNames,
  ...databaseFailureNames,
  ...paymentCatalogue.map(({ name }) => name)
].sort()

/** How a scenario's file makes each fault. */
const makings = new Map([
  ...Object.entries(faults).map(([key, { name }]) => [name, `faults.${key}.make(`] as const),
  ...Object.entries(paymentFaults).map(([key, { name }]) => [name, `paymentFaults.${key}.make(`] as const)
])

const goesWrongIn = ({ name, crashes, database }: Scenario, fault: string): boolean => {
  if (Object.hasOwn(databaseFailures, fault)) return database !== undefined
  const making = makings.get(fault)
  if (making === undefined) return crashes.some(({ point }) => point === fault)
  return readFileSync(`scenarios/${name}.ts`, "utf8").includes(making)
}

describe("the table of faults", () => {
  it("has every fault, crash point, failure of the database and fault of payments once, and no other", () => {
    assert.deepStrictEqual(rows.flatMap(({ names }) => names).sort(), all)
  })

  it("names scenarios in which the fault strikes, tests that are there, and oracles", () => {
    const judges = new Set([...oracles, payments, wallet, stops, limits, subscriptions].map(({ name }) => name))
    for (const row of rows) {
      assert.isNotEmpty(row.places, row.fault)
      for (const judge of row.judges) assert.isTrue(judges.has(judge), `${row.fault}: there is no oracle ${judge}`)
      for (const place of row.places) {
        if (place === "explore") continue
        if (place.startsWith("test/")) assert.isTrue(existsSync(place), `${row.fault}: there is no ${place}`)
        else {
          const scenario = find(place)
          assert.isDefined(scenario, `${row.fault}: there is no scenario ${place}`)
          for (const name of row.names) assert.isTrue(goesWrongIn(scenario!, name), `${place} has no ${name}`)
        }
      }
    }
  })

  it("says explore of faults that its stories draw, and of all of those", () => {
    const drawn = new Set<string>()
    for (let run = 0; run < 3_000; run++) {
      for (const step of storyOf(`table/${run}`).steps) if (step.do === "fault") drawn.add(step.fault)
    }
    const said = rows.filter(({ places }) => places.includes("explore")).flatMap(({ names }) => names)
    assert.deepStrictEqual([...said].sort(), [...ofStations].sort())
    assert.deepStrictEqual(
      said.filter((name) => !drawn.has(name)),
      []
    )
  })
})
