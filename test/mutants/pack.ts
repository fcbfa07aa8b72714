import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { Task, Told, Verdict } from "./Hunt.ts"

/** One hunt that is over. */
export interface Hunted {
  readonly mutantId: string | null
  readonly verdict: Verdict
  readonly seconds: number
}

export interface PackOptions {
  readonly tasks: ReadonlyArray<Task>
  /** Processes at a time. */
  readonly workers: number
  /** A hunt that takes longer is cut, and has shown nothing. */
  readonly limitSeconds: number
  /** Told when a hunt tells something: where it is, or that it is over. */
  readonly onTold?: (task: Task, told: Told) => void
}

const hunter = fileURLToPath(new URL("./hunter.ts", import.meta.url))

/** Hunts all of them, each in a process of its own, and returns them in the order asked. */
export const hunt = async ({ tasks, workers, limitSeconds, onTold }: PackOptions): Promise<ReadonlyArray<Hunted>> => {
  const hunted = new Array<Hunted>(tasks.length)
  let next = 0
  const work = async (): Promise<void> => {
    while (next < tasks.length) {
      const index = next++
      const task = tasks[index]!
      hunted[index] = await one(task, limitSeconds, (told) => onTold?.(task, told))
    }
  }
  await Promise.all(Array.from({ length: Math.min(workers, tasks.length) }, work))
  return hunted
}

const one = (task: Task, limitSeconds: number, onTold: (told: Told) => void): Promise<Hunted> =>
  new Promise((resolve) => {
    const child = fork(hunter, [JSON.stringify(task)], {
      execArgv: ["--no-warnings", "--max-old-space-size=1024", "--min-semi-space-size=64", "--max-semi-space-size=64"],
      stdio: ["ignore", "ignore", "pipe", "ipc"]
    })
    let verdict: Verdict | undefined
    let seconds = limitSeconds
    let said = ""
    child.stderr?.on("data", (text: Buffer) => {
      said = `${said}${text}`.slice(-2_000)
    })
    const limit = setTimeout(() => {
      verdict ??= { _tag: "Bad", why: `it was not over after ${limitSeconds} s` }
      child.kill("SIGKILL")
    }, limitSeconds * 1000)
    child.on("message", (told: Told) => {
      if (told._tag === "Over") {
        verdict = told.verdict
        seconds = told.seconds
      }
      onTold(told)
    })
    child.on("exit", (code, signal) => {
      clearTimeout(limit)
      verdict ??= { _tag: "Bad", why: `its process ended by ${signal ?? `code ${code}`}: ${said.trim()}` }
      resolve({ mutantId: task.mutantId, verdict, seconds })
    })
  })
