import { globSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { catalogue as scenarios } from "#scenarios/Catalogue.ts"
import { type Complaint, complaintOf, explore, type Play } from "#scenarios/explore/explore.ts"
import { parse, type Story } from "#scenarios/explore/Story.ts"
import type { StoreName } from "#scenarios/lab/Result.ts"
import { openPostgres } from "#scenarios/lab/Store.ts"
import { runStory } from "#scenarios/lab/story.ts"
import { runVirtual } from "#scenarios/lab/virtual.ts"
import type { Scenario } from "#scenarios/Scenario.ts"
import type { Capture, Task, Verdict } from "./Hunt.ts"
import { type Area, root } from "./Mutant.ts"
import { paymentDay, paymentDays } from "./paymentDays.ts"

/** Lives at most while a story is made smaller. */
const shrinkRuns = 250

/** Stations of a scenario that is lived to catch what no story caught. */
const stations = 6

/** Lived as they are: five weeks of twice the stations would take minutes. */
const ownSize: ReadonlySet<string> = new Set(["arrears"])

/** Lived under further seeds as well: who pays what when is drawn, and in five weeks of few people each thing happens once or not. */
const furtherSeeds: { readonly [name: string]: ReadonlyArray<string> } = {
  arrears: ["arrears-3", "reminders"]
}

/** Scenarios of areas that no story touches: theirs are lived first. */
const ofArea: { readonly [A in Area]?: ReadonlyArray<string> } = {
  payments: ["payday"],
  corrections: ["payday", "fleet-card"],
  arrears: ["arrears"],
  assignment: ["tariff-switch"],
  wallets: ["stop-at", "fleet-card", "arrears"],
  subscriptions: ["subscribers"],
  displays: ["displays"]
}

/** A station that boots and is left alone: code that cannot live through this is broken, not mutated. */
const nothingHappens: Story = {
  about: "Nothing happens",
  seed: "still",
  stations: [
    { id: "CP-1", hardware: "wallbox11", dialect: "1.6" },
    { id: "CP-2", hardware: "wallbox11", dialect: "2.0.1" }
  ],
  cards: [{ uid: "CARD-1" }],
  firmware: {},
  steps: []
}

type Progress = (runs: number, stage: Capture["by"]) => void

/**
 * Hunts in generated stories, then in the pinned ones, in the catalogue and in days of payments; the first catch
 * ends it. What the mutant's area has of its own comes first. `area` null is the code as it is, which lives all of it.
 */
export const hunt = (task: Task, store: StoreName, area: Area | null, onProgress: Progress): Promise<Verdict> =>
  Effect.runPromise(
    Effect.gen(function* () {
      const postgres = store === "memory" ? undefined : yield* openPostgres(undefined)
      const where = { store, ...(postgres === undefined ? {} : { postgres }) }
      const play: Play = (story, onEvent) =>
        runStory(story, { ...where, ...(onEvent === undefined ? {} : { onEvent }) })
      const still = yield* complaintOf(play, nothingHappens, "world")
      if (still !== null) return { _tag: "Bad", why: `it does not live: ${still.found}` } satisfies Verdict
      const first = (area === null ? undefined : ofArea[area]) ?? []
      const others = scenarios.filter(({ name }) => !first.includes(name))
      const own = scenarios.filter(({ name }) => first.includes(name))
      const stages = task.goesOn
        ? [
            ...(area === "payments" ? [byPaymentDays(task, onProgress)] : []),
            byScenarios(own, task, store, onProgress),
            byStories(task, play, onProgress),
            byPinned(task, play, onProgress),
            byScenarios(others, task, store, onProgress),
            ...(area === null ? [byPaymentDays(task, onProgress)] : [])
          ]
        : [byStories(task, play, onProgress)]
      for (const stage of stages) {
        const capture = yield* stage
        if (capture !== null) return { _tag: "Found", capture } satisfies Verdict
      }
      return { _tag: "Survived", runs: task.budget } satisfies Verdict
    }).pipe(Effect.scoped)
  )

const captured = (by: Capture["by"], where: string, runs: number, complaint: Complaint): Capture => ({
  by,
  where,
  runs,
  ...complaint,
  steps: null,
  stepsBefore: null
})

const byStories = Effect.fnUntraced(function* (task: Task, play: Play, onProgress: Progress) {
  const { findings } = yield* explore({
    seed: task.seed,
    runs: task.budget,
    twiceEvery: 0,
    play,
    isTimeUp: () => false,
    shrinkRuns: task.shrinks ? shrinkRuns : 0,
    startShrinking: () => {
      const untilMs = performance.now() + task.shrinkSeconds * 1000
      return () => performance.now() >= untilMs
    },
    onProgress: ({ runs }) => onProgress(runs, "stories")
  })
  const [finding] = findings
  if (finding === undefined) return null
  const { seed, run, complaint, story, stepsBefore } = finding
  return { ...captured("stories", seed, run + 1, complaint), steps: story.steps.length, stepsBefore }
})

const byPinned = Effect.fnUntraced(function* ({ budget }: Task, play: Play, onProgress: Progress) {
  const files = globSync("scenarios/stories/*.story.json", { cwd: fileURLToPath(root) }).sort()
  for (const [index, file] of files.entries()) {
    onProgress(budget + index, "pinned stories")
    const story = yield* Effect.orDie(parse(readFileSync(new URL(file, root), "utf8")))
    const complaint = yield* complaintOf(play, story)
    if (complaint === null) continue
    const steps = story.steps.length
    return { ...captured("pinned stories", file, budget + index + 1, complaint), steps, stepsBefore: steps }
  }
  return null
})

const byScenarios = Effect.fnUntraced(function* (
  some: ReadonlyArray<Scenario>,
  { budget }: Task,
  store: StoreName,
  onProgress: Progress
) {
  for (const [index, scenario] of some.entries()) {
    onProgress(budget + index, "scenarios")
    const size = ownSize.has(scenario.name) ? scenario.stations : stations
    for (const seed of [scenario.seed, ...(furtherSeeds[scenario.name] ?? [])]) {
      const complaint = yield* complaintIn({ ...scenario, seed }, store, size)
      if (complaint !== null) return captured("scenarios", scenario.name, budget + index + 1, complaint)
    }
  }
  return null
})

const byPaymentDays = Effect.fnUntraced(function* ({ seed }: Task, onProgress: Progress) {
  for (let day = 0; day < paymentDays; day++) {
    onProgress(day, "payment days")
    const complaint = yield* complaintIn(paymentDay(seed, day), "memory")
    if (complaint !== null) return captured("payment days", `${seed}/${day}`, day + 1, complaint)
  }
  return null
})

/** At its own size where none is given. */
const complaintIn = (
  scenario: Scenario,
  store: StoreName,
  stations = scenario.stations
): Effect.Effect<Complaint | null> =>
  complaintOf(() => Effect.scoped(runVirtual(scenario, { store, stations })), nothingHappens)
