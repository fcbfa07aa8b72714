import { Effect } from "effect"
import { wireAmount } from "#core/display/costMessages.ts"
import { exponentOf, scaled } from "#core/Money.ts"
import type { TransactionLimitType } from "#core/ocpp/v21/generated/schemas.ts"
import { type ChargeLimit, isLimiting, isOpen, noLimit, type Transaction } from "#core/transaction/Transaction.ts"
import type { Fenced, UnitRefused } from "../../record/Journal.ts"
import type { Reported, StationOwner } from "../../station/StationOwner.ts"

/** What a 2.1 TransactionEvent tells of what its transaction is to stop at (use case E16); nothing in 2.0.1. */
export interface LimitTelling {
  readonly triggerReason: string
  readonly transactionInfo: { readonly transactionLimit?: TransactionLimitType }
}

const secondMs = 1000

/**
 * Takes in what a 2.1 station says that it keeps, told with the trigger LimitSet: what we told it, or what its driver
 * entered there. Where it keeps a part of what is wanted, the whole stands, and is seen to from here. A limit of the
 * state of charge alone is the station's own affair.
 */
export const keepTold = (
  owner: StationOwner,
  { triggerReason, transactionInfo: { transactionLimit } }: LimitTelling,
  { transaction }: Reported,
  nowMs: number
): Effect.Effect<void, Fenced | UnitRefused> => {
  if (triggerReason !== "LimitSet" || transactionLimit === undefined) return Effect.void
  if (transaction === null || !isOpen(transaction)) return Effect.void
  return Effect.flatMap(currencyOf(owner, transaction), (currency) => {
    const told = limitFrom(transactionLimit, currency)
    if (!isLimiting(told) || isPartOf(told, transaction.limit ?? noLimit)) return Effect.void
    return Effect.asVoid(owner.limit(transaction.id, { ...told, keptByStation: true }, nowMs))
  })
}

/**
 * What the answer tells a 2.1 station to stop at: until it says that it keeps that, with every answer but that to its
 * own word. Undefined where nothing is to be told.
 */
export const limitToTell = (
  owner: StationOwner,
  { triggerReason }: LimitTelling,
  { transaction }: Reported
): Effect.Effect<TransactionLimitType | undefined> => {
  if (owner.services.dialect !== "2.1" || triggerReason === "LimitSet") return Effect.succeed(undefined)
  if (transaction === null || !isOpen(transaction)) return Effect.succeed(undefined)
  const { limit } = transaction
  if (limit === null || !isLimiting(limit) || limit.keptByStation === true) return Effect.succeed(undefined)
  const { maxWh, maxMs, maxMinor } = limit
  return Effect.map(maxMinor === null ? Effect.succeed(null) : currencyOf(owner, transaction), (currency) => {
    const wire: TransactionLimitType = {
      ...(maxMinor === null || currency === null ? {} : { maxCost: wireAmount(BigInt(maxMinor), currency) }),
      ...(maxWh === null ? {} : { maxEnergy: maxWh }),
      ...(maxMs === null ? {} : { maxTime: Math.ceil(maxMs / secondMs) })
    }
    return Object.keys(wire).length === 0 ? undefined : wire
  })
}

/** Of its prices; null where it has none. */
const currencyOf = ({ services }: StationOwner, { tariff, timeZone }: Transaction): Effect.Effect<string | null> =>
  tariff === null
    ? Effect.succeed(null)
    : Effect.map(services.pricer.compiled(tariff, timeZone), (compiled) => compiled.tariff.currency)

/** Where a transaction has no prices, a limit of its cost says nothing. */
const limitFrom = ({ maxCost, maxEnergy, maxTime }: TransactionLimitType, currency: string | null): ChargeLimit => ({
  maxWh: positive(maxEnergy === undefined ? undefined : Math.floor(maxEnergy)),
  maxMs: positive(maxTime === undefined ? undefined : maxTime * secondMs),
  maxMinor: maxCost === undefined || currency === null ? null : minorFrom(maxCost, currency)
})

/** A cost with more decimals than its currency has is none that anybody entered. */
const minorFrom = (maxCost: number, currency: string): number | null => {
  const minor = scaled(maxCost, exponentOf(currency)!)
  return minor === undefined ? null : positive(Number(minor))
}

const positive = (value: number | undefined): number | null =>
  value !== undefined && value > 0 && Number.isSafeInteger(value) ? value : null

/** Whether it leaves out some of what is wanted, and says nothing else. */
const isPartOf = (told: ChargeLimit, wanted: ChargeLimit): boolean => {
  const parts = ["maxWh", "maxMs", "maxMinor"] as const
  const isWithin = parts.every((part) => told[part] === null || told[part] === wanted[part])
  return isWithin && parts.some((part) => told[part] !== wanted[part])
}
