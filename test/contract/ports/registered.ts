import { Effect } from "effect"
import type { Driver } from "#core/driver/Driver.ts"
import type { Site } from "#core/site/Site.ts"
import type { Station } from "#core/station/Station.ts"
import type { TariffVersion } from "#core/tariff/life.ts"
import type { Tariff } from "#core/tariff/Tariff.ts"
import type { Token } from "#core/token/Token.ts"
import { t0 } from "./makers.ts"

export const station = (id: string, over: Partial<Station> = {}): Station => ({
  id,
  name: null,
  securityProfile: 0,
  passwordHashes: [],
  registration: "Accepted",
  strictness: "lenient",
  timeZone: "Europe/Berlin",
  siteId: null,
  tariffId: null,
  costDisplay: "auto",
  createdAtMs: t0,
  ...over
})

export const driver: Driver = { id: "d1", name: "Ada", email: null, createdAtMs: t0 }

export const token = (uid: string, over: Partial<Token> = {}): Token => ({
  uid,
  type: "ISO14443",
  groupId: null,
  driverId: null,
  partnerId: null,
  expiresAtMs: null,
  blockedAtMs: null,
  concurrencyLimit: null,
  allowedStations: null,
  createdAtMs: t0,
  ...over
})

export const tariff = (id: string, version: number, over: Partial<Tariff> = {}): Tariff => ({
  id,
  version,
  countryCode: "DE",
  partyId: "WPF",
  currency: "EUR",
  type: null,
  altText: [],
  altUrl: null,
  minPrice: null,
  maxPrice: null,
  preauthorizeMicros: null,
  elements: [
    {
      priceComponents: [{ type: "ENERGY", priceMicros: 390_000, vatPpm: 190_000, stepSize: 1 }],
      restrictions: null,
      extras: null
    }
  ],
  taxIncluded: "NO",
  startAtMs: null,
  endAtMs: null,
  energyMix: null,
  lastUpdatedAtMs: t0,
  extras: null,
  ...over
})

export const published = (it: Tariff, retiredAtMs: number | null = null): TariffVersion => ({ ...it, retiredAtMs })

export const site: Site = { id: "yard", name: "The yard", timeZone: "Europe/Berlin", createdAtMs: t0 }

export const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.match(effect, { onSuccess: () => "Done", onFailure: (error) => error._tag })
