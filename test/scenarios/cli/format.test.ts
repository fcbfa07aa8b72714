import { stripVTControlCharacters } from "node:util"
import { assert, it } from "@effect/vitest"
import { nearest } from "#core/nearest.ts"
import { commit } from "#scenarios/cli/commit.ts"
import * as format from "#scenarios/cli/format.ts"
import { Panel } from "#scenarios/cli/Panel.ts"
import { fractionOf, Progress, progressLine } from "#scenarios/cli/progress.ts"
import { summary } from "#scenarios/cli/summary.ts"
import { table } from "#scenarios/cli/table.ts"
import { styled } from "#scenarios/cli/terminal.ts"
import { colours, plain } from "#server/cli/Screen.ts"
import { badRun, goodRun, paper } from "./support.ts"

it("figures read as people write them", () => {
  assert.strictEqual(format.count(1_234_567), "1,234,567")
  assert.strictEqual(format.count(-1_000n), "-1,000")
  assert.strictEqual(format.count(999.6), "1,000")
  assert.strictEqual(format.energy(0), "0.000 kWh")
  assert.strictEqual(format.energy(14_220_512), "14,220.512 kWh")
  assert.strictEqual(format.power(312_449), "312.4 kW")
  assert.strictEqual(format.memory(312 * 1024 ** 2), "312 MiB")
  assert.strictEqual(format.plural(1, "day"), "1 day")
  assert.strictEqual(format.plural(2, "day"), "2 days")
})

it("money is exact in its own currency's decimals, however much it is", () => {
  assert.strictEqual(format.money(912_033n, "EUR"), "EUR 9,120.33")
  assert.strictEqual(format.money(-5n, "EUR"), "EUR -0.05")
  assert.strictEqual(format.money(-123_456n, "EUR"), "EUR -1,234.56")
  assert.strictEqual(format.money(5_000n, "JPY"), "JPY 5,000")
  assert.strictEqual(format.money(9_007_199_254_740_993_07n, "EUR"), "EUR 9,007,199,254,740,993.07")
  assert.strictEqual(format.money(12n, "???"), "??? 12 (minor units)")
})

it("durations step up where people do, and never show sixty of anything", () => {
  assert.strictEqual(format.duration(0), "0.0 s")
  assert.strictEqual(format.duration(59.94), "59.9 s")
  assert.strictEqual(format.duration(59.96), "1 min 00 s")
  assert.strictEqual(format.duration(3_599.6), "1 h 00 min")
  assert.strictEqual(format.duration(3_600 * 7 + 300), "7 h 05 min")
  assert.strictEqual(format.duration(86_400), "1 d")
  assert.strictEqual(format.duration(86_400 * 3 + 3_600 * 4), "3 d 4 h")
})

it("paragraphs are wrapped and cut to the columns", () => {
  assert.deepStrictEqual(format.wrap("one two three", 7), ["one two", "three"])
  assert.deepStrictEqual(format.wrap("a verylongword b", 4), ["a", "verylongword", "b"])
  assert.deepStrictEqual(format.wrap("  ", 4), [])
  assert.strictEqual(format.cut("abcdef", 4), "abc…")
  assert.strictEqual(format.cut("abcd", 4), "abcd")
})

it("columns line up whatever their colours are", () => {
  const columns = [
    { head: "oracle", align: "left" },
    { head: "checked", align: "right" }
  ] as const
  const rows = [
    [{ text: "energy", paint: colours.red }, "12"],
    ["authorization", "12,345"]
  ]
  const lines = table(columns, rows)
  assert.deepStrictEqual(lines.map(stripVTControlCharacters), [
    "  oracle         checked",
    "  energy              12",
    "  authorization   12,345"
  ])
  assert.include(lines[1], "\u001b[31m")
})

it("the nearest name is the one that was meant, or none", () => {
  const names = ["first-charge", "morning-peak", "lossy-uplink", "power-cut"]
  assert.strictEqual(nearest("first-chrge", names), "first-charge")
  assert.strictEqual(nearest("MORNING_PEAK", names), "morning-peak")
  assert.strictEqual(nearest("uplink", names), "lossy-uplink")
  assert.strictEqual(nearest("zzzzzzzzzzz", names), undefined)
  assert.strictEqual(nearest("", names), undefined)
})

const progress = {
  startAtMs: 0,
  untilMs: 2 * 86_400_000,
  atMs: 86_400_000 + 8 * 3_600_000 + 5 * 60_000,
  messages: 14_000,
  sessions: 312,
  connected: 20
}

