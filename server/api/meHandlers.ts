import { Clock, Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto/SecureRandom"
import { HttpApiBuilder } from "effect/http-api"
import { DriverCaller } from "#core/api/Access.ts"
import { Api } from "#core/api/Api.ts"
import type { Unavailable, UnknownResource } from "#core/api/Problems.ts"
import type { Driver } from "#core/driver/Driver.ts"
import { canonicalUid, type Token } from "#core/token/Token.ts"
import { Books } from "../books/Books.ts"
import { Credentials } from "../credentials/Credentials.ts"
import { Directory } from "../directory/Directory.ts"
import { InvoiceStore } from "../invoices/InvoiceStore.ts"
import { Invoicing } from "../invoices/Invoicing.ts"
import { pdfOf } from "../invoices/pdf/render.ts"
import type { StoreUnavailable } from "../record/Journal.ts"
import { cdrView } from "./billViews.ts"
import { transactionViews } from "./bookHandlers.ts"
import { driverKeys, driverKeyView } from "./driverKeys.ts"
import { conflict, found, unavailable, unknown } from "./failures.ts"
import { invoiceView, receiptOf } from "./invoiceHandlers.ts"
import { LiveView } from "./Live.ts"
import { limitOf } from "./limitViews.ts"
import { operationRecordView } from "./operationViews.ts"
import { pageRequest, pageView } from "./paging.ts"
import { openDesk } from "./paymentHandlers.ts"
import { paymentView } from "./paymentViews.ts"
import { hashCode } from "./Secret.ts"
import { driverView, tokenView } from "./views.ts"

/** How long a driver who starts or stops a charge is kept waiting for the station. */
const stationWaitMs = 45_000

const me = Effect.map(DriverCaller, ({ driverId }) => driverId)

/** What is the caller's; somebody else's is as unknown as what does not exist. */
const own =
  (kind: string, id: string) =>
  <A extends { readonly driverId: string | null }, R>(
    work: Effect.Effect<A | undefined, StoreUnavailable, R>
  ): Effect.Effect<A, UnknownResource | Unavailable, R | DriverCaller> =>
    Effect.flatMap(me, (driverId) =>
      work.pipe(
        Effect.map((item) => (item?.driverId === driverId ? item : undefined)),
        found(kind, id),
        unavailable
      )
    )

const gone = ({ kind, id }: { readonly kind: string; readonly id: string }) => Effect.fail(unknown(kind, id))

/** Who the caller is, and the bearer tokens to come in by. */
const profile = Effect.gen(function* () {
  const directory = yield* Directory
  const keys = yield* driverKeys
  const driver = Effect.flatMap(me, (id) => directory.driver(id).pipe(found("driver", id), unavailable))
  return {
    profile: () => Effect.map(driver, driverView),
    update: Effect.fnUntraced(function* ({ payload }: { readonly payload: Partial<Pick<Driver, "name" | "email">> }) {
      const changed: Driver = { ...(yield* driver), ...payload }
      yield* directory.updateDriver(changed).pipe(Effect.catchTag("NotFound", gone), unavailable)
      return driverView(changed)
    }),
    keys: Effect.fnUntraced(function* ({ query }: { readonly query: Parameters<typeof pageRequest>[0] }) {
      const page = yield* pageRequest(query)
      return pageView(driverKeyView)(yield* keys.list(yield* me, page).pipe(unavailable))
    }),
    createKey: ({ payload: { name, days } }: { readonly payload: { readonly name: string; readonly days?: number } }) =>
      Effect.flatMap(me, (id) => keys.issue(id, name, days)),
    revokeKey: ({ params }: { readonly params: { readonly keyId: string } }) =>
      Effect.flatMap(me, (id) => keys.revoke(id, params.keyId))
  }
})

/** The caller's cards and apps. */
const tokens = Effect.gen(function* () {
  const directory = yield* Directory
  const credentials = yield* Credentials
  const random = yield* SecureRandom
  const token = (uid: string) => directory.token(uid)
  return {
    tokens: Effect.fnUntraced(function* ({ query }: { readonly query: Parameters<typeof pageRequest>[0] }) {
      const page = yield* pageRequest(query)
      return pageView(tokenView)(yield* directory.tokens({ ...page, driverId: yield* me }).pipe(unavailable))
    }),
    addCard: Effect.fnUntraced(function* ({
      payload
    }: {
      readonly payload: { readonly uid: string; readonly code: string }
    }) {
      const uid = canonicalUid(payload.uid)
      const driverId = yield* me
      const atMs = yield* Clock.currentTimeMillis
      const use = { uid, codeHash: hashCode(uid, payload.code), driverId, atMs }
      const card = yield* token(uid).pipe(unavailable)
      const isFree = card !== undefined && (card.driverId === null || card.driverId === driverId)
      if (!isFree || !(yield* credentials.useCardCode(use).pipe(unavailable))) return yield* unknown("card", uid)
      const mine = { ...card, driverId }
      yield* directory.updateToken(mine).pipe(Effect.catchTag("NotFound", gone), unavailable)
      return tokenView(mine)
    }),
    addApp: Effect.fnUntraced(function* () {
      const driverId = yield* me
      const bytes = yield* random.randomBytes(8)
      const createdAtMs = yield* Clock.currentTimeMillis
      const made: Token = {
        // At most 20 characters: an OCPP 1.6 idTag.
        uid: `APP${Buffer.from(bytes).toString("hex").toUpperCase()}`,
        type: "Central",
        groupId: null,
        driverId,
        partnerId: null,
        expiresAtMs: null,
        blockedAtMs: null,
        concurrencyLimit: 1,
        allowedStations: null,
        createdAtMs
      }
      yield* directory
        .createToken(made)
        // A bearer token of a driver who is not there opens nothing.
        .pipe(Effect.catchTags({ AlreadyExists: conflict, NotFound: Effect.die }), unavailable)
      return tokenView(made)
    }),
    blockToken: Effect.fnUntraced(function* ({ params }: { readonly params: { readonly uid: string } }) {
      const uid = canonicalUid(params.uid)
      const lost = yield* token(uid).pipe(own("token", uid))
      const blocked = { ...lost, blockedAtMs: lost.blockedAtMs ?? (yield* Clock.currentTimeMillis) }
      yield* directory.updateToken(blocked).pipe(Effect.catchTag("NotFound", gone), unavailable)
      return tokenView(blocked)
    })
  }
})

export const meHandlers = HttpApiBuilder.group(
  Api,
  "me",
  Effect.fn(function* (handlers) {
    const books = yield* Books
    const directory = yield* Directory
    const live = yield* LiveView
    const views = yield* transactionViews
    const invoices = yield* InvoiceStore
    const invoicing = yield* Invoicing
    const { store: payments, wallet } = yield* openDesk
    const charge = (id: string) => books.transaction(id).pipe(own("transaction", id))
    const invoice = (id: string) => invoices.get(id).pipe(own("invoice", id))
    const ask = (stationId: string, operation: Parameters<typeof live.runOperation>[1]) =>
      live
        .runOperation(stationId, operation, { waitMs: stationWaitMs, queueForMs: 0 })
        .pipe(Effect.catchTag("NotFound", gone), unavailable, Effect.map(operationRecordView))

    return handlers.handleAll({
      ...(yield* profile),
      ...(yield* tokens),
      charges: ({ query }) => Effect.flatMap(me, (driverId) => views.list({ ...query, driverId })),
      charge: ({ params }) => Effect.map(charge(params.transactionId), views.detail),
      price: ({ params }) => Effect.flatMap(charge(params.transactionId), views.price),
      start: Effect.fnUntraced(function* ({ payload: { stationId, evseId, tokenUid, limit } }) {
        const uid = canonicalUid(tokenUid)
        const { type: tokenType } = yield* directory.token(uid).pipe(own("token", uid))
        const { id } = yield* directory.station(stationId).pipe(found("station", stationId), unavailable)
        const wanted = limit === undefined ? {} : { limit: limitOf(limit) }
        return yield* ask(id, { _tag: "Start", evseId, tokenUid: uid, tokenType, ...wanted })
      }),
      stop: Effect.fnUntraced(function* ({ params }) {
        const { id, stationId } = yield* charge(params.transactionId)
        return yield* ask(stationId, { _tag: "Stop", transactionId: id })
      }),
      setLimit: ({ params, payload }) => Effect.flatMap(charge(params.transactionId), views.limited(payload)),
      removeLimit: ({ params }) => Effect.flatMap(charge(params.transactionId), views.limited()),
      receipt: ({ params }) => Effect.flatMap(charge(params.transactionId), ({ id }) => receiptOf(invoicing, id)),
      cdrs: Effect.fnUntraced(function* ({ query }) {
        const page = yield* pageRequest(query)
        return pageView(cdrView)(yield* books.cdrs({ ...page, driverId: yield* me }).pipe(unavailable))
      }),
      cdr: ({ params: { cdrId } }) => books.cdr(cdrId).pipe(own("CDR", cdrId), Effect.map(cdrView)),
      invoices: Effect.fnUntraced(function* ({ query }) {
        const page = yield* pageRequest(query)
        return pageView(invoiceView)(yield* invoices.list({ ...page, driverId: yield* me }).pipe(unavailable))
      }),
      invoice: ({ params }) => Effect.map(invoice(params.invoiceId), invoiceView),
      invoicePdf: ({ params }) => Effect.flatMap(invoice(params.invoiceId), pdfOf),
      payments: Effect.fnUntraced(function* ({ query }) {
        const page = yield* pageRequest(query)
        const found = yield* payments.list({ ...page, driverId: yield* me }).pipe(unavailable)
        return pageView(({ payment }: (typeof found.items)[number]) => paymentView(payment))(found)
      }),
      payment: ({ params: { paymentId } }) =>
        payments.get(paymentId).pipe(
          Effect.map((record) => record?.payment),
          own("payment", paymentId),
          Effect.map(paymentView)
        ),
      pay: ({ payload }) => Effect.flatMap(me, (driverId) => wallet.charge(driverId, payload)),
      cards: () => Effect.flatMap(me, wallet.cards),
      setUpCard: () => Effect.flatMap(me, wallet.setUp),
      forgetCard: ({ params }) => Effect.flatMap(me, (driverId) => wallet.forget(driverId, params.methodId))
    })
  })
).pipe(Layer.provide(Invoicing.layer))
