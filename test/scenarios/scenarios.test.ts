import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { HardState } from "#core/Sometimes.ts"
import { catalogue } from "#scenarios/Catalogue.ts"
import { firstCharge } from "#scenarios/first-charge.ts"
import { runVirtual } from "#scenarios/Lab.ts"
import type { Scenario } from "#scenarios/Scenario.ts"
import type { Evidence } from "#simulator/oracles/Evidence.ts"
import type { Lie, TrueSession, Truth, Way } from "#simulator/Truth.ts"
import { failuresOf, run } from "./lived.ts"
import { correctedTimes, reachedInArrears, reachedOnPayday } from "./reachedByPayers.ts"
import { reachedBySubscribers } from "./reachedBySubscribers.ts"

/** Hard states that a scenario is for: a run that never reached them has shown nothing. */
type Reached = (truth: Truth, evidence: Evidence, marks: ReadonlyMap<HardState, number>) => boolean
const marked =
  (state: HardState): Reached =>
  (_truth, _evidence, marks) =>
    marks.has(state)
const some =
  (is: (session: TrueSession) => boolean): Reached =>
  (truth) =>
    truth.sessions.some(is)
const counted =
  (counter: keyof Truth["counters"]): Reached =>
  (truth) =>
    truth.counters[counter] > 0
const answered =
  (status: string): Reached =>
  (truth) =>
    truth.judgements.some((it) => it.status === status)

const stateNames = ({ states }: TrueSession) => states.map(({ state }) => state).join(" ")
const dayOf = (atMs: number) => Math.floor(atMs / 86_400_000)
/** Two sessions of which the second has the given relation to the first. */
const pair =
  (is: (one: TrueSession, other: TrueSession) => boolean): Reached =>
  ({ sessions }) =>
    sessions.some((one) => sessions.some((other) => other !== one && is(one, other)))
const handedOver = pair(
  (one, other) =>
    one.stationId === other.stationId &&
    one.evseId === other.evseId &&
    one.personId !== other.personId &&
    other.pluggedAtMs! >= one.unpluggedAtMs! &&
    other.pluggedAtMs! - one.unpluggedAtMs! <= 120_000
)
const startedBy =
  (way: Way): Reached =>
  (truth) =>
    truth.sessions.some((session) => truth.startOf(session)?.way === way)
/** A finding that the books must have of what a fault did. */
const found =
  (code: string): Reached =>
  (_truth, { transactions }) =>
    transactions!.some(({ findings }) => findings?.includes(code) === true)
const lied = (lie: Lie) => some(({ lies }) => lies.includes(lie))
/** A fault that no charge lived through has shown nothing. */
const notLived = ({ troubles }: Scenario, { sessions }: Truth): ReadonlyArray<string> =>
  troubles.map(({ fault }) => fault.name).filter((name) => !sessions.some(({ faults }) => faults.includes(name)))
const overMidnight = some(({ startedAtMs, endedAtMs }) => dayOf(startedAtMs) !== dayOf(endedAtMs!))
const during = (fromMs: number, untilMs: number) =>
  some(({ startedAtMs, endedAtMs }) => startedAtMs >= fromMs && endedAtMs! <= untilMs)
const over = (atMs: number) => some(({ startedAtMs, endedAtMs }) => startedAtMs < atMs && atMs < endedAtMs!)
const stoppedBy = (isAhead: (ms: number) => boolean) =>
  some(
    ({ stopReason, startedAtMs, trueStartedAtMs }) => stopReason === "Remote" && isAhead(startedAtMs - trueStartedAtMs)
  )
/** Nothing was shown of a charge for so long while it ran, and then something was. */
const costAfterBreak = ({ displays, sessions }: Truth, ms: number) =>
  sessions.some(({ stationId, ocppTransactionId: name, id }) => {
    const shown = displays.shown.filter((it) => it.stationId === stationId && it.wireId === name && !it.isFinal)
    const isLate = displays.tellingsOf(id).some(({ toldAtMs, heardAtMs }) => (heardAtMs ?? 0) - toldAtMs > ms / 2)
    return isLate && shown.some(({ atMs }, index) => index > 0 && atMs - shown[index - 1]!.atMs >= ms)
  })
const billedWhole = (truth: Truth, { transactions, cdrs }: Evidence, tokenUid: string) =>
  truth.sessions.some((session) => {
    const transaction = transactions!.find(({ ocppId, stationId }) => {
      return ocppId === session.ocppTransactionId && stationId === session.stationId
    })
    const cdr = cdrs!.find(({ transactionId }) => transactionId === transaction?.id)
    return session.tokenUid === tokenUid && cdr?.energyWh === session.meterStopWh! - session.meterStartWh
  })

