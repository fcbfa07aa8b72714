import type { TrueDialect } from "../Truth.ts"
import type { Manner } from "./Manner.ts"
import type { Voice } from "./Voice.ts"
import { voiceIn } from "./v16/Voice.ts"
import { voice21In, voice201In } from "./v201/Voice.ts"

const made = new WeakMap<Manner, Readonly<Record<TrueDialect, Voice>>>()

/** The voices of a manner, made once for all stations that share it. */
export const voicesIn = (manner: Manner): Readonly<Record<TrueDialect, Voice>> => {
  const known = made.get(manner)
  if (known !== undefined) return known
  const voices = { "1.6": voiceIn(manner), "2.0.1": voice201In(manner), "2.1": voice21In(manner) }
  made.set(manner, voices)
  return voices
}
