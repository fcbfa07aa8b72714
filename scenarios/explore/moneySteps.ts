import { Schema } from "effect"
import { Cents, Evse, Name, Time } from "./fields.ts"

const at = { at: Time }
const ofDriver = { ...at, driver: Name }
const PerKwh = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 500 }))

/** What happens to money that is paid ahead: at the desk, whatever runs meanwhile. */
export const walletSteps = [
  Schema.Struct({ ...ofDriver, do: Schema.Literal("top up"), cents: Cents }),
  Schema.Struct({ ...ofDriver, do: Schema.Literal("take out"), cents: Cents }),
  /** How far below zero the wallet may go from now on. */
  Schema.Struct({ ...ofDriver, do: Schema.Literal("set credit line"), cents: Cents })
] as const

/**
 * What an operator decides about prices. A step that finds no server is tried until there is one. A version is told by the
 * order of its publication, from 1.
 */
export const priceSteps = [
  /** A further version. Of the tariff that everyone has when none is named; from now on, or from so much later on. */
  Schema.Struct({
    ...at,
    do: Schema.Literal("publish tariff"),
    perKwh: Schema.Int,
    tariff: Schema.optionalKey(Name),
    from: Schema.optionalKey(Time)
  }),
  /** To one EVSE, a station, a site or everywhere; for a group of drivers or for everyone. Without a tariff it is taken back. */
  Schema.Struct({
    ...at,
    do: Schema.Literal("assign tariff"),
    tariff: Schema.optionalKey(Name),
    station: Schema.optionalKey(Name),
    evse: Schema.optionalKey(Evse),
    site: Schema.optionalKey(Name),
    group: Schema.optionalKey(Name)
  }),
  Schema.Struct({
    ...at,
    do: Schema.Literal("retire tariff"),
    tariff: Name,
    version: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 50 }))
  }),
  Schema.Struct({ ...ofDriver, do: Schema.Literal("join group"), group: Name }),
  Schema.Struct({ ...ofDriver, do: Schema.Literal("leave group"), group: Name })
] as const

/** A tariff that is there before anything happens, beside that which everyone has. */
export const StoryTariff = Schema.Struct({ id: Name, perKwh: PerKwh })

/** Money that a driver has paid ahead before anything happens, and how far below zero it may go. */
export const StoryWallet = Schema.Struct({ driver: Name, cents: Cents, credit: Schema.optionalKey(Cents) })
