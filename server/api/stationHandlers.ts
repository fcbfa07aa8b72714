import { Clock, DateTime, Effect, Option } from "effect"
import { SecureRandom } from "effect/crypto/SecureRandom"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "#core/api/Api.ts"
import { type Fault, type UnknownResource, Unprocessable } from "#core/api/Problems.ts"
import * as Instant from "#core/Instant.ts"
import type { Station, Variable } from "#core/station/Station.ts"
import { stationSlot } from "#core/tariff/assign/Assignment.ts"
import { Books } from "../books/Books.ts"
import { Directory, type StationFilter } from "../directory/Directory.ts"
import { hashPassword } from "../ocpp/Password.ts"
import { conflict, found, unavailable, unknown } from "./failures.ts"
import { inBody } from "./faults.ts"
import { LiveView } from "./Live.ts"
import { pageRequest, pageView, slice } from "./paging.ts"
import { bootView, evsesView, stationView } from "./views.ts"

const unprocessable = (errors: ReadonlyArray<Fault>) =>
  Effect.fail(new Unprocessable({ detail: "The station cannot be kept like this.", errors }))

/** What no schema can say of a station. */
const sensible = (station: Station) => {
  if (Option.isNone(DateTime.zoneMakeNamed(station.timeZone))) {
    return unprocessable(inBody("/timeZone", "Expected an IANA time zone such as Europe/Berlin"))
  }
  if (station.securityProfile === 1 && station.passwordHashes.length === 0) {
    return unprocessable(inBody("/password", "Expected a password, which security profile 1 asks for"))
  }
  return Effect.succeed(station)
}

const unknownTariff = () => unprocessable(inBody("/tariffId", "Expected a tariff that exists"))
const unknownSite = () => unprocessable(inBody("/siteId", "Expected a site that exists"))

const variableKey = ({ component, variable, instance }: Variable): string =>
  [component, variable, instance].join("\u0000")

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const stationHandlers = HttpApiBuilder.group(
  Api,
  "stations",
  Effect.fn(function* (handlers) {
    const directory = yield* Directory
    const books = yield* Books
    const live = yield* LiveView
    const random = yield* SecureRandom
    const view = (station: Station) => stationView(station, live.isConnected(station.id))
    const station = (id: string) => directory.station(id).pipe(found("station", id), unavailable)
    const hashed = (password: string) => Effect.provideService(hashPassword(password), SecureRandom, random)

    /** A station's zone is that of its site; another one is a mistake to be told. */
    const zoneAt = Effect.fnUntraced(function* (siteId: string | null, wanted: string | undefined, otherwise: string) {
      if (siteId === null) return wanted ?? otherwise
      const site = yield* directory.site(siteId).pipe(unavailable)
      if (site === undefined) return yield* unknownSite()
      if (wanted !== undefined && wanted !== site.timeZone)
        return yield* unprocessable(inBody("/timeZone", `Expected ${site.timeZone}, the zone of its site, or none`))
      return site.timeZone
    })

    return handlers.handleAll({
      list: Effect.fnUntraced(function* ({ query }) {
        const { connected, registration, siteId, tariffId } = query
        const filter: StationFilter = {
          ...(registration !== undefined && { registration }),
          ...(tariffId !== undefined && { tariffId }),
          ...(siteId !== undefined && { siteId }),
          ...(connected !== undefined && {
            ids: { are: connected === "true" ? "among" : "not among", these: live.connectedIds() }
          })
        }
        const page = yield* pageRequest(query)
        return pageView(view)(yield* directory.stations({ ...page, ...filter }).pipe(unavailable))
      }),
      create: Effect.fnUntraced(function* ({ payload }) {
        const created = yield* sensible({
          id: payload.id,
          name: payload.name ?? null,
          securityProfile: payload.securityProfile ?? (payload.password === undefined ? 0 : 1),
          passwordHashes: payload.password === undefined ? [] : [yield* hashed(payload.password)],
          registration: payload.registration ?? "Accepted",
          strictness: payload.strictness ?? "lenient",
          siteId: payload.siteId ?? null,
          timeZone: yield* zoneAt(payload.siteId ?? null, payload.timeZone, "UTC"),
          tariffId: payload.tariffId ?? null,
          costDisplay: payload.costDisplay ?? "auto",
          createdAtMs: yield* Clock.currentTimeMillis
        })
        yield* directory.createStation(created).pipe(
          Effect.catchTags({
            AlreadyExists: conflict,
            NotFound: ({ kind }) => (kind === "site" ? unknownSite() : unknownTariff())
          }),
          unavailable
        )
        return view(created)
      }),
      get: Effect.fnUntraced(function* ({ params }) {
        const known = yield* station(params.stationId)
        const record = yield* books.station(known.id).pipe(unavailable)
        return {
          ...view(known),
          boot: record.boot === null ? null : bootView(record.boot),
          lastSeenAt: record.lastSeenAtMs === null ? null : Instant.format(record.lastSeenAtMs),
          evses: evsesView(record.connectors)
        }
      }),
      update: Effect.fnUntraced(function* ({ params, payload }) {
        const known = yield* station(params.stationId)
        const { password, tariffId, ...changes } = payload
        const siteId = changes.siteId === undefined ? known.siteId : changes.siteId
        const changed = yield* sensible({
          ...known,
          ...(password !== undefined && { securityProfile: 1, passwordHashes: [yield* hashed(password)] }),
          ...changes,
          timeZone: yield* zoneAt(siteId, changes.timeZone, known.timeZone)
        })
        if (typeof tariffId === "string" && (yield* directory.tariff(tariffId).pipe(unavailable)).length === 0)
          return yield* unknownTariff()
        yield* directory.updateStation(changed).pipe(
          Effect.catchTag(
            "NotFound",
            ({ kind, id }): Effect.Effect<never, Unprocessable | UnknownResource> =>
              kind === "site" ? unknownSite() : Effect.fail(unknown(kind, id))
          ),
          unavailable
        )
        if (tariffId === undefined || tariffId === known.tariffId) return view(changed)
        const sinceMs = yield* Clock.currentTimeMillis
        yield* directory
          .assign({ slot: stationSlot(known.id), sinceMs, tariffId })
          .pipe(Effect.catchTag("NotFound", unknownTariff), unavailable)
        return view({ ...changed, tariffId })
      }),
      evses: Effect.fnUntraced(function* ({ params }) {
        const known = yield* station(params.stationId)
        return { items: evsesView((yield* books.station(known.id).pipe(unavailable)).connectors) }
      }),
      variables: Effect.fnUntraced(function* ({ params, query }) {
        const page = yield* pageRequest(query)
        const known = yield* station(params.stationId)
        const variables = (yield* books.variables(known.id).pipe(unavailable))
          .filter(({ component }) => query.component === undefined || component === query.component)
          .sort((a, b) => order(variableKey(a), variableKey(b)))
        return pageView((variable: Variable) => variable)(slice(variables, page, variableKey))
      })
    })
  })
)
