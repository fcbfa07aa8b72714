import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { catalogue, find } from "#simulator/faults/Catalogue.ts"
import type { Entry } from "#simulator/faults/Entry.ts"
import { today } from "#simulator/fleet/Mix.ts"
import type { Evidence } from "#simulator/oracles/Evidence.ts"
import * as Stream from "#simulator/Stream.ts"
import type { TrueSession, Truth } from "#simulator/Truth.ts"
import { type Dose, findingsOf, lived } from "./support.ts"

/** What shows that a fault was not only on, but did something. */
type Trace = (truth: Truth, evidence: Evidence) => boolean

const counted =
  (counter: keyof Truth["counters"]): Trace =>
  (truth) =>
    truth.counters[counter] > 0
const some =
  (is: (session: TrueSession) => boolean): Trace =>
  (truth) =>
    truth.sessions.some(is)
const lies = (lie: TrueSession["lies"][number]): Trace => some((session) => session.lies.includes(lie))
const found =
  (code: string): Trace =>
  (_truth, evidence) =>
    findingsOf(evidence).includes(code)
/** More connections than a day without trouble makes. */
const redialled: Trace = (truth) => truth.counters.connects > 3
const touched = some(({ faults }) => faults.length > 0)

/** Every fault, and the trace that it must leave in the truth or in the books. */
const table: Readonly<Record<string, Trace>> = {
  "clock-1970": lies("clock"),
  "clock-drift": touched,
  "clock-dst": lies("clock"),
  "clock-ntp": (truth) => truth.turnedBack.size > 0,
  "clock-skew": lies("clock"),
  "cut-before-answer": counted("disconnected"),
  "cut-mid-frame": redialled,
  delay: counted("repeated"),
  disconnect: redialled,
  duplicates: touched,
  flapping: redialled,
  "half-open": counted("timeouts"),
  "invalid-utf8": redialled,
  "late-answers": counted("timeouts"),
  "link-cut": counted("queued"),
  "lost-answers": counted("timeouts"),
  "lost-requests": counted("timeouts"),
  "malformed-json": counted("repeated"),
  "mass-disconnect": redialled,
  "meter-frozen": lies("meter"),
  "meter-missing-begin": found("meter-missing-begin"),
  "meter-overflow": found("meter-rollback"),
  "meter-rollback": found("meter-rollback"),
  "meter-spike": found("meter-jump"),
  "meter-swap": lies("meter-plainly"),
  "meter-units": lies("meter-plainly"),
  "meter-unordered-samples": touched,
  "meter-zero-baseline": found("meter-zero-baseline"),
  "oversized-frame": touched,
  "power-cut": some(({ stopReason }) => stopReason === "PowerLoss"),
  "power-cut-offline": some(({ stopReason }) => stopReason === "PowerLoss"),
  "queue-lost": counted("dropped"),
  "reading-after-stop": (truth, evidence) =>
    truth.sessions.some((session) => {
      const booked = evidence.transactions?.find(
        (it) => it.stationId === session.stationId && it.ocppId === session.ocppTransactionId
      )
      return (booked?.readings?.highestWh ?? 0) > (session.shownStopWh ?? Number.POSITIVE_INFINITY)
    }),
  reboot: some(({ stopReason }) => stopReason === "Reboot"),
  reorder: counted("timeouts"),
  "slow-reader": counted("timeouts"),
  "stop-before-start": (truth) => truth.misnomers.size > 0,
  "stop-without-id-tag": touched,
  "stubborn-retry": touched,
  "two-sockets": redialled,
  "unknown-action": touched,
  "wrong-subprotocol": counted("queued"),
  "wrong-transaction-id": lies("messages"),
  "wrong-types": counted("repeated")
}

/** Where the street of all dialects has too few of the stations that can do it. */
const doses: Readonly<Record<string, Partial<Dose>>> = {
  "stop-before-start": { mix: today.slice(0, 1), stations: 5 }
}

describe("every fault of the catalogue", () => {
  it("has a line in the table of those that are lived through, and no line is left over", () => {
    assert.deepStrictEqual(
      Object.keys(table).sort(),
      catalogue.map(({ name }) => name)
    )
  })

  it.effect.each(catalogue.map((entry): [string, Entry] => [entry.name, entry]))(
    "strikes, and everything settles with no oracle against it: %s",
    ([name, entry]) =>
      Effect.gen(function* () {
        const { truth, evidence, failures } = yield* lived({
          fault: entry.make(),
          together: entry.together,
          ...doses[name]
        })
        assert.deepStrictEqual(failures, [])
        assert.isAbove(truth.sessions.length, 3)
        assert.isTrue(
          truth.sessions.some(({ faults }) => faults.includes(entry.make().name)),
          "no session lived through it"
        )
        assert.isTrue(table[name]!(truth, evidence), "it left no trace")
        for (const session of truth.sessions) assert.isNotNull(session.endedAtMs)
      })
  )

  it("says which device does it and what the CMS owes, and draws parameters that it takes", () => {
    for (const entry of catalogue) {
      assert.match(entry.name, /^[a-z0-9]+(-[a-z0-9]+)*$/)
      assert.isAbove(entry.about.length, 40, entry.name)
      assert.isAbove(entry.owes.length, 20, entry.name)
      assert.include(entry.worlds, "virtual")
      for (let seed = 0; seed < 20; seed++) {
        const drawn = entry.draw(Stream.make(String(seed), entry.name))
        assert.deepStrictEqual(Result.getOrThrow(entry.read(drawn)), drawn, entry.name)
        assert.deepStrictEqual(entry.make(drawn).parameters, drawn)
      }
    }
  })
})

describe("a fault by its name", () => {
  it("is found with dashes or spaces, and nothing else is; the nearest is named", () => {
    assert.strictEqual(Result.getOrThrow(find("half open")).name, "half-open")
    const none = Result.getOrThrow(Result.flip(find("meter-rolback")))
    assert.strictEqual(none.message, 'There is no fault "meter-rolback". Did you mean meter-rollback?')
    assert.isTrue(Result.isFailure(find("")))
  })

  it("takes no parameter that it does not have, and none out of range", () => {
    const entry = Result.getOrThrow(find("lost-answers"))
    for (const wrong of [{ ratio: 1.1 }, { ratio: "0.1" }, { rate: 0.1 }, null]) {
      assert.isTrue(Result.isFailure(entry.read(wrong)), JSON.stringify(wrong))
    }
  })
})
