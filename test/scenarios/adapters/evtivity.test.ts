import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { open } from "#scenarios/adapters/Catalogue.ts"
import { token } from "../../simulator/oracles/world.ts"

interface Asked {
  readonly line: string
  readonly body: unknown
}

/** A CMS that gives the answers that were recorded, by method and path, and notes what it was asked. */
const recorded = (answers: Readonly<Record<string, readonly [status: number, body: unknown]>>) => {
  const asked: Array<Asked> = []
  const client = HttpClient.make((request, url) =>
    Effect.sync(() => {
      const line = `${request.method} ${url.pathname.replace("/v1", "")}${url.search}`
      const { body } = request
      const text = body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : "null"
      asked.push({ line, body: JSON.parse(text) })
      const [status, answer] = answers[line] ?? [404, { error: "not recorded" }]
      return HttpClientResponse.fromWeb(request, Response.json(answer, { status }))
    })
  )
  return { client, asked }
}

const options = { url: "http://cms", options: { email: "admin@evtivity.local", password: "secret" } }
const login = { "POST /auth/login": [200, { token: "jwt", user: { id: "usr_6vtz6dfgkgxr" } }] } as const

const session = (more: object) => ({
  id: "ses_r77wfhpgplv5",
  stationId: "sta_1",
  stationName: "CP-0005",
  driverId: "drv_1",
  transactionId: "mws0zy7v1f8zp32-t1",
  status: "completed",
  startedAt: "2026-11-22T16:02:59.652Z",
  endedAt: "2026-11-22T16:03:03.654Z",
  idleStartedAt: null,
  energyDeliveredWh: 4176602,
  currentCostCents: 204688,
  finalCostCents: 204688,
  currency: "USD",
  freeVend: false,
  isGuestSession: false,
  createdAt: "2026-11-22T16:02:59.800Z",
  ...more
})
const sinceMs = Date.parse("2026-11-22T16:02:00Z")

const opened = (answers: Parameters<typeof recorded>[0]) => {
  const { client, asked } = recorded({ ...login, ...answers })
  const adapter = Effect.provideService(open("evtivity", options), HttpClient.HttpClient, client)
  return { adapter, asked }
}

