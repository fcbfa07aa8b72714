import { Effect } from "effect"
import { runVirtual } from "#scenarios/Lab.ts"
import { goodCards } from "#scenarios/lab/cards.ts"
import type { Scenario } from "#scenarios/Scenario.ts"
import { plainTariff, weekdayAtMs } from "#scenarios/tariffs.ts"
import { workplace } from "#simulator/driver/profiles.ts"
import type { Fault } from "#simulator/faults/Fault.ts"
import { type Mix, today, withProfile } from "#simulator/fleet/Mix.ts"
import type { Evidence } from "#simulator/oracles/Evidence.ts"
import type { Truth } from "#simulator/Truth.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** How a fault is let loose on a short day. */
export interface Dose {
  readonly fault: Fault
  readonly together?: boolean
  readonly stations?: number
  readonly mix?: Mix
  readonly seed?: string
}

/** A working day of a few stations against our CMS with one fault that strikes all of them at chosen moments. */
export const shortDay = ({ fault, together, stations, mix, seed }: Dose): Scenario => ({
  name: "fault",
  title: fault.name,
  shows: fault.name,
  stations: stations ?? 3,
  days: 1,
  startAtMs: weekdayAtMs,
  mix: withProfile(mix ?? today, workplace),
  tariff: plainTariff,
  cards: goodCards,
  appShare: 0,
  troubles: [
    {
      fault,
      atMs: [7.2, 8.4, 9.1, 10.7, 12.3, 14, 16.2].map((hour) => hour * hourMs),
      lastsMs: 25 * minuteMs,
      together: together ?? false
    }
  ],
  healedBeforeEndMs: 4 * hourMs,
  echoes: 0,
  crashes: [],
  quietWithinMs: 2 * hourMs,
  settleMs: 20 * minuteMs,
  seed: seed ?? "fault",
  live: null
})

/** What came of it: the verdicts, what truly was and what the books say. */
export const lived = Effect.fnUntraced(function* (dose: Dose) {
  let kept: readonly [Evidence, Truth] | undefined
  const result = yield* runVirtual(shortDay(dose), {
    store: "memory",
    onEvidence: (evidence, truth) => {
      kept = [evidence, truth]
    }
  })
  const [evidence, truth] = kept!
  return { result, evidence, truth, failures: result.oracles.flatMap(({ failures }) => failures) }
})

/** All findings of the books. */
export const findingsOf = (evidence: Evidence): ReadonlyArray<string> =>
  (evidence.transactions ?? []).flatMap(({ findings }) => findings ?? [])
