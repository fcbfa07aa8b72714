import { assess } from "#core/transaction/assess.ts"
import { isOpen, type Transaction } from "#core/transaction/Transaction.ts"
import type { LiveEvents } from "../api/Events.ts"
import type { Announce } from "./OwnerServices.ts"

/** Turns what was committed into live events, while somebody listens. */
export const announcer = (
  { publish, isHeard }: Pick<LiveEvents["Service"], "publish" | "isHeard">,
  now: () => number
): Announce => ({
  booted: (stationId, { vendor, model, reason, atMs }) => {
    publish({ _tag: "StationBooted", stationId, atMs, vendor, model, reason })
  },
  status: (stationId, { evseId, connectorId, status, errorCode, statusAtMs }) => {
    publish({ _tag: "ConnectorStatus", stationId, atMs: statusAtMs, evseId, connectorId, status, errorCode })
  },
  transaction: (before, facts, after, cdrs) => {
    if (!isHeard()) return
    const { stationId, evseId } = after
    const place = { stationId, transactionId: after.id, evseId }
    for (const fact of facts) {
      if (fact._tag === "Started") {
        const tokenUid = after.authorized?.token.uid ?? null
        publish({ _tag: "TransactionStarted", atMs: fact.atMs, connectorId: after.connectorId, tokenUid, ...place })
      } else if (fact._tag === "Sampled") {
        const last = fact.samples[fact.samples.length - 1]!
        publish({ _tag: "MeterReading", atMs: last.atMs, energyWh: energyOf(after), powerW: last.powerW, ...place })
      } else if (fact._tag === "Ended" || (fact._tag === "Closed" && after.ended === null)) {
        const reason = fact._tag === "Ended" ? fact.reason : fact.why
        publish({ _tag: "TransactionEnded", atMs: fact.atMs, reason, ...place })
      }
    }
    if (isOpen(before) && !isOpen(after)) {
      for (const { code, text, atMs } of assess(after).findings) {
        publish({ _tag: "FindingRaised", stationId, atMs: atMs ?? now(), transactionId: after.id, code, text })
      }
    }
    for (const cdr of cdrs) {
      const { currency, energyWh } = cdr
      const amountMinor = cdr.grossMinor
      const issued = { cdrId: cdr.id, transactionId: after.id, energyWh, amountMinor, currency }
      publish({ _tag: "CdrIssued", stationId, atMs: cdr.issuedAtMs, ...issued })
    }
  }
})

/** The register's rise so far; what is billed is measured when it ends. */
export const energyOf = (transaction: Transaction): number | null => {
  const first = transaction.samples.find(({ registerWh }) => registerWh !== null)
  const last = transaction.samples.findLast(({ registerWh }) => registerWh !== null)
  return first === undefined || last === undefined ? null : last.registerWh! - first.registerWh!
}
