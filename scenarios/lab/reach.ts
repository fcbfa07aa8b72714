import { optionsOf } from "#simulator/station/presets/Preset.ts"
import { factorySettings } from "#simulator/station/Settings.ts"
import type { TrueSession } from "#simulator/Truth.ts"
import { presetOf } from "../explore/build.ts"
import type { Step, Story, StoryStation } from "../explore/Story.ts"

/** Until a stop reaches a charge: the next reading, what is decided on it, the stop and its answer. */
export interface Reach {
  /** Of a charge: later by as much as anything was out of order that may have concerned it. */
  readonly of: (session: Pick<TrueSession, "stationId" | "trueStartedAtMs" | "trueEndedAtMs">) => number
}

/** Of the kinds of stations; a decision and its answer. */
const [longestReadingS, answerS] = [900, 60]
/** What a broken line or a boot, a message that is tried again, and a commit that is, may take beside their own time. */
const [unrestS, messageS, commitS] = [1_200, 300, 120]
/** Until a station finds that nobody hears it. */
const unheardS = 3_600

/** What breaks nothing between a station and the CMS. */
const calm: ReadonlySet<Step["do"]> = new Set<Step["do"]>([
  "plug in",
  "present card",
  "start by app",
  "stop by app",
  "unplug",
  "car pauses",
  "car goes on",
  "publish tariff",
  "assign tariff",
  "retire tariff",
  "join group",
  "leave group",
  "top up",
  "take out",
  "set credit line",
  "block card",
  "expire card",
  "trigger message"
])

/** What waits for something to happen, or lasts until all is mended: nobody knows here when it is over. */
const waits: ReadonlySet<Step["do"]> = new Set<Step["do"]>([
  "lose request",
  "lose answer",
  "double request",
  "delay answer",
  "repeat request later",
  "late request",
  "set registration",
  "database fails",
  "database is slow"
])

interface Trouble {
  /** Null: of all of them. */
  readonly stationId: string | null
  readonly fromMs: number
  readonly untilMs: number
  readonly costsMs: number
}

const unrestOf = (step: Step): number => {
  switch (step.do) {
    case "lose request":
    case "lose answer":
    case "double request":
    case "delay answer":
    case "repeat request later":
      return messageS
    case "database fails":
    case "database is slow":
      return commitS
    default:
      return unrestS
  }
}

const troubleOf = (step: Step, startAtMs: number): Trouble => {
  const ownS = ("for" in step ? step.for : 0) + ("by" in step ? step.by : 0) + ("after" in step ? step.after : 0)
  const costsS = unrestOf(step) + ownS * ("times" in step ? step.times : 1)
  const isOpen = waits.has(step.do) || (step.do === "kill CMS" && step.when !== "now")
  const lastsS = step.do === "half-open link" ? unheardS + costsS : costsS
  const fromMs = startAtMs + step.at * 1000
  return {
    stationId: "station" in step ? (step.station ?? null) : null,
    fromMs,
    untilMs: isOpen ? Number.POSITIVE_INFINITY : fromMs + lastsS * 1000,
    costsMs: costsS * 1000
  }
}

/** How far the charges of a story may go beyond what stops them, or end before it. */
export const reachOf = (story: Story, startAtMs: number): Reach => {
  const troubles = story.steps.filter((step) => !calm.has(step.do)).map((step) => troubleOf(step, startAtMs))
  const leastMs = new Map(story.stations.map((station) => [station.id, (readingOf(station, story) + answerS) * 1000]))
  return {
    of: ({ stationId, trueStartedAtMs, trueEndedAtMs }) =>
      troubles.reduce(
        (sum, it) => {
          const isThere = it.stationId === null || it.stationId === stationId
          const isThen = it.fromMs <= (trueEndedAtMs ?? Infinity) && it.untilMs >= trueStartedAtMs
          return isThere && isThen ? sum + it.costsMs : sum
        },
        leastMs.get(stationId) ?? longestReadingS * 1000
      )
  }
}

/** Between two of what a station tells; one that tells its readings by the handful tells none for so long. */
const readingOf = (station: StoryStation, { firmware }: Story): number => {
  const preset = presetOf(station)
  if (preset === undefined) {
    const { sampleIntervalS = factorySettings.sampleIntervalS, readingsPerMessage = 1 } = firmware
    return sampleIntervalS * readingsPerMessage
  }
  const { settings, habits } = optionsOf(preset)
  return settings.sampleIntervalS === 0 ? longestReadingS : settings.sampleIntervalS * habits.readingsPerMessage
}
