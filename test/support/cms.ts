import { Effect, Layer, Result } from "effect"
import { Ids } from "#core/Ids.ts"
import { type Dialect, v16, v201 } from "#core/ocpp/Dialect.ts"
import * as Peer from "#core/ocpp/Peer.ts"
import { actions as actions16 } from "#core/ocpp/v16/generated/actions.ts"
import { actions as actions201 } from "#core/ocpp/v201/generated/actions.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import type { Token } from "#core/token/Token.ts"
import { Directory } from "#server/directory/Directory.ts"
import * as Memory from "#server/memory/Memory.ts"
import { Gateway } from "#server/ocpp/Gateway.ts"
import { unregistered } from "#server/ocpp/stationAuth.ts"
import * as Server from "#server/Server.ts"
import { transportPair } from "./transportPair.ts"

/** Half a euro the kWh, six the hour, twelve the hour of parking, one a session, 20 % VAT on top. */
export const tariffJson = {
  country_code: "DE",
  party_id: "WTP",
  id: "standard",
  version: 1,
  currency: "EUR",
  tax_included: "NO",
  elements: [
    {
      price_components: [
        { type: "ENERGY", price: 0.5, vat: 20, step_size: 1 },
        { type: "TIME", price: 6, vat: 20, step_size: 1 },
        { type: "PARKING_TIME", price: 12, vat: 20, step_size: 1 },
        { type: "FLAT", price: 1, vat: 20, step_size: 1 }
      ]
    }
  ],
  last_updated: "2026-01-01T00:00:00Z"
}

export const token = (uid: string, more: Partial<Token> = {}): Token => ({
  uid,
  type: "ISO14443",
  groupId: null,
  driverId: null,
  partnerId: null,
  expiresAtMs: null,
  blockedAtMs: null,
  concurrencyLimit: null,
  allowedStations: null,
  createdAtMs: 0,
  ...more
})

/** A server that starts again with the same seed would give the same ids again. */
let servers = 0

/** The server over memory, with one tariff, the stations `S1` and `S2`, and the tokens given. */
export const cms = (tokens: ReadonlyArray<Token>, state = new Memory.MemoryState()) => {
  const stores = Memory.layer(state)
  const seeded = Layer.effectDiscard(
    Effect.gen(function* () {
      const directory = yield* Directory
      if ((yield* directory.station("S1")) !== undefined) return
      yield* directory.publishTariff(Result.getOrThrow(Tariff.parse(tariffJson)))
      yield* directory.setDefaultTariffId("standard")
      for (const id of ["S1", "S2"]) yield* directory.createStation({ ...unregistered(id, 0), strictness: "strict" })
      for (const one of tokens) yield* directory.createToken(one)
    })
  )
  return Server.layer({ heartbeatSeconds: 300 }).pipe(
    Layer.provideMerge(seeded),
    Layer.provideMerge(Layer.mergeAll(stores, Ids.layerSeeded(`test ${++servers}`)))
  )
}

/** A station's end of a connection to the gateway: calls what it likes, answers what it handles, by itself nothing. */
export const dial = Effect.fnUntraced(function* (
  stationId: string,
  dialect: Dialect,
  handle: Peer.Handle = () => undefined
) {
  const gateway = yield* Gateway
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const ends = transportPair()
  let last = 0
  const peer = Peer.make({
    dialect,
    side: "station",
    transport: ends.station,
    nextMessageId: () => `m${++last}-${stationId}`,
    run,
    handle
  })
  peer.start()
  gateway.accept({ stationId, dialect, transport: ends.server, remoteAddress: "memory" })
  return { peer, cut: () => ends.station.terminate() }
})

export const dial16 = (stationId: string, handle?: Peer.Handle) =>
  Effect.map(dial(stationId, v16, handle), (end) => ({ ...end, ...actions16 }))
export const dial201 = (stationId: string, handle?: Peer.Handle) =>
  Effect.map(dial(stationId, v201, handle), (end) => ({ ...end, ...actions201 }))
