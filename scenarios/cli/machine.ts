import { existsSync, readdirSync, readFileSync } from "node:fs"

/** What this machine tells of its limits and of processes; null where it does not (anything but Linux). */

const read = (path: string): string | null => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return null
  }
}

/** Files, sockets among them, that this process may have open. */
export const openFilesLimit = (): number | null => {
  const found = /^Max open files\s+(\d+)/m.exec(read("/proc/self/limits") ?? "")?.[1]
  return found === undefined ? null : Number(found)
}

/** Ports that the kernel lends to those who dial: as many connections can be had to one address. */
export const dialPorts = (): number | null => {
  const [low, high] = (read("/proc/sys/net/ipv4/ip_local_port_range") ?? "").trim().split(/\s+/).map(Number)
  return low === undefined || high === undefined || Number.isNaN(high) ? null : high - low + 1
}

interface Stat {
  readonly parent: number
  readonly cpuSeconds: number
}

const ticksPerSecond = 100

const statOf = (pid: number): Stat | null => {
  const text = read(`/proc/${pid}/stat`)
  if (text === null) return null
  // Fields 4, 14 and 15 of proc(5), counted from the state, which is the third.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
  return { parent: Number(fields[1]), cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond }
}

/** Resident memory of a process, bytes. */
export const residentBytes = (pid: number): number | null => {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1]
  return found === undefined ? null : Number(found) * 1024
}

/** CPU that a process has used, seconds. */
export const cpuSeconds = (pid: number): number | null => statOf(pid)?.cpuSeconds ?? null

/** Resident memory and CPU of a process and all below it. What several of them share is counted once for each. */
export const familyUsage = (pid: number): { readonly rssBytes: number; readonly cpuSeconds: number } | null => {
  if (!existsSync("/proc/self/stat")) return null
  const stats = new Map<number, Stat>()
  for (const name of readdirSync("/proc")) {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : null
    if (stat !== null) stats.set(Number(name), stat)
  }
  let rssBytes = 0
  let seconds = 0
  for (const [each, stat] of stats) {
    let at: number | undefined = each
    while (at !== undefined && at !== pid) at = stats.get(at)?.parent
    if (at !== pid) continue
    rssBytes += residentBytes(each) ?? 0
    seconds += stat.cpuSeconds
  }
  return { rssBytes, cpuSeconds: seconds }
}
