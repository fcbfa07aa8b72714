import type { OracleResult } from "#simulator/oracles/Oracle.ts"
import type { RunResult } from "../lab/Result.ts"
import { text } from "./html.ts"

/** One thing that a CI shows as passed, failed, skipped or broken. */
export interface TestCase {
  readonly name: string
  readonly className: string
  readonly outcome:
    | { readonly _tag: "Passed" }
    | { readonly _tag: "Skipped"; readonly why: string }
    /** A verdict against what was tested. */
    | { readonly _tag: "Failed"; readonly message: string; readonly details: string }
    /** The test itself could not be done. */
    | { readonly _tag: "Broken"; readonly message: string }
}

export interface TestSuite {
  readonly name: string
  /** Real time, s. */
  readonly seconds: number
  readonly properties: Readonly<Record<string, string>>
  readonly cases: ReadonlyArray<TestCase>
}

/** In an attribute a line break would become a blank. */
const attribute = (value: string): string =>
  text(value).replace(/\n/g, "&#10;").replace(/\t/g, "&#9;").replace(/\r/g, "&#13;")

const outcomeXml = ({ outcome }: TestCase): string => {
  switch (outcome._tag) {
    case "Passed":
      return ""
    case "Skipped":
      return `<skipped message="${attribute(outcome.why)}"/>`
    case "Failed":
      return `<failure message="${attribute(outcome.message)}" type="oracle">${text(outcome.details)}</failure>`
    case "Broken":
      return `<error message="${attribute(outcome.message)}" type="run"/>`
  }
}

const count = (cases: ReadonlyArray<TestCase>, tag: TestCase["outcome"]["_tag"]): number =>
  cases.filter(({ outcome }) => outcome._tag === tag).length

const countsOf = (cases: ReadonlyArray<TestCase>): string =>
  `tests="${cases.length}" failures="${count(cases, "Failed")}" errors="${count(cases, "Broken")}" skipped="${count(cases, "Skipped")}"`

const secondsOf = (seconds: number): string => Math.max(0, seconds).toFixed(3)

const suiteXml = ({ name, seconds, properties, cases }: TestSuite): string =>
  [
    `  <testsuite name="${attribute(name)}" ${countsOf(cases)} time="${secondsOf(seconds)}">`,
    "    <properties>",
    ...Object.entries(properties).map(
      ([key, value]) => `      <property name="${attribute(key)}" value="${attribute(value)}"/>`
    ),
    "    </properties>",
    ...cases.map((it) => {
      const head = `    <testcase name="${attribute(it.name)}" classname="${attribute(it.className)}" time="0.000"`
      const inside = outcomeXml(it)
      return inside === "" ? `${head}/>` : `${head}>${inside}</testcase>`
    }),
    "  </testsuite>"
  ].join("\n")

/** Test suites in the XML that CI systems read, by the schema of Jenkins. */
export const junit = (suites: ReadonlyArray<TestSuite>): string => {
  const cases = suites.flatMap((it) => it.cases)
  const seconds = suites.reduce((sum, it) => sum + it.seconds, 0)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="wattproof" ${countsOf(cases)} time="${secondsOf(seconds)}">`,
    ...suites.map(suiteXml),
    "</testsuites>",
    ""
  ].join("\n")
}

const detailsOf = ({ failures, failed }: OracleResult): string =>
  [
    ...failures.map(({ sentence, stationId, sessionId, transactionId, expected, found }) =>
      [
        sentence,
        `  station ${stationId ?? "-"}, session ${sessionId ?? "-"}, transaction ${transactionId ?? "-"}`,
        `  expected ${expected}`,
        `  found    ${found}`
      ].join("\n")
    ),
    ...(failed > failures.length ? [`... and ${failed - failures.length} more`] : [])
  ].join("\n")

const caseOf = (oracle: OracleResult, className: string): TestCase => {
  const { name, title, verdict, failed, failures } = oracle
  const first = failures[0]
  return {
    name: `${name}: ${title}`,
    className,
    outcome:
      verdict === "PASS"
        ? { _tag: "Passed" }
        : verdict === "NOT VERIFIABLE"
          ? { _tag: "Skipped", why: "not verifiable in this world" }
          : {
              _tag: "Failed",
              message:
                first === undefined
                  ? `${failed} findings`
                  : `${first.sentence} Expected ${first.expected}, found ${first.found} (${failed} in all)`,
              details: detailsOf(oracle)
            }
  }
}

/** A run as a suite: one case an oracle. */
export const suiteOf = (result: RunResult, repeat: string): TestSuite => ({
  name: result.scenario,
  seconds: result.wallSeconds,
  properties: {
    seed: result.seed,
    world: result.world,
    ...(result.store === null ? {} : { store: result.store }),
    ...(result.commit === null ? {} : { commit: result.commit }),
    ...(result.traceHash === null ? {} : { trace: result.traceHash }),
    repeat
  },
  cases: result.oracles.map((it) => caseOf(it, `wattproof.${result.scenario}`))
})

/** A run that did not come to its end. */
export const brokenSuite = (scenario: string, message: string, repeat: string): TestSuite => ({
  name: scenario,
  seconds: 0,
  properties: { repeat },
  cases: [{ name: "comes to its end", className: `wattproof.${scenario}`, outcome: { _tag: "Broken", message } }]
})
