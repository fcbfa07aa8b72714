import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parseHTML } from "linkedom"
import { displays, till21 } from "#scenarios/displays.ts"
import { firstCharge } from "#scenarios/first-charge.ts"
import { runVirtual } from "#scenarios/Lab.ts"
import { lossyUplink } from "#scenarios/lossy-uplink.ts"
import { runReport } from "#scenarios/report/runReport.ts"
import type { Scenario } from "#scenarios/Scenario.ts"
import { Telemetry } from "#scenarios/telemetry/Telemetry.ts"
import { defects } from "../plant.ts"

const watched = Effect.fnUntraced(function* (
  scenario: Scenario,
  options: { readonly logs?: number; readonly stations?: number; readonly patchStores?: never } = {}
) {
  const { logs, ...rest } = options
  const telemetry = new Telemetry(logs === undefined ? {} : { logs })
  const result = yield* runVirtual(scenario, { store: "memory", commit: "c", telemetry, ...rest })
  return { result, record: telemetry.record! }
})

const documentOf = (page: string) => parseHTML(page).document

/** Every element that is opened is closed, in order; of those that HTML never closes, none is missing an end. */
const isWellFormed = (page: string): boolean => {
  const never = new Set(["meta", "input", "br", "!doctype"])
  const open: Array<string> = []
  const markup = page.replace(/<(script|style)>[\s\S]*?<\/\1>/g, "")
  for (const [, slash, name, selfClosing] of markup.matchAll(/<(\/?)([!\w]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    const tag = name!.toLowerCase()
    if (never.has(tag) || selfClosing === "/") continue
    if (slash === "") open.push(tag)
    else if (open.pop() !== tag) return false
  }
  return open.length === 0
}

describe("the report of a run", () => {
  it.live("is the same page for the same seed, changes nothing of the run, and needs no network", () =>
    Effect.gen(function* () {
      const [one, other] = [yield* watched(firstCharge, { stations: 2 }), yield* watched(firstCharge, { stations: 2 })]
      const [page, again] = [runReport([one.record]), runReport([other.record])]
      assert.strictEqual(page, again)
      const unwatched = yield* runVirtual(firstCharge, { store: "memory", stations: 2 })
      assert.strictEqual(one.result.traceHash, unwatched.traceHash)
      assert.isTrue(isWellFormed(page))
      assert.notMatch(page.replaceAll("http://www.w3.org/", ""), /https?:\/\/|<link|<img|<iframe|@import|url\(|\ssrc=/)
      const document = documentOf(page)
      assert.include(document.querySelector(".word")?.textContent, "PASS")
      assert.strictEqual(document.querySelectorAll("#oracles tbody tr").length, one.result.oracles.length)
      assert.include(document.querySelector("#money tfoot")?.textContent, "Together")
      for (const link of document.querySelectorAll('a[href^="#"]')) {
        const id = link.getAttribute("href")!.slice(1)
        assert.isNotNull(document.getElementById(id), `#${id} leads nowhere`)
      }
    })
  )

  it.live("of several runs is one page with a part for each", () =>
    Effect.gen(function* () {
      const { record } = yield* watched(firstCharge, { stations: 2 })
      const page = runReport([record, { ...record, result: { ...record.result, scenario: "another" } }])
      const document = documentOf(page)
      assert.isTrue(isWellFormed(page))
      assert.strictEqual(document.querySelectorAll("#scenarios tbody tr").length, 2)
      assert.strictEqual(document.querySelectorAll("main > section").length, 3)
      const ids = [...document.querySelectorAll("[id]")].map((it) => it.getAttribute("id"))
      assert.strictEqual(new Set(ids).size, ids.length)
    })
  )

  it.live("that failed leads from the oracle to what the station and the CMS said", () =>
    Effect.acquireUseRelease(
      Effect.sync(() => defects.doubleBilling()),
      ({ patchStores }) =>
        Effect.gen(function* () {
          const { record } = yield* watched(lossyUplink, {
            stations: 8,
            ...(patchStores && { patchStores: patchStores as never })
          })
          const document = documentOf(runReport([record]))
          assert.include(document.querySelector(".word")?.textContent, "FAIL")
          assert.include(document.querySelector(".claim")?.textContent, "money")
          const finding = document.querySelector("#money-1, li[id^=money-]")!
          assert.include(finding.textContent, "1 CDR standing")
          const exchange = document.getElementById(finding.querySelector("a.go")!.getAttribute("href")!.slice(1))!
          assert.include(exchange.querySelector("summary")!.textContent, "failed:")
          const rows = [...exchange.querySelectorAll(".frame-row")].map((it) => it.textContent)
          assert.isTrue(rows.some((it) => /StopTransaction|TransactionEvent Ended/.test(it)))
          assert.isNotEmpty(exchange.querySelectorAll(".tag"))
        }),
      ({ remove }) => Effect.sync(remove)
    )
  )

  it.live("says in which dimensions a station that prices by itself is not at the bill, and so do the figures", () =>
    Effect.gen(function* () {
      const forgetful = { ...till21, habits: { ...till21.habits, forgetsInCost: ["FLAT" as const] } }
      const { record, result } = yield* watched({ ...displays, mix: [[forgetful, 1]], crashes: [] }, { stations: 2 })
      const { told, mismatched, byDimension, apart } = result.ownCosts!
      assert.strictEqual(mismatched, told)
      assert.isAbove(told, 1)
      // 0.35 with 7 % of tax, forgotten each time.
      assert.deepStrictEqual(
        byDimension.map(({ dimension, charges }) => [dimension, charges]),
        [
          ["fixed", told],
          ["tax", told]
        ]
      )
      assert.strictEqual(Number(byDimension[0]!.difference), Math.round(-35 * told) / 100)
      const document = documentOf(runReport([record]))
      const section = document.querySelector("#own-costs")!
      assert.include(section.textContent, `${told} charges priced by the station itself`)
      const failed = [...section.querySelectorAll("tr.FAIL")].map((row) => row.querySelector("th")!.textContent)
      assert.deepStrictEqual([...new Set(failed)], ["Session fee", "Tax"])
      assert.strictEqual(failed.filter((it) => it === "Session fee").length, apart.length)
    })
  )

  it.live("of a big run keeps as many logs as it is told, and says so", () =>
    Effect.gen(function* () {
      const { record } = yield* watched(lossyUplink, { logs: 20, stations: 5 })
      assert.isAbove(record.logs.seen, 40)
      assert.isAtMost(record.logs.kept, 20)
      assert.isAtMost(record.samples.length, 800)
      assert.include(
        documentOf(runReport([record])).querySelector("#transactions .lede")?.textContent,
        "logs were kept"
      )
    })
  )

  it.live("shows hostile words as words", () =>
    Effect.gen(function* () {
      const { record } = yield* watched(firstCharge, { stations: 2 })
      const words = `<script>alert("x")</script>'&`
      const failure = {
        stationId: words,
        sessionId: words,
        transactionId: words,
        expected: words,
        found: words,
        sentence: words
      }
      const oracle = {
        ...record.result.oracles[0]!,
        verdict: "FAIL" as const,
        failed: 1,
        failures: [failure],
        notes: [words]
      }
      const entry = { what: "frame", from: "station", kind: "call", action: words, text: words, attempt: 1 } as const
      const page = runReport([
        {
          ...record,
          title: words,
          repeat: words,
          result: { ...record.result, verdict: "FAIL", seed: words, scenario: words, oracles: [oracle] },
          strikes: [[words, 1]],
          spans: [{ name: words, stationId: words, fromMs: record.startedAtMs, toMs: null }],
          exchanges: record.exchanges.map((it) => ({
            ...it,
            stationId: words,
            wireId: words,
            failedBy: [words],
            entries: [
              { ...entry, sentAtMs: record.startedAtMs, arrivedAtMs: null },
              { what: "note", atMs: record.startedAtMs, text: words }
            ]
          }))
        }
      ])
      assert.strictEqual(documentOf(page).querySelectorAll("script").length, 1)
      assert.isTrue(isWellFormed(page))
      assert.strictEqual(page.split("<script>").length, 2)
    })
  )
})
