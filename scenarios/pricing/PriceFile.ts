import { Data, Result } from "effect"
import { nearest } from "#core/nearest.ts"

/** A file cannot be priced: where it is wrong as a JSON pointer, what is wrong there, and what to do. */
export class Refused extends Data.TaggedError("Refused")<{
  readonly place: string
  readonly message: string
  readonly fix: string
}> {}

/** What a file asks for. */
export const fileKinds = [
  "rating",
  "error",
  "ocpp-cost",
  "extension",
  "foreign",
  "segmentation",
  "static-analysis",
  "verify"
] as const
export type FileKind = (typeof fileKinds)[number]

export type Json = Readonly<Record<string, unknown>>

/** A file of the shape of the published examples: JSON with the kind of question that it asks. */
export interface PriceFile {
  readonly kind: FileKind
  readonly json: Json
}

/** The answer for one file: as JSON, in the shape of the published examples' `expected`, and in lines for a person. */
export interface Answer {
  readonly json: unknown
  readonly lines: (columns: number) => ReadonlyArray<string>
}

export const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Prices and tax rates are told as they were written: `1.0` stays `1.0`, whatever a binary fraction makes of it. */
const keptKeys: ReadonlySet<string> = new Set(["price", "vat"])
const keptPattern = /^-?\d{1,15}(\.\d{1,12})?$/
const keepDigits = (key: string, value: unknown, context?: { readonly source?: string }): unknown => {
  const source = context?.source
  return typeof value === "number" && keptKeys.has(key) && source !== undefined && keptPattern.test(source)
    ? source
    : value
}

const parse = (text: string): Result.Result<unknown, Refused> =>
  Result.try({
    try: (): unknown => JSON.parse(text, keepDigits),
    catch: (error) => {
      const message = String(error instanceof Error ? error.message : error)
      const position = /\(line (\d+) column (\d+)\)/.exec(message)
      return new Refused({
        place: position === null ? "the end of the file" : `line ${position[1]}, column ${position[2]}`,
        message: `it is no JSON: ${message}`,
        fix: "Give one JSON object per file, with tariffs and cdr."
      })
    }
  })

/** Reads a file's text. The kind is the one that it names, else the one that its keys speak of. */
export const readPriceFile = (text: string): Result.Result<PriceFile, Refused> => {
  const parsed = parse(text)
  if (Result.isFailure(parsed)) return Result.fail(parsed.failure)
  const json = parsed.success
  if (!isJson(json)) {
    return Result.fail(
      new Refused({ place: "/", message: "it is no JSON object", fix: "Give an object with tariffs and cdr." })
    )
  }
  const { kind } = json
  if (kind === undefined) return shapeOf(json)
  const known = fileKinds.find((it) => it === kind)
  if (known !== undefined) return Result.succeed({ kind: known, json })
  const meant = nearest(String(kind), fileKinds)
  return Result.fail(
    new Refused({
      place: "/kind",
      message: `there is no kind "${String(kind)}"`,
      fix: meant === undefined ? `Write one of ${fileKinds.join(", ")}, or leave it out.` : `Write "${meant}".`
    })
  )
}

const shapeOf = (json: Json): Result.Result<PriceFile, Refused> => {
  const kind = kindOf(json)
  if (kind !== undefined) return Result.succeed({ kind, json })
  return Result.fail(
    new Refused({
      place: "/",
      message: "it has neither tariffs with a cdr, nor a tariff, nor an energy_register",
      fix: "Add tariffs (a list of OCPI Tariff objects) and cdr (the session in the shape of an OCPI CDR)."
    })
  )
}

const kindOf = (json: Json): FileKind | undefined => {
  if ("energy_register" in json || "restrictions_in_order" in json) return "segmentation"
  if ("tariff" in json) return "usage" in json ? "ocpp-cost" : "static-analysis"
  if (!isJson(json["cdr"])) return undefined
  return "total_cost" in json["cdr"] ? "verify" : "rating"
}
