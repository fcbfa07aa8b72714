import type { Clock } from "effect"
import type { Ids } from "../Ids.ts"

/**
 * Message ids are unique per sender for a station, across its connections and for ever (OCPP-J 2.1 section 4.1.4),
 * and at most 36 characters: UUIDs of version 7.
 */
export const unique =
  (ids: Ids["Service"], clock: Clock.Clock): (() => string) =>
  () =>
    ids.uuid(clock.currentTimeMillisUnsafe())

/**
 * Counts from 1 behind a prefix of at most 20 characters, as simple stations do. Only as unique as the prefix: one
 * that is not renewed at a boot repeats its ids, which is what those stations do as well.
 */
export const counting = (prefix: string): (() => string) => {
  let last = 0
  return () => `${prefix}${++last}`
}
