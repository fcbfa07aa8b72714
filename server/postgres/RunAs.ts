import { userInfo } from "node:os"
import { Effect, Result } from "effect"
import { run } from "./Command.ts"

/** The account without rights that PostgreSQL runs as when we are root; PostgreSQL itself refuses to be root. */
export const nobody = 65534

/**
 * How PostgreSQL's processes are started.
 * - `Direct`: as ourselves.
 * - `Namespace`: we are root, or an account without a name (a container given just a number), which initdb refuses; in a
 *   user namespace in which our files belong to an ordinary account. Needs no copy and works under a directory that
 *   only we may enter.
 * - `Nobody`: we are root where user namespaces are barred (Docker's default): as uid 65534, which must be able to reach
 *   binaries and data.
 */
export type RunAs =
  | { readonly _tag: "Direct"; readonly fileOwner: number }
  | { readonly _tag: "Namespace"; readonly fileOwner: number }
  | { readonly _tag: "Nobody"; readonly fileOwner: typeof nobody }

const unshare = ["unshare", "--user", `--map-user=${nobody}`]

/** Finds out how PostgreSQL can be run by this process. */
export const detect: Effect.Effect<RunAs> = Effect.suspend(() => {
  const uid = process.getuid?.() ?? -1
  const direct: RunAs = { _tag: "Direct", fileOwner: uid }
  if (uid !== 0 && Result.isSuccess(Result.try(() => userInfo()))) return Effect.succeed(direct)
  const otherwise: RunAs = uid === 0 ? { _tag: "Nobody", fileOwner: nobody } : direct
  return Effect.map(
    run([...unshare, "sh", "-c", `[ "$(id -u)" = ${nobody} ]`], { timeout: "5 seconds" }),
    ({ code }): RunAs => (code === 0 ? { _tag: "Namespace", fileOwner: uid } : otherwise)
  )
})

/** The command line that runs `command` that way, and the uid to start it with. */
export const wrap = (
  runAs: RunAs,
  command: ReadonlyArray<string>
): { readonly command: ReadonlyArray<string>; readonly uid: number | undefined } =>
  runAs._tag === "Namespace"
    ? { command: [...unshare, ...command], uid: undefined }
    : { command, uid: runAs._tag === "Nobody" ? nobody : undefined }
