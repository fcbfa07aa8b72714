import { parentPort, workerData } from "node:worker_threads"
import { Effect, Result } from "effect"
import type { LabOutcome } from "#core/api/LabOutcome.ts"
import { outcomeJson } from "#core/lab/json.ts"
import type { Outcome } from "#core/lab/Outcome.ts"
import { type LabRequest, type LabTraffic, prepare } from "#core/lab/Request.ts"
import { mostAccounts } from "#server/lab/LabBench.ts"
import { find } from "../Catalogue.ts"
import { labPage } from "../tarifflab/page.ts"
import { plural } from "./format.ts"
import { countScenario, seedsOf } from "./labTraffic.ts"
import { fractionOf } from "./progress.ts"

/** What the thread is to live and price. */
export interface LabRunOrder {
  readonly request: LabRequest
  readonly traffic: LabTraffic
  readonly repeat: string
}

/** What it tells. */
export type LabRunAnswer =
  | { readonly _tag: "Progress"; readonly percent: number }
  | { readonly _tag: "Done"; readonly outcome: LabOutcome; readonly report: string }
  | { readonly _tag: "Failed"; readonly why: string }

const port = parentPort
if (port === null) throw new Error("this file is a worker's")
const tell = (answer: LabRunAnswer): void => port.postMessage(answer)

const live = Effect.fnUntraced(function* ({ request, traffic, repeat }: LabRunOrder) {
  const prepared = prepare(request)
  if (Result.isFailure(prepared)) return tell({ _tag: "Failed", why: prepared.failure.message })
  const scenario = find(traffic.scenario)
  if (scenario === undefined) return tell({ _tag: "Failed", why: `There is no scenario ${traffic.scenario}.` })
  const { a, b, setup } = prepared.success
  const seeds = seedsOf(scenario.seed, traffic.seeds)
  let told = -1
  const counted = yield* countScenario(scenario, {
    setup,
    seeds,
    stations: traffic.stations ?? undefined,
    days: traffic.days ?? undefined,
    onProgress: (seed, progress) => {
      const percent = Math.floor(((seeds.indexOf(seed) + fractionOf(progress)) / seeds.length) * 100)
      if (percent > told) tell({ _tag: "Progress", percent })
      told = Math.max(told, percent)
    }
  })
  const size = [
    plural(traffic.stations ?? scenario.stations, "station"),
    plural(traffic.days ?? scenario.days, "day"),
    seeds.length === 1 ? `seed ${seeds[0]}` : plural(seeds.length, "seed")
  ]
  const outcome: Outcome = {
    a,
    b,
    setup,
    traffic: `${scenario.name}: ${size.join(", ")}`,
    energySource: setup.energyPrices === null ? null : "as stated in the request",
    repeat,
    ...counted
  }
  tell({ _tag: "Done", outcome: outcomeJson(outcome, mostAccounts), report: labPage(outcome) })
})

Effect.runPromise(
  live(workerData as LabRunOrder).pipe(
    Effect.catch((failure) => Effect.sync(() => tell({ _tag: "Failed", why: failure.message })))
  )
).catch((error: unknown) => {
  tell({ _tag: "Failed", why: `A defect of Wattproof: ${error instanceof Error ? error.message : String(error)}` })
})
