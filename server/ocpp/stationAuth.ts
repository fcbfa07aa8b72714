import { Clock, Effect } from "effect"
import type { Station } from "#core/station/Station.ts"
import { Directory } from "../directory/Directory.ts"
import { patiently } from "../station/patiently.ts"
import type { StationAuth } from "./Upgrade.ts"

/** Whether a station must be registered before it connects, or is taken in when it first does. */
export type Onboarding = "registered" | "open"

/** A station as it is when nobody has said anything of it. */
export const unregistered = (id: string, createdAtMs: number): Station => ({
  id,
  name: null,
  securityProfile: 0,
  passwordHashes: [],
  registration: "Accepted",
  strictness: "lenient",
  timeZone: "UTC",
  siteId: null,
  tariffId: null,
  costDisplay: "auto",
  createdAtMs
})

/** What the door asks of an identity: how it proves itself, or undefined when it is nobody's. */
export const stationAuth = (onboarding: Onboarding) =>
  Effect.map(
    Directory,
    (directory) =>
      (identity: string): Effect.Effect<StationAuth | undefined> =>
        Effect.map(patiently(directory.station(identity)), (known) => {
          if (known !== undefined) return authOf(known)
          return onboarding === "open" ? authOf(unregistered(identity, 0)) : undefined
        })
  )

/**
 * Puts a newcomer on the register once it is through the door: one that was turned away there (no subprotocol in common,
 * an identity that its version does not allow) leaves nothing behind.
 */
export const takeIn = Effect.fnUntraced(function* (identity: string) {
  const directory = yield* Directory
  if ((yield* patiently(directory.station(identity))) !== undefined) return
  const station = unregistered(identity, yield* Clock.currentTimeMillis)
  // Two sockets of one newcomer: the second finds what the first has made.
  yield* Effect.catchTags(patiently(directory.createStation(station)), {
    AlreadyExists: () => Effect.void,
    NotFound: Effect.die
  })
})

const authOf = ({ securityProfile, passwordHashes }: Station): StationAuth => ({ securityProfile, passwordHashes })