const reaches: Readonly<Record<string, Readonly<Record<string, Reached>>>> = {
  "first-charge": {
    "a charge in 1.6": some(({ dialect }) => dialect === "1.6"),
    "a charge in 2.0.1": some(({ dialect }) => dialect === "2.0.1"),
    "a charge in 2.1": some(({ dialect }) => dialect === "2.1"),
    "a charge started by phone": some(({ remoteStartId }) => remoteStartId !== null),
    "a full battery": some(({ states }) => states.some(({ state }) => state === "SuspendedEV"))
  },
  "morning-peak": {
    "charges at both prices": (_truth, evidence) =>
      new Set(evidence.transactions?.map(({ startedAtMs }) => new Date(startedAtMs!).getUTCHours() < 12)).size === 2
  },
  strangers: {
    "a blocked card": answered("Blocked"),
    "an expired card": answered("Expired"),
    "a card in use": answered("ConcurrentTx"),
    "a card for other stations": answered("NotAtThisLocation"),
    "a start refused after the station let it begin": some(({ rejected }) => rejected)
  },
  "lossy-uplink": {
    "a start without the CMS": some(({ startOffline }) => startOffline),
    "messages repeated": counted("repeated"),
    "calls without an answer": counted("timeouts"),
    "messages that waited for a connection": counted("queued")
  },
  "power-cut": {
    "an end that the station lost": some(({ endKnowledge }) => endKnowledge === "lost"),
    "an end by power loss that it remembered": some(
      ({ endKnowledge, stopReason }) => endKnowledge === "reported" && stopReason === "PowerLoss"
    ),
    "messages given up": counted("dropped")
  },
  "cms-restart": { "messages repeated": counted("repeated"), "calls cut off": counted("disconnected") },
  "real-kinds": {
    "messages given up by a small memory": counted("dropped"),
    "messages repeated": counted("repeated"),
    "charges in all dialects": (truth) => new Set(truth.sessions.map(({ dialect }) => dialect)).size >= 2
  },
  "mass-reconnect": {
    "messages that waited for a connection": counted("queued"),
    "a start without the CMS": some(({ startOffline }) => startOffline)
  },
  "two-nodes": {
    "a card in use": answered("ConcurrentTx"),
    "two sockets of one station": marked("two sockets of one station at once"),
    "a node's write fenced by the other's claim": marked("a claim fenced an older owner's write"),
    "a message to a node that had lost the station": marked("a station spoke to a node that no longer owned it"),
    "an operation asked of the node without the station": marked("a station was asked for at a node that had it not"),
    "messages repeated": counted("repeated")
  },
  "bad-network": {
    "a start again, its answer lost": marked("an answer to a start was lost, and the start came again"),
    "a stop that came twice": marked("a stop came twice"),
    "a reading after the end": marked("a reading came after the end"),
    "a message repeated on the next connection": marked("a message was repeated after a break"),
    "calls without an answer": counted("timeouts"),
    "calls cut off": counted("disconnected")
  },
  "rude-stations": {
    "a stop that came twice": marked("a stop came twice"),
    "a reading after the end": marked("a reading came after the end"),
    "a charge told of under another's name": lied("messages"),
    "messages that had to be refused": counted("refused"),
    "messages lost with their queue": counted("dropped"),
    "a charge of which the station lost the end": some(({ endKnowledge }) => endKnowledge === "lost")
  },
  "wrong-clocks": {
    "a clock that was turned back": (truth) => truth.turnedBack.size > 0,
    "a clock that was turned while a car charged": lied("clock"),
    "a charge that its station dates before there was OCPP": some(({ startedAtMs }) => startedAtMs < Date.UTC(2010)),
    "a charge that is an hour behind": some(
      ({ startedAtMs, trueStartedAtMs }) => Math.abs(trueStartedAtMs - startedAtMs - 3_600_000) < 300_000
    ),
    "charges at both prices": (_truth, { transactions }) =>
      new Set(transactions!.map(({ startedAtMs }) => new Date(startedAtMs!).getUTCHours() < 12)).size === 2
  },
  "wrong-meters": {
    "a register that fell": found("meter-rollback"),
    "a begin at 0": found("meter-zero-baseline"),
    "a begin that is missing": found("meter-missing-begin"),
    "a register that jumped": found("meter-jump"),
    "a charge in which the meter lied so that nobody can see it": some(
      ({ lies }) => lies.includes("meter") && !lies.includes("meter-plainly")
    )
  },
  "workplace-monday": {
    "a plug taken by the next in line": handedOver,
    "a car that began later, or went on after a pause": some((it) => stateNames(it).includes("SuspendedEV Charging")),
    "a car that never charged": some(({ states, deliveredMilliWh }) => states.length > 0 && deliveredMilliWh === 0)
  },
  "motorway-friday": {
    "a plug taken by the next in line": handedOver,
    "a charge by card": startedBy("card"),
    "a charge by app": startedBy("app"),
    "an ad hoc charge": startedBy("qr"),
    "charges at both prices": (_truth, evidence) =>
      new Set(evidence.transactions?.map(({ startedAtMs }) => new Date(startedAtMs!).getUTCHours() < 12)).size === 2
  },
  "residential-week-end": {
    "a charge over midnight": overMidnight,
    "the same car on two days": pair(
      (one, other) => one.personId === other.personId && dayOf(one.startedAtMs) < dayOf(other.startedAtMs)
    )
  },
  "depot-night": {
    "a charge over midnight": overMidnight,
    "one card at two vehicles at once": pair(
      (one, other) =>
        one.tokenUid === other.tokenUid &&
        one.personId !== other.personId &&
        one.startedAtMs <= other.startedAtMs &&
        other.startedAtMs < one.endedAtMs!
    ),
    "a cabin warmed after the battery was full": some((it) => stateNames(it).endsWith("SuspendedEV Charging"))
  },
  "shared-cards": {
    "a charge by card": startedBy("card"),
    "a charge by app": startedBy("app"),
    "an ad hoc charge": startedBy("qr"),
    "a card in use": answered("ConcurrentTx"),
    "app and card in the same second": ({ presentations }) =>
      presentations.some(({ way, personId, atMs }) =>
        presentations.some(
          (it) => way === "app" && it.way === "card" && it.personId === personId && Math.abs(it.atMs - atMs) < 1_000
        )
      ),
    "a second card after a refusal": some(({ tokenUid }) => tokenUid?.startsWith("S") === true),
    "a stop with a mate's card": some(({ stopTokenUid }) => stopTokenUid?.startsWith("M") === true),
    "a charge owed in full although its card was blocked meanwhile": (truth, evidence) =>
      truth.judgements.some(({ status, tokenUid }) => status === "Blocked" && billedWhole(truth, evidence, tokenUid))
  },
  "fleet-card": {
    "a card without credit": answered("NoCredit"),
    "a company's card at two cars at once": pair(
      (one, other) =>
        one.tokenUid === other.tokenUid &&
        one.tokenUid?.startsWith("F") === true &&
        one.startedAtMs < other.startedAtMs &&
        other.startedAtMs < one.endedAtMs!
    ),
    "a charge stopped before its money was used up": some(
      ({ stopReason, remoteStartId }) => stopReason === "Remote" && remoteStartId === null
    ),
    "a start without the CMS": some(({ startOffline }) => startOffline),
    "money paid in by card": (_truth, { wallets }) =>
      wallets!.some(({ movements }) => movements.some(({ kind }) => kind === "top-up")),
    "money of a top-up taken back": (_truth, { wallets }) =>
      wallets!.some(({ movements }) => movements.some(({ kind }) => kind === "take-back")),
    "a corrected bill that gave money back to a wallet": (_truth, { wallets }) =>
      wallets!.some(({ movements }) =>
        movements.some(({ kind, transactionId }) => kind === "give-back" && transactionId !== null)
      ),
    "a bill that was corrected, and corrected once more": correctedTimes(2),
    "money taken out of a wallet": (_truth, { wallets }) =>
      wallets!.some(({ movements }) => movements.some(({ kind }) => kind === "refund")),
    "a wallet below zero, within its credit": (_truth, { wallets }) =>
      wallets!.some(({ movements }) => movements.some(({ balanceMinor }) => balanceMinor < 0n))
  },
  "bad-database": {
    "what failed was asked again": marked("the store was away, and was asked again"),
    "a commit of unknown outcome, found written": marked("a commit of unknown outcome was repeated"),
    "money paid in by card": (_truth, { wallets }) =>
      wallets!.some(({ movements }) => movements.some(({ kind }) => kind === "top-up")),
    "an ad hoc charge": startedBy("qr")
  },
  "stop-at": {
    "a charge that was stopped at its limit by a clock that is hours ahead": stoppedBy((ms) => ms > 3_600_000),
    "a charge that was stopped at its limit by a clock that is hours behind": stoppedBy((ms) => ms < -3_600_000),
    "a charge that its station ended at its limit": some(({ stopReason }) => stopReason === "EnergyLimit"),
    "a charge that was stopped at its limit": some(
      ({ stopReason, remoteStartId }) => stopReason === "Remote" && remoteStartId !== null
    )
  },
  displays: {
    "a running cost in each dialect": ({ displays, sessions }) =>
      new Set(
        displays.shown
          .filter(({ by }) => by === "CostUpdated" || by === "RunningCost")
          .map(({ stationId }) => sessions.find((it) => it.stationId === stationId)?.dialect)
      ).size === 3,
    "a running cost after a reconnect in the same charge": (truth) => costAfterBreak(truth, 10 * 60_000),
    "messages repeated": counted("repeated"),
    "a charge that its station priced to the end by itself": ({ displays }) =>
      displays.shown.some(({ by, isFinal }) => by === "own" && isFinal),
    "a charge that its station ended at the cost allowed": some(({ stopReason }) => stopReason === "CostLimit"),
    "a final cost of 1.6": ({ displays }) => displays.shown.some(({ by }) => by === "FinalCost"),
    "a charge over a turn of its price": over(Date.UTC(2026, 2, 2, 16)),
    "a charge at a station without a display": ({ displays, sessions }) =>
      sessions.some(({ id }) => displays.tellingsOf(id).length === 0)
  },
  subscribers: reachedBySubscribers,
  arrears: reachedInArrears,
  "ad-hoc-sunday": {
    "a charge paid by card": (_truth, { payments }) =>
      payments!.some(
        ({ transactionId, intents }) => transactionId !== null && intents.some((it) => it.capturedMinor > 0n)
      ),
    "a page on which no card was taken": (_truth, { payments }) =>
      payments!.some(({ intents }) => intents.length > 0 && intents.every((it) => it.authorizedMinor === 0n))
  },
  payday: reachedOnPayday,
  "tariff-switch": {
    "a start without the CMS": some(({ startOffline }) => startOffline),
    "a charge while prices were published": over(Date.UTC(2026, 2, 4, 7)),
    "a charge while a version was retired": over(Date.UTC(2026, 2, 4, 16))
  },
  "dst-night": { "a charge in the repeated hour": during(Date.UTC(2026, 9, 25, 0), Date.UTC(2026, 9, 25, 2)) },
  "dst-night-spring": { "a charge over the skipped hour": over(Date.UTC(2026, 2, 29, 1)) },
  "dst-night-half": { "a charge over the half hour set back": over(Date.UTC(2026, 3, 4, 15)) }
}

