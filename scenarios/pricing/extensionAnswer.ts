import { Result } from "effect"
import { format, unscaled } from "#core/Money.ts"
import {
  type ComponentRounding,
  type RoundedLine,
  type RoundedRating,
  rateRounded,
  readRoundRule
} from "#core/tariff/cost/roundedComponents.ts"
import { compileFor } from "#core/tariff/select.ts"
import { table } from "../cli/table.ts"
import { type Answer, isJson, type Json, Refused } from "./PriceFile.ts"
import { billedText, errorAnswer, instantText, unitOf, writtenComponent } from "./ratingAnswer.ts"
import { readRatingInput } from "./ratingInput.ts"

const extensionKeys = ["price_round", "step_round", "exact_price_component"] as const

/** Whether some price component of the tariffs names a rounding. */
export const namesRounding = (json: Json): boolean =>
  componentsOf(json["tariffs"]).some(({ component }) => extensionKeys.some((key) => key in component))

interface Place {
  readonly tariff: number
  readonly element: number
  readonly component: Json
  readonly index: number
}

const entries = (value: unknown, key: string): ReadonlyArray<unknown> => {
  const found = isJson(value) ? value[key] : undefined
  return Array.isArray(found) ? found : []
}

const componentsOf = (tariffs: unknown): ReadonlyArray<Place> =>
  (Array.isArray(tariffs) ? tariffs : []).flatMap((tariff, tariffIndex) =>
    entries(tariff, "elements").flatMap((element, elementIndex) =>
      entries(element, "price_components").flatMap((component, index) =>
        isJson(component) ? [{ tariff: tariffIndex, element: elementIndex, component, index }] : []
      )
    )
  )

/** The same file without what OCPI does not know. */
const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain)
  if (!isJson(value)) return value
  const kept = Object.entries(value).filter(([key]) => !extensionKeys.some((it) => it === key))
  return Object.fromEntries(kept.map(([key, inner]) => [key, plain(inner)]))
}

const readRoundings = (json: Json): Result.Result<ReadonlyMap<string, ComponentRounding>, Refused> => {
  const roundings = new Map<string, ComponentRounding>()
  for (const { tariff, element, component, index } of componentsOf(json["tariffs"])) {
    const step = readRoundRule(component["step_round"])
    const price = readRoundRule(component["price_round"])
    if (step === null || price === null) {
      const place = `/tariffs/${tariff}/elements/${element}/price_components/${index}`
      return Result.fail(
        new Refused({
          place: `${place}/${step === null ? "step_round" : "price_round"}`,
          message: "it is no rounding",
          fix: "Write round_rule (ROUND_UP, ROUND_DOWN, ROUND_NEAR) and round_granularity (UNIT, TENTH, HUNDREDTH, THOUSANDTH)."
        })
      )
    }
    roundings.set(`${tariff}/${element}/${index}`, { step: step ?? null, price: price ?? null })
  }
  return Result.succeed(roundings)
}

/** Prices the session of a file whose price components name roundings (GIREVE's `price_round`, `step_round`). */
export const extensionAnswer = (json: Json): Result.Result<Answer, Refused> =>
  Result.gen(function* () {
    const roundings = yield* readRoundings(json)
    const input = yield* readRatingInput({ ...json, tariffs: plain(json["tariffs"]) })
    const { session, timeZone, type } = input
    const { startAtMs, currency, periods } = session
    const rated = { startAtMs, timeZone, currency, periods, ...(type !== undefined && { type }) }
    const compiled = compileFor(input.tariffs, rated)
    if (Result.isFailure(compiled)) return errorAnswer(compiled.failure)
    const index = input.tariffs.indexOf(compiled.success.tariff)
    const rounded = rateRounded(
      compiled.success,
      periods,
      (element, component) => roundings.get(`${index}/${element}/${component}`) ?? { step: null, price: null }
    )
    const unitPrice = ({ line }: RoundedLine) => String(writtenComponent(input.wires[index], line)["price"])
    return {
      json: {
        total: {
          before_taxes: format(rounded.net),
          ...(rounded.lines.some(({ line }) => line.vatPpm !== null) && { after_taxes: format(rounded.gross) })
        },
        lines: rounded.lines.map((it) => ({
          dimension: it.line.dimension,
          billed: billedOf(it, 0),
          unit_price: unitPrice(it),
          before_taxes_exact: format(it.net)
        }))
      },
      lines: () => textOf(rounded, compiled.success.tariff.currency)
    }
  })

const billedOf = ({ line, volume }: RoundedLine, minimum: number): string => {
  const perUnit = { kWh: 1_000_000n, h: 3_600_000n, x: 1n }[unitOf(line.dimension)]
  return format({ n: volume.n, d: volume.d * perUnit }, 6, minimum)
}

const textOf = ({ lines, net, gross }: RoundedRating, currency: string): ReadonlyArray<string> => [
  ...table(
    [
      { head: "from", align: "left" },
      { head: "what", align: "left" },
      { head: "used", align: "right" },
      { head: "billed in steps", align: "right" },
      { head: "price", align: "right" },
      { head: "exact", align: "right" },
      { head: `rounded, ${currency}`, align: "right" }
    ],
    lines.map((it) => [
      instantText(it.line.startAtMs),
      it.line.dimension,
      billedText(it.line),
      billedOf(it, 2),
      unscaled(BigInt(it.line.unitPriceMicros), 6, 2),
      format(it.net),
      format(it.roundedNet)
    ])
  ),
  `  ${format(net)} ${currency} before taxes, ${format(gross)} ${currency} with the taxes that the tariff names`
]
