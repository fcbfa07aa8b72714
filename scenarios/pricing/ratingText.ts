import { add, format, negate, unscaled } from "#core/Money.ts"
import { explain } from "#core/tariff/explain.ts"
import { isAmount, type RatingLine } from "#core/tariff/Rating.ts"
import { wrap } from "../cli/format.ts"
import { type Column, table } from "../cli/table.ts"
import { isJson, type Json } from "./PriceFile.ts"
import { billedText, instantText, type Rated, unitOf } from "./ratingAnswer.ts"

const columnsOf = (currency: string): ReadonlyArray<Column> => [
  { head: "", align: "right" },
  { head: "from", align: "left" },
  { head: "what", align: "left" },
  { head: "element", align: "right" },
  { head: "billed", align: "right" },
  { head: "", align: "left" },
  { head: "price", align: "right" },
  { head: "VAT %", align: "right" },
  { head: `net ${currency}`, align: "right" },
  { head: "tax", align: "right" },
  { head: "gross", align: "right" }
]

/** A dimension, and what frees or lowers it; of a limit its name alone. */
const whatOf = ({ dimension, adjustment }: RatingLine): string => {
  const why = (adjustment ?? "").toLowerCase().replaceAll("_", " ")
  if (dimension === "ADJUSTMENT") return (adjustment ?? "").toLowerCase()
  return adjustment === null ? dimension : `${dimension}, ${why}`
}

const rowOf = (line: RatingLine, index: number): ReadonlyArray<string> => {
  const amounts = [format(line.net), format(line.tax), format(add(line.net, line.tax))]
  const vat = line.vatPpm === null ? "-" : unscaled(BigInt(line.vatPpm), 4)
  if (isAmount(line)) return [`${index + 1}`, "", whatOf(line), "", "", "", "", vat, ...amounts]
  return [
    `${index + 1}`,
    instantText(line.startAtMs),
    whatOf(line),
    `${line.element}.${line.component}`,
    billedText(line),
    unitOf(line.dimension),
    unscaled(BigInt(line.unitPriceMicros), 6, 2),
    vat,
    ...amounts
  ]
}

const taxRules = {
  YES: "prices include taxes",
  NO: "taxes come on top of the prices",
  "N/A": "no taxes apply"
} as const

/** A rating for a person: the lines as a table, why each is what it is, and what else is to be known. */
export const ratingText = (rated: Rated, json: Json, columns: number): ReadonlyArray<string> => {
  const { compiled, rating, periods, input } = rated
  const { tariff } = compiled
  const sums = ["", "", "exact", "", "", "", "", "", format(rating.net), format(rating.tax), format(rating.gross)]
  const rounded = [rating.net, add(rating.gross, negate(rating.net)), rating.gross].map((it) =>
    format(it, compiled.exponent, compiled.exponent)
  )
  const owed = ["", "", "rounded once", "", "", "", "", "", rounded[0]!, rounded[1]!, rounded[2]!]
  const { reservationExpired, groups } = input.session
  const options = { reservationExpired, groups }
  const reasons = explain(compiled, periods, rating, options).flatMap((steps, index) => [
    `  ${index + 1}`,
    ...steps.flatMap(({ text }) => bullet(text, columns))
  ])
  return [
    `  Tariff ${tariff.id}, version ${tariff.version}; ${taxRules[tariff.taxIncluded]}; time zone ${compiled.zone.name}; policy ${rating.policy}`,
    "",
    ...table(columnsOf(tariff.currency), [...rating.lines.map(rowOf), sums, owed]),
    "",
    ...reasons,
    ...rating.notes.flatMap((note) => bullet(noteText(note), columns, "  ! ")),
    ...otherNumbers(rated, json).flatMap((text) => bullet(text, columns, "  ? "))
  ]
}

/** A sentence on lines of its own, indented behind its mark. */
export const bullet = (text: string, columns: number, mark = "    - "): ReadonlyArray<string> =>
  wrap(text, Math.max(40, columns - mark.length)).map((line, index) =>
    index === 0 ? `${mark}${line}` : `${" ".repeat(mark.length)}${line}`
  )

const sentences: Readonly<Record<string, (about: string) => string>> = {
  no_price_component: (about) => `nothing prices ${about}: it is free, which is often a mistake in the tariff`,
  period_spans_price_change: (about) =>
    `a period lasts beyond a change of the price of ${about}; it is priced as a whole at its start, because only who measured can cut it`,
  missing_signal: (about) =>
    `a price depends on ${about.toLowerCase()}, which the period does not tell: it does not hold`,
  periods_out_of_order: () => "the charging periods were not in order of their starts; they were sorted",
  periods_overlap: () => "charging periods overlap; each is priced as it stands",
  total_clamped: () => "the tariff's minimum or maximum price moved the total",
  unattributed_tax: () => "a part of the tax that a limit makes belongs to no rate",
  negative_tax: () => "a tax rate is negative, which is a mistake; the tax is held at zero",
  tax_included_without_rate: () => "the price holds a tax of unknown rate: only the total after taxes is known",
  tax_rate_ignored: () => "the tariff says that no tax applies, and names a rate; the rate is ignored"
}

const noteText = (note: string): string => {
  const [code, about = ""] = note.split(":")
  return `${note}: ${sentences[code!]?.(about) ?? "see the tariff"}.`
}

/** Numbers that others have for the same session, where the file tells them: named, never imitated. */
const otherNumbers = ({ rating }: Rated, json: Json): ReadonlyArray<string> => {
  const ours = `${format(rating.net)} / ${format(rating.gross)}`
  const texts: Array<string> = []
  const expected = json["expected"]
  const published = isJson(expected) ? expected["published"] : undefined
  if (isJson(published) && published["agrees_with_recomputation"] === false) {
    texts.push(
      `The source of this example prints ${pair(published)} (before / after taxes). That is wrong by its own rules: ${ours} is right.`
    )
  }
  const readings = json["alternative_readings"]
  for (const reading of Array.isArray(readings) ? readings : []) {
    if (!isJson(reading)) continue
    texts.push(`Another reading gives ${pair(reading)}: ${String(reading["reading"])}.`)
  }
  if (typeof json["note"] === "string") texts.push(`The file's own note: ${json["note"]}`)
  return texts
}

const pair = (amounts: Json): string =>
  [amounts["before_taxes"], amounts["after_taxes"]]
    .filter((it) => it !== undefined && it !== null)
    .map(String)
    .join(" / ")
