import { readdirSync, readFileSync } from "node:fs"

/** What Linux tells of a process: /proc/PID. */

const ticksPerSecond = 100

interface Stat {
  readonly parent: number
  readonly cpuMs: number
  readonly systemMs: number
}

const statOf = (pid: number): Stat | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8")
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
    // Fields 14 and 15 of proc(5), counted from the state, which is the third: utime and stime.
    const [user, system] = [Number(fields[11]), Number(fields[12])]
    const cpuMs = ((user + system) * 1_000) / ticksPerSecond
    return { parent: Number(fields[1]), cpuMs, systemMs: (system * 1_000) / ticksPerSecond }
  } catch {
    return undefined
  }
}

/** CPU time that the process has used, ms. */
export const cpuMsOf = (pid: number): number => statOf(pid)?.cpuMs ?? 0

/** The part of it that was spent in the kernel, ms. */
export const systemMsOf = (pid: number): number => statOf(pid)?.systemMs ?? 0

/** CPU time of PostgreSQL, ms: every live process below `ancestor` but itself. */
export const cpuMsBelow = (ancestor: number): number => {
  const all = new Map<number, Stat>()
  for (const name of readdirSync("/proc")) {
    const pid = Number(name)
    const stat = Number.isInteger(pid) ? statOf(pid) : undefined
    if (stat !== undefined) all.set(pid, stat)
  }
  let sum = 0
  for (const { parent, cpuMs } of all.values()) {
    let at: number | undefined = parent
    while (at !== undefined && at !== ancestor) at = all.get(at)?.parent
    if (at === ancestor) sum += cpuMs
  }
  return sum
}

/** Resident memory of the process, bytes. */
export const residentBytes = (pid: number): number => {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))
  return Number(found?.[1] ?? 0) * 1_024
}
