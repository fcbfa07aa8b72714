import { Effect, Layer } from "effect"
import type { Station } from "#core/station/Station.ts"
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

/** The directory over a state in memory. */
export const layer = (state: MemoryState): Layer.Layer<Directory> =>
  Layer.succeed(
    Directory,
    Directory.of({
      station: (id) => Effect.sync(() => state.stations.get(id)),
      token: (uid) => Effect.sync(() => knownToken(state, uid)),
      driver: (id) => Effect.sync(() => state.drivers.get(id)),
      ...groups(state),
      tariff: (id) => Effect.sync(() => state.tariffs.get(id)?.slice() ?? []),
      defaultTariffId: Effect.sync(() => state.defaultTariffId),
      setDefaultTariffId: (id) =>
        Effect.suspend(() => {
          if (!state.tariffs.has(id)) return new NotFound({ kind: "tariff", id })
          state.defaultTariffId = id
          return Effect.void
        }),

      createStation: (station) =>
        Effect.suspend((): Effect.Effect<void, AlreadyExists | NotFound> => {
          if (station.tariffId !== null && !state.tariffs.has(station.tariffId)) {
            return new NotFound({ kind: "tariff", id: station.tariffId })
          }
          return create(state.stations, state.stationIds, "station", station.id, station)
        }),
      updateStation: (station) =>
        Effect.suspend(() => {
          if (station.tariffId !== null && !state.tariffs.has(station.tariffId)) {
            return new NotFound({ kind: "tariff", id: station.tariffId })
          }
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
      publishTariff: (tariff) =>
        Effect.suspend(() => {
          const versions = state.tariffs.get(tariff.id) ?? []
          if (tariff.version <= versions.length) {
            return new AlreadyExists({ kind: "tariff version", id: `${tariff.id} ${tariff.version}` })
          }
          if (tariff.version > versions.length + 1) {
            return Effect.die(new Error(`version ${tariff.version} of tariff ${tariff.id} would leave a gap`))
          }
          if (versions.length === 0) {
            state.tariffs.set(tariff.id, versions)
            state.tariffIds.add(tariff.id)
          }
          versions.push(tariff)
          return Effect.void
        }),

      stations: ({ limit, cursor, ...filter }) =>
        Effect.sync(() =>
          pageOf(state.stationIds.ascending(cursor), limit, (id) => state.stations.get(id), wantedBy(filter))
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
      tariffs: ({ limit, cursor }) =>
        Effect.sync(() => pageOf(state.tariffIds.ascending(cursor), limit, (id) => state.tariffs.get(id)?.at(-1))),

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

const wantedBy = ({ registration, tariffId, ids }: StationFilter): ((station: Station) => boolean) => {
  const these = new Set(ids?.these)
  return (station) =>
    (registration === undefined || station.registration === registration) &&
    (tariffId === undefined || station.tariffId === tariffId) &&
    (ids === undefined || these.has(station.id) === (ids.are === "among"))
}

/** As the columns of a table would take it: what a caller carries beside it is not kept. */
const canonical = ({ memberships: _, ...token }: Token & Partial<KnownToken>): Token => ({
  ...token,
  uid: canonicalUid(token.uid)
})

const nowhere: KnownToken["memberships"] = []

const knownToken = (state: MemoryState, uid: string): KnownToken | undefined => {
  const token = state.tokens.get(canonicalUid(uid))
  if (token === undefined) return undefined
  return { ...token, memberships: state.memberships.get(token.driverId ?? "") ?? nowhere }
}

/** Found by going through them: there are few, and they are asked for by their hash. */
const apiKeyOf = (state: MemoryState, id: string): ApiKey | undefined => {
  for (const key of state.apiKeys.values()) if (key.id === id) return key
  return undefined
}
