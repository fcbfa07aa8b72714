import { globSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { command } from "./support.ts"

const folder = `${import.meta.dirname}/../../core/tariff/vectors`
const files = globSync(`${folder}/*.json`).sort()
const vectors = files.map((file) => ({ file, vector: JSON.parse(readFileSync(file, "utf8")) }))

/** What the examples say of others' numbers is told to people, and is no part of an answer. */
const expectedOf = ({ published: _, ...expected }: Record<string, unknown>) => expected

const answered = ["rating", "error", "segmentation", "ocpp-cost", "extension", "static-analysis", "verify"]
const asked = vectors.filter(({ vector }) => answered.includes(vector.kind))

const temporary = (texts: Readonly<Record<string, string>>): ReadonlyArray<string> => {
  const directory = mkdtempSync(`${tmpdir()}/tariff-price-`)
  return Object.entries(texts).map(([name, text]) => {
    writeFileSync(`${directory}/${name}`, text)
    return `${directory}/${name}`
  })
}

const session = (rest: Record<string, unknown> = {}, restrictions?: unknown) => ({
  tariffs: [
    {
      id: "T",
      currency: "EUR",
      tax_included: "NO",
      elements: [
        { price_components: [{ type: "ENERGY", price: 0.5, vat: 20 }], ...(restrictions ? { restrictions } : {}) }
      ]
    }
  ],
  cdr: {
    start_date_time: "2024-01-15T10:00:00Z",
    end_date_time: "2024-01-15T11:00:00Z",
    charging_periods: [{ start_date_time: "2024-01-15T10:00:00Z", dimensions: [{ type: "ENERGY", volume: 10 }] }]
  },
  ...rest
})

describe("wattproof tariff price --json", () => {
  it.effect("answers every published example with one line, all that is expected and nothing else", () =>
    Effect.gen(function* () {
      const { code, out, err } = yield* command(["tariff", "price", ...asked.map(({ file }) => file), "--json"])
      assert.strictEqual(err, "")
      assert.strictEqual(code, 0)
      const lines = out.trimEnd().split("\n")
      assert.strictEqual(lines.length, asked.length)
      for (const [index, { vector }] of asked.entries()) {
        const answer = JSON.parse(lines[index]!)
        // The examples of OCPP name the lines or the taxes, as they please; the command always tells both.
        const wanted = { ...(vector.kind === "ocpp-cost" && answer), ...expectedOf(vector.expected) }
        assert.deepStrictEqual(answer, wanted, vector.id)
      }
    })
  )

  it.effect("takes the kind from the keys, and refuses a usage that nobody knows", () =>
    Effect.gen(function* () {
      const usage = { energyKwh: 3 }
      const tariff = { tariffId: "t", currency: "EUR", energy: { prices: [{ priceKwh: 1 }] } }
      const [good, bad] = temporary({
        "good.json": JSON.stringify({ tariff, usage: { energyWh: 1500 } }),
        "bad.json": JSON.stringify({ tariff, usage })
      })
      const { code, out } = yield* command(["tariff", "price", good!, bad!, "--json"])
      const [first, second] = out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line))
      assert.strictEqual(code, 2)
      assert.strictEqual(first.total.exclTax, "1.50")
      assert.deepStrictEqual([second.place, second.fix], ["/usage/energyKwh", "Write energyWh."])
    })
  )

  it.effect("takes a file without a kind for what its keys speak of", () =>
    Effect.gen(function* () {
      const [file] = temporary({ "plain.json": JSON.stringify(session()) })
      const { code, out } = yield* command(["tariff", "price", file!, "--json"])
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(JSON.parse(out).total, { before_taxes: "5.00", after_taxes: "6.00" })
    })
  )

  it.effect("refuses a bad file with place and fix, exits with 2, and still answers the others", () =>
    Effect.gen(function* () {
      const bad = session()
      const [good, ...others] = temporary({
        "good.json": JSON.stringify(session()),
        "broken.json": "{",
        "misspelt.json": JSON.stringify(session({}, { max_kw: 3 })),
        "clockless.json": JSON.stringify(session({}, { start_time: "17:00" })),
        "negative.json": JSON.stringify(bad).replace('"volume":10', '"volume":-10'),
        "unkind.json": JSON.stringify(session({ kind: "ratings" }))
      })
      const { code, out, err } = yield* command(["tariff", "price", ...others, "absent.json", good!, "--json"])
      assert.strictEqual(code, 2)
      const lines = out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line))
      assert.deepStrictEqual(
        lines.slice(0, -1).map(({ error, place }) => [error, place]),
        [
          ["Refused", "line 1, column 2"],
          ["Refused", "/tariffs/0/elements/0/restrictions/max_kw"],
          ["Refused", "/location_time_zone"],
          ["Refused", "/cdr/charging_periods/0/dimensions/0/volume"],
          ["Refused", "/kind"],
          ["Refused", "the file itself"]
        ]
      )
      assert.strictEqual(lines[lines.length - 1].total.after_taxes, "6.00")
      assert.include(err, 'Write "rating".')
      assert.include(err, 'as "Europe/Berlin"')
      assert.include(err, "6 of 7 files could not be priced")
    })
  )
})

