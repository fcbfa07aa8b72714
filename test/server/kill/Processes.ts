import { spawnSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

interface Process {
  readonly pid: number
  readonly parent: number
}

/** All processes of the machine with their parents; from /proc where there is one, else from `ps`. */
const processes = (): ReadonlyArray<Process> => {
  if (!existsSync("/proc/self/stat")) {
    const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    return stdout.split("\n").flatMap((line) => {
      const [pid, parent] = line.trim().split(/\s+/).map(Number)
      return pid && parent !== undefined ? [{ pid, parent }] : []
    })
  }
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8")
      // The name in parentheses may hold spaces; the state and the parent follow it.
      return [{ pid: Number(name), parent: Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) }]
    } catch {
      return []
    }
  })
}

/** A process and everything below it, the eldest first. */
export const family = (pid: number): ReadonlyArray<number> => {
  const all = processes()
  const found = [pid]
  for (let index = 0; index < found.length; index++) {
    for (const { pid: child, parent } of all) if (parent === found[index]) found.push(child)
  }
  return found
}

/** Sends a signal to those that still live. */
export const signal = (pids: ReadonlyArray<number>, name: "SIGKILL" | "SIGSTOP" | "SIGCONT" | "SIGTERM"): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch {
      // It was gone already.
    }
  }
}

/** The postmaster's pid on an embedded database's directory; undefined while none runs. */
export const postmaster = (dataDirectory: string): number | undefined => {
  const path = join(dataDirectory, "cluster", "postmaster.pid")
  if (!existsSync(path)) return undefined
  const pid = Number(readFileSync(path, "utf8").split("\n")[0])
  return Number.isInteger(pid) && pid > 1 ? pid : undefined
}

/** Whether a process has ended. */
export const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}
