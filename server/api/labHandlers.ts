import { Effect, Result } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "#core/api/Api.ts"
import {
  type LabRunSummary,
  type LabRun as LabRunView,
  maxUnfinished,
  mostStationDays,
  type NewLabRun
} from "#core/api/LabRuns.ts"
import { Conflict, Unprocessable } from "#core/api/Problems.ts"
import * as Instant from "#core/Instant.ts"
import { type LabRequest, type LabTraffic, prepare } from "#core/lab/Request.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { Directory } from "../directory/Directory.ts"
import { LabBench } from "../lab/LabBench.ts"
import { type LabRunHead, type LabRunRecord, LabRunStore } from "../lab/LabRunStore.ts"
import { LabRuns } from "../lab/LabRuns.ts"
import { found, unavailable } from "./failures.ts"
import { inBody } from "./faults.ts"
import { pageRequest, pageView } from "./paging.ts"

type Asked = typeof NewLabRun.Type

const usualElasticities = [0, -0.2, -0.5]
const usualJumpPercent = 25

const refused = (pointer: string, message: string) =>
  new Unprocessable({ detail: "These tariffs cannot be compared.", errors: inBody(pointer, message) })

/** A place in the stored request as a place in what the client sent. */
const pointerIn = (asked: Asked, path: string): string => {
  const name = (["tariff", "against"] as const).find((it) => path.startsWith(`/${it}`))
  if (name === undefined) return path
  return "tariffId" in asked[name] ? `/${name}/tariffId` : `/${name}/versions${path.slice(name.length + 1)}`
}

const instantOf = (text: string | undefined): number | null => (text === undefined ? null : Instant.parse(text)!)
const instantView = (atMs: number | null): string | null => (atMs === null ? null : Instant.format(atMs))

const summaryView = ({ request, ...run }: LabRunHead): typeof LabRunSummary.Type => ({
  id: run.id,
  tariff: request.tariff[0]!.id,
  against: request.against[0]!.id,
  currency: request.tariff[0]!.currency,
  from: instantView(request.fromMs),
  until: instantView(request.untilMs),
  traffic: request.traffic ?? null,
  percent: run.status === "Done" && request.traffic !== undefined ? 100 : run.percent,
  status: run.status,
  requestedAt: Instant.format(run.requestedAtMs),
  doneAt: instantView(run.doneAtMs),
  sessions: run.sessions,
  why: run.why
})

const runView = (run: LabRunRecord): typeof LabRunView.Type => ({ ...summaryView(run), outcome: run.outcome })

export const labHandlers = HttpApiBuilder.group(
  Api,
  "lab",
  Effect.fn(function* (handlers) {
    const directory = yield* Directory
    const lab = yield* LabRuns
    const scenarios = (yield* LabBench)?.scenarios ?? []
    const store = yield* LabRunStore

    const wiresOf = Effect.fnUntraced(function* (asked: Asked, name: "tariff" | "against") {
      const offer = asked[name]
      if ("versions" in offer) return offer.versions
      const versions = yield* directory.tariff(offer.tariffId).pipe(unavailable)
      if (versions.length === 0) return yield* refused(`/${name}/tariffId`, "Expected a tariff that exists")
      return versions.map(Tariff.encode)
    })

    /** The traffic that is to be lived, where it is known and not too much; undefined of the past. */
    const trafficOf = Effect.fnUntraced(function* ({ traffic, from, until }: Asked) {
      if (traffic === undefined) return undefined
      const found = scenarios.find(({ name }) => name === traffic.scenario)
      if (found === undefined) {
        const names = scenarios.map(({ name }) => name).join(", ")
        const known =
          names === "" ? "This server has no scenarios: start it as wattproof serve" : `Expected one of ${names}`
        return yield* refused("/traffic/scenario", known)
      }
      if (from !== undefined || until !== undefined)
        return yield* refused(`/${from === undefined ? "until" : "from"}`, "Expected none: it is about the past")
      const { stations = null, days = null, seeds = 1 } = traffic
      const size = (stations ?? found.stations) * (days ?? found.days) * seeds
      if (size > mostStationDays)
        return yield* refused(
          "/traffic",
          `Expected at most ${mostStationDays} stations times days times seeds, not ${size}`
        )
      return { scenario: found.name, stations, days, seeds } satisfies LabTraffic
    })

    return handlers.handleAll({
      scenarios: () => Effect.succeed({ items: scenarios }),
      report: Effect.fnUntraced(function* ({ params: { runId } }) {
        const run = yield* store.get(runId).pipe(found("lab run", runId), unavailable)
        const page = yield* store.report(runId).pipe(unavailable)
        if (page !== undefined) return page
        const detail = run.status === "Done" ? "No page was drawn of it." : `It is not done: ${run.status}.`
        return yield* new Conflict({ detail, kind: "lab run", id: runId })
      }),
      start: Effect.fnUntraced(function* ({ payload }) {
        const fromMs = instantOf(payload.from)
        const untilMs = instantOf(payload.until)
        if (fromMs !== null && untilMs !== null && untilMs <= fromMs)
          return yield* refused("/until", "Expected an instant after `from`")
        const traffic = yield* trafficOf(payload)
        const request: LabRequest = {
          tariff: yield* wiresOf(payload, "tariff"),
          against: yield* wiresOf(payload, "against"),
          fromMs,
          untilMs,
          energyCost: payload.energyCost ?? null,
          elasticities: [...new Set(payload.elasticities ?? usualElasticities)].sort((a, b) => b - a),
          jumpPercent: payload.jumpPercent ?? usualJumpPercent,
          ...(traffic !== undefined && { traffic })
        }
        const prepared = prepare(request)
        if (Result.isFailure(prepared)) {
          const { path, message } = prepared.failure
          return yield* refused(pointerIn(payload, path), message)
        }
        const run = yield* lab.start(request).pipe(unavailable)
        if (run === undefined) {
          const detail = `${maxUnfinished} runs wait already. Wait for one to end, or cancel one.`
          return yield* new Conflict({ detail, kind: "lab run", id: "" })
        }
        return runView(run)
      }),
      list: Effect.fnUntraced(function* ({ query }) {
        const page = yield* pageRequest(query)
        return pageView(summaryView)(yield* store.list(page).pipe(unavailable))
      }),
      get: ({ params: { runId } }) => Effect.map(store.get(runId).pipe(found("lab run", runId), unavailable), runView),
      cancel: Effect.fnUntraced(function* ({ params: { runId } }) {
        yield* store.get(runId).pipe(found("lab run", runId), unavailable)
        const run = yield* lab.cancel(runId).pipe(unavailable)
        if (run === undefined)
          return yield* new Conflict({ detail: "The run has ended already.", kind: "lab run", id: runId })
        return runView(run)
      })
    })
  })
)
