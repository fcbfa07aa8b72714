import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { HttpApi } from "effect/http-api"
import { TestClock } from "effect/testing"
import { Api } from "#core/api/Api.ts"
import { postCdr } from "#core/billing/Ledger.ts"
import { amountsOf } from "#core/dunning/Debt.ts"
import { writeLetter } from "#core/dunning/Reminder.ts"
import type { Station } from "#core/station/Station.ts"
import type { Token } from "#core/token/Token.ts"
import { Credentials } from "#server/credentials/Credentials.ts"
import { Directory } from "#server/directory/Directory.ts"
import { DebtStore } from "#server/dunning/DebtStore.ts"
import { InvoiceStore } from "#server/invoices/InvoiceStore.ts"
import { type OpenDesk, PaymentDesk } from "#server/payments/Desk.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import { Journal } from "#server/record/Journal.ts"
import { SubscriptionStore } from "#server/subscriptions/SubscriptionStore.ts"
import { cdr, cdrId, row, t0, uuid } from "../../contract/ports/makers.ts"
import { seller } from "../../core/invoice/fixtures.ts"
import { terms } from "../../core/payment/makers.ts"
import { plan } from "../../core/subscription/makers.ts"
import { client, clientOf, services, World } from "./harness.ts"

const drivers = ["ada", "bob"] as const
type Who = (typeof drivers)[number]
const numberOf = (who: Who): number => drivers.indexOf(who) + 1

const token = (uid: string, over: Partial<Token> = {}): Token => ({
  uid,
  type: "ISO14443",
  groupId: null,
  driverId: null,
  partnerId: null,
  expiresAtMs: null,
  blockedAtMs: null,
  concurrencyLimit: null,
  allowedStations: null,
  createdAtMs: t0,
  ...over
})

const charger: Station = {
  id: "CS-1",
  name: null,
  securityProfile: 0,
  passwordHashes: [],
  registration: "Accepted",
  strictness: "lenient",
  timeZone: "Europe/Berlin",
  siteId: null,
  tariffId: null,
  costDisplay: "auto",
  createdAtMs: t0
}

/** Each driver's method is kept with the provider under the driver's own name. */
const desk = {
  cards: (driverId: string) =>
    Effect.succeed([{ methodId: `pm_${driverId}`, brand: "visa", last4: "4242", expMonth: 1, expYear: 2030 }]),
  forgetCard: () => Effect.void,
  clientSecret: () => Effect.succeed(null),
  setUpCard: () => Effect.succeed({ setupId: "seti_1", clientSecret: "secret" })
} as unknown as OpenDesk

/** Both charge just now. */
const chargingWorld = (): World => {
  const world = new World()
  for (const who of drivers) world.running.set(uuid(numberOf(who)), { energyWh: 0, powerW: null, atMs: t0 })
  return world
}

