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
  tariffId: null,
  createdAtMs
})

/** What the door asks of an identity: how it proves itself, or undefined when it is nobody's. */
export const stationAuth = (onboarding: Onboarding) =>
  Effect.map(
    Directory,
    (directory) =>
      (identity: string): Effect.Effect<StationAuth | undefined> =>
        Effect.gen(function* () {
          const known = yield* patiently(directory.station(identity))
          if (known !== undefined) return authOf(known)
          if (onboarding === "registered") return undefined
          const station = unregistered(identity, yield* Clock.currentTimeMillis)
          // Two sockets of one newcomer: the second finds what the first has made.
          yield* Effect.catchTags(patiently(directory.createStation(station)), {
            AlreadyExists: () => Effect.void,
            NotFound: Effect.die
          })
          return authOf(station)
        })
  )

const authOf = ({ securityProfile, passwordHashes }: Station): StationAuth => ({ securityProfile, passwordHashes })
