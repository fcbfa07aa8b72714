import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { DriverCaller } from "#core/api/Access.ts"
import { Api } from "#core/api/Api.ts"
import type { Debt as DebtView } from "#core/api/Debts.ts"
import { Unprocessable } from "#core/api/Problems.ts"
import { amountsOf, begin, type Debt, evolve, kindOf, stateOf } from "#core/dunning/Debt.ts"
import type { Command } from "#core/dunning/decide.ts"
import { letterOf } from "#core/dunning/letter.ts"
import { type DunningPolicy, standardDunning } from "#core/dunning/next.ts"
import * as Instant from "#core/Instant.ts"
import { languageOf } from "#core/invoice/Party.ts"
import { type DebtRecord, DebtStore } from "../dunning/DebtStore.ts"
import { type DebtRefused, Dunning } from "../dunning/Dunning.ts"
import { paymentOfDebt } from "../dunning/news.ts"
import { InvoiceStore } from "../invoices/InvoiceStore.ts"
import { reminderPdf } from "../invoices/pdf/reminder.ts"
import { found, unavailable, unknown } from "./failures.ts"
import { inBody } from "./faults.ts"
import { pageRequest, pageView } from "./paging.ts"
import { openDesk } from "./paymentHandlers.ts"

const refused = ({ why }: DebtRefused) => Effect.fail(new Unprocessable({ detail: why, errors: [] }))
const missing = ({ kind, id }: { readonly kind: string; readonly id: string }) => Effect.fail(unknown(kind, id))
const at = (atMs: number | null): string | null => (atMs === null ? null : Instant.format(atMs))

/** What operators and drivers share. */
const desk = Effect.gen(function* () {
  const store = yield* DebtStore
  const dunning = yield* Dunning
  const invoices = yield* InvoiceStore

  /** What a debt is of, in the language that its driver is written to; undefined when its invoice is lost. */
  const subjectOf = Effect.fnUntraced(function* ({ id, of, driverId }: Debt) {
    if (of === undefined) {
      const invoice = yield* invoices.get(id)
      if (invoice === undefined) return undefined
      const { language, issueDate } = invoice
      return { language, subject: { kind: "invoice", id, issueDate } as const }
    }
    const seller = yield* invoices.seller
    const language = seller === undefined ? "en" : languageOf(seller, yield* invoices.profile(driverId))
    return { language, subject: of }
  })

  /** The letters of a debt, each as it stood when it was written. */
  const letters = Effect.fnUntraced(function* ({ debt }: DebtRecord) {
    if (debt.reminders.length === 0) return []
    const said = yield* subjectOf(debt)
    const written: Array<(typeof DebtView.Type)["reminders"][number]> = []
    let before = begin(debt.id, debt)
    for (const fact of yield* store.facts(debt.id)) {
      before = evolve(before, fact)
      if (fact._tag !== "Reminded") continue
      const { level, feeMinor, atMs } = fact
      const known = debt.reminders.find((it) => it.level === level)
      const letter = known?.letter
      const feeWaivedAt = at(known?.waivedAtMs ?? null)
      const reminder = { level, at: Instant.format(atMs), feeMinor: String(feeMinor), feeWaivedAt }
      if (letter !== undefined) {
        written.push({ ...reminder, text: letterOf(letter), reference: letter.reference })
        continue
      }
      if (said === undefined) continue
      const { openMinor } = amountsOf(before)
      const { dueDate, currency } = before
      const text = letterOf({ ...said, dueDate, level, openMinor, feeMinor, currency })
      written.push({ ...reminder, text, reference: null })
    }
    return written
  })

  const view = Effect.fnUntraced(function* (record: DebtRecord) {
    const { debt } = record
    const amounts = amountsOf(debt)
    const answer: typeof DebtView.Type = {
      id: debt.id,
      kind: kindOf(debt),
      invoiceId: debt.of === undefined ? debt.id : null,
      driverId: debt.driverId,
      state: stateOf(debt),
      currency: debt.currency,
      amountMinor: String(debt.amountMinor),
      feesMinor: String(amounts.feesMinor),
      paidMinor: String(amounts.paidMinor),
      writtenOffMinor: String(amounts.writtenOffMinor),
      openMinor: String(amounts.openMinor),
      dueDate: debt.dueDate,
      heldUntil: at(debt.held?.untilMs ?? null),
      suspendedAt: at(debt.suspendedAtMs),
      paymentId: debt.card === null && debt.of === undefined ? null : paymentOfDebt(debt),
      reminders: yield* letters(record)
    }
    return answer
  }, unavailable)

  const get = Effect.fnUntraced(function* (id: string, driverId: string | undefined) {
    return yield* store.get(id).pipe(
      Effect.map((record) => (driverId === undefined || record?.debt.driverId === driverId ? record : undefined)),
      found("debt", id),
      unavailable
    )
  })

  const reminderPdfOf = Effect.fnUntraced(function* ({ debt }: DebtRecord, level: string) {
    const letter = debt.reminders.find((it) => String(it.level) === level)?.letter
    return letter === undefined
      ? yield* unknown("reminder's letter", `${debt.id}/${level}`)
      : yield* reminderPdf(letter)
  })

  return {
    store,
    dunning,
    get,
    reminderPdfOf,
    view,
    list: Effect.fnUntraced(function* (
      query: Parameters<typeof pageRequest>[0] & Omit<Parameters<typeof store.list>[0], "limit" | "cursor">
    ) {
      const { limit: _limit, cursor: _cursor, ...filter } = query
      const page = yield* pageRequest(query)
      const records = yield* store.list({ ...filter, ...page }).pipe(unavailable)
      const items = yield* Effect.forEach(records.items, view)
      return pageView((item: (typeof items)[number]) => item)({ ...records, items })
    })
  }
})

