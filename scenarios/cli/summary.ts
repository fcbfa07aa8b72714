import type { Style } from "#server/cli/Screen.ts"
import type { Failure, OracleResult, Verdict } from "#simulator/oracles/Oracle.ts"
import type { RunResult } from "../lab/Result.ts"
import { count, duration, energy, memory, money, wrap } from "./format.ts"
import { facts, table } from "./table.ts"

/** Failures of one oracle that are shown; all that were kept are in the JSON. */
const shownFailures = 5

/** How a verdict looks. */
export const paintOf = (style: Style, verdict: Verdict) =>
  verdict === "PASS" ? style.green : verdict === "FAIL" ? style.red : style.yellow

/** Verdicts by oracle, aligned. */
export const oracleTable = (oracles: ReadonlyArray<OracleResult>, style: Style): ReadonlyArray<string> =>
  table(
    [
      { head: "oracle", align: "left" },
      { head: "verdict", align: "left" },
      { head: "checked", align: "right" },
      { head: "failed", align: "right" }
    ],
    oracles.map(({ name, verdict, checked, failed }) => [
      name,
      { text: verdict, paint: paintOf(style, verdict) },
      count(checked),
      failed === 0 ? "0" : { text: count(failed), paint: style.red }
    ])
  )

/** What the oracles say beside their verdicts: why one could not judge, which bound held and how nearly. */
const noteLines = (oracles: ReadonlyArray<OracleResult>, style: Style, columns: number): ReadonlyArray<string> => {
  const noted = oracles.filter(({ notes }) => notes.length > 0)
  const indent = " ".repeat(17)
  const lines = noted.flatMap(({ name, notes }) =>
    wrap(notes.join("; "), columns - indent.length).map((line, index) =>
      style.dim(`  ${(index === 0 ? name : "").padEnd(15)}${line}`)
    )
  )
  return lines.length === 0 ? [] : ["", ...lines]
}

const timeOf = ({ virtualSeconds, wallSeconds, world }: RunResult): string => {
  if (world !== "virtual") return `${duration(wallSeconds)} on the wall clock`
  const times = wallSeconds > 0 ? ` (${count(virtualSeconds / wallSeconds)} times as fast)` : ""
  return `${duration(virtualSeconds)} virtual in ${duration(wallSeconds)}${times}`
}

const ownCostWords = ({ told, mismatched, byDimension }: NonNullable<RunResult["ownCosts"]>): string =>
  [
    `${count(told)} told by stations, ${count(mismatched)} not the bill`,
    ...byDimension.map(({ dimension, difference, currency }) => `${dimension} ${difference} ${currency}`)
  ].join(", ")

const figures = (result: RunResult): ReadonlyArray<string> => {
  const { ownCosts } = result
  const currencies = Object.keys(result.money).sort()
  const rate = result.wallSeconds > 0 ? ` (${count(result.messages / result.wallSeconds)}/s)` : ""
  return facts([
    ["messages", `${count(result.messages)}${rate}`],
    ["transactions", count(result.transactions)],
    ["energy", energy(result.energyWh)],
    ["money", currencies.map((it) => money(BigInt(result.money[it]!), it)).join(", ") || "none"],
    ...(ownCosts === undefined ? [] : [["own costs", ownCostWords(ownCosts)] as const]),
    ["time", timeOf(result)],
    ["memory", `${memory(result.peakRssBytes)} at most`],
    ...(result.traceHash === null ? [] : [["trace", result.traceHash] as const]),
    ["seed", result.seed],
    ["commit", result.commit ?? "unknown"]
  ])
}

const failureLines = (failure: Failure, number: number, style: Style, columns: number): ReadonlyArray<string> => {
  const { stationId, sessionId, transactionId } = failure
  const where = [
    stationId === null ? "" : `station ${stationId}`,
    sessionId === null ? "" : `session ${sessionId}`,
    transactionId === null ? "" : `transaction ${transactionId}`
  ].filter((it) => it !== "")
  const indent = "     "
  const paragraph = (text: string) => wrap(text, columns - indent.length)
  const named = (name: string, value: string, paint: (text: string) => string) => {
    const [first = "", ...rest] = wrap(value, columns - indent.length - 10)
    return [
      `${indent}${name.padEnd(10)}${paint(first)}`,
      ...rest.map((line) => `${indent}${" ".repeat(10)}${paint(line)}`)
    ]
  }
  const [sentence = "", ...more] = paragraph(failure.sentence)
  return [
    `${String(number).padStart(3)}. ${sentence}`,
    ...more.map((line) => `${indent}${line}`),
    ...paragraph(where.join(", ")).map((line) => `${indent}${style.dim(line)}`),
    ...named("expected", failure.expected, style.green),
    ...named("found", failure.found, style.red)
  ]
}

/** What an oracle found, the first of it. */
export const failuresOf = (oracle: OracleResult, style: Style, columns: number): ReadonlyArray<string> => {
  const shown = oracle.failures.slice(0, shownFailures)
  const rest = oracle.failed - shown.length
  return [
    "",
    `${style.bold(style.red(`${oracle.name} failed`))}: ${oracle.title}`,
    ...shown.flatMap((failure, index) => failureLines(failure, index + 1, style, columns)),
    ...(rest > 0 ? [`     ... and ${count(rest)} more`] : [])
  ]
}

/** A verdict on all oracles, in words. */
export const wordOf: Record<Verdict, string> = {
  PASS: "PASS: every oracle holds",
  FAIL: "FAIL",
  "NOT VERIFIABLE": "NOT VERIFIABLE: no oracle could see enough to judge"
}

/** What a run came to, as lines for a person: oracles, figures, and of failures whom, what was expected and found. */
export const summary = (
  result: RunResult,
  options: { readonly repeat: string; readonly style: Style; readonly columns: number }
): ReadonlyArray<string> => {
  const { style, columns, repeat } = options
  const where = result.store === null ? result.world : `${result.world}, ${result.store}`
  const failed = result.oracles.filter(({ verdict }) => verdict === "FAIL")
  const isPartly = result.verdict === "PASS" && result.oracles.some(({ verdict }) => verdict !== "PASS")
  const word = isPartly ? "PASS: every oracle that can see holds" : wordOf[result.verdict]
  return [
    `${style.bold(result.scenario)} (${where})`,
    "",
    ...oracleTable(result.oracles, style),
    ...noteLines(result.oracles, style, columns),
    "",
    ...figures(result),
    ...failed.flatMap((oracle) => failuresOf(oracle, style, columns)),
    "",
    style.bold(paintOf(style, result.verdict)(word)),
    "",
    result.verdict === "PASS" ? style.dim("Once more:") : "Repeat it:",
    `  ${repeat}`
  ]
}