describe("every scenario", () => {
  for (const scenario of catalogue) {
    it.live(
      `${scenario.name}: passes every oracle, reaches what it is for, and repeats to the byte`,
      () =>
        Effect.gen(function* () {
          const stations = Math.min(scenario.stations, scenario.people === undefined ? 24 : 12)
          const { result, evidence, truth, logged, marks } = yield* run(scenario, { store: "memory", stations })
          assert.deepStrictEqual(failuresOf(result), [])
          assert.strictEqual(result.verdict, "PASS")
          // What people's phones and a payer's page ask of stations nobody writes down.
          const isUnasked = scenario.payments !== undefined || scenario.people !== undefined
          assert.deepStrictEqual(
            result.oracles.filter(
              ({ name, verdict, checked }) =>
                (verdict !== "PASS" || checked === 0) && !(name === "operations" && isUnasked)
            ),
            []
          )
          // That its provider does not answer a server may say.
          const own = logged.filter((line) => scenario.payments === undefined || !line.includes("the payment provider"))
          assert.deepStrictEqual(own, [])
          assert.deepStrictEqual(notLived(scenario, truth), [])
          for (const [state, isReached] of Object.entries(reaches[scenario.name]!)) {
            assert.isTrue(isReached(truth, evidence, marks), `never reached: ${state}`)
          }
          const again = yield* runVirtual(scenario, { store: "memory", stations })
          assert.strictEqual(again.traceHash, result.traceHash)
          assert.deepStrictEqual(
            { ...again, wallSeconds: 0, peakRssBytes: 0 },
            { ...result, wallSeconds: 0, peakRssBytes: 0 }
          )
        }),
      // A scenario of months is lived in as many days as one of a day in minutes, on a machine that has other work.
      scenario.days > 7 ? 600_000 : 180_000
    )
  }

  it.live("another seed makes another day", () =>
    Effect.gen(function* () {
      const one = yield* runVirtual(firstCharge, { store: "memory", stations: 4, seed: "one" })
      const other = yield* runVirtual(firstCharge, { store: "memory", stations: 4, seed: "other" })
      assert.notStrictEqual(one.traceHash, other.traceHash)
    })
  )
})
