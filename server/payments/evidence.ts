import { Effect } from "effect"
import type { Cdr } from "#core/billing/Cdr.ts"
import * as Instant from "#core/Instant.ts"
import { formatMinor } from "#core/Money.ts"
import type { DisputeEvidence, Payment } from "#core/payment/Payment.ts"
import { Books } from "../books/Books.ts"
import { Directory } from "../directory/Directory.ts"
import { InvoiceStore } from "../invoices/InvoiceStore.ts"
import type { StoredSample, TransactionRow } from "../record/Unit.ts"

/** What we hold of a disputed charge: who was let in, what the meter told, what was billed. */
export interface Held {
  readonly transaction: TransactionRow | null
  readonly cdr: Cdr | null
  /** The number of the document that has the bill. */
  readonly documentId: string | null
  readonly readings: ReadonlyArray<StoredSample>
  readonly driver: { readonly name: string; readonly email: string | null } | null
}

/** Readings shown and told: enough for the bank, which reads the first and the last. */
const readingLimit = 500

/** What the books have about what a payment was for. */
export const heldFor = Effect.fnUntraced(function* (payment: Payment) {
  const books = yield* Books
  const invoices = yield* InvoiceStore
  const directory = yield* Directory
  const id = payment.began?.transactionId
  const transaction = id === undefined ? undefined : yield* books.transaction(id)
  const cdr = transaction?.cdrId == null ? undefined : yield* books.cdr(transaction.cdrId)
  const document = cdr === undefined ? undefined : yield* invoices.standingFor(cdr.id)
  const readings = id === undefined ? [] : (yield* books.samples(id, { limit: readingLimit })).items
  const driver = payment.driverId === null ? undefined : yield* directory.driver(payment.driverId)
  return {
    transaction: transaction ?? null,
    cdr: cdr ?? null,
    documentId: document?.id ?? null,
    readings,
    driver: driver === undefined ? null : { name: driver.name, email: driver.email }
  } satisfies Held
})

const at = (atMs: number | null): string => (atMs === null ? "unknown" : Instant.format(atMs))

/** The evidence as it is submitted, of what is held and what a person adds. */
export const evidenceOf = (payment: Payment, held: Held, statement: string): DisputeEvidence => {
  const { transaction, cdr, documentId, driver } = held
  const startedAtMs = transaction?.startedAtMs ?? payment.createdAtMs
  const total = cdr === null ? "" : `, ${formatMinor(cdr.grossMinor, cdr.currency)} ${cdr.currency} with tax`
  const energy = cdr === null ? "" : `: ${cdr.energyWh} Wh from ${at(cdr.startAtMs)} to ${at(cdr.endAtMs)}${total}`
  return {
    productDescription:
      payment.stationId === ""
        ? payment.holdReason
        : `Charging of an electric vehicle at station ${payment.stationId}, EVSE ${payment.evseId}${energy}.`,
    serviceDate: Instant.format(startedAtMs).slice(0, 10),
    accessLog: logOf(payment, held).join("\n"),
    customerName: driver?.name ?? null,
    customerEmail: driver?.email ?? null,
    statement: [statement, ...(documentId === null ? [] : [`Receipt or invoice ${documentId}.`])].join("\n").trim()
  }
}

const logOf = (payment: Payment, { transaction, readings }: Held): ReadonlyArray<string> => [
  `${at(payment.createdAtMs)} payment ${payment.id} opened`,
  ...payment.intents.map((it) => `${it.id}: ${it.status}, ${it.authorizedMinor} held, ${it.capturedMinor} taken`),
  ...(payment.startAsked === null ? [] : [`${at(payment.startAsked.atMs)} station asked to start`]),
  ...(transaction === null
    ? []
    : [
        `${at(transaction.startedAtMs)} charge ${transaction.id} began, token answered ${transaction.authorization}`,
        ...readings
          .filter(({ sample }) => sample.registerWh !== null)
          .map(({ sample }) => `${at(sample.atMs)} meter ${sample.registerWh} Wh (${sample.context})`),
        `${at(transaction.endedAtMs)} charge ended: ${transaction.stopReason ?? "no reason told"}`
      ])
]
