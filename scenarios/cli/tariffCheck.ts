import { readFileSync } from "node:fs"
import { Effect, Option, Result } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { type CheckOptions, checkTariff } from "#core/tariff/check/checkTariff.ts"
import type { Finding, Severity } from "#core/tariff/check/Finding.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { zoneOf } from "#core/tariff/Zone.ts"
import { WrongUse } from "#server/cli/failures.ts"
import { type Pane, Screen } from "#server/cli/Screen.ts"
import { findingJson, findingLines } from "../pricing/findingText.ts"
import { lineAt, linesOf } from "../pricing/jsonLines.ts"
import { isJson, Refused } from "../pricing/PriceFile.ts"
import { fixOf } from "../pricing/ratingInput.ts"
import { plural } from "./format.ts"
import { OracleFailed } from "./run.ts"

const maxFiles = 100_000

/** A tariff of a file: where it stands in it as a JSON pointer, and what was found. */
interface Checked {
  readonly pointer: string
  readonly id: string
  readonly findings: ReadonlyArray<Finding>
}

/** What was found in a file, and the lines on which its values stand. */
interface CheckedFile {
  readonly tariffs: ReadonlyArray<Checked>
  readonly lines: ReadonlyMap<string, number>
}

const refused = (place: string, message: string, fix: string): Result.Result<never, Refused> =>
  Result.fail(new Refused({ place, message, fix }))

