import type { Pane } from "#server/cli/Screen.ts"
import type { RunProgress } from "../lab/Result.ts"
import { count, cut, duration, memory, plural } from "./format.ts"

const dayMs = 86_400_000
/** How often the line is written, and over how long its rate is taken; real time. */
const everyMs = 100
const rateOverMs = 2_000
/** How often a line is written where no line can be rewritten: a log that somebody looks into now and then. */
const lineEveryMs = 10_000

/** How far a run is, from 0 to 1 of its own time. */
export const fractionOf = ({ atMs, startAtMs, untilMs }: RunProgress): number =>
  untilMs <= startAtMs ? 1 : Math.min(1, Math.max(0, (atMs - startAtMs) / (untilMs - startAtMs)))

/** The run's own time: its day, and the time of day since its first instant. */
const clockOf = ({ atMs, startAtMs }: RunProgress): string => {
  const sinceMs = Math.max(0, atMs - startAtMs)
  const time = new Date(sinceMs % dayMs).toISOString().slice(11, 16)
  return `day ${Math.floor(sinceMs / dayMs) + 1} ${time}`
}

/** One line of progress that fits the columns: what matters least is left out first. */
export const progressLine = (
  name: string,
  progress: RunProgress,
  pace: { readonly messagesPerSecond: number; readonly secondsLeft: number | undefined },
  columns: number
): string => {
  const percent = `${String(Math.floor(fractionOf(progress) * 100)).padStart(3)} %`
  const left =
    pace.secondsLeft === undefined ? "" : `${duration(Math.ceil(pace.secondsLeft)).replace(".0 s", " s")} left`
  const rate = `${count(pace.messagesPerSecond)} messages/s`
  const parts = [percent, clockOf(progress), rate, left, plural(progress.sessions, "session")].filter((it) => it !== "")
  for (let kept = parts.length; kept > 0; kept--) {
    const line = [name, ...parts.slice(0, kept)].join("  ")
    if (line.length < columns) return line
  }
  return cut(`${percent}`.trim(), columns - 1)
}

/** The same for a log: nothing is left out, and how much has been said and how much memory is held are in it. */
const loggedLine = (
  name: string,
  progress: RunProgress,
  pace: { readonly messagesPerSecond: number; readonly secondsLeft: number | undefined },
  heldBytes: number
): string =>
  [
    progressLine(name, progress, pace, Number.POSITIVE_INFINITY),
    plural(progress.messages, "message"),
    memory(heldBytes)
  ].join("  ")

/**
 * The progress of a run: on a terminal one line, rewritten in place, gone at the end. Elsewhere a line every ten seconds where
 * somebody measures the memory held, else nothing.
 */
export class Progress {
  private readonly pane: Pane
  private readonly name: string
  private readonly nowMs: () => number
  private readonly heldBytes: (() => number) | undefined
  private readonly startedMs: number
  private writtenMs = Number.NEGATIVE_INFINITY
  private isShown = false
  /** What the counters were, oldest first, for as long as the rate is taken over. */
  private readonly marks: Array<{ readonly atMs: number; readonly messages: number }> = []

  /** `nowMs` is real time, from any beginning; without `heldBytes` nothing is said where there is no terminal. */
  constructor(pane: Pane, name: string, nowMs: () => number, heldBytes?: () => number) {
    this.pane = pane
    this.heldBytes = heldBytes
    this.name = name
    this.nowMs = nowMs
    this.startedMs = nowMs()
    if (pane.isTerminal) return
    this.writtenMs = this.startedMs
    this.marks.push({ atMs: this.startedMs, messages: 0 })
  }

  /** Tells how far it is, as often as one likes. */
  report(progress: RunProgress): void {
    const { pane, marks, heldBytes } = this
    const nowMs = this.nowMs()
    if (nowMs - this.writtenMs < (pane.isTerminal ? everyMs : lineEveryMs)) return
    this.writtenMs = nowMs
    marks.push({ atMs: nowMs, messages: progress.messages })
    while (marks.length > 2 && nowMs - marks[1]!.atMs >= rateOverMs) marks.shift()
    const first = marks[0]!
    const seconds = (nowMs - first.atMs) / 1000
    const messagesPerSecond = seconds > 0 ? (progress.messages - first.messages) / seconds : 0
    const pace = { messagesPerSecond, secondsLeft: this.secondsLeft(progress, nowMs) }
    if (!pane.isTerminal) {
      if (heldBytes !== undefined) pane.write(`${loggedLine(this.name, progress, pace, heldBytes())}\n`)
      return
    }
    const line = progressLine(this.name, progress, pace, pane.columns())
    this.isShown = true
    pane.write(`\r\u001b[K${pane.style.dim(line)}`)
  }

  /** Takes the line away. */
  end(): void {
    if (this.isShown) this.pane.write("\r\u001b[K")
    this.isShown = false
  }

  /** As if the rest went as fast as what has passed; nothing is said of the first second. */
  private secondsLeft(progress: RunProgress, nowMs: number): number | undefined {
    const fraction = fractionOf(progress)
    const passed = (nowMs - this.startedMs) / 1000
    return passed < 1 || fraction === 0 ? undefined : (passed * (1 - fraction)) / fraction
  }
}
