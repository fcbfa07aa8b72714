import { Effect, Option, Result } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import {
  exportTariff,
  formatOf,
  importTariff,
  type Loss,
  type TariffFormat,
  tariffFormats
} from "#core/tariff/formats/formats.ts"
import { WrongUse } from "#server/cli/failures.ts"
import { Screen } from "#server/cli/Screen.ts"
import { Refused } from "../pricing/PriceFile.ts"
import { fixOf } from "../pricing/ratingInput.ts"
import { plural } from "./format.ts"
import { parseJson, readText, tariffsOf } from "./tariffCheck.ts"

/** A tariff of a file in the format asked for, and what was lost from the file to there. */
interface Converted {
  readonly from: TariffFormat
  readonly tariff: Readonly<Record<string, unknown>>
  readonly losses: ReadonlyArray<Loss>
}

/** All tariffs of a file; a single one stands alone, as it did in the file. */
interface ConvertedFile {
  readonly isList: boolean
  readonly tariffs: ReadonlyArray<Converted>
}

const convertFile = (
  file: string,
  named: TariffFormat | undefined,
  to: TariffFormat
): Result.Result<ConvertedFile, Refused> =>
  Result.gen(function* () {
    const json = yield* Result.flatMap(readText(file), (text) => parseJson(file, text))
    const found = tariffsOf(json)
    if (found.length === 0)
      return yield* Result.fail(
        new Refused({ place: file, message: "there is no tariff in it", fix: "Give at least one." })
      )
    const tariffs: Array<Converted> = []
    for (const [pointer, wire] of found) {
      const from = named ?? formatOf(wire)
      const imported = importTariff(wire, from)
      if (Result.isFailure(imported)) {
        const { path, message } = imported.failure
        const place = `${file}, at ${pointer + path || "/"} (read as ${from})`
        return yield* Result.fail(new Refused({ place, message, fix: fixOf(message) }))
      }
      const { tariff, losses } = imported.success
      const exported = exportTariff(tariff, to)
      tariffs.push({ from, tariff: exported.json, losses: [...losses, ...exported.losses] })
    }
    return { isList: found.length > 1, tariffs }
  })

const what: Readonly<Record<Loss["changes"], string>> = {
  price: "changes the price",
  tax: "changes the tax",
  validity: "changes when it is valid",
  nothing: "not priced"
}

/** `wattproof tariff convert`: a tariff in another format, and what that format cannot say. */
export const tariffConvertCommand = Command.make(
  "convert",
  {
    file: Argument.String("file").pipe(
      Argument.withDescription("JSON with a tariff, a list of them, or an object with tariff or tariffs")
    ),
    to: Flag.Literals("to", tariffFormats).pipe(Flag.withDescription("The format to write")),
    from: Flag.Literals("from", tariffFormats).pipe(
      Flag.withDescription("The format of the file; found by its keys unless given"),
      Flag.optional
    ),
    json: Flag.Boolean("json").pipe(
      Flag.withDescription("Print one JSON object with the tariffs and their losses"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function* ({ file, from, json, to }) {
    const { out, err } = yield* Screen
    const converted = convertFile(file, Option.getOrUndefined(from), to)
    if (Result.isFailure(converted)) {
      const { place, message, fix } = converted.failure
      if (json) out.write(`${JSON.stringify({ error: "Refused", place, message, fix })}\n`)
      return yield* new WrongUse({ message: `${place}: ${message}. ${fix}` })
    }
    const { isList, tariffs } = converted.success
    if (json) {
      out.write(`${JSON.stringify({ to, tariffs })}\n`)
      return
    }
    const written = tariffs.map(({ tariff }) => tariff)
    out.write(`${JSON.stringify(isList ? written : written[0], null, 2)}\n`)
    tariffs.forEach(({ losses }, index) => {
      const whose = isList ? `Tariff ${index + 1}: ` : ""
      if (losses.length === 0) err.write(`${whose}Nothing is lost in ${to}.\n`)
      else err.write(`${whose}${err.style.yellow(`${to} cannot say ${plural(losses.length, "thing")}:`)}\n`)
      for (const { path, changes, sentence } of losses) err.write(`  ${path} (${what[changes]}): ${sentence}\n`)
    })
  })
).pipe(
  Command.withDescription("Write a tariff in another format of OCPI or OCPP, and say what is lost"),
  Command.withExamples([
    { command: "wattproof tariff convert tariff.json --to ocpp-2.1" },
    { command: "wattproof tariff convert partner.json --from ocpi-2.1.1 --to ocpi-2.3.0 --json" }
  ])
)