/** Ada and Bob, each with one of everything that a driver can have; and how each of them asks. */
const town = Effect.gen(function* () {
  const api = yield* client
  const directory = yield* Directory
  const journal = yield* Journal
  const payments = yield* PaymentStore
  yield* (yield* InvoiceStore).saveSeller(seller)
  yield* directory.createStation(charger)
  yield* TestClock.adjust("1 second")
  const plans = yield* SubscriptionStore
  for (const id of ["basic", "more"]) yield* plans.createPlan(plan({ id }))
  const own = new Map<Who, Record<string, string>>()
  const asks = new Map<Who, string>()
  for (const who of drivers) {
    const n = numberOf(who)
    yield* directory.createDriver({ id: who, name: who, email: null, createdAtMs: t0 })
    yield* directory.createToken(token(`CARD-${n}`, { driverId: who }))
    const bill = cdr(cdrId(n), uuid(n), { driverId: who })
    yield* journal.commit([
      {
        stationId: "CS-1",
        epoch: null,
        transactions: [row({ id: uuid(n), driverId: who, status: "Ended", cdrId: bill.id })],
        cdrs: [bill],
        entries: [postCdr(bill, { id: `entry-${bill.id}`, bookedAtMs: t0 })]
      }
    ])
    const receipt = yield* api.post(`/api/v1/transactions/${uuid(n)}/receipt`, undefined)
    yield* payments.open(uuid(n, 9), t0, { ...terms, tokenUid: `PAY${n}`, driverId: who }, t0)
    const topUp = { ...terms, kind: "top-up", tokenUid: `TOP${n}`, driverId: who, stationId: "", evseId: 0 } as const
    yield* payments.open(uuid(n, 8), t0, topUp, t0)
    const debt = { driverId: who, currency: "EUR", amountMinor: 1n, dueDate: "2026-03-31", timeZone: "Europe/Berlin" }
    const debts = yield* DebtStore
    yield* debts.open(receipt.json.id, debt, t0)
    const record = (yield* debts.get(receipt.json.id))!
    const reminded = { _tag: "Reminded", atMs: t0, level: 1, feeMinor: 0n } as const
    const subject = { kind: "invoice", id: receipt.json.id, issueDate: "2026-03-01" } as const
    const parties = { seller, buyer: null, language: "de", subject } as const
    const letter = writeLetter(record.debt, amountsOf(record.debt), reminded, parties)
    yield* debts.commit({ record, facts: [{ ...reminded, letter }], entries: [], dueAtMs: null })
    assert.strictEqual((yield* api.post("/api/v1/wallets", { driverId: who, currency: "EUR" })).status, 201)
    const wish = { id: uuid(n, 7).toUpperCase(), driverId: who, planId: "basic" }
    const subscribed = yield* api.post("/api/v1/subscriptions", wish)
    assert.strictEqual(subscribed.status, 201)
    assert.strictEqual((yield* api.post("/api/v1/subscriptions", wish)).json.id, uuid(n, 7))
    const key = yield* api.post(`/api/v1/drivers/${who}/keys`, { name: "phone" })
    const spare = yield* api.post(`/api/v1/drivers/${who}/keys`, { name: "spare" })
    assert.strictEqual(key.status, 201)
    asks.set(who, `Bearer ${key.json.secret}`)
    own.set(who, {
      transactionId: uuid(n),
      cdrId: bill.id,
      invoiceId: receipt.json.id,
      debtId: receipt.json.id,
      level: "1",
      paymentId: uuid(n, 9),
      topUpId: uuid(n, 8),
      subscriptionId: subscribed.json.id,
      keyId: spare.json.id,
      uid: `CARD-${n}`,
      methodId: `pm_${who}`
    })
  }
  return { api, own, asks }
})

interface Endpoint {
  readonly method: string
  readonly path: string
}

const endpoints: ReadonlyArray<Endpoint> = (() => {
  const found: Array<Endpoint> = []
  HttpApi.reflect(Api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint }) => {
      found.push({ method: endpoint.method, path: endpoint.path })
    }
  })
  return found
})()

/** What endpoints about something ask for besides its name, by the end of their path. */
const bodies: Readonly<Record<string, unknown>> = {
  change: { planId: "more", when: "now" },
  cancellation: { when: "period-end" },
  payments: { id: "r1" },
  limit: { energyWh: 20_000 }
}

/** What nobody needs a token for. Whoever opens more says so here. */
const openToAll: ReadonlySet<string> = new Set([
  "GET /health",
  "GET /api/v1/public/stations/:stationId/evses/:evseId/hold",
  "POST /api/v1/public/stations/:stationId/evses/:evseId/charges",
  "POST /api/v1/public/stations/:stationId/quotes",
  "GET /api/v1/public/charges/:paymentId",
  "POST /api/v1/public/stations/:stationId/quotes",
  "POST /api/v1/public/drivers"
])

/** Who an endpoint is for: drivers what is under /me, everybody what is named above, and all the rest operators. */
const ruleOf = ({ method, path }: Endpoint): "all" | "driver" | "operator" => {
  if (openToAll.has(`${method} ${path}`)) return "all"
  return /^\/api\/v1\/me(\/|$)/.test(path) ? "driver" : "operator"
}

const withDesk = Effect.provideService(PaymentDesk, PaymentDesk.of({ open: desk }))

it.effect("every endpoint of the contract lets in whom it is for, and tells the others apart", () =>
  Effect.gen(function* () {
    const { api, own, asks } = yield* town
    const bare = "x".repeat(3)
    let walked = 0
    for (const endpoint of endpoints) {
      const { method, path } = endpoint
      const at = path.replace(/:\w+/g, bare)
      const status = (authorization: string) =>
        Effect.map(
          api.call(method, at, { headers: { authorization }, ...(method !== "GET" && { body: "{}" }) }),
          (answer) => answer.status
        )
      const [nobody, ada, operator] = [
        yield* status(""),
        yield* status(asks.get("ada")!),
        // The API key of the tests, as every other call sends it. A stream of events would not end.
        path === "/api/v1/events" ? 200 : (yield* api.call(method, at, method === "GET" ? {} : { body: "{}" })).status
      ]
      const title = `${method} ${path}`
      const rule = ruleOf(endpoint)
      if (rule === "all") assert.notInclude([401, 403], path === "/api/v1/public/drivers" ? 0 : nobody, title)
      else assert.strictEqual(nobody, 401, title)
      if (rule === "operator") assert.strictEqual(ada, 403, title)
      if (rule === "operator") assert.notInclude([401, 403], operator, title)
      if (rule === "driver") assert.strictEqual(operator, 403, title)
      if (rule === "driver") assert.notInclude([401, 403], ada, title)
      walked++
    }
    assert.isAbove(walked, 80)
    assert.isDefined(own.get("bob"))
  }).pipe(withDesk, Effect.provide(services(new World())))
)

