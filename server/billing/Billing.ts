import { Context, Effect, Layer, Result } from "effect"
import { type Cdr, creditOf, makeCdr } from "#core/billing/Cdr.ts"
import { type Entry, postCdr } from "#core/billing/Ledger.ts"
import { priceOf, runningPrice } from "#core/billing/priceOf.ts"
import { sometimes } from "#core/Sometimes.ts"
import type { ChargingPeriod } from "#core/tariff/ChargingPeriod.ts"
import { type CompiledTariff, compile } from "#core/tariff/compile.ts"
import { groupsNamed } from "#core/tariff/extras/reductions.ts"
import { type Included, includable } from "#core/tariff/included.ts"
import type { Rating } from "#core/tariff/Rating.ts"
import { rate } from "#core/tariff/rate.ts"
import type { Assessment } from "#core/transaction/assess.ts"
import { type FrozenTariff, pricedBy, type Transaction, type TransactionFact } from "#core/transaction/Transaction.ts"
import { Books } from "../books/Books.ts"
import { Directory } from "../directory/Directory.ts"
import { flatMapEager, mapEager } from "../station/eager.ts"
import type { Pricer, Settler, Tariffs } from "../station/OwnerServices.ts"
import { patiently } from "../station/patiently.ts"
import { Allowances } from "../subscriptions/Allowances.ts"
import { freeze } from "./freeze.ts"

/** Compiled tariffs kept: a network has a few hundred at most. */
const compiledLimit = 1_000

/**
 * Freezes prices at the start and settles at the end: CDR and ledger entry of a transaction that is over, or the
 * credit and the new CDR when facts that came late change what is owed.
 */
export class Billing extends Context.Service<Billing, Tariffs & Settler & Pricer>()("server/billing/Billing") {
  static readonly layer = Layer.effect(
    Billing,
    Effect.gen(function* () {
      const directory = yield* Directory
      const books = yield* Books
      const allowances = yield* Allowances
      const compiledTariffs = new Map<string, CompiledTariff>()

      const compiledFor = (frozen: FrozenTariff, timeZone: string): Effect.Effect<CompiledTariff> => {
        const key = `${frozen.id}|${frozen.version}|${timeZone}`
        const known = compiledTariffs.get(key)
        if (known !== undefined) return Effect.succeed(known)
        return Effect.flatMap(patiently(directory.tariff(frozen.id)), (versions) => {
          const tariff = versions.find(({ version }) => version === frozen.version)
          if (tariff === undefined) return Effect.die(`tariff ${frozen.id} lost its version ${frozen.version}`)
          const compiled = compile(tariff, timeZone)
          if (Result.isFailure(compiled)) return Effect.die(compiled.failure)
          if (compiledTariffs.size >= compiledLimit) compiledTariffs.clear()
          compiledTariffs.set(key, compiled.success)
          return Effect.succeed(compiled.success)
        })
      }

      /** What it costs as things stand, as the bill of that revision; null when nobody owes. */
      const bill = (
        transaction: Transaction,
        assessment: Assessment,
        revision: number,
        nowMs: number
      ): Effect.Effect<Cdr | null> => {
        const tariff = pricedBy(transaction)
        return assessment.billable && tariff !== null
          ? flatMapEager(compiledFor(tariff, transaction.timeZone), (compiled) => {
              const groups = groupsNamed(compiled.tariff, tariff.groups)
              const { chargingPeriods, rating } = priceOf(compiled, assessment, groups)
              const made = { transaction, assessment, groups, chargingPeriods, revision, nowMs }
              return mapEager(includedIn(transaction, assessment, includable(rating.lines)), (included) =>
                included === undefined
                  ? cdrOf(made, rating)
                  : cdrOf({ ...made, included }, rate(compiled, chargingPeriods, { groups, included }))
              )
            })
          : mapEager(includedIn(transaction, assessment, nothing), () => null)
      }

      /** What the driver's subscription takes off; nothing is asked while no plan includes anything. */
      const includedIn = (
        { id, authorized }: Transaction,
        { startedAtMs }: Assessment,
        wanted: Included
      ): Effect.Effect<Cdr["included"] | undefined> => {
        const driverId = authorized?.driverId ?? null
        if (driverId === null || !allowances.isOn()) return Effect.succeed(undefined)
        return allowances.grant({ driverId, transactionId: id, startAtMs: startedAtMs, wanted })
      }

      return Billing.of({
        compiled: compiledFor,
        running: (transaction, atMs) => {
          const tariff = pricedBy(transaction)
          if (tariff === null) return Effect.succeed(undefined)
          return mapEager(compiledFor(tariff, transaction.timeZone), (compiled) =>
            runningPrice(compiled, transaction, atMs)
          )
        },
        freeze: (start) => freeze(directory, start),
        settle: (transaction, assessment, nowMs) => {
          const standingId = transaction.settled?.cdrId ?? null
          const revision = transaction.settled?.revision ?? 0
          return flatMapEager(bill(transaction, assessment, revision + 1, nowMs), (owed) => {
            if (standingId === null) {
              if (owed !== null) return Effect.succeed(settledBy([owed], owed.id, revision, nowMs))
              return Effect.succeed(transaction.settled === null ? settledBy([], null, revision, nowMs) : null)
            }
            return Effect.flatMap(patiently(books.cdr(standingId)), (standing) => {
              if (standing === undefined) return Effect.die(`CDR ${standingId} is not in the books`)
              if (owed !== null && isSameBill(standing, owed)) return Effect.succeed(null)
              const credit = creditOf(standing, { id: cdrId(transaction, revision + 1), issuedAtMs: nowMs })
              if (owed === null) return Effect.succeed(settledBy([credit], null, revision, nowMs))
              sometimes("a bill was taken back and made again")
              const corrected = { ...owed, id: cdrId(transaction, revision + 2) }
              return Effect.succeed(settledBy([credit, corrected], corrected.id, revision, nowMs))
            })
          })
        }
      })
    })
  )
}

