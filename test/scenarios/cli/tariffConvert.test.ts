import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { command } from "./support.ts"

const fileOf = (json: unknown): string => {
  const file = `${mkdtempSync(`${tmpdir()}/tariff-convert-`)}/tariff.json`
  writeFileSync(file, JSON.stringify(json))
  return file
}

const tariff = {
  id: "T",
  currency: "EUR",
  tax_included: "NO",
  elements: [{ price_components: [{ type: "TIME", price: 6, vat: 20, step_size: 300 }] }]
}

describe("wattproof tariff convert", () => {
  it.effect("prints the tariff on one side and what is lost on the other", () =>
    Effect.gen(function* () {
      const { code, out, err } = yield* command(["tariff", "convert", fileOf(tariff), "--to", "ocpp-2.1"])
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(JSON.parse(out), {
        tariffId: "T",
        currency: "EUR",
        chargingTime: { prices: [{ priceMinute: 0.1 }], taxRates: [{ type: "VAT", tax: 20 }] }
      })
      assert.include(err, "ocpp-2.1 cannot say 1 thing:")
      assert.include(err, "/elements/0/price_components/0/step_size (changes the price): ")
    })
  )

  it.effect("prints one object with --json, and reads a tariff of OCPP by its keys", () =>
    Effect.gen(function* () {
      const ocpp = { tariffId: "O", currency: "EUR", idleTime: { prices: [{ priceMinute: 0.05 }] } }
      const line = ["tariff", "convert", fileOf({ tariffs: [ocpp] }), "--to", "ocpi-2.1.1", "--json"]
      const { out, err } = yield* command(line)
      const answer = JSON.parse(out)
      assert.strictEqual(err, "")
      assert.strictEqual(answer.to, "ocpi-2.1.1")
      assert.strictEqual(answer.tariffs[0].from, "ocpp-2.1")
      assert.deepStrictEqual(answer.tariffs[0].tariff.elements, [
        { price_components: [{ type: "PARKING_TIME", price: 3, step_size: 0 }] }
      ])
      assert.deepStrictEqual(
        answer.tariffs[0].losses.map(({ path }: { path: string }) => path),
        ["/last_updated"]
      )
    })
  )

  it.effect("refuses what is no tariff of the format named, with the path", () =>
    Effect.gen(function* () {
      const line = ["tariff", "convert", fileOf(tariff), "--from", "ocpi-2.1.1", "--to", "ocpi-2.3.0"]
      const { code, out, err } = yield* command(line)
      assert.notStrictEqual(code, 0)
      assert.strictEqual(out, "")
      assert.include(err, "at /tax_included (read as ocpi-2.1.1)")
    })
  )
})