it.effect("a driver finds what is his own, and of another's not even that it exists", () =>
  Effect.gen(function* () {
    const { api, own, asks } = yield* town
    const about = endpoints.filter((endpoint) => ruleOf(endpoint) === "driver" && endpoint.path.includes(":"))
    assert.isAbove(about.length, 9)
    for (const { method, path } of about) {
      const of = (who: Who) =>
        path.replace(/:(\w+)/g, (_all, name: string) => {
          const id = own.get(who)![name]
          assert.isDefined(id, `${path}: say in this test whose a ${name} is`)
          return encodeURIComponent(id!)
        })
      // Nothing is changed twice at one instant.
      yield* TestClock.adjust("1 second")
      const body = method === "POST" || method === "PUT" ? bodies[path.slice(path.lastIndexOf("/") + 1)] : undefined
      const asAda = { headers: { authorization: asks.get("ada")! }, ...(body !== undefined && { body }) }
      const foreign = yield* api.call(method, of("bob"), asAda)
      assert.strictEqual(foreign.status, 404, `${method} ${path} of another`)
      const invented = yield* api.call(method, path.replace(/:\w+/g, "none"), asAda)
      assert.deepStrictEqual(
        { ...foreign.json, detail: null, id: null },
        { ...invented.json, detail: null, id: null },
        `${method} ${path} tells another's from nobody's`
      )
      const mine = yield* api.call(method, of("ada"), asAda)
      assert.isBelow(mine.status, 300, `${method} ${path} of one's own`)
    }
  }).pipe(withDesk, Effect.provide(services(chargingWorld())))
)

it.effect("a driver's lists hold what is his, and what he names in a request must be his", () =>
  Effect.gen(function* () {
    const { api, asks } = yield* town
    const asAda = { headers: { authorization: asks.get("ada")! } }
    const lists = endpoints.filter(
      (endpoint) => ruleOf(endpoint) === "driver" && endpoint.method === "GET" && !endpoint.path.includes(":")
    )
    for (const { path } of lists) {
      const answer = yield* api.get(path, asAda)
      assert.strictEqual(answer.status, 200, path)
      assert.notInclude(JSON.stringify(answer.json), "bob", path)
    }
    const charges = yield* api.get("/api/v1/me/charges", asAda)
    assert.deepStrictEqual(
      charges.json.items.map(({ id }: { id: string }) => id),
      [uuid(1)]
    )
    const start = (tokenUid: string) =>
      api.call("POST", "/api/v1/me/charges", { ...asAda, body: { stationId: "CS-1", evseId: 1, tokenUid } })
    assert.strictEqual((yield* start("CARD-2")).status, 404)
    assert.strictEqual((yield* start("card-1")).status, 200)
    const pay = (methodId: string) =>
      api.call("POST", "/api/v1/me/payments", { ...asAda, body: { stationId: "CS-1", evseId: 1, methodId } })
    assert.strictEqual((yield* pay("pm_bob")).status, 404)
  }).pipe(withDesk, Effect.provide(services(new World())))
)

it.effect("a card becomes its holder's by the code that came with it, and a lost one is blocked for good", () =>
  Effect.gen(function* () {
    const { api, asks } = yield* town
    const directory = yield* Directory
    yield* directory.createToken(token("NEW"))
    const as = (who: Who, method: string, path: string, body?: unknown) =>
      api.call(method, path, {
        headers: { authorization: asks.get(who)! },
        ...(body !== undefined && { body })
      })
    const issued = yield* api.post("/api/v1/tokens/new/code", undefined)
    assert.strictEqual(issued.status, 201)
    const { code } = issued.json
    assert.match(code, /^[2-9A-Z]{5}-[2-9A-Z]{5}$/)
    const take = (who: Who, uid: string, given: string) => as(who, "POST", "/api/v1/me/tokens", { uid, code: given })
    assert.strictEqual((yield* take("bob", "NEW", "AAAAA-AAAAA")).status, 404)
    assert.strictEqual((yield* take("bob", "CARD-1", code)).status, 404)
    const taken = yield* take("ada", "new", code.toLowerCase().replace("-", " "))
    assert.strictEqual(taken.status, 201)
    assert.strictEqual(taken.json.driverId, "ada")
    assert.strictEqual((yield* directory.token("NEW"))!.driverId, "ada")
    assert.strictEqual((yield* take("bob", "NEW", code)).status, 404)
    assert.strictEqual((yield* api.post("/api/v1/tokens/NEW/code", undefined)).status, 409)
    const app = yield* as("ada", "POST", "/api/v1/me/app-tokens")
    assert.strictEqual(app.status, 201)
    assert.match(app.json.uid, /^APP[0-9A-F]{16}$/)
    const blocked = yield* as("ada", "POST", "/api/v1/me/tokens/NEW/block")
    assert.isString(blocked.json.blockedAt)
    const again = yield* take("ada", "NEW", code)
    assert.strictEqual(again.json.blockedAt, blocked.json.blockedAt)
  }).pipe(Effect.provide(services(new World())))
)

