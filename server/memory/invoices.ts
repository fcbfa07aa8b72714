import { Effect, Layer } from "effect"
import type { Cdr } from "#core/billing/Cdr.ts"
import { type Draft, type Invoice, numbered, seriesOf } from "#core/invoice/Invoice.ts"
import { postInvoice } from "#core/invoice/postInvoice.ts"
import { NotFound } from "../directory/Directory.ts"
import { type InvoiceFilter, InvoiceStore, NotCreditable, NotOpen, type OpenFilter } from "../invoices/InvoiceStore.ts"
import { postEntries } from "./entries.ts"
import type { MemoryState } from "./MemoryState.ts"
import { pageOf } from "./paging.ts"

/** Documents over a state in memory. */
export const layer = (state: MemoryState): Layer.Layer<InvoiceStore> => {
  const shelf = state.invoicing
  return Layer.succeed(
    InvoiceStore,
    InvoiceStore.of({
      seller: Effect.sync(() => shelf.seller),
      saveSeller: (seller) =>
        Effect.sync(() => {
          shelf.seller = seller
        }),
      profile: (driverId) => Effect.sync(() => shelf.profiles.get(driverId)),
      saveProfile: (profile) =>
        Effect.suspend(() => {
          if (!state.drivers.has(profile.driverId)) {
            return Effect.fail(new NotFound({ kind: "driver", id: profile.driverId }))
          }
          shelf.profiles.set(profile.driverId, profile)
          return Effect.void
        }),
      driversWithOpen: (filter) =>
        Effect.sync(() => {
          const drivers = new Set<string>()
          for (const id of state.cdrIds.ascending(undefined)) {
            const cdr = state.cdrs.get(id)!
            if (cdr.driverId !== null && cdr.driverId > (filter.after ?? "") && isOpen(state, cdr, filter)) {
              drivers.add(cdr.driverId)
            }
          }
          return [...drivers].sort().slice(0, filter.limit)
        }),
      openCdrs: (filter) =>
        Effect.sync(() => {
          const found: Array<Cdr> = []
          for (const id of state.cdrIds.ascending(undefined)) {
            const cdr = state.cdrs.get(id)!
            if (found.length < filter.limit && cdr.driverId === filter.driverId && isOpen(state, cdr, filter)) {
              found.push(cdr)
            }
          }
          return found
        }),
      registers: (transactionIds) =>
        Effect.sync(() => {
          const found = new Map<string, { readonly startWh: number; readonly stopWh: number }>()
          for (const id of transactionIds) {
            const register = registerOf(state, id)
            if (register !== undefined) found.set(id, register)
          }
          return found
        }),
      issue: (draft) => Effect.suspend(() => issue(state, draft)),
      credit: (draft) => Effect.suspend(() => credit(state, draft)),
      voidNumber: ({ series, reason, voidedAtMs }) =>
        Effect.sync(() => {
          const sequence = next(state, series)
          shelf.series.get(series)!.voids.push({ sequence, reason, voidedAtMs })
          return sequence
        }),
      standingFor: (cdrId) => Effect.sync(() => shelf.invoices.get(shelf.standing.get(cdrId) ?? "")),
      creditNoteFor: (id) => Effect.sync(() => shelf.credits.get(id)),
      outdated: ({ limit, after }) =>
        Effect.sync(() => {
          const ids = new Set<string>()
          for (const [cdrId, id] of shelf.standing) if (state.credits.has(cdrId) && id > (after ?? "")) ids.add(id)
          return [...ids].sort().slice(0, limit)
        }),
      get: (id) => Effect.sync(() => shelf.invoices.get(id)),
      list: (filter) =>
        Effect.sync(() =>
          pageOf(
            shelf.ids.descending(filter.cursor),
            filter.limit,
            (id) => shelf.invoices.get(id),
            (invoice) => isWanted(invoice, filter)
          )
        ),
      series: Effect.sync(() =>
        [...shelf.series]
          .map(([series, { nextSequence, voids }]) => ({ series, nextSequence, voids: [...voids] }))
          .sort((a, b) => (a.series < b.series ? -1 : 1))
      )
    })
  )
}

const isOpen = (state: MemoryState, cdr: Cdr, { endedBeforeMs }: OpenFilter): boolean =>
  cdr.grossMinor !== 0n &&
  !cdr.credit &&
  cdr.endAtMs < endedBeforeMs &&
  !state.credits.has(cdr.id) &&
  !state.invoicing.standing.has(cdr.id)

const isWanted = (invoice: Invoice, filter: InvoiceFilter): boolean =>
  (filter.driverId === undefined || invoice.driverId === filter.driverId) &&
  (filter.kind === undefined || invoice.kind === filter.kind) &&
  (filter.issuedFromMs === undefined || invoice.issuedAtMs >= filter.issuedFromMs) &&
  (filter.issuedBeforeMs === undefined || invoice.issuedAtMs < filter.issuedBeforeMs)

const registerOf = (state: MemoryState, transactionId: string) => {
  const samples = state.transactions.get(transactionId)?.samples
  if (samples === undefined) return undefined
  const read = samples
    .inOrder()
    .map((index) => ({
      atMs: samples.atMsAt(index),
      seq: samples.seqAt(index),
      part: samples.partAt(index),
      wh: samples.sampleAt(index).registerWh
    }))
    .filter(({ wh }) => wh !== null)
    .sort((a, b) => a.atMs - b.atMs || a.seq - b.seq || a.part - b.part)
  return read.length === 0 ? undefined : { startWh: read[0]!.wh!, stopWh: read[read.length - 1]!.wh! }
}

const next = (state: MemoryState, series: string): number => {
  const known = state.invoicing.series.get(series)
  if (known === undefined) {
    state.invoicing.series.set(series, { nextSequence: 2, voids: [] })
    return 1
  }
  return known.nextSequence++
}

const write = (state: MemoryState, draft: Draft): Invoice => {
  const invoice = numbered(draft, next(state, seriesOf(draft)))
  const contradiction = postEntries(state, [postInvoice(invoice)])
  if (contradiction !== undefined) throw new Error(contradiction)
  state.invoicing.invoices.set(invoice.id, invoice)
  state.invoicing.ids.add(invoice.id)
  return invoice
}

/** Issues a document, or nothing. */
export const issue = (state: MemoryState, draft: Draft): Effect.Effect<Invoice, NotOpen> => {
  const { standing } = state.invoicing
  const cdrIds = draft.sessions.map(({ cdrId }) => cdrId)
  const taken = cdrIds.filter((id) => standing.has(id) || state.credits.has(id))
  if (taken.length > 0 || new Set(cdrIds).size < cdrIds.length) return Effect.fail(new NotOpen({ cdrIds: taken }))
  const invoice = write(state, draft)
  for (const id of cdrIds) standing.set(id, invoice.id)
  return Effect.succeed(invoice)
}

/** Issues a credit note, or nothing. */
export const credit = (state: MemoryState, draft: Draft): Effect.Effect<Invoice, NotCreditable> => {
  const { invoices, credits, standing } = state.invoicing
  const id = draft.credits?.id ?? ""
  const credited = invoices.get(id)
  if (credited === undefined || credited.kind === "credit-note" || credits.has(id)) {
    return Effect.fail(new NotCreditable({ id }))
  }
  const note = write(state, draft)
  credits.set(id, note.id)
  for (const { cdrId } of credited.sessions) standing.delete(cdrId)
  return Effect.succeed(note)
}
