import { Schema } from "effect"

/** The parts of which a tariff's JSON is made. */

/** What may be missing, or null. */
export const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

export const text = (length: number) => Schema.String.check(Schema.isBetweenLength(1, length))

/** A JSON number, or the same as decimal text for senders that must not lose digits. */
export const WireNumber = Schema.Union([
  Schema.Finite,
  Schema.String.check(Schema.isPattern(/^-?\d{1,15}(\.\d{1,12})?$/))
])

export const WireTime = Schema.String.check(Schema.isPattern(/^([01]\d|2[0-3]):[0-5]\d$/))
export const WireDate = Schema.String.check(Schema.isPattern(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/))

export const DayOfWeek = Schema.Literals(["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"])

export const TariffDimension = Schema.Literals(["ENERGY", "TIME", "PARKING_TIME", "FLAT"])

export type DayOfWeek = typeof DayOfWeek.Type
export type TariffDimension = typeof TariffDimension.Type
