import type { BookedCdr, BookedInvoice, Evidence } from "#simulator/oracles/Evidence.ts"
import type { Truth } from "#simulator/Truth.ts"

/** Hard states that the scenario `subscribers` is for. */
export const reachedBySubscribers: Readonly<Record<string, (truth: Truth, evidence: Evidence) => boolean>> = {
  "somebody kept from charging, and let in when he had paid": ({ judgements }) =>
    judgements.some(({ status, tokenUid, atMs }) => {
      const isLater = (it: (typeof judgements)[number]) => it.tokenUid === tokenUid && it.atMs > atMs
      return status === "Blocked" && judgements.some((it) => it.status === "Accepted" && isLater(it))
    }),
  "a document taken back, and what was left of it issued anew": (_truth, { invoices }) =>
    invoices!.some(({ creditsId, driverId, issuedAtMs }) => {
      const isAnew = (it: BookedInvoice) => it.driverId === driverId && it.issuedAtMs === issuedAtMs
      return creditsId !== null && invoices!.some((it) => it.kind === "invoice" && isAnew(it))
    }),
  "a session of which a part is included": (_truth, { cdrs }) =>
    cdrs!.some(({ included, energyWh }) => {
      const whole = energyWh * 1000
      return included !== undefined && included.energyMilliWh > 0 && included.energyMilliWh < whole
    }),
  "a bill of which a plan takes a part, made anew": (_truth, { cdrs }) =>
    cdrs!.some(({ included, credit, id, transactionId }) => {
      const isAnew = (it: BookedCdr) => it.transactionId === transactionId && !it.credit && it.id !== id
      return included !== undefined && !credit && cdrs!.some(isAnew)
    }),
  "a bill of which a plan takes a part, taken back and not made anew": (_truth, { cdrs }) =>
    [...Map.groupBy(cdrs!, ({ transactionId }) => transactionId).values()].some(
      (own) => own.at(-1)?.credit === true && own.at(-2)?.included !== undefined
    ),
  "a fee for a reminder": (_truth, { debts }) => debts!.some(({ steps }) => steps.some((it) => it.feeMinor > 0n)),
  "a debt that nobody pays": (_truth, { debts }) =>
    debts!.some(({ steps, openMinor }) => openMinor > 0n && steps.at(-1)?.do === "collection"),
  "a debt paid past the card": (_truth, { debts }) => debts!.some((it) => it.transferredMinor > 0n),
  "a debt given up": (_truth, { debts }) => debts!.some((it) => it.writtenOffMinor > 0n),
  "a fee charged to another card than the first": (_truth, { debts, payments }) =>
    payments!.some(({ invoiceId, intents }) => {
      const debt = debts!.find((it) => it.invoiceId === invoiceId)
      return intents.length > 1 && debt?.openMinor === 0n && debt.paidByCardMinor > 0n
    })
}
