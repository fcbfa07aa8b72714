import type { Evidence } from "#simulator/oracles/Evidence.ts"
import type { Truth } from "#simulator/Truth.ts"
import type { Story } from "../explore/Story.ts"
import type { Happening } from "../telemetry/conclude.ts"
import type { Telemetry } from "../telemetry/Telemetry.ts"
import type { RunResult } from "./Result.ts"

type Step = Story["steps"][number]

/** A step as it is told to a person: `plug in (evse 1, car city)`. */
export const wordsOf = ({ at: _, do: what, ...rest }: Step): string => {
  const words = Object.entries(rest).flatMap(([name, value]) =>
    name === "station" ? [] : [`${name} ${typeof value === "object" ? JSON.stringify(value) : value}`]
  )
  return words.length === 0 ? what : `${what} (${words.join(", ")})`
}

const happeningOf = (step: Step, startAtMs: number): Happening => ({
  name: step.do,
  stationId: "station" in step ? step.station : null,
  atMs: startAtMs + step.at * 1000,
  lastsMs: "for" in step ? step.for * 1000 : 0,
  words: wordsOf(step)
})

/** Makes the record of a story that is over; its steps are what happened in it. */
export const recordStory = (
  telemetry: Telemetry | undefined,
  over: {
    readonly story: Story
    readonly startedAtMs: number
    readonly endedAtMs: number
    readonly result: RunResult
    readonly truth: Truth
    readonly evidence: Evidence
  }
): void => {
  if (telemetry === undefined) return
  const { story, startedAtMs } = over
  telemetry.end({
    ...over,
    title: story.about,
    shows: "",
    stations: story.stations.length,
    marks: [],
    happenings: story.steps.map((step) => happeningOf(step, startedAtMs))
  })
}
