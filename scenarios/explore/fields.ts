import { Schema, SchemaTransformation } from "effect"

/** Seconds as `h:mm:ss`, as a person reads them; hours may exceed 24. */
export const clock = (seconds: number): string => {
  const two = (value: number) => String(value).padStart(2, "0")
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}

const secondsOf = (text: string): number => {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(":").map(Number)
  return hours * 3600 + minutes * 60 + seconds
}

export const Time = Schema.String.check(Schema.isPattern(/^\d{1,3}:[0-5]\d:[0-5]\d$/)).pipe(
  Schema.decodeTo(Schema.Int, SchemaTransformation.transform({ decode: secondsOf, encode: clock }))
)
export const Name = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9-]{1,20}$/))
export const Evse = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4 }))

/** Gross, and not so much that nobody has it. */
export const Cents = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100_000 }))
