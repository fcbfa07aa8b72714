import { Effect } from "effect"
import { groupsAt } from "#core/driver/Group.ts"
import type { Station } from "#core/station/Station.ts"
import type { Assignment } from "#core/tariff/assign/Assignment.ts"
import { type Payer, type Rung, rungsAt } from "#core/tariff/assign/ladder.ts"
import { versionAt } from "#core/tariff/life.ts"
import type { FrozenTariff } from "#core/transaction/Transaction.ts"
import type { Directory } from "../directory/Directory.ts"
import { flatMapEager, mapEager } from "../station/eager.ts"
import type { PricedStart } from "../station/OwnerServices.ts"
import { patiently } from "../station/patiently.ts"

type Book = Directory["Service"]

/**
 * The tariff and version for a start: the first rung of the ladder (`core/tariff/assign`) whose tariff has a version that is
 * valid at the start's own instant. Every start asks, so what is known is not waited for.
 */
export const freeze = (directory: Book, start: PricedStart): Effect.Effect<FrozenTariff | null> => {
  const { station, evseId, atMs } = start
  const spot = { stationId: station.id, evseId, siteId: station.siteId }
  return flatMapEager(payerOf(directory, start), (payer) =>
    flatMapEager(assignmentsFor(directory, station), (assignments) =>
      climb(directory, rungsAt(payer, spot, assignments, atMs), payer.groups, atMs)
    )
  )
}

const nobody: Payer = Object.freeze({ groups: [], partnerId: null })

const payerOf = (directory: Book, { tokenUid, atMs }: PricedStart): Effect.Effect<Payer> =>
  tokenUid === null
    ? Effect.succeed(nobody)
    : mapEager(patiently(directory.token(tokenUid)), (token) =>
        token === undefined ? nobody : { groups: groupsAt(token.memberships, atMs), partnerId: token.partnerId }
      )

/** What is assigned to a station, to its site, and everywhere. */
export const assignmentsFor = (
  directory: Book,
  { id, siteId }: Pick<Station, "id" | "siteId">
): Effect.Effect<ReadonlyArray<Assignment>> =>
  flatMapEager(patiently(directory.assignments({ stationId: id })), (own) =>
    flatMapEager(patiently(directory.assignments("network")), (everywhere) =>
      siteId === null
        ? Effect.succeed(own.length === 0 ? everywhere : [...own, ...everywhere])
        : mapEager(patiently(directory.assignments({ siteId })), (site) => [...own, ...site, ...everywhere])
    )
  )

const climb = (
  directory: Book,
  rungs: ReadonlyArray<Rung>,
  groups: ReadonlyArray<string>,
  atMs: number
): Effect.Effect<FrozenTariff | null> => {
  const [first, ...others] = rungs
  if (first === undefined) return Effect.succeed(null)
  return flatMapEager(patiently(directory.tariff(first.tariffId)), (versions) => {
    const valid = versionAt(versions, atMs)
    return valid === undefined
      ? climb(directory, others, groups, atMs)
      : Effect.succeed({ id: valid.id, version: valid.version, groups })
  })
}