describe("wattproof tariff price", () => {
  it.effect(
    "says for a person what was free, capped and discounted, and refuses what it does not know by its place",
    () =>
      Effect.gen(function* () {
        const extras = (more: Record<string, unknown> = {}) => ({
          location_time_zone: "Europe/Berlin",
          tariffs: [
            {
              id: "CITY",
              currency: "EUR",
              tax_included: "YES",
              elements: [
                {
                  price_components: [{ type: "PARKING_TIME", price: 6, vat: 19 }],
                  wattproof: { grace: { seconds: 900, per: "STRETCH" } }
                }
              ],
              wattproof: {
                quiet_hours: [{ start_time: "22:00", end_time: "08:00" }],
                caps: [{ type: "PARKING_TIME", amount: 6 }],
                discounts: [{ name: "fleet", percent: 10, groups: ["fleet"] }],
                ...more
              }
            }
          ],
          cdr: {
            start_date_time: "2026-12-01T19:00:00Z",
            end_date_time: "2026-12-02T07:30:00Z",
            driver_groups: ["fleet"],
            charging_periods: [
              ["2026-12-01T19:00:00Z", 0.25],
              ["2026-12-01T19:15:00Z", 1.75],
              ["2026-12-01T21:00:00Z", 10],
              ["2026-12-02T07:00:00Z", 0.5]
            ].map(([start_date_time, volume]) => ({ start_date_time, dimensions: [{ type: "PARKING_TIME", volume }] }))
          }
        })
        const [good, bad] = temporary({
          "good.json": JSON.stringify(extras()),
          "bad.json": JSON.stringify(extras({ caps: [{ type: "PARKING_TIME" }] }))
        })
        const told = yield* command(["tariff", "price", good!])
        assert.strictEqual(told.code, 0)
        for (const text of [
          /PARKING_TIME, grace .* 0\.25 {2}h .* 0\.00/,
          /PARKING_TIME, quiet hours .* 10\.00 {2}h/,
          /PARKING_TIME, cap .* -7\.50/,
          /PARKING_TIME, discount .* -0\.60/,
          /rounded once .* 5\.40/,
          /the first 900 s of each stretch of parking are free/
        ])
          assert.match(told.out, text)
        const json = JSON.parse((yield* command(["tariff", "price", good!, "--json"])).out)
        assert.deepStrictEqual(json.total_2dp, { before_taxes: "4.54", after_taxes: "5.40" })
        assert.deepStrictEqual(
          json.lines.map((it: Record<string, string>) => [it["billed"], it["unit_price"], it["adjustment"]]),
          [
            ["0.25", "0.00", "GRACE"],
            ["1.75", "6", undefined],
            ["10.00", "0.00", "QUIET_HOURS"],
            ["0.50", "6", undefined]
          ]
        )
        assert.deepStrictEqual(
          json.reductions.map((it: Record<string, string>) => [it["reason"], it["dimension"], it["after_taxes"]]),
          [
            ["CAP", "PARKING_TIME", "-7.50"],
            ["DISCOUNT", "PARKING_TIME", "-0.60"]
          ]
        )
        const refused = yield* command(["tariff", "price", bad!])
        assert.strictEqual(refused.code, 2)
        assert.include(refused.err, "at /tariffs/0/wattproof/caps/0/amount")
      })
  )

  it.effect("says for a person which element priced what, and names the source's own wrong number", () =>
    Effect.gen(function* () {
      const { out } = yield* command(
        ["tariff", "price", `${folder}/complex-saturday-43a-erratum.json`],
        {},
        { columns: 200 }
      )
      assert.include(out, "element 2 (2.00 EUR/h) did not hold: another day of the week")
      assert.include(out, "rounded once")
      assert.include(
        out,
        "prints 12.28 / 13.861 (before / after taxes). That is wrong by its own rules: 12.375 / 13.975"
      )
      assert.include(out, "no_price_component:ENERGY: nothing prices ENERGY")
    })
  )

  it.effect("says for a person how a metered session is cut, and by which element each piece is priced", () =>
    Effect.gen(function* () {
      const { out } = yield* command(["tariff", "price", `${folder}/segment-05-wrap-around-window.json`])
      assert.include(out, "ENERGY by night-rate, TIME by night-rate")
    })
  )
})