const policyView = ({ reminders, ...rest }: DunningPolicy) => ({
  ...rest,
  reminders: reminders.map(({ afterDays, feeMinor }) => ({ afterDays, feeMinor: String(feeMinor) }))
})

export const debtHandlers = HttpApiBuilder.group(
  Api,
  "debts",
  Effect.fn(function* (handlers) {
    const { store, dunning, get, view, list, reminderPdfOf } = yield* desk
    const wish = (id: string, command: Command) =>
      dunning
        .command(id, command)
        .pipe(Effect.catchTags({ NotFound: missing, DebtRefused: refused }), Effect.flatMap(view))
    return handlers.handleAll({
      list: ({ query }) => list(query),
      get: ({ params }) => Effect.flatMap(get(params.debtId, undefined), view),
      reminderPdf: ({ params }) =>
        Effect.flatMap(get(params.debtId, undefined), (record) => reminderPdfOf(record, params.level)),
      transfer: ({ params, payload: { id, amountMinor } }) =>
        wish(params.debtId, { _tag: "Transfer", id, amountMinor: BigInt(amountMinor) }),
      pay: ({ params, payload: { id, methodId } }) =>
        dunning
          .pay(params.debtId, { id, methodId: methodId ?? null })
          .pipe(Effect.catchTags({ NotFound: missing, DebtRefused: refused }), Effect.flatMap(view)),
      hold: ({ params, payload: { until, reason } }) =>
        wish(params.debtId, { _tag: "Hold", untilMs: Instant.parse(until)!, reason }),
      extend: ({ params, payload: { dueDate, reason } }) => wish(params.debtId, { _tag: "Extend", dueDate, reason }),
      writeOff: ({ params, payload: { id, amountMinor, reason } }) =>
        wish(params.debtId, { _tag: "WriteOff", id, amountMinor: BigInt(amountMinor), reason }),
      policy: () =>
        store.policy.pipe(
          unavailable,
          Effect.map((kept) => policyView(kept ?? standardDunning))
        ),
      setPolicy: Effect.fnUntraced(function* ({ payload }) {
        const { reminders, suspendAfterDays, collectAfterDays } = payload
        const days = [...reminders.map(({ afterDays }) => afterDays), suspendAfterDays, collectAfterDays].filter(
          (it) => it !== null
        )
        if (days.some((day, index) => index > 0 && day < days[index - 1]!)) {
          const errors = inBody("", "Expected every stage to come no earlier than the one before it")
          return yield* new Unprocessable({ detail: "The stages are not in their order.", errors })
        }
        const policy: DunningPolicy = {
          ...payload,
          reminders: reminders.map(({ afterDays, feeMinor }) => ({ afterDays, feeMinor: BigInt(feeMinor) }))
        }
        yield* store.savePolicy(policy).pipe(unavailable)
        return policyView(policy)
      })
    })
  })
)

export const myDebtHandlers = HttpApiBuilder.group(
  Api,
  "myDebts",
  Effect.fn(function* (handlers) {
    const { dunning, get, view, list, reminderPdfOf } = yield* desk
    const { wallet } = yield* openDesk
    const me = Effect.map(DriverCaller, ({ driverId }) => driverId)
    return handlers.handleAll({
      list: ({ query }) => Effect.flatMap(me, (driverId) => list({ ...query, driverId })),
      get: ({ params }) => Effect.flatMap(me, (id) => Effect.flatMap(get(params.debtId, id), view)),
      reminderPdf: Effect.fnUntraced(function* ({ params }) {
        return yield* reminderPdfOf(yield* get(params.debtId, yield* me), params.level)
      }),
      pay: Effect.fnUntraced(function* ({ params, payload: { id, methodId = null } }) {
        const driverId = yield* me
        yield* get(params.debtId, driverId)
        if (methodId !== null) {
          const { items } = yield* wallet
            .cards(driverId)
            .pipe(
              Effect.catchTag("Conflict", ({ detail }) =>
                Effect.fail(new Unprocessable({ detail: detail ?? "Payments are off.", errors: [] }))
              )
            )
          // Another driver's card is not found under this one.
          if (!items.some((card) => card.methodId === methodId)) return yield* unknown("card", methodId)
        }
        const paid = dunning.pay(params.debtId, { id, methodId })
        return yield* paid.pipe(Effect.catchTags({ NotFound: missing, DebtRefused: refused }), Effect.flatMap(view))
      })
    })
  })
)
