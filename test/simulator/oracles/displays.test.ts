import { assert, describe, it } from "@effect/vitest"
import type { Shown, Telling } from "#simulator/Displays.ts"
import { displays } from "#simulator/oracles/displays.ts"
import { cdr, entryOf, noonMs, rightWorld, transaction, type World } from "./world.ts"

const minuteMs = 60_000
const startMs = noonMs
const endMs = noonMs + 120 * minuteMs

/** What the station told: the begin, half way, and that the car has enough; each is answered within a second. */
const tellings: ReadonlyArray<Omit<Telling, "heardAtMs">> = [
  { atMs: startMs, readings: [{ atMs: startMs, registerWh: 1_000 }], state: null, toldAtMs: startMs },
  {
    atMs: startMs + 60 * minuteMs,
    readings: [{ atMs: startMs + 60 * minuteMs, registerWh: 6_000 }],
    state: null,
    toldAtMs: startMs + 60 * minuteMs
  },
  { atMs: startMs + 90 * minuteMs, readings: [], state: "SuspendedEV", toldAtMs: startMs + 90 * minuteMs }
]

const base = {
  stationId: "CP1",
  hasDisplay: true,
  sessionId: null,
  isFinal: false,
  meter: null,
  tokenUid: null,
  text: null
}
const running = (minutes: number, amount: number, more: Partial<Shown> = {}): Shown => ({
  ...base,
  by: "RunningCost",
  atMs: startMs + minutes * minuteMs + 500,
  wireId: "7",
  amount,
  ...more
})
const final = (amount: number, more: Partial<Shown> = {}): Shown =>
  running(120, amount, { by: "FinalCost", isFinal: true, ...more })

/** The fee of 1.00, then 5 kWh and an hour at 1.20 more, then half an hour more, each with 19 % on top. */
const right: ReadonlyArray<Shown> = [running(0, 1.19), running(60, 5), running(90, 5.71), final(11.66)]

const seen = (shown: ReadonlyArray<Shown>, more: Partial<World["evidence"]> = {}): World => {
  const world = rightWorld()
  const { truth } = world
  for (const telling of tellings) {
    const message = {}
    truth.displays.tell("CP1#1", message, telling)
    truth.displays.heard(message, telling.toldAtMs + 400)
  }
  for (const it of shown) truth.displays.show(it)
  const record = {
    finalWithinMs: 30_000,
    freshWithinMs: minuteMs,
    everyMs: 30_000,
    knownSinceMs: () => startMs - minuteMs
  }
  return { ...world, evidence: { ...world.evidence, ...more }, context: { ...world.context, displays: record } }
}

const verdict = ({ truth, evidence, context }: World) => {
  const { verdict, failures } = displays.checks(truth, evidence, context)
  return { verdict, sentences: failures.map(({ sentence }) => sentence.replace(/: \d{4}.*/, ".")) }
}

const without = (index: number) => right.filter((_, at) => at !== index)

describe("the oracle of displays", () => {
  it("passes a driver who saw the price of each reading, and the bill", () => {
    assert.deepStrictEqual(verdict(seen(right)), { verdict: "PASS", sentences: [] })
  })

  const wrongs: ReadonlyArray<readonly [string, World, string]> = [
    [
      "a running cost without its tax",
      seen([...without(1).slice(0, 1), running(60, 4.2), ...right.slice(2)]),
      "A running cost is not the tariff's price of what was measured."
    ],
    [
      "a price that is not known, shown as zero",
      seen([running(0, 0), ...right.slice(1)]),
      "A running cost is not the tariff's price of what was measured."
    ],
    [
      "a running cost of an hour ago",
      seen([...right.slice(0, 2), running(95, 5), final(11.66)]),
      "A running cost is not the tariff's price of what was measured."
    ],
    [
      "a running cost that names a reading nobody told",
      seen([
        right[0]!,
        running(60, 5, { meter: { atMs: startMs + 60 * minuteMs, registerWh: 6_100 } }),
        ...right.slice(2)
      ]),
      "A running cost names a reading that its station had not told, or long before."
    ],
    [
      "a final cost that is not billed",
      seen([...right.slice(0, 3), final(11.67)]),
      "The final cost on a display is not the bill."
    ],
    ["no final cost", seen(right.slice(0, 3)), "A display never showed the final cost of a charge."],
    [
      "a final cost a minute late",
      seen([...right.slice(0, 3), final(11.66, { atMs: endMs + minuteMs })]),
      "A display showed the final cost late."
    ],
    [
      "a running cost behind the final one",
      seen([...right, running(121, 5.71)]),
      "A display went back from the final cost to a running one."
    ],
    [
      "a cost of a charge that runs elsewhere",
      seen([...right, running(30, 3, { wireId: "8" })]),
      "A display was told of a charge that is not its own."
    ],
    [
      "a card that does not charge there",
      seen([
        ...right,
        running(1, 0, { by: "SetUserPrice", wireId: null, amount: null, tokenUid: "OTHER", text: "free" })
      ]),
      "A display greeted a card that charges elsewhere."
    ],
    [
      "prices without any",
      seen([...right, running(1, 0, { by: "SetUserPrice", wireId: null, amount: null, tokenUid: "GOOD", text: "" })]),
      "A display was told prices without any."
    ],
    [
      "a cost told where there is no display",
      seen([right[0]!, { ...right[1]!, hasDisplay: false }, ...right.slice(2)]),
      "A station without a display was told a cost."
    ],
    [
      "a running cost above the bill",
      seen(right, { cdrs: [cdr({ netMinor: 100n, taxMinor: 19n, grossMinor: 119n })] }),
      "A running cost is above the bill."
    ],
    [
      "a finding about a station's own cost that is the bill",
      seen([...right.slice(0, 3), final(11.66, { by: "own" })], {
        transactions: [transaction({ findings: ["cost-mismatch"] })]
      }),
      "The finding about a station's own cost does not say whether that is the bill."
    ],
    [
      "a station's own cost that is not the bill, and no finding",
      seen([...right.slice(0, 3), final(11.65, { by: "own" })], { transactions: [transaction({ findings: [] })] }),
      "The finding about a station's own cost does not say whether that is the bill."
    ],
    ["a display that stands still", seen(without(1)), "A display fell behind its charge."]
  ]
  for (const [what, world, sentence] of wrongs) {
    it(`fails ${what}`, () => {
      const { verdict: is, sentences } = verdict(world)
      assert.strictEqual(is, "FAIL")
      assert.include(sentences, sentence)
    })
  }

  it("lets a bill be corrected after it was shown, as nobody looks any more", () => {
    const credit = cdr({ id: "T1-2", credit: true, netMinor: -980n, taxMinor: -186n, grossMinor: -1166n })
    const anew = cdr({ id: "T1-3", netMinor: 970n, taxMinor: 184n, grossMinor: 1154n })
    const cdrs = [cdr(), credit, anew]
    assert.strictEqual(verdict(seen(right, { cdrs, entries: cdrs.map(entryOf) })).verdict, "PASS")
  })

  it("says nothing of a run that nobody watched", () => {
    const { truth, evidence, context } = seen(right)
    const { displays: _, ...rest } = context
    assert.strictEqual(displays.checks(truth, evidence, rest).verdict, "NOT VERIFIABLE")
  })
})
