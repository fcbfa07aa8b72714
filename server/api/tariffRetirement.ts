import { Clock, Effect } from "effect"
import type { Fault } from "#core/api/Problems.ts"
import { Unprocessable } from "#core/api/Problems.ts"
import * as Instant from "#core/Instant.ts"
import type { Station } from "#core/station/Station.ts"
import type { Assignment } from "#core/tariff/assign/Assignment.ts"
import { rungsAt } from "#core/tariff/assign/ladder.ts"
import { type TariffVersion, versionAt } from "#core/tariff/life.ts"
import { assignmentsFor } from "../billing/freeze.ts"
import type { Directory } from "../directory/Directory.ts"
import { unavailable, unknown } from "./failures.ts"

type Book = Directory["Service"]

const everyone = { groups: [], partnerId: null }
/** Stations that are named, and looked for. */
const namedStations = 20
const stationsAtOnce = 500

/**
 * Retires a version from now on. What then holds is the next valid version, else the next of the ladder; where that leaves a
 * station with nothing for everyone, it is refused until it is confirmed.
 */
export const retireVersion = Effect.fnUntraced(function* (
  directory: Book,
  wanted: { readonly id: string; readonly version: number; readonly isConfirmed: boolean }
) {
  const { id, version, isConfirmed } = wanted
  const nowMs = yield* Clock.currentTimeMillis
  const versions = yield* directory.tariff(id).pipe(unavailable)
  const known = versions.find((it) => it.version === version)
  if (known === undefined) return yield* Effect.fail(unknown("tariff version", `${id} ${version}`))
  const retiredAtMs = known.retiredAtMs ?? nowMs
  // One that is scheduled would have held from its own instant on.
  const atMs = Math.max(retiredAtMs, known.startAtMs ?? retiredAtMs)
  const left = versions.map((it) => (it === known ? { ...it, retiredAtMs } : it))
  const holds = versionAt(left, atMs)?.version ?? null
  const without = holds === null && known.retiredAtMs === null ? yield* stationsWithout(directory, id, left, atMs) : []
  if (without.length > 0 && !isConfirmed) {
    return yield* new Unprocessable({
      detail: `Retiring version ${version} of ${id} leaves stations without a price. If it is meant, send ?confirm=true.`,
      errors: without.map(
        (stationId): Fault => ({
          in: "path",
          pointer: "/version",
          message: `At ${stationId} nothing else is valid for everyone from ${Instant.format(atMs)} on`
        })
      )
    })
  }
  yield* directory.retireTariff({ id, version, atMs: nowMs }).pipe(
    Effect.catchTag("NotFound", (gone) => Effect.fail(unknown(gone.kind, gone.id))),
    unavailable
  )
  return { retired_at: Instant.format(retiredAtMs), holds, without_price: without }
})

/** The first stations, by their ids, that have a price of this tariff at an instant and would have none without it. */
const stationsWithout = Effect.fnUntraced(function* (
  directory: Book,
  id: string,
  left: ReadonlyArray<TariffVersion>,
  atMs: number
) {
  const versionsOf = (tariffId: string) =>
    tariffId === id ? Effect.succeed(left) : directory.tariff(tariffId).pipe(unavailable)
  /** Whether everyone has a price there, and whether this tariff is among what was assigned. */
  const isBare = Effect.fnUntraced(function* (
    station: Station,
    evseId: number,
    assignments: ReadonlyArray<Assignment>
  ) {
    const spot = { stationId: station.id, evseId, siteId: station.siteId }
    const rungs = rungsAt(everyone, spot, assignments, atMs)
    if (rungs.every(({ tariffId }) => tariffId !== id)) return false
    for (const { tariffId } of rungs) if (versionAt(yield* versionsOf(tariffId), atMs) !== undefined) return false
    return true
  })
  const found: Array<string> = []
  // Where the default stands, everybody has a price: no station need be looked at.
  const everywhere = yield* directory.assignments("network").pipe(unavailable)
  const nowhere = { stationId: "", evseId: 0, siteId: null }
  for (const { tariffId } of rungsAt(everyone, nowhere, everywhere, atMs))
    if (versionAt(yield* versionsOf(tariffId), atMs) !== undefined) return found
  let cursor: string | undefined
  do {
    const page = yield* directory
      .stations({ limit: stationsAtOnce, ...(cursor !== undefined && { cursor }) })
      .pipe(unavailable)
    for (const station of page.items) {
      const assignments = yield* assignmentsFor(directory, station)
      const evses = new Set([0, ...assignments.flatMap(({ slot }) => slot.evseId ?? [])])
      for (const evseId of evses) {
        if (!(yield* isBare(station, evseId, assignments))) continue
        found.push(station.id)
        break
      }
      if (found.length === namedStations) return found
    }
    cursor = page.next
  } while (cursor !== undefined)
  return found
})