describe("the EVtivity adapter", () => {
  it.effect(
    "reads sessions of this run and these stations, their bills and connectors, and nothing that it guesses",
    () =>
      Effect.gen(function* () {
        const older = session({ id: "ses_old", createdAt: "2026-11-22T15:00:00.000Z" })
        const foreign = session({ id: "ses_else", stationName: "OTHER" })
        const failed = session({ id: "ses_f", transactionId: "t9", status: "failed", finalCostCents: null })
        const station = (id: string, stationId: string, ocppProtocol: string) => ({ id, stationId, ocppProtocol })
        const connectors = (connectorId: number, status: string) => [{ connectorId, connectorType: "Unknown", status }]
        const { adapter } = opened({
          "GET /sessions?limit=100&page=1": [200, { data: [session({}), failed, foreign, older], total: 4 }],
          "GET /stations?limit=100&search=CP-0005": [200, { data: [station("sta_1", "CP-0005", "ocpp2.1")] }],
          "GET /stations/sta_1/connectors": [200, [{ evseId: 2, connectors: connectors(1, "suspended_ev") }]],
          "GET /stations?limit=100&search=CP-0001": [
            200,
            { data: [station("sta_9", "CP-00011", "ocpp1.6"), station("sta_2", "CP-0001", "ocpp1.6")] }
          ],
          "GET /stations/sta_2/connectors": [200, [{ evseId: 2, connectors: connectors(2, "available") }]]
        })
        const books = yield* (yield* adapter).read({ stationIds: ["CP-0005", "CP-0001"], sinceMs })
        assert.deepStrictEqual(
          books.transactions?.map(({ id, ocppId, status, settled }) => ({ id, ocppId, status, settled })),
          [
            { id: "ses_r77wfhpgplv5", ocppId: "mws0zy7v1f8zp32-t1", status: "Ended", settled: true },
            { id: "ses_f", ocppId: "t9", status: "Ended", settled: true }
          ]
        )
        assert.deepInclude(books.transactions?.[0], { evseId: null, findings: null, readings: null })
        assert.deepStrictEqual(
          books.cdrs?.map(({ transactionId, energyWh, grossMinor, currency, durationMs }) => ({
            transactionId,
            energyWh,
            grossMinor,
            currency,
            durationMs
          })),
          [
            {
              transactionId: "ses_r77wfhpgplv5",
              energyWh: 4_176_602,
              grossMinor: 204_688n,
              currency: "USD",
              durationMs: 4002
            }
          ]
        )
        assert.deepStrictEqual(books.connectors, [
          { stationId: "CP-0005", evseId: 2, connectorId: 1, status: "SuspendedEV" },
          { stationId: "CP-0001", evseId: 2, connectorId: 1, status: "Available" }
        ])
        assert.isNull(books.entries)
      })
  )

  it.effect("enters stations, prices, cards and whoever pays; what it cannot say is left unknown", () =>
    Effect.gen(function* () {
      const { adapter, asked } = opened({
        "POST /pricing-groups": [201, { id: "pgr_1" }],
        "POST /pricing-groups/pgr_1/tariffs": [201, { id: "trf_1" }],
        "POST /stations": [409, { error: "A station with this ID already exists", code: "STATION_ID_EXISTS" }],
        "GET /stations?limit=100&search=CP-0001": [
          200,
          { data: [{ id: "sta_2", stationId: "CP-0001", ocppProtocol: "ocpp1.6" }] }
        ],
        "POST /stations/sta_2/approve": [409, { error: "Station is not pending approval", code: "NOT_PENDING" }],
        "POST /stations/sta_2/pricing-groups": [201, { id: "1" }],
        "POST /drivers": [201, { id: "drv_1" }],
        "POST /drivers/drv_1/payment-methods": [201, { id: "1" }],
        "POST /tokens": [201, { id: "dtk_1" }],
        "PATCH /tokens/dtk_1": [200, { id: "dtk_1" }],
        "GET /tokens?limit=100&search=ELSEWHERE": [200, { data: [] }],
        "GET /tokens?limit=100&search=EXPIRES": [200, { data: [{ id: "dtk_7", idToken: "EXPIRES" }] }],
        "PATCH /tokens/dtk_7": [200, { id: "dtk_7" }]
      })
      const tokens = [
        token("GOOD"),
        token("BLOCKED", { blockedAtMs: 0 }),
        token("ELSEWHERE", { allowedStations: ["CP-9"] }),
        token("EXPIRES", { expiresAtMs: 1 })
      ]
      const stations = [{ identity: "CP-0001", dialect: "1.6" as const }]
      const entered = yield* (yield* adapter).enter({ stations, tokens, tariff: [], atMs: sinceMs })
      assert.deepStrictEqual(
        entered.tokens?.map(({ uid }) => uid),
        ["GOOD", "BLOCKED"]
      )
      const patches = asked.filter(({ line }) => line === "PATCH /tokens/dtk_1").map(({ body }) => body)
      assert.deepStrictEqual(patches, [
        { isActive: true, driverId: "drv_1" },
        { isActive: false, driverId: "drv_1" }
      ])
      assert.deepInclude(asked, { line: "PATCH /tokens/dtk_7", body: { isActive: false } })
      const tariff = asked.find(({ line }) => line === "POST /pricing-groups/pgr_1/tariffs")?.body
      assert.deepInclude(tariff as object, { pricePerKwh: "0.49", pricePerSession: "0.35", currency: "USD" })
      assert.deepStrictEqual(
        entered.tariff[0]?.elements[0]?.price_components.map(({ type, price }) => [type, price]),
        [
          ["ENERGY", 0.49],
          ["FLAT", 0.35]
        ]
      )
    })
  )

  it.effect("says in words what the CMS refused, and which adapters there are", () =>
    Effect.gen(function* () {
      const { client } = recorded({ "POST /auth/login": [401, { error: "Invalid credentials" }] })
      const refused = yield* Effect.flip(
        Effect.provideService(open("evtivity", options), HttpClient.HttpClient, client)
      )
      assert.match(refused.message, /POST .*\/auth\/login: 401 .*Invalid credentials/)
      const unknown = yield* Effect.flip(
        Effect.provideService(open("toString", options), HttpClient.HttpClient, client)
      )
      assert.match(unknown.message, /There are: evtivity/)
    })
  )
})
