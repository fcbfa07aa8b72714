/**
 * One hunt, in a process of its own: plants the mutant in the modules as they are loaded, so that the files stay as
 * they are, and only then loads the simulation. Told its task by the environment of its start, it answers by messages.
 */
import { registerHooks } from "node:module"
import { catalogue } from "./catalogue.ts"
import type { Capture, Task, Told } from "./Hunt.ts"
import { type Mutant, planted, root } from "./Mutant.ts"

const task = JSON.parse(process.argv[2] ?? "null") as Task
const tell = (told: Told): void => {
  process.send?.(told)
}
const beganMs = performance.now()
/** Tells the verdict and ends: calls that a scenario leaves unanswered for ever would hold the process for the SDK's day. */
const over = (verdict: Extract<Told, { _tag: "Over" }>["verdict"]): void => {
  const told: Told = { _tag: "Over", verdict, seconds: (performance.now() - beganMs) / 1000 }
  if (process.send === undefined) process.exit()
  process.send(told, () => process.exit())
}

let isPlanted = false
/** Marks what the simulation itself uses of `core/`: loaded beside the CMS's, and as it is. */
const own = "?simulator"
const core = new URL("core/", root).href
const simulator = new URL("simulator/", root).href

/**
 * The defect is the CMS's alone: stations and oracles that share code of `core/` with it would have the same one, and
 * find nothing wrong.
 */
const plant = (mutant: Mutant): void => {
  const source = planted(mutant)
  const { href } = new URL(mutant.file, root)
  registerHooks({
    resolve: (specifier, context, nextResolve) => {
      const resolved = nextResolve(specifier, context)
      const isOwn = context.parentURL?.startsWith(simulator) || context.parentURL?.endsWith(own)
      return isOwn && resolved.url.startsWith(core) ? { ...resolved, url: `${resolved.url}${own}` } : resolved
    },
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context)
      if (url !== href) return loaded
      isPlanted = true
      return { ...loaded, source }
    }
  })
}

const mutant = task.mutantId === null ? undefined : catalogue.find(({ id }) => id === task.mutantId)
try {
  if (task.mutantId !== null && mutant === undefined) throw new Error(`no mutant is called ${task.mutantId}`)
  if (mutant !== undefined) plant(mutant)
  const { hunt } = await import("./hunting.ts")
  if (mutant !== undefined && !isPlanted) throw new Error(`${mutant.file} is no part of what the simulation runs`)
  const onProgress = (runs: number, stage: Capture["by"]): void => tell({ _tag: "Progress", runs, stage })
  over(await hunt(task, mutant?.store ?? "memory", mutant?.area ?? null, onProgress))
} catch (error) {
  over({ _tag: "Bad", why: error instanceof Error ? (error.stack ?? error.message) : String(error) })
}
