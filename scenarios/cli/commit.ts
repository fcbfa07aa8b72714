import { spawnSync } from "node:child_process"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import packageJson from "../../package.json" with { type: "json" }

/** The version of this package. */
export const version = packageJson.version

const git = (directory: string, ...args: ReadonlyArray<string>): string | undefined => {
  const { status, stdout } = spawnSync("git", ["-C", directory, ...args], { encoding: "utf8", timeout: 5_000 })
  return status === 0 ? stdout.trim() : undefined
}

/**
 * Which code runs: the commit (marked when files were changed since), or the package's version where it was installed
 * without its history, or inside another repository.
 */
export const commit = (directory = dirname(dirname(dirname(fileURLToPath(import.meta.url))))): string => {
  const isOurs = git(directory, "rev-parse", "--show-prefix") === ""
  const found = isOurs ? git(directory, "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty") : undefined
  return found ?? version
}
