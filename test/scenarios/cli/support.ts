import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { catalogue } from "#scenarios/Catalogue.ts"
import { execute, type Parts } from "#scenarios/cli/application.ts"
import type { Runner } from "#scenarios/cli/run.ts"
import type { RunResult } from "#scenarios/lab/Result.ts"
import { colours, type Pane, plain, Screen } from "#server/cli/Screen.ts"

/** A pane that keeps what was written on it. */
export const paper = (
  options: { readonly columns?: number; readonly terminal?: boolean; readonly colour?: boolean } = {}
) => {
  let text = ""
  const pane: Pane = {
    write: (more) => {
      text += more
    },
    isTerminal: options.terminal === true,
    columns: () => options.columns ?? 80,
    style: options.colour === true ? colours : plain
  }
  return { pane, text: () => text }
}

/** A command line, run to its end in this process. */
export const command = Effect.fnUntraced(function* (
  line: ReadonlyArray<string>,
  parts: Partial<Parts> = {},
  screen: Parameters<typeof paper>[0] = {}
) {
  const [out, err] = [paper(screen), paper(screen)]
  const neverRun: Runner = () => Effect.die(new Error("nothing was to be run"))
  const code = yield* execute({ scenarios: catalogue, runner: neverRun, nowMs: () => 0, ...parts }, line).pipe(
    Effect.provideService(Screen, { out: out.pane, err: err.pane }),
    Effect.provide(NodeServices.layer)
  )
  return { code, out: out.text(), err: err.text() }
})

/** A run in which everything holds. */
export const goodRun: RunResult = {
  scenario: "first-charge",
  seed: "seven",
  world: "virtual",
  store: "memory",
  commit: "0123456789ab",
  traceHash: "00c0ffee00c0ffee",
  verdict: "PASS",
  oracles: [
    {
      name: "energy",
      title: "Billed is delivered",
      verdict: "PASS",
      checked: 12_345,
      failures: [],
      failed: 0,
      notes: []
    },
    {
      name: "money",
      title: "CDR is tariff times energy",
      verdict: "PASS",
      checked: 67,
      failures: [],
      failed: 0,
      notes: []
    }
  ],
  messages: 412_003,
  transactions: 1_204,
  energyWh: 14_220_512,
  money: { EUR: "912033", JPY: "5000" },
  virtualSeconds: 86_400,
  wallSeconds: 13.2,
  peakRssBytes: 312 * 1024 ** 2
}

/** The same run, with an oracle of money that says no. */
export const badRun: RunResult = {
  ...goodRun,
  verdict: "FAIL",
  oracles: [
    goodRun.oracles[0]!,
    {
      name: "money",
      title: "CDR is tariff times energy",
      verdict: "FAIL",
      checked: 67,
      failed: 7,
      notes: [],
      failures: Array.from({ length: 7 }, (_, index) => ({
        stationId: "CP-0007",
        sessionId: `CP-0007#${index + 1}`,
        transactionId: `0190-t${index + 1}`,
        expected: `${1000 + index} minor units`,
        found: `${2000 + index} minor units`,
        sentence: "A session was billed twice."
      }))
    }
  ]
}
