import { Effect } from "effect"
import { countInto, type HardState } from "#core/Sometimes.ts"
import { runVirtual, type VirtualOptions } from "#scenarios/Lab.ts"
import type { RunResult } from "#scenarios/lab/Result.ts"
import type { Scenario } from "#scenarios/Scenario.ts"
import type { Evidence } from "#simulator/oracles/Evidence.ts"
import type { Truth } from "#simulator/Truth.ts"

/** A result with the books and the truth it was made of, and how often the server passed which hard state. */
export const run = Effect.fnUntraced(function* (scenario: Scenario, options: Omit<VirtualOptions, "onEvidence">) {
  const kept: Array<readonly [Evidence, Truth]> = []
  const logged: Array<string> = []
  const marks = new Map<HardState, number>()
  const stopCounting = countInto(marks)
  const result = yield* runVirtual(scenario, {
    ...options,
    onLog: (line) => logged.push(line),
    onEvidence: (evidence, truth) => kept.push([evidence, truth])
  })
  stopCounting()
  const [evidence, truth] = kept[0]!
  return { result, evidence, truth, logged, marks }
})

export const failuresOf = ({ oracles }: RunResult) => oracles.flatMap(({ failures }) => failures)