/**
 * A CDR's id says whose it is and which revision: whoever settles a transaction makes the same id, so that settling
 * twice, by two servers even, cannot bill twice.
 */
const cdrId = (transaction: Transaction, revision: number): string => `${transaction.id}-${revision}`

const nothing: Included = { energyMilliWh: 0, chargingMs: 0 }

interface Made {
  readonly transaction: Transaction
  readonly assessment: Assessment
  readonly groups: ReadonlyArray<string>
  readonly chargingPeriods: ReadonlyArray<ChargingPeriod>
  readonly revision: number
  readonly nowMs: number
  readonly included?: NonNullable<Cdr["included"]>
}

const cdrOf = (made: Made, rating: Rating): Cdr => {
  const { transaction, assessment, groups, chargingPeriods, revision, nowMs, included } = made
  const { startedAtMs, endedAtMs } = assessment
  return makeCdr(
    {
      id: cdrId(transaction, revision),
      transactionId: transaction.id,
      stationId: transaction.stationId,
      evseId: transaction.evseId,
      connectorId: transaction.connectorId,
      token: transaction.authorized?.token ?? null,
      driverId: transaction.authorized?.driverId ?? null,
      startAtMs: startedAtMs,
      endAtMs: endedAtMs,
      timeZone: transaction.timeZone,
      // A mismatch is one with a bill, not of the charge: this one may be what mends it.
      findings: assessment.findings.map(({ code }) => code).filter((code) => code !== "cost-mismatch"),
      issuedAtMs: nowMs,
      chargingPeriods,
      groups,
      ...(included !== undefined && { included })
    },
    rating
  )
}

/** Whether a driver would see the same bill. */
const isSameBill = (standing: Cdr, owed: Cdr): boolean =>
  standing.grossMinor === owed.grossMinor &&
  standing.taxMinor === owed.taxMinor &&
  standing.energyWh === owed.energyWh &&
  standing.startAtMs === owed.startAtMs &&
  standing.endAtMs === owed.endAtMs &&
  standing.parkingMs === owed.parkingMs &&
  standing.driverId === owed.driverId &&
  standing.included?.energyMilliWh === owed.included?.energyMilliWh &&
  standing.included?.chargingMs === owed.included?.chargingMs

const settledBy = (
  cdrs: ReadonlyArray<Cdr>,
  standing: string | null,
  revisionBefore: number,
  nowMs: number
): {
  readonly fact: Extract<TransactionFact, { _tag: "Settled" }>
  readonly settlement: { readonly cdrs: ReadonlyArray<Cdr>; readonly entries: ReadonlyArray<Entry> }
} => ({
  fact: { _tag: "Settled", atMs: nowMs, cdrId: standing, revision: revisionBefore + cdrs.length },
  settlement: { cdrs, entries: cdrs.map((cdr) => postCdr(cdr, { id: `entry-${cdr.id}`, bookedAtMs: nowMs })) }
})
