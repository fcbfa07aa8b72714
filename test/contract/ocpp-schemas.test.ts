import { assert, it } from "@effect/vitest"
import { Ajv, type ValidateFunction } from "ajv"
import { Result, Schema } from "effect"
import type { Violation } from "#core/ocpp/Action.ts"
import { type Dialect, v16, v21, v201 } from "#core/ocpp/Dialect.ts"
import { Chance, Instances } from "#test/support/ocpp-generator/Instances.ts"
import { type JsonSchema, messageOf, readSchemas } from "#test/support/ocpp-generator/Reader.ts"

/**
 * Our validators and schemas against AJV on the official files, verdict by verdict. The known differences:
 * - integers beyond 2^53, which AJV takes although a double cannot hold them: see `isKnownDifference`;
 * - more than nine decimals of a second: refused here, in the reference below too;
 * - `format: uri` (two fields of 1.6) is checked by neither;
 * - a zone of hours only (`+02`) is taken by both, as by ajv-formats.
 */
const seed = 20_261_031
const validPerSchema = 200
const mutatedPerSchema = 500

const dateTimePattern =
  /^(\d{4})-(0[1-9]|1[0-2])-(\d\d)[Tt ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.\d{1,9})?(?:[Zz]|([+-])([01]\d|2[0-3])(?::?([0-5]\d))?)$/

/** RFC 3339 once more, written the other way: a regular expression, and day and leap second by Date.UTC. */
const isDateTime = (text: string): boolean => {
  const match = dateTimePattern.exec(text)
  if (match === null) return false
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number
  ]
  // Four hundred years on, the calendar is the same and Date.UTC takes no year for 19xx.
  const daysInMonth = (Date.UTC(year + 400, month, 1) - Date.UTC(year + 400, month - 1, 1)) / 86_400_000
  if (day < 1 || day > daysInMonth) return false
  if (second < 60) return true
  const offset = Number(`${match[7] ?? "+"}1`) * (Number(match[8] ?? 0) * 60 + Number(match[9] ?? 0))
  return (hour * 60 + minute - offset + 2 * 1440) % 1440 === 1439
}

const ajv = new Ajv({
  allErrors: true,
  strict: false,
  strictNumbers: true,
  validateSchema: false,
  multipleOfPrecision: 9,
  formats: { "date-time": isDateTime, uri: true }
})

const compile = (schema: JsonSchema): ValidateFunction => {
  // `$id` is `urn:Authorize.req`, which AJV resolves as a URI and throws.
  const { $id, ...anonymous } = schema
  return ajv.compile(anonymous)
}

const paramOf = (violation: Violation): unknown => {
  if (violation.keyword === "format" || violation.keyword === "enum") return ""
  return violation.param
}

/** Every rule AJV says is broken, in our words. */
const brokenRules = (validate: ValidateFunction): ReadonlySet<string> =>
  new Set(
    (validate.errors ?? []).map(({ instancePath, keyword, params }) => {
      const param =
        params.missingProperty ?? params.additionalProperty ?? params.type ?? params.limit ?? params.multipleOf
      return `${instancePath} ${keyword} ${param ?? ""}`
    })
  )

const isKnownDifference = ({ keyword, param }: Violation): boolean =>
  (keyword === "maximum" && param === Number.MAX_SAFE_INTEGER) ||
  (keyword === "minimum" && param === Number.MIN_SAFE_INTEGER)

const compare = (dialect: Dialect, file: "ocpp1_6" | "ocpp2_0_1" | "ocpp2_1", expectedSchemas: number): void => {
  const schemas = readSchemas(file)
  const disagreements: string[] = []
  const verdicts = { accepted: 0, refused: 0, known: 0 }
  for (const [index, schema] of schemas.entries()) {
    const { action: name, part } = messageOf(schema)
    const action = dialect.actions.get(name)!
    const check = part === "request" ? action.checkRequest : action.checkResponse
    const codec: Schema.Codec<unknown, unknown> = part === "request" ? action.request : action.response
    const decode = Schema.decodeUnknownResult(codec, { onExcessProperty: "error" })
    const validate = compile(schema)
    const instances = new Instances(schema, new Chance(seed + index))
    for (let i = 0; i < validPerSchema + mutatedPerSchema; i++) {
      const value = i < validPerSchema ? instances.valid() : instances.mutated()
      const accepted = validate(value)
      const violation = check(value)
      verdicts[accepted ? "accepted" : "refused"]++
      const report = (what: string): void => {
        disagreements.push(
          `${name} ${part}: ${what} ${JSON.stringify(violation)} ${JSON.stringify(value).slice(0, 600)}`
        )
      }
      if (i < validPerSchema && !accepted)
        report(`the generator made an invalid instance ${ajv.errorsText(validate.errors)}`)
      if (violation !== undefined && isKnownDifference(violation)) verdicts.known++
      else if (accepted !== (violation === undefined)) report(`AJV ${accepted ? "accepts" : "refuses"}`)
      else if (violation !== undefined) {
        const rule = `${violation.path} ${violation.keyword} ${paramOf(violation)}`
        if (!brokenRules(validate).has(rule)) report(`AJV does not report ${rule}`)
      }
      // The interpreter is a hundred times slower: it sees a sample.
      if (i % 6 === 0 && Result.isSuccess(decode(value)) !== (violation === undefined))
        report("Effect Schema disagrees")
    }
  }
  assert.deepStrictEqual(disagreements.slice(0, 5), [])
  assert.strictEqual(schemas.length, expectedSchemas)
  assert.isAbove(verdicts.accepted, schemas.length * validPerSchema)
  assert.isAbove(verdicts.refused, schemas.length * mutatedPerSchema * 0.5)
  assert.isAbove(verdicts.known, 0)
}

it("agrees with the official 1.6 schemas on every random payload", () => compare(v16, "ocpp1_6", 78))
it("agrees with the official 2.0.1 schemas on every random payload", () => compare(v201, "ocpp2_0_1", 128))
it("agrees with the official 2.1 schemas on every random payload", () => compare(v21, "ocpp2_1", 181))
