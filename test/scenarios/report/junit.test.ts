import { assert, it } from "@effect/vitest"
import { parseHTML } from "linkedom"
import { brokenSuite, junit, suiteOf } from "#scenarios/report/junit.ts"
import { badRun, goodRun } from "../cli/support.ts"

/** XML as a CI reads it; linkedom's parser is lenient, so the shape is checked beside it. */
const read = (xml: string) => {
  assert.match(xml, /^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites /)
  assert.strictEqual(xml.match(/<testsuite /g)?.length, xml.match(/<\/testsuite>/g)?.length)
  return parseHTML(xml.replace(/^<\?xml[^>]*>\n/, "")).document
}

it("a run is a suite with a case an oracle, and what failed says what was expected and found", () => {
  const document = read(junit([suiteOf(goodRun, "again"), suiteOf(badRun, "once more")]))
  const whole = document.querySelector("testsuites")!
  assert.deepStrictEqual(
    ["tests", "failures", "errors", "skipped"].map((name) => whole.getAttribute(name)),
    ["4", "1", "0", "0"]
  )
  assert.strictEqual(document.querySelectorAll("testsuite").length, 2)
  assert.strictEqual(document.querySelectorAll("testcase").length, 4)
  const failure = document.querySelector("failure")!
  assert.include(
    failure.getAttribute("message"),
    "A session was billed twice. Expected 1000 minor units, found 2000 minor units (7 in all)"
  )
  assert.include(failure.textContent, "session CP-0007#7")
  assert.include(failure.textContent, "expected 1006 minor units")
})

it("what could not be verified is skipped, and what did not come to its end is an error", () => {
  const blind = { ...goodRun, oracles: [{ ...goodRun.oracles[0]!, verdict: "NOT VERIFIABLE" as const }] }
  const document = read(junit([suiteOf(blind, "again"), brokenSuite("peak", "came to a halt", "again")]))
  const whole = document.querySelector("testsuites")!
  assert.deepStrictEqual(
    ["tests", "failures", "errors", "skipped"].map((name) => whole.getAttribute(name)),
    ["2", "0", "1", "1"]
  )
  assert.strictEqual(document.querySelector("error")?.getAttribute("message"), "came to a halt")
})

it("hostile words stay words", () => {
  const words = `]]></failure><x a="1" & 'b'\u0000\n`
  const failure = { ...badRun.oracles[1]!.failures[0]!, sentence: words, found: words }
  const hostile = {
    ...badRun,
    scenario: words,
    oracles: [{ ...badRun.oracles[1]!, title: words, failures: [failure] }]
  }
  const xml = junit([suiteOf(hostile, words)])
  const document = read(xml)
  assert.isNull(document.querySelector("x"))
  assert.strictEqual(document.querySelectorAll("testcase").length, 1)
  assert.notInclude(xml, "\u0000")
  assert.notMatch(xml, /="[^"]*\n/)
})
