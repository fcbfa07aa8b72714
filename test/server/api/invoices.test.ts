import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { postCdr } from "#core/billing/Ledger.ts"
import { Directory } from "#server/directory/Directory.ts"
import { Journal } from "#server/record/Journal.ts"
import { cdr, cdrId, row, t0, uuid } from "../../contract/ports/makers.ts"
import { buyer, seller } from "../../core/invoice/fixtures.ts"
import { client, services, World } from "./harness.ts"

const seeded = Effect.gen(function* () {
  const journal = yield* Journal
  const directory = yield* Directory
  yield* directory.createDriver({ id: "ada", name: "Ada Lovelace", email: "ada@example.com", createdAtMs: t0 })
  const bills = [1, 2].map((n) => cdr(cdrId(n), uuid(n), { driverId: n === 1 ? "ada" : null }))
  yield* journal.commit([
    {
      stationId: "CS-1",
      epoch: null,
      transactions: bills.map((bill) => row({ id: bill.transactionId, status: "Ended" })),
      cdrs: bills,
      entries: bills.map((bill) => postCdr(bill, { id: `entry-${bill.id}`, bookedAtMs: t0 }))
    }
  ])
})

it.effect("a month is invoiced, shown, printed and taken back over the API", () =>
  Effect.gen(function* () {
    yield* seeded
    const api = yield* client
    assert.strictEqual((yield* api.post("/api/v1/invoices/runs", { month: "2026-03" })).status, 409)
    assert.strictEqual((yield* api.put("/api/v1/seller", { ...seller, timeZone: "Europe/Nowhere" })).status, 422)
    assert.strictEqual((yield* api.put("/api/v1/seller", { ...seller, creditPrefix: "RE" })).status, 422)
    assert.strictEqual((yield* api.put("/api/v1/seller", seller)).status, 200)
    assert.deepStrictEqual((yield* api.get("/api/v1/seller")).json, seller)
    const profile = {
      language: "en",
      company: "Engines Ltd",
      address: buyer.address,
      vatId: null,
      reference: "PO 12"
    }
    assert.strictEqual((yield* api.get("/api/v1/drivers/ada/billing-profile")).status, 404)
    assert.strictEqual((yield* api.put("/api/v1/drivers/bob/billing-profile", profile)).status, 404)
    assert.deepStrictEqual((yield* api.put("/api/v1/drivers/ada/billing-profile", profile)).json, profile)

    const before = yield* api.post("/api/v1/invoices/runs", { month: "2026-02" })
    assert.deepStrictEqual(before.json, { issued: [], credited: [], refused: [] })
    assert.strictEqual((yield* api.post("/api/v1/invoices/runs", { month: "2026-13" })).status, 400)
    const run = yield* api.post("/api/v1/invoices/runs", { month: "2026-03" })
    const id: string = run.json.issued[0]
    assert.deepStrictEqual((yield* api.post("/api/v1/invoices/runs", { month: "2026-03" })).json.issued, [])
    const shown = yield* api.get(`/api/v1/invoices/${id}`)
    assert.deepInclude(shown.json, { id, kind: "invoice", driverId: "ada", netMinor: "400", payableMinor: "476" })
    assert.strictEqual((yield* api.get("/api/v1/invoices?driverId=ada")).json.items.length, 1)
    assert.strictEqual((yield* api.get("/api/v1/invoices?driverId=bob")).json.items.length, 0)

    const pdf = yield* api.send("GET", `/api/v1/invoices/${id}/pdf`)
    assert.strictEqual(pdf.headers.get("content-type"), "application/pdf")
    const bytes = Buffer.from(yield* Effect.promise(() => pdf.arrayBuffer()))
    assert.strictEqual(bytes.subarray(0, 5).toString(), "%PDF-")
    const xml = yield* api.get(`/api/v1/invoices/${id}/xml?profile=xrechnung`)
    assert.include(xml.headers.get("content-type"), "application/xml")
    assert.include(xml.json, "<ram:Name>Engines Ltd</ram:Name>")

    const note = yield* api.post(`/api/v1/invoices/${id}/credit`, { reason: "Wrong address" })
    assert.strictEqual(note.status, 201)
    assert.deepInclude(note.json, { kind: "credit-note", payableMinor: "476" })
    assert.deepStrictEqual(note.json.credits, { id, reason: "Wrong address" })
    assert.strictEqual((yield* api.post(`/api/v1/invoices/${id}/credit`, { reason: "again" })).status, 409)
    assert.strictEqual((yield* api.post("/api/v1/invoices/RE1/credit", { reason: "no" })).status, 404)
    const { json } = yield* api.get("/api/v1/ledger/balances")
    assert.deepStrictEqual(json.totals, [{ currency: "EUR", amountMinor: "0" }])
  }).pipe(Effect.provide(services(new World())))
)

it.effect("a receipt for nobody in particular is a PDF, and no electronic invoice", () =>
  Effect.gen(function* () {
    yield* seeded
    const api = yield* client
    yield* api.put("/api/v1/seller", seller)
    const receipt = yield* api.post(`/api/v1/transactions/${uuid(2)}/receipt`, undefined)
    assert.deepInclude(receipt.json, { kind: "receipt", driverId: null })
    assert.strictEqual((yield* api.post(`/api/v1/transactions/${uuid(2)}/receipt`, undefined)).json.id, receipt.json.id)
    assert.strictEqual((yield* api.post(`/api/v1/transactions/${uuid(9)}/receipt`, undefined)).status, 404)
    assert.strictEqual((yield* api.send("GET", `/api/v1/invoices/${receipt.json.id}/pdf`)).status, 200)
    assert.strictEqual((yield* api.get(`/api/v1/invoices/${receipt.json.id}/xml`)).status, 422)
    assert.strictEqual((yield* api.get("/api/v1/invoices/none/pdf")).status, 404)
  }).pipe(Effect.provide(services(new World())))
)
