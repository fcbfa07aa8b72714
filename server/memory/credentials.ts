import { Effect, Layer } from "effect"
import { type CardCode, Credentials, codeTries, type DriverKey } from "../credentials/Credentials.ts"
import { NotFound } from "../directory/Directory.ts"
import type { MemoryState } from "./MemoryState.ts"
import { pageOf } from "./paging.ts"

/** What the memory store keeps of drivers' credentials. */
export class CredentialShelf {
  /** By the hash of their secret. */
  readonly keys = new Map<string, DriverKey>()
  readonly codes = new Map<string, CardCode & { tries: number; usedBy: string | null }>()
}

/** Drivers' credentials over a state in memory. */
export const layer = (state: MemoryState): Layer.Layer<Credentials> => {
  const { keys, codes } = state.credentialShelf
  const ownKeys = (driverId: string) =>
    [...keys.values()].filter((key) => key.driverId === driverId).sort((a, b) => (a.id < b.id ? -1 : 1))
  return Layer.succeed(
    Credentials,
    Credentials.of({
      driverKey: (secretHash) => Effect.sync(() => keys.get(secretHash)),
      createDriverKey: (key) =>
        Effect.suspend(() => {
          if (!state.drivers.has(key.driverId)) return new NotFound({ kind: "driver", id: key.driverId })
          keys.set(key.secretHash, key)
          return Effect.void
        }),
      driverKeys: (driverId, { limit, cursor }) =>
        Effect.sync(() => {
          const own = new Map(ownKeys(driverId).map((key) => [key.id, key]))
          const after = [...own.keys()].filter((id) => cursor === undefined || id > cursor)
          return pageOf(after, limit, (id) => own.get(id))
        }),
      revokeDriverKey: (driverId, id) =>
        Effect.suspend(() => {
          const key = ownKeys(driverId).find((it) => it.id === id)
          if (key === undefined) return new NotFound({ kind: "key", id })
          keys.delete(key.secretHash)
          return Effect.void
        }),
      setCardCode: (code) =>
        Effect.suspend(() => {
          if (!state.tokens.has(code.uid)) return new NotFound({ kind: "token", id: code.uid })
          codes.set(code.uid, { ...code, tries: 0, usedBy: null })
          return Effect.void
        }),
      useCardCode: ({ uid, codeHash, driverId, atMs }) =>
        Effect.sync(() => {
          const code = codes.get(uid)
          if (code === undefined || code.tries >= codeTries || atMs >= code.expiresAtMs) return false
          if (code.codeHash !== codeHash) {
            code.tries++
            return false
          }
          code.usedBy ??= driverId
          return code.usedBy === driverId
        })
    })
  )
}