it.effect("a driver's key opens nothing once it has expired or was revoked, and only its hash is kept", () => {
  const world = new World()
  return Effect.gen(function* () {
    const { api, asks } = yield* town
    const asAda = { headers: { authorization: asks.get("ada")! } }
    const made = yield* api.call("POST", "/api/v1/me/keys", { ...asAda, body: { name: "tablet", days: 1 } })
    const tablet = { headers: { authorization: `Bearer ${made.json.secret}` } }
    assert.strictEqual((yield* api.get("/api/v1/me", tablet)).json.id, "ada")
    assert.notInclude(JSON.stringify([...world.state.credentialShelf.keys]), made.json.secret)
    yield* api.call("DELETE", `/api/v1/me/keys/${made.json.id}`, tablet)
    assert.strictEqual((yield* api.get("/api/v1/me", tablet)).status, 401)
    const credentials = yield* Credentials
    const [kept] = (yield* credentials.driverKeys("ada", { limit: 1 })).items
    yield* credentials.revokeDriverKey("ada", kept!.id)
    yield* credentials.createDriverKey({ ...kept!, expiresAtMs: 0 })
    assert.strictEqual((yield* api.get("/api/v1/me", asAda)).status, 401)
  }).pipe(Effect.provide(services(world)))
})

it.effect("drivers sign up by themselves where the operator lets them, so many at a time", () =>
  Effect.gen(function* () {
    const closed = yield* client
    const newcomer = { name: "Eve", email: "ada@example.com" }
    const bare = { headers: { authorization: "" } }
    assert.strictEqual((yield* closed.call("POST", "/api/v1/public/drivers", { ...bare, body: newcomer })).status, 403)
    const api = yield* clientOf({ registration: "open" })
    const made = yield* api.call("POST", "/api/v1/public/drivers", { ...bare, body: newcomer })
    assert.strictEqual(made.status, 201)
    const who = yield* api.get("/api/v1/me", { headers: { authorization: `Bearer ${made.json.secret}` } })
    assert.deepInclude(who.json, { id: made.json.driverId, email: "ada@example.com" })
    const statuses: Array<number> = []
    for (let n = 0; n < 60; n++)
      statuses.push((yield* api.call("POST", "/api/v1/public/drivers", { ...bare, body: newcomer })).status)
    assert.deepStrictEqual(new Set(statuses.slice(0, 59)), new Set([201]))
    assert.strictEqual(statuses[59], 503)
  }).pipe(Effect.provide(services(new World())))
)

it.effect("the letter of a reminder is had as PDF, by the operator too, and said with its reference", () =>
  Effect.gen(function* () {
    const { api, own, asks } = yield* town
    const { debtId } = own.get("ada")!
    const letter = (path: string, authorization?: string) =>
      Effect.gen(function* () {
        const answer = yield* api.send("GET", path, authorization === undefined ? {} : { headers: { authorization } })
        assert.strictEqual(answer.headers.get("content-type"), "application/pdf")
        return Buffer.from(yield* Effect.promise(() => answer.arrayBuffer()))
      })
    const seen = yield* letter(`/api/v1/debts/${debtId}/reminders/1/pdf`)
    assert.strictEqual(seen.subarray(0, 5).toString(), "%PDF-")
    assert.deepStrictEqual(yield* letter(`/api/v1/me/debts/${debtId}/reminders/1/pdf`, asks.get("ada")!), seen)
    assert.strictEqual((yield* api.get(`/api/v1/debts/${debtId}/reminders/2/pdf`)).status, 404)
    assert.deepInclude((yield* api.get(`/api/v1/debts/${debtId}`)).json.reminders[0], {
      level: 1,
      reference: `${debtId}-M1`
    })
  }).pipe(withDesk, Effect.provide(services(new World())))
)
