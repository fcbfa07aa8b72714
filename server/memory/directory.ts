import { Effect, Layer } from "effect"
import type { Station } from "#core/station/Station.ts"
import { everMs, stationSlot } from "#core/tariff/assign/Assignment.ts"
import { canonicalUid, type Token } from "#core/token/Token.ts"
import {
  AlreadyExists,
  type ApiKey,
  Directory,
  type KnownToken,
  LastApiKey,
  NotFound,
  type StationFilter
} from "../directory/Directory.ts"
import { groups } from "./groups.ts"
import type { MemoryState } from "./MemoryState.ts"
import { pageOf } from "./paging.ts"
import { create, update } from "./registers.ts"
import { SortedKeys } from "./SortedKeys.ts"
import { assign, stationOf, tariffs } from "./tariffs.ts"

/** The directory over a state in memory. */
export const layer = (state: MemoryState): Layer.Layer<Directory> =>
  Layer.succeed(
    Directory,
    Directory.of({
      station: (id) => Effect.sync(() => stationOf(state, id)),
      token: (uid) => Effect.sync(() => knownToken(state, uid)),
      driver: (id) => Effect.sync(() => state.drivers.get(id)),
      ...groups(state),
      ...tariffs(state),
      site: (id) => Effect.sync(() => state.sites.get(id)),
      createSite: (site) => Effect.suspend(() => create(state.sites, state.siteIds, "site", site.id, site)),
      updateSite: (site) =>
        Effect.suspend(() => {
          for (const [id, station] of state.stations) {
            if (station.siteId === site.id) state.stations.set(id, { ...station, timeZone: site.timeZone })
          }
          return update(state.sites, "site", site.id, site)
        }),

      createStation: (station) =>
        Effect.suspend((): Effect.Effect<void, AlreadyExists | NotFound> => {
          const { id, tariffId, siteId } = station
          if (tariffId !== null && !state.tariffs.has(tariffId)) return new NotFound({ kind: "tariff", id: tariffId })
          if (siteId !== null && !state.sites.has(siteId)) return new NotFound({ kind: "site", id: siteId })
          const created = create(state.stations, state.stationIds, "station", id, station)
          return tariffId === null
            ? created
            : Effect.andThen(created, assign(state, { slot: stationSlot(id), sinceMs: everMs, tariffId }))
        }),
      updateStation: (station) =>
        Effect.suspend(() => {
          const { siteId } = station
          if (siteId !== null && !state.sites.has(siteId)) return new NotFound({ kind: "site", id: siteId })
          return update(state.stations, "station", station.id, station)
        }),
      createDriver: (driver) =>
        Effect.suspend(() => create(state.drivers, state.driverIds, "driver", driver.id, driver)),
      updateDriver: (driver) => Effect.suspend(() => update(state.drivers, "driver", driver.id, driver)),
      createToken: (given) =>
        Effect.suspend((): Effect.Effect<void, AlreadyExists | NotFound> => {
          const token = canonical(given)
          if (token.driverId !== null && !state.drivers.has(token.driverId)) {
            return new NotFound({ kind: "driver", id: token.driverId })
          }
          return create(state.tokens, state.tokenUids, "token", token.uid, token)
        }),
      updateToken: (given) =>
        Effect.suspend(() => {
          const token = canonical(given)
          if (token.driverId !== null && !state.drivers.has(token.driverId)) {
            return new NotFound({ kind: "driver", id: token.driverId })
          }
          return update(state.tokens, "token", token.uid, token)
        }),

      stations: ({ limit, cursor, ...filter }) =>
        Effect.sync(() =>
          pageOf(state.stationIds.ascending(cursor), limit, (id) => stationOf(state, id), wantedBy(filter))
        ),
      drivers: ({ limit, cursor }) =>
        Effect.sync(() => pageOf(state.driverIds.ascending(cursor), limit, (id) => state.drivers.get(id))),
      tokens: ({ limit, cursor, driverId }) =>
        Effect.sync(() =>
          pageOf(
            state.tokenUids.ascending(cursor),
            limit,
            (uid) => state.tokens.get(uid),
            (token) => driverId === undefined || token.driverId === driverId
          )
        ),
      sites: ({ limit, cursor }) =>
        Effect.sync(() => pageOf(state.siteIds.ascending(cursor), limit, (id) => state.sites.get(id))),

      apiKey: (secretHash) => Effect.sync(() => state.apiKeys.get(secretHash)),
      createApiKey: (key) =>
        Effect.suspend(() => {
          if (apiKeyOf(state, key.id) !== undefined || state.apiKeys.has(key.secretHash)) {
            return new AlreadyExists({ kind: "API key", id: key.id })
          }
          state.apiKeys.set(key.secretHash, key)
          return Effect.void
        }),
      hasApiKeys: Effect.sync(() => state.apiKeys.size > 0),
      apiKeys: ({ limit, cursor }) =>
        Effect.sync(() => {
          const ids = new SortedKeys()
          for (const { id } of state.apiKeys.values()) ids.add(id)
          return pageOf(ids.ascending(cursor), limit, (id) => apiKeyOf(state, id))
        }),
      revokeApiKey: (id) =>
        Effect.suspend((): Effect.Effect<void, NotFound | LastApiKey> => {
          const key = apiKeyOf(state, id)
          if (key === undefined) return new NotFound({ kind: "API key", id })
          if (state.apiKeys.size === 1) return new LastApiKey({ id })
          state.apiKeys.delete(key.secretHash)
          return Effect.void
        })
    })
  )

const wantedBy = ({ registration, tariffId, siteId, ids }: StationFilter): ((station: Station) => boolean) => {
  const these = new Set(ids?.these)
  return (station) =>
    (registration === undefined || station.registration === registration) &&
    (tariffId === undefined || station.tariffId === tariffId) &&
    (siteId === undefined || station.siteId === siteId) &&
    (ids === undefined || these.has(station.id) === (ids.are === "among"))
}

/** As the columns of a table would take it: what a caller carries beside it is not kept. */
const canonical = ({
  memberships: _,
  limited: __,
  suspendedAtMs: _since,
  ...token
}: Token & Partial<KnownToken>): Token => ({
  ...token,
  uid: canonicalUid(token.uid)
})

const nowhere: KnownToken["memberships"] = []

const knownToken = (state: MemoryState, uid: string): KnownToken | undefined => {
  const token = state.tokens.get(canonicalUid(uid))
  if (token === undefined) return undefined
  const memberships = state.memberships.get(token.driverId ?? "") ?? nowhere
  const suspendedAtMs = state.debtShelf.blocked.get(token.driverId ?? "")
  return {
    ...token,
    memberships,
    limited: state.walletShelf.isLimited(token.uid, token.driverId),
    ...(suspendedAtMs !== undefined && { suspendedAtMs })
  }
}

/** Found by going through them: there are few, and they are asked for by their hash. */
const apiKeyOf = (state: MemoryState, id: string): ApiKey | undefined => {
  for (const key of state.apiKeys.values()) if (key.id === id) return key
  return undefined
}
