import { createHmac, randomBytes } from "node:crypto"
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect, Schema } from "effect"
import { minTokenLength } from "#server/api/FirstToken.ts"
import { CannotRun } from "#server/cli/failures.ts"
import { makeWithParents } from "#server/postgres/Cluster.ts"
import { detect } from "#server/postgres/RunAs.ts"

const Kept = Schema.fromJsonString(
  Schema.Struct({
    token: Schema.String.check(Schema.isMinLength(minTokenLength)),
    stationSecret: Schema.String.check(Schema.isMinLength(16))
  })
)
const decode = Schema.decodeUnknownSync(Kept)

/** Whether every account may enter a directory and all above it. */
const isOpen = (directory: string): boolean => {
  const isEnterable = (statSync(directory).mode & 0o001) !== 0
  return isEnterable && (dirname(directory) === directory || isOpen(dirname(directory)))
}

/**
 * Where the demo's data goes unless told: below the directory it is started in. Where PostgreSQL may not run as root and
 * the account it runs as instead could not get in there, such as below /root, in the system's place for data.
 */
export const defaultData: Effect.Effect<string> = Effect.map(detect, (runAs) =>
  runAs._tag === "Nobody" && !isOpen(process.cwd()) ? "/var/lib/wattproof/demo" : ".wattproof/demo"
)

/** The secrets of one demo, kept beside its data so that a second start can use them. */
export interface DemoKeys {
  /** An administrator's bearer token. */
  readonly token: string
  /** The HTTP Basic password of a station: 20 characters, as the AuthorizationKey of OCPP 1.6 may have. */
  readonly passwordOf: (identity: string) => string
}

const made = (): typeof Kept.Type => ({
  token: `wattproof_${randomBytes(32).toString("base64url")}`,
  stationSecret: randomBytes(32).toString("base64url")
})

/**
 * Reads the secrets that lie with the demo's data, or makes them where there is no data yet. A directory with data of
 * somebody else is left alone: the demo would fill it with stations and drivers that do not exist.
 */
export const demoKeys = Effect.fnUntraced(function* (directory: string) {
  const file = join(directory, "demo.json")
  const kept = yield* Effect.try({
    try: () => {
      if (existsSync(file)) return decode(readFileSync(file, "utf8"))
      if (existsSync(join(directory, "cluster"))) return undefined
      const fresh = made()
      makeWithParents(directory, 0o711)
      writeFileSync(file, `${JSON.stringify(fresh)}\n`, { mode: 0o600, flag: "wx" })
      return fresh
    },
    catch: (cause) => {
      const why = cause instanceof Error ? cause.message : String(cause)
      return new CannotRun({
        message: `The demo keeps its data and keys in ${directory}, which cannot be used: ${why}\nChoose another directory with --data, one that this account can write.`
      })
    }
  })
  if (kept === undefined) {
    return yield* new CannotRun({
      message: `The database in ${directory} is not the demo's (there is no demo.json beside it).\nThe demo would fill it with stations and drivers that do not exist. Choose another directory with --data.`
    })
  }
  return {
    token: kept.token,
    passwordOf: (identity) => createHmac("sha256", kept.stationSecret).update(identity).digest("base64url").slice(0, 20)
  } satisfies DemoKeys
})
