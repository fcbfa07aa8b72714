import { oracles } from "#simulator/oracles/Catalogue.ts"
import type { Failure, OracleResult, Verdict } from "#simulator/oracles/Oracle.ts"
import { count, plural } from "../cli/format.ts"
import type { RunResult } from "../lab/Result.ts"
import type { RunRecord } from "../telemetry/RunRecord.ts"
import { type Html, html } from "./html.ts"
import type { Section } from "./page.ts"
import { table } from "./table.ts"

/** The class that paints a verdict. */
export const toneOf = (verdict: Verdict): "PASS" | "FAIL" | "BLIND" =>
  verdict === "NOT VERIFIABLE" ? "BLIND" : verdict

/** Verdicts have a sign of their own each, for whoever does not tell the colours. */
export const signOf: Readonly<Record<Verdict, string>> = { PASS: "✓", FAIL: "✕", "NOT VERIFIABLE": "?" }

const badge = (verdict: Verdict): Html =>
  html`<span class="badge ${toneOf(verdict)}"><span aria-hidden="true">${signOf[verdict]}</span> ${verdict}</span>`

const listed = (words: ReadonlyArray<string>): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`

/** The verdict as a sentence. */
export const claimOf = ({ oracles, verdict }: RunResult): string => {
  const failed = oracles.filter((it) => it.verdict === "FAIL")
  if (failed.length > 0) {
    const of = failed.map((it) => `${it.name} (${plural(it.failed, "finding")})`)
    return `${failed.length} of ${plural(oracles.length, "oracle")} ${failed.length === 1 ? "fails" : "fail"}: ${listed(of)}.`
  }
  const checked = oracles.reduce((sum, it) => sum + it.checked, 0)
  const blind = oracles.filter((it) => it.verdict === "NOT VERIFIABLE").map(({ name }) => name)
  if (verdict === "NOT VERIFIABLE") return "No oracle could see enough of this CMS to judge it."
  const but = blind.length === 0 ? "" : ` Not verifiable here: ${listed(blind)}.`
  return `${blind.length === 0 ? `All ${oracles.length} oracles hold` : "Every oracle that can see holds"}, over ${count(checked)} comparisons.${but}`
}

const missesOf = (name: string): string | undefined => oracles.find((it) => it.name === name)?.misses

/** Findings shown of one oracle; the JSON of the run has more. */
const shownFailures = 12

interface Found extends Failure {
  readonly index: number
}

const placeOf = ({ stationId, sessionId, transactionId }: Failure): Html => {
  const name = sessionId ?? stationId ?? "the books"
  return html`<b>${name}</b>${transactionId !== null && html`<br><span class="where">${transactionId}</span>`}`
}

/** Findings of one kind as one card: the sentence once, and whom it concerns. */
const cardOf = (found: ReadonlyArray<Found>, oracle: string, record: RunRecord, prefix: string): Html => {
  const rows = found.map(({ index, ...failure }) => {
    const { expected, found: is, sessionId, transactionId } = failure
    const exchange = record.exchangeOf.get(`${oracle}/${index}`)
    const link =
      exchange !== undefined
        ? html`<a class="go" href="#${prefix}${exchange}">message by message →</a>`
        : (sessionId ?? transactionId) !== null && html`<span class="note">log not kept</span>`
    return html`<li id="${prefix}${oracle}-${index + 1}"><p class="whom">${placeOf(failure)}</p>
<dl><dt>expected</dt><dd class="expected">${expected}</dd><dt>found</dt><dd class="found">${is}</dd></dl><p class="go">${link}</p></li>`
  })
  return html`<article class="failure"><p>${found[0]!.sentence}</p><ul>${rows}</ul></article>`
}

const bySentence = (failures: ReadonlyArray<Failure>): ReadonlyArray<ReadonlyArray<Found>> => {
  const groups = new Map<string, Array<Found>>()
  failures.forEach((failure, index) => {
    const known = groups.get(failure.sentence)
    if (known === undefined) groups.set(failure.sentence, [{ ...failure, index }])
    else known.push({ ...failure, index })
  })
  return [...groups.values()]
}

/** What is wrong, oracle by oracle: the first thing to read of a run that failed. */
export const findings = (record: RunRecord, prefix: string): Section | undefined => {
  const failed = record.result.oracles.filter(({ verdict }) => verdict === "FAIL")
  if (failed.length === 0) return undefined
  return {
    id: `${prefix}findings`,
    title: "What is wrong",
    hasFailed: true,
    body: failed.map(({ name, title, failures, failed: many }) => {
      const shown = failures.slice(0, shownFailures)
      return html`<h3 id="${prefix}oracle-${name}">${name}: <span class="note">${title}</span></h3>${bySentence(shown).map((it) => cardOf(it, name, record, prefix))}${many > shown.length && html`<p class="note">… and ${count(many - shown.length)} more.</p>`}`
    })
  }
}

const rowOf = ({ name, title, verdict, checked, failed, notes }: OracleResult, prefix: string) => {
  const misses = missesOf(name)
  return {
    hasFailed: verdict === "FAIL",
    cells: [
      failed > 0 ? html`<a href="#${prefix}oracle-${name}">${name}</a>` : name,
      badge(verdict),
      [
        misses === undefined
          ? title
          : html`<details class="fold"><summary>${title}</summary><p><b>Would miss.</b> ${misses}</p></details>`,
        notes.map((it) => html`<p class="note">${it}</p>`)
      ],
      count(checked),
      failed === 0 ? html`<span class="zero">0</span>` : count(failed)
    ]
  }
}

/** Every oracle with its verdict; what it would miss unfolds. */
export const verdicts = ({ result }: RunRecord, prefix: string): Section => ({
  id: `${prefix}oracles`,
  title: "Oracles",
  hasFailed: result.verdict === "FAIL",
  body: table({
    caption: "What must hold, and whether it did. Unfold a sentence to read what its oracle would not see.",
    columns: [
      { head: "oracle" },
      { head: "verdict" },
      { head: "what holds" },
      { head: "compared", isNumber: true },
      { head: "failed", isNumber: true }
    ],
    rows: [...result.oracles]
      .sort((a, b) => Number(b.verdict === "FAIL") - Number(a.verdict === "FAIL"))
      .map((it) => rowOf(it, prefix))
  })
})