/** A file's text, or why there is none. */
export const readText = (file: string): Result.Result<string, Refused> =>
  Result.try({
    try: () => readFileSync(file, "utf8"),
    catch: (error) =>
      new Refused({
        place: file,
        message: `it cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        fix: "Give the path of a file that exists and may be read."
      })
  })

/** A file's JSON, or the line on which it is none. */
export const parseJson = (file: string, text: string): Result.Result<unknown, Refused> =>
  Result.try({
    try: (): unknown => JSON.parse(text),
    catch: (error) => {
      const message = String(error instanceof Error ? error.message : error)
      const line = /line (\d+)/.exec(message)?.[1] ?? String(text.split("\n").length)
      return new Refused({
        place: `${file}:${line}`,
        message: `it is no JSON: ${message}`,
        fix: "Give a Tariff object of OCPI, or a list of them."
      })
    }
  })

/** The tariffs of a file: it is one, a list of them, or has them under `tariff`, `tariffs` or OCPI's `data`. */
export const tariffsOf = (json: unknown): ReadonlyArray<readonly [pointer: string, wire: unknown]> => {
  if (Array.isArray(json)) return json.map((wire, index) => [`/${index}`, wire])
  if (!isJson(json) || "elements" in json) return [["", json]]
  if ("tariff" in json) return [["/tariff", json["tariff"]]]
  for (const key of ["tariffs", "data"]) {
    const list = json[key]
    if (Array.isArray(list)) return list.map((wire, index) => [`/${key}/${index}`, wire])
  }
  return [["", json]]
}

const checkFile = (file: string, options: CheckOptions): Result.Result<CheckedFile, Refused> =>
  Result.gen(function* () {
    const text = yield* readText(file)
    const json = yield* parseJson(file, text)
    const lines = linesOf(text)
    const tariffs: Array<Checked> = []
    const found = tariffsOf(json)
    if (found.length === 0) return yield* refused(file, "there is no tariff in it", "Give at least one.")
    for (const [pointer, wire] of found) {
      const decoded = Tariff.decode(wire)
      if (Result.isFailure(decoded)) {
        const { path, message } = decoded.failure
        const place = `${file}:${lineAt(lines, pointer + path)} (${pointer + path || "the whole file"})`
        return yield* refused(place, message, fixOf(message))
      }
      const tariff = decoded.success
      tariffs.push({ pointer, id: tariff.id, findings: Result.getOrThrow(checkTariff(tariff, options)) })
    }
    return { tariffs, lines }
  })

const painted =
  ({ style }: Pane) =>
  (severity: Severity, text: string): string =>
    severity === "error" ? style.red(text) : severity === "warning" ? style.yellow(text) : style.dim(text)

const sumText = (findings: ReadonlyArray<Finding>): string => {
  const of = (severity: Severity) => findings.filter((it) => it.severity === severity).length
  const parts = [plural(of("error"), "error"), plural(of("warning"), "warning"), `${of("info")} to know`]
  return findings.length === 0 ? "nothing found" : parts.join(", ")
}

const show = (out: Pane, file: string, { tariffs, lines }: CheckedFile): void => {
  for (const { pointer, id, findings } of tariffs) {
    const place = (path: string) => `${file}:${lineAt(lines, pointer + path)} ${path}`
    const told = findingLines(findings, Math.max(60, out.columns()), place, painted(out))
    out.write(`${out.style.bold(`Tariff ${id}`)} in ${file}: ${sumText(findings)}\n`)
    if (findings.length > 0) out.write(`${told.join("\n")}\n`)
    out.write("\n")
  }
}

const showJson = (out: Pane, file: string, { tariffs, lines }: CheckedFile): void => {
  const all = tariffs.map(({ pointer, id, findings }) => ({
    id,
    findings: findings.map((it) => ({ ...findingJson(it), line: lineAt(lines, pointer + it.path) }))
  }))
  out.write(`${JSON.stringify({ file, tariffs: all })}\n`)
}

/** `wattproof tariff check`: what is wrong with tariffs, each with a session that shows it. */
export const tariffCheckCommand = Command.make(
  "check",
  {
    files: Argument.String("file").pipe(
      Argument.withDescription("JSON: a Tariff object of OCPI, or a list of them"),
      Argument.variadic({ min: 1, max: maxFiles })
    ),
    json: Flag.Boolean("json").pipe(
      Flag.withDescription("Print one line of JSON per file"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    ),
    zone: Flag.String("zone").pipe(
      Flag.withDescription("IANA name of the sites' time zone; sessions that show a finding are told in it"),
      Flag.withDefault("UTC")
    ),
    country: Flag.String("country").pipe(
      Flag.withDescription("Country of the sites, as DE, for what the law says; else the tariff's own"),
      Flag.optional
    ),
    power: Flag.Int("power-kw").pipe(
      Flag.withDescription("The most that the charging points give, for what the law says of fast ones"),
      Flag.optional
    )
  },
  Effect.fnUntraced(function* ({ files, json, zone, country, power }) {
    const { out, err } = yield* Screen
    if (zoneOf(zone) === undefined)
      return yield* new WrongUse({ message: `--zone: the IANA database has no time zone ${zone}. Try Europe/Berlin.` })
    const options: CheckOptions = {
      timeZone: zone,
      country: Option.getOrNull(country),
      maxPowerKw: Option.getOrNull(power)
    }
    let notRead = 0
    const broken: Array<string> = []
    for (const file of files) {
      const checked = checkFile(file, options)
      if (Result.isFailure(checked)) {
        const { place, message, fix } = checked.failure
        notRead += 1
        if (json) out.write(`${JSON.stringify({ file, error: "Refused", place, message, fix })}\n`)
        err.write(`${err.style.red("Refused:")} ${place}: ${message}. ${fix}\n`)
        continue
      }
      if (json) showJson(out, file, checked.success)
      else show(out, file, checked.success)
      for (const { id, findings } of checked.success.tariffs)
        if (findings.some(({ severity }) => severity === "error")) broken.push(id)
    }
    if (notRead > 0)
      return yield* new WrongUse({ message: `${notRead} of ${plural(files.length, "file")} could not be checked.` })
    if (broken.length > 0) return yield* new OracleFailed({ oracles: broken })
  })
).pipe(
  Command.withDescription("Look for what is wrong with tariffs, each finding with a session that shows it"),
  Command.withExamples([
    { command: "wattproof tariff check tariff.json" },
    { command: "wattproof tariff check tariffs/*.json --zone Europe/Berlin --power-kw 150 --json" }
  ])
)
