import { assert, it } from "@effect/vitest"
import { mayFollow } from "#core/station/status.ts"
import {
  chargingState,
  isEnergized,
  next,
  type Phase,
  type PhaseEvent,
  status16,
  status201,
  transitions
} from "#simulator/station/Phase.ts"

const phases = Object.keys(transitions) as Array<Phase>
const rows = phases.flatMap((from) =>
  Object.entries(transitions[from]).map(([event, to]) => ({ from, event: event as PhaseEvent, to }))
)

it("every phase can be reached from Available, and Available from every phase", () => {
  const reachable = (start: Phase): Set<Phase> => {
    const seen = new Set<Phase>([start])
    for (const phase of seen) for (const to of Object.values(transitions[phase])) seen.add(to)
    return seen
  }
  assert.deepStrictEqual([...reachable("Available")].sort(), phases.toSorted())
  for (const phase of phases) assert.isTrue(reachable(phase).has("Available"), phase)
})

it("what a connector reports in 1.6 and in 2.x after each step is a status that may follow the one before", () => {
  for (const { from, event, to } of rows) {
    // A station reports Preparing in between when a card is shown to a car that has finished.
    if (from === "Finishing" && event === "authorize") continue
    for (const operative of [true, false]) {
      assert.isTrue(mayFollow(status16(from, operative), status16(to, operative)), `1.6 ${from} ${event} ${to}`)
      assert.isTrue(mayFollow(status201(from, operative), status201(to, operative)), `2.x ${from} ${event} ${to}`)
    }
  }
})

it("a plug that is pulled leaves nothing energized, and no stop leaves energy flowing", () => {
  for (const { event, to } of rows) {
    if (event === "unplug" || event === "stop" || event === "fault") assert.isFalse(isEnergized(to))
  }
})

it("energy flows only after both a plug and an authorization", () => {
  const energizing = rows.filter(({ from, to }) => isEnergized(to) && !isEnergized(from))
  assert.deepStrictEqual(energizing.map(({ from, event }) => `${from} ${event}`).toSorted(), [
    "Authorized plug",
    "Finishing authorize",
    "Plugged authorize"
  ])
})

it("what cannot happen in a phase has no successor", () => {
  assert.isUndefined(next("Available", "unplug"))
  assert.isUndefined(next("Charging", "plug"))
  assert.isUndefined(next("Charging", "authorize"))
  assert.isUndefined(next("Faulted", "plug"))
})

it("2.x tells an EVSE without a car as Idle and one that waits as EVConnected", () => {
  assert.deepStrictEqual(phases.map(chargingState), [
    "Idle",
    "Idle",
    "EVConnected",
    "Charging",
    "SuspendedEV",
    "SuspendedEVSE",
    "EVConnected",
    "Idle"
  ])
})
