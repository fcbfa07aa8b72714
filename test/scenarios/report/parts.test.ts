import { assert, it } from "@effect/vitest"
import { parseHTML } from "linkedom"
import { html, text } from "#scenarios/report/html.ts"
import { Latencies, stepOf } from "#scenarios/report/Latencies.ts"
import { latencyTable, while_ } from "#scenarios/report/latencyTable.ts"
import { page } from "#scenarios/report/page.ts"
import { plot } from "#scenarios/report/plot.ts"
import { tickOf } from "#scenarios/report/time.ts"
import fc from "#test/support/fastCheck.ts"

const whiles = fc.array(fc.integer({ min: 0, max: 4_000_000_000 }), { minLength: 1, maxLength: 60 })

it("percentiles are those of the sorted whiles, to three digits", () =>
  fc.assert(
    fc.property(whiles, (us) => {
      const latencies = new Latencies()
      for (const it of us) latencies.record("a", it)
      const sorted = [...us].sort((a, b) => a - b)
      const row = latencies.rows()[0]!
      const near = (is: number, percent: number): boolean => {
        const expected = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]!
        return Math.abs(is - expected) <= Math.max(1, expected / 1000)
      }
      assert.isTrue(near(row.p50Us, 50) && near(row.p95Us, 95) && near(row.p99Us, 99) && near(row.maxUs, 100))
      assert.strictEqual(row.count, us.length)
      assert.strictEqual(
        row.counts.reduce((sum, it) => sum + it, 0),
        us.length
      )
    }),
    { numRuns: 50 }
  ))

it("latencies of two threads add up to those of one", () =>
  fc.assert(
    fc.property(whiles, whiles, (one, other) => {
      const [a, b, both] = [new Latencies(), new Latencies(), new Latencies()]
      for (const it of one) [a, both].forEach((to) => void to.record("x", it))
      for (const it of other) [b, both].forEach((to) => void to.record("x", it))
      const loaded = new Latencies()
      loaded.load(JSON.parse(JSON.stringify(a.dump())))
      loaded.add(b)
      const [is, expected] = [loaded.total(), both.total()]
      assert.strictEqual(is.count, expected.count)
      assert.approximately(is.p99Us, expected.p99Us, Math.max(1, expected.p99Us / 500))
      assert.strictEqual(loaded.rows().length, 1)
    }),
    { numRuns: 30 }
  ))

it("a while is told in the unit that suits it, and falls into the step of its size", () => {
  assert.deepStrictEqual([0, 850, 1_000, 43_120, 999_400, 2_350_000, 119_000_000, 720_000_000].map(while_), [
    "0 µs",
    "850 µs",
    "1.00 ms",
    "43.1 ms",
    "999 ms",
    "2.35 s",
    "119 s",
    "12.0 min"
  ])
  assert.deepStrictEqual([0, 1, 10, 100, 99].map(stepOf), [0, 0, 5, 10, 9])
})

it("what is put into a page is text, whatever it says", () =>
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constant(`</script><script>alert(1)</script>"'&`)), (hostile) => {
      const { document } = parseHTML(`<html><body>${html`<p title="${hostile}">${hostile}</p>`.markup}</body></html>`)
      assert.strictEqual(document.querySelectorAll("*").length, 3)
      assert.isNull(document.querySelector("script"))
      assert.notMatch(text(hostile), /[<>"']/)
    })
  ))

it("a table of latencies says the numbers, and a page with it loads nothing", () => {
  const latencies = new Latencies()
  for (let ms = 1; ms <= 100; ms++) latencies.record("Heartbeat", ms * 1000)
  const body = latencyTable("Answers", "action", [...latencies.rows(), latencies.total()])
  const line = plot({ title: "a plot", marks: [], x: { domain: [0, 1] }, height: 80 })
  const whole = page({ title: "t", head: "", sections: [{ id: "a", title: "A", body: [body, line] }], foot: "" })
  const { document } = parseHTML(whole)
  const cells = [...document.querySelectorAll("tbody tr")].map((row) => row.textContent)
  assert.include(cells[0], "Heartbeat")
  assert.include(cells[0], "50.0 ms")
  assert.include(cells[0], "95.0 ms")
  assert.strictEqual(document.querySelector("svg.plot")?.getAttribute("aria-label"), "a plot")
  assert.notMatch(whole, /https?:|src=|@import|url\(/)
})

it("a time axis is labelled as its length asks, in UTC and with 24 hours", () => {
  const hourMs = 3_600_000
  const labels = (toMs: number, ...atMs: ReadonlyArray<number>) => atMs.map(tickOf(0, toMs))
  assert.deepStrictEqual(labels(24 * hourMs, 0, 7.5 * hourMs, 24 * hourMs - 1), ["00:00", "07:30", "23:59"])
  assert.deepStrictEqual(labels(60_000, 61_000), ["00:01:01"])
  assert.deepStrictEqual(labels(10 * 24 * hourMs, 26 * hourMs), ["01-02"])
})
