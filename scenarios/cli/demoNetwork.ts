import { Effect } from "effect"
import type { RosterEntry } from "#simulator/Fleet.ts"
import type { Client } from "./demoClient.ts"
import { badCards, drivers } from "./demoPeople.ts"

/** Requests under way at a time; the database commits them together. */
const concurrency = 16

const alternating = {
  id: "DEMO-AC",
  text: "Alternating current: 0.49 EUR a kWh, 0.05 EUR a minute of parking",
  kWh: 0.49
}
const direct = { id: "DEMO-DC", text: "Direct current: 0.69 EUR a kWh, 0.05 EUR a minute of parking", kWh: 0.69 }

const tariff = ({ id, text, kWh }: typeof direct) => ({
  id,
  version: 1,
  currency: "EUR",
  tax_included: "YES" as const,
  tariff_alt_text: [{ language: "en", text }],
  elements: [
    {
      price_components: [
        { type: "ENERGY" as const, price: kWh, vat: 19, step_size: 1 },
        { type: "PARKING_TIME" as const, price: 3, vat: 19, step_size: 60 }
      ]
    }
  ]
})

const sites = ["Harbour", "Station Square", "Market Hall", "Museum", "Stadium", "Airport", "Old Mill", "Motorway East"]

/** What is there already stays as it is: a second start finds what the first has made. */
const unlessThere = <A, E extends { readonly _tag: string }>(create: Effect.Effect<A, E>) =>
  Effect.catchIf(
    Effect.asVoid(create),
    (error) => error._tag === "Conflict",
    () => Effect.void
  )

/** Enters by the API what the demo needs: tariffs, drivers, their cards and some bad ones, and the stations. */
export const seed = Effect.fnUntraced(function* (client: Client, roster: ReadonlyArray<RosterEntry>) {
  for (const each of [alternating, direct])
    yield* unlessThere(client.tariffs.publish({ query: {}, payload: tariff(each) }))
  yield* client.tariffs.setDefault({ payload: { tariffId: alternating.id } })
  const all = <A, E>(items: ReadonlyArray<A>, create: (item: A, index: number) => Effect.Effect<void, E>) =>
    Effect.forEach(items, create, { concurrency, discard: true })
  yield* all(drivers, ({ id, name, uid }) =>
    unlessThere(client.drivers.create({ payload: { id, name, email: `${id}@example.org` } })).pipe(
      Effect.andThen(unlessThere(client.tokens.create({ payload: { uid, driverId: id } })))
    )
  )
  const token = (payload: Parameters<Client["tokens"]["create"]>[0]["payload"]) =>
    unlessThere(client.tokens.create({ payload }))
  yield* all(badCards.expired, (uid) => token({ uid, expiresAt: "2025-12-31T23:00:00Z" }))
  yield* all(badCards.blocked, (uid) => token({ uid, blocked: true }))
  yield* all(badCards.elsewhere, (uid) => token({ uid, allowedStations: ["DEPOT-0001"] }))
  yield* all(roster, ({ identity, password, kind }, index) =>
    unlessThere(
      client.stations.create({
        payload: {
          id: identity,
          name: `${sites[index % sites.length]} ${Math.floor(index / sites.length) + 1}`,
          timeZone: "Europe/Berlin",
          tariffId: kind.hardware.evses.some((supply) => supply.kind === "DC") ? direct.id : alternating.id,
          ...(password === null ? {} : { password })
        }
      })
    )
  )
})
