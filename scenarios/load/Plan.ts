import { type Kind, type Mix, today } from "#simulator/fleet/Mix.ts"
import { catalogue } from "#simulator/station/Hardware.ts"
import type { TrueDialect } from "#simulator/Truth.ts"

/** What the stations of a load do. */
export type Profile = "charging" | "heartbeats" | "idle" | "storm"

export const profiles: Readonly<Record<Profile, string>> = {
  charging: "drivers come, charge and go: Authorize, start, readings, stop",
  heartbeats: "every arrival is one Heartbeat",
  idle: "stations connect, boot and say no more than they must",
  storm: "all connect at once, and every connection is cut again and again"
}

/** Dialects with their weights; a fleet of today's kinds when not given. */
export type DialectMix = ReadonlyArray<readonly [dialect: TrueDialect, weight: number]>

/** A load, as data that crosses threads. Times in ms, rates in arrivals a second over the whole fleet. */
export interface LoadPlan {
  readonly seed: string
  readonly profile: Profile
  readonly stations: number
  /** Identities are `<prefix>-0001` and so on. */
  readonly prefix: string
  readonly dialects: DialectMix | null
  /** Sessions or heartbeats that begin each second, once the ramp is over; 0 where nobody comes. */
  readonly rate: number
  /** How long arrivals go on. */
  readonly durationMs: number
  /** The rate rises in a straight line over this time. */
  readonly rampMs: number
  /** The stations are switched on within this time; 0 is all at one instant. */
  readonly connectMs: number
  /** How long a driver means to charge. */
  readonly chargeMs: number
  readonly sampleS: number
  /** Every connection is cut at one instant, again and again after this time; null never. */
  readonly stormMs: number | null
  /** The one card that every driver carries, at a CMS that we could not tell of ours. */
  readonly card: string | null
  /** Stations have passwords, because our own CMS was told of them. */
  readonly passwords: boolean
  /** Drivers that may wait for a place at one station; more turn away and are counted. */
  readonly maxQueue: number
  /** Acknowledged readings are counted one by one for the durability oracle; a very long load keeps starts and ends only. */
  readonly keepsReadings: boolean
}

/** A worker's share of the fleet: every `count`th station, from number `index` on. */
export interface Share {
  readonly index: number
  readonly count: number
}

/** Whether a station belongs to a share. */
export const isIn = ({ index, count }: Share, station: number): boolean => station % count === index

/** Beyond this many acknowledgements of readings they are not kept. */
const keptReadings = 1_000_000

/** Readings that the drivers of a load will take in all. */
export const expectedReadings = (plan: Pick<LoadPlan, "rate" | "durationMs" | "chargeMs" | "sampleS">): number =>
  ((plan.rate * plan.durationMs) / 1000) * (plan.sampleS === 0 ? 1 : 1 + plan.chargeMs / 1000 / plan.sampleS)

/** Whether every acknowledged reading of so large a load can be remembered. */
export const canKeepReadings = (plan: Parameters<typeof expectedReadings>[0]): boolean =>
  expectedReadings(plan) <= keptReadings

/** The most sessions a second that a fleet can begin when each station has a driver's time between two. */
export const mostSessionsPerSecond = (stations: number, chargeMs: number): number =>
  (stations * 1000) / (chargeMs + betweenMs)

/** Between two drivers at one station: the stop, the cable, the next card. */
const betweenMs = 2_000

const kindOf = (dialect: TrueDialect): Kind => {
  const like = today.find(([kind]) => kind.dialects[0] === dialect)![0]
  return { ...like, name: `load ${dialect}`, hardware: catalogue.street22, dialects: [dialect] }
}

/** The kinds of station that a load is made of. */
export const mixOf = (dialects: DialectMix | null): Mix =>
  dialects === null ? today : dialects.map(([dialect, weight]) => [kindOf(dialect), weight] as const)

/** What a station of a load is registered with. */
export const passwordOf = (identity: string): string | null =>
  identity.endsWith("2") ? `key-of-${identity}-0123456789` : null

/** The stations' identities, in order. Fleet builds the same. */
export const identityOf = (prefix: string, index: number): string => `${prefix}-${String(index + 1).padStart(4, "0")}`

const cards = 2_000

/** The card that the driver of an arrival shows. */
export const cardOf = (plan: LoadPlan, station: number): string =>
  plan.card ?? `LOAD${String(station % cards).padStart(6, "0")}`

/** Every card of a load. */
export const cardsOf = (plan: LoadPlan): ReadonlyArray<string> =>
  plan.card === null
    ? Array.from({ length: Math.min(cards, plan.stations) }, (_, index) => cardOf(plan, index))
    : [plan.card]
