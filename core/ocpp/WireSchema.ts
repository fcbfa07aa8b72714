import { Schema } from "effect"
import { isDateTime } from "./Wire.ts"

/**
 * The building blocks of the generated schemas. Their types are narrower than Effect's own constructors' on purpose:
 * the compiler then compares a payload's fields with its interface one by one, instead of instantiating a Struct type
 * for each of six hundred, which costs it a second.
 */

/** A field that may be absent; on the wire it is never undefined. */
export interface Optional<T> {
  readonly optional: T
}

type Fields<X> = {
  readonly [K in keyof X]-?: object extends Pick<X, K> ? Optional<Exclude<X[K], undefined>> : Schema.Codec<X[K]>
}

/** A closed object: with `onExcessProperty: "error"` unknown properties are refused. */
export const struct = <X>(fields: Fields<X>): Schema.Codec<X> =>
  Schema.Struct(fields as unknown as Schema.Struct.Fields) as unknown as Schema.Codec<X>

/** An object without properties. Effect's empty Struct would take any value that is not nullish, a string included. */
export const empty = (): Schema.Codec<{ readonly [key: string]: never }> => Schema.Record(Schema.String, Schema.Never)

export const optional = <T>(schema: Schema.Codec<T>): Optional<T> =>
  Schema.optionalKey(schema) as unknown as Optional<T>

export const literals = <const A extends string>(values: ReadonlyArray<A>): Schema.Codec<A> => Schema.Literals(values)

export const array = <T>(
  items: Schema.Codec<T>,
  { minItems, maxItems }: { readonly minItems?: number; readonly maxItems?: number } = {}
): Schema.Codec<ReadonlyArray<T>> => {
  let schema = Schema.Array(items)
  if (minItems !== undefined) schema = schema.check(Schema.isMinLength(minItems))
  if (maxItems !== undefined) schema = schema.check(Schema.isMaxLength(maxItems))
  return schema
}

interface Range {
  readonly minimum?: number
  readonly maximum?: number
  readonly multipleOf?: number
}

const within = (schema: Schema.Finite | Schema.Int, { minimum, maximum, multipleOf }: Range): Schema.Codec<number> => {
  let checked: Schema.Finite | Schema.Int = schema
  if (minimum !== undefined) checked = checked.check(Schema.isGreaterThanOrEqualTo(minimum))
  if (maximum !== undefined) checked = checked.check(Schema.isLessThanOrEqualTo(maximum))
  if (multipleOf !== undefined) checked = checked.check(Schema.isMultipleOf(multipleOf))
  return checked
}

export const integer = (range: Range = {}): Schema.Codec<number> => within(Schema.Int, range)

export const number = (range: Range = {}): Schema.Codec<number> => within(Schema.Finite, range)

/** A string of at most `max` characters, counted as Unicode code points. */
export const text = (max: number): Schema.Codec<string> => Schema.String.check(Schema.isMaxCodePoints(max))

/** A timestamp as it stands on the wire: text, checked by `isDateTime`. */
export const DateTime: Schema.Codec<string> = Schema.String.check(
  Schema.makeFilter(isDateTime, { expected: "an RFC 3339 date-time with a zone" })
)