it("a progress line tells virtual time, pace and time left, and gives up what matters least on a narrow terminal", () => {
  const pace = { messagesPerSecond: 14_220, secondsLeft: 9.2 }
  const full = progressLine("morning-peak", progress, pace, 100)
  assert.strictEqual(full, "morning-peak   66 %  day 2 08:05  14,220 messages/s  10 s left  312 sessions")
  for (const columns of [10, 30, 60, 79]) {
    const line = progressLine("morning-peak", progress, pace, columns)
    assert.isBelow(line.length, columns)
    assert.include(line, "66 %")
  }
  assert.strictEqual(fractionOf({ ...progress, atMs: 3 * 86_400_000 }), 1)
  assert.strictEqual(fractionOf({ ...progress, atMs: -1 }), 0)
})

it("progress rewrites one line of a terminal, not too often, and takes it away", () => {
  let nowMs = 0
  const { pane, text } = paper({ terminal: true, columns: 120 })
  const line = new Progress(pane, "p", () => nowMs)
  line.report({ ...progress, atMs: 0, messages: 0 })
  for (; nowMs < 90; nowMs += 10) line.report(progress)
  assert.strictEqual(text().split("\r").length - 1, 1)
  nowMs = 2_000
  line.report({ ...progress, atMs: 86_400_000, messages: 5_000 })
  assert.include(text(), "2,500 messages/s")
  assert.include(text(), "2 s left")
  line.end()
  assert.isTrue(text().endsWith("\r\u001b[K"))
  assert.notInclude(text(), "\n")
})

it("progress says nothing where nobody watches", () => {
  const { pane, text } = paper()
  const line = new Progress(pane, "p", () => 1_000)
  line.report(progress)
  line.end()
  assert.strictEqual(text(), "")
})

it("progress writes a line every ten seconds into a log, with what was said and the memory held", () => {
  let nowMs = 0
  const { pane, text } = paper()
  const line = new Progress(
    pane,
    "p",
    () => nowMs,
    () => 365 * 2 ** 20
  )
  for (; nowMs < 25_000; nowMs += 100) {
    line.report({ ...progress, atMs: progress.startAtMs + nowMs * 1_000, messages: nowMs })
  }
  line.end()
  const lines = text().trimEnd().split("\n")
  assert.strictEqual(lines.length, 2)
  assert.match(
    lines[1]!,
    /^p {2}.* % {2}day 1 05:33 {2}1,000 messages\/s {2}.* left {2}312 sessions {2}20,000 messages {2}365 MiB$/
  )
})

it("a panel is rewritten in place, only when it changes, and what is printed stays above it", () => {
  const { pane, text } = paper({ terminal: true })
  const panel = new Panel(pane)
  panel.show(["a", "b"])
  panel.show(["a", "b"])
  assert.strictEqual(text(), "a\nb\n")
  panel.print("note")
  assert.strictEqual(text(), "a\nb\n\u001b[2A\r\u001b[Jnote\na\nb\n")
  panel.release()
  panel.show(["c"])
  assert.isTrue(text().endsWith("a\nb\nc\n"))
})

it("a summary shows every figure of the result, within eighty columns", () => {
  for (const result of [goodRun, badRun]) {
    const lines = summary(result, { repeat: "again", style: plain, columns: 80 })
    const text = lines.join("\n")
    for (const figure of ["412,003", "1,204", "14,220.512 kWh", "EUR 9,120.33, JPY 5,000", "312 MiB", "12,345"]) {
      assert.include(text, figure)
    }
    for (const word of [
      "00c0ffee00c0ffee",
      "seven",
      "0123456789ab",
      "1 d virtual in 13.2 s",
      "again",
      result.verdict
    ]) {
      assert.include(text, word)
    }
    for (const line of lines) assert.isAtMost(line.length, 80)
  }
})

it("a summary does not claim more than was verifiable", () => {
  const [energy, money] = goodRun.oracles
  const oracles = [energy!, { ...money!, verdict: "NOT VERIFIABLE" as const }]
  const text = summary({ ...goodRun, oracles }, { repeat: "again", style: plain, columns: 80 }).join("\n")
  assert.include(text, "PASS: every oracle that can see holds")
  assert.notInclude(text, "every oracle holds")
})

it("colours are for terminals whose owner did not refuse them", () => {
  const stream = (isTTY: boolean) => ({ isTTY }) as unknown as NodeJS.WriteStream
  assert.strictEqual(styled(stream(true), {}).style, colours)
  assert.strictEqual(styled(stream(true), { NO_COLOR: "" }).style, colours)
  assert.strictEqual(styled(stream(true), { NO_COLOR: "1" }).style, plain)
  assert.strictEqual(styled(stream(true), { TERM: "dumb" }).style, plain)
  assert.strictEqual(styled(stream(false), {}).style, plain)
})

it("the commit is git's where there is a history of ours, and the version elsewhere", () => {
  assert.match(commit(), /^([0-9a-f]{12}(-dirty)?|\d+\.\d+\.\d+)$/)
  assert.match(commit("/"), /^\d+\.\d+\.\d+$/)
})
