import { catalogue } from "#simulator/faults/Catalogue.ts"
import type { Step, StepKind, Story } from "./Story.ts"

/** Where a story can be lived outside virtual time: on our own CMS over real sockets, or on somebody else's. */
export type RealWorld = "live" | "remote"

/** Dying at an exact place of its own code, or at any: a server that shares our process cannot be killed alone. */
const onlyVirtual: ReadonlySet<StepKind> = new Set<StepKind>([
  "kill CMS",
  "move to other node",
  // A charge is given up that nothing was told of for longer than anybody waits.
  "close charges",
  // Who pays ahead, and whoever decides about prices, keep their books in virtual time.
  "top up",
  "take out",
  "set credit line",
  "assign tariff",
  "retire tariff",
  "join group",
  "leave group"
])

/** What is done at the operator's desk or by the CMS's own app, and so by no word of OCPP. */
const onlyOurs: ReadonlySet<StepKind> = new Set<StepKind>([
  "start by app",
  "stop by app",
  "block card",
  "expire card",
  "publish tariff",
  "reset station",
  "unlock connector",
  "change availability",
  "set registration",
  "restart CMS",
  "database fails",
  "database is slow"
])

const isPossible = (step: Step, world: RealWorld): boolean => {
  if (step.do === "fault") return catalogue.find(({ name }) => name === step.fault)!.worlds.includes("live")
  if (step.do === "publish tariff" && (step.tariff !== undefined || step.from !== undefined)) return false
  return !onlyVirtual.has(step.do) && (world === "live" || !onlyOurs.has(step.do))
}

/** A story as a world can live it, and what of it is left out there. */
export interface Fitted {
  readonly story: Story
  /** `step 3 (kill CMS)` and so on. */
  readonly leftOut: ReadonlyArray<string>
}

/**
 * The story for a clock that nobody turns: nothing takes longer than `atMostS` seconds, neither a wait between two steps
 * nor an outage, and what the world cannot do is left out.
 */
export const fitted = (story: Story, world: RealWorld, atMostS: number): Fitted => {
  const leftOut: Array<string> = []
  const steps: Array<Step> = []
  let beforeS = story.steps[0]?.at ?? 0
  let at = 1
  for (const [index, step] of story.steps.entries()) {
    at += Math.min(step.at - beforeS, atMostS)
    beforeS = step.at
    if (isPossible(step, world)) steps.push(hurried(step, at, atMostS))
    else leftOut.push(`step ${index + 1} (${step.do})`)
  }
  const { wallets, tariffs, ...rest } = story
  if (wallets !== undefined) leftOut.push("wallets")
  if (tariffs !== undefined) leftOut.push("tariffs")
  return { story: { ...rest, steps }, leftOut }
}

const hurried = (step: Step, at: number, atMostS: number): Step => ({
  ...step,
  at,
  ...("for" in step ? { for: Math.min(step.for, atMostS) } : {}),
  ...("by" in step ? { by: Math.min(step.by, atMostS) } : {}),
  ...("after" in step ? { after: Math.min(step.after, atMostS) } : {})
})
