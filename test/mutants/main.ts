/**
 * Plants each defect of the catalogue in the CMS and says which of them the simulation finds. Exit code 1: the score is
 * below the bar; 2: wrong use; 3: the code as it is was found guilty, so that the score means nothing.
 */
import { commandLine, refuse, wholeNumber } from "../support/commandLine.ts"
import { catalogue } from "./catalogue.ts"
import type { Task, Told } from "./Hunt.ts"
import type { Mutant } from "./Mutant.ts"
import { type Hunted, hunt } from "./pack.ts"
import { bar, reportOf, scoreOf } from "./report.ts"

const usage = `npm run mutants [-- --only ID|AREA] [--budget N] [--seed S] [--workers N] [--limit SECONDS]
  [--no-shrink] [--shrink-seconds N] [--no-scenarios] [--no-control] [--json]`

const { values } = commandLine(usage, {
  only: { type: "string", multiple: true, default: [] },
  budget: { type: "string", default: "240" },
  seed: { type: "string", default: "mutants" },
  workers: { type: "string", default: "2" },
  limit: { type: "string", default: "900" },
  "shrink-seconds": { type: "string", default: "30" },
  shrink: { type: "boolean", default: true },
  scenarios: { type: "boolean", default: true },
  control: { type: "boolean", default: true },
  json: { type: "boolean", default: false }
})

const numberOf = (name: "budget" | "workers" | "limit" | "shrink-seconds"): number =>
  wholeNumber(`--${name}`, values[name])

const isWanted = ({ id, area }: Mutant): boolean =>
  values.only.length === 0 || values.only.includes(id) || values.only.includes(area)
const wanted = catalogue.filter(isWanted)
for (const name of values.only) {
  if (!catalogue.some(({ id, area }) => id === name || area === name)) refuse(`no mutant and no area is called ${name}`)
}

const common: Omit<Task, "mutantId"> = {
  seed: values.seed,
  budget: numberOf("budget"),
  goesOn: values.scenarios,
  shrinks: values.shrink,
  shrinkSeconds: numberOf("shrink-seconds")
}
const tasks: ReadonlyArray<Task> = [...(values.control ? [null] : []), ...wanted.map(({ id }) => id)].map(
  (mutantId) => ({ mutantId, ...common })
)

const isWatched = process.stderr.isTTY
const running = new Map<string, string>()
let done = 0
let found = 0
const show = (task: Task, told: Told): void => {
  const name = task.mutantId ?? "control"
  if (told._tag === "Progress") running.set(name, `${name} ${told.stage} ${told.runs}`)
  else {
    running.delete(name)
    done++
    if (told.verdict._tag === "Found") found++
    if (!isWatched) process.stderr.write(`${lineOf(name, told)}\n`)
  }
  if (!isWatched) return
  const text = `mutants ${done} of ${tasks.length}, ${found} found  ${[...running.values()].join("  ")}`
  process.stderr.write(`\r\u001b[K${text.slice(0, process.stderr.columns - 1)}`)
}

const lineOf = (name: string, { verdict, seconds }: Extract<Told, { _tag: "Over" }>): string => {
  const time = `${seconds.toFixed(1)} s`
  if (verdict._tag === "Survived") return `${name}: survived, ${time}`
  if (verdict._tag === "Bad") return `${name}: bad, ${time}: ${verdict.why.split("\n", 1)[0]}`
  const { oracle, by, where, runs, steps } = verdict.capture
  return `${name}: found by ${oracle} in run ${runs} (${by}, ${where}), ${steps ?? "-"} steps, ${time}`
}

const beganMs = performance.now()
const hunted = await hunt({ tasks, workers: numberOf("workers"), limitSeconds: numberOf("limit"), onTold: show })
const seconds = Math.round((performance.now() - beganMs) / 1000)
if (isWatched) process.stderr.write("\r\u001b[K")

const control: Hunted | undefined = hunted.find(({ mutantId }) => mutantId === null)
const isVoid = control !== undefined && control.verdict._tag !== "Survived"
const scored = wanted.map((mutant) => ({ mutant, hunted: hunted.find(({ mutantId }) => mutantId === mutant.id)! }))
const score = scoreOf(scored)

if (values.json) {
  const mutants = scored.map(({ mutant: { id, area, why, file, explained }, hunted }) => ({
    id,
    area,
    why,
    file,
    explained: explained ?? null,
    seconds: hunted.seconds,
    ...hunted.verdict
  }))
  const control = isVoid ? hunted[0]!.verdict : null
  process.stdout.write(`${JSON.stringify({ ...common, bar, seconds, ...score, isVoid, control, mutants }, null, 2)}\n`)
} else {
  const closing = `${score.found} of ${score.planted} found (the bar is ${bar * 100} %), in ${seconds} s`
  process.stdout.write(`${[...reportOf(scored), "", `  ${closing}`].join("\n")}\n`)
  if (isVoid)
    process.stdout.write(`\n  VOID: the code as it is was found guilty: ${JSON.stringify(control?.verdict)}\n`)
}
process.exitCode = isVoid ? 3 : score.meetsBar ? 0 : 1
