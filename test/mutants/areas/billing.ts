// biome-ignore-all lint/suspicious/noTemplateCurlyInString: patches are source text
import type { Mutant } from "../Mutant.ts"

const area = "billing and ledger"
const billing = "server/billing/Billing.ts"
const cdr = "core/billing/Cdr.ts"
const ledger = "core/billing/Ledger.ts"
const price = "core/billing/priceOf.ts"

/** CDRs, credits, and the books they are booked in. */
export const billingAndLedger: ReadonlyArray<Mutant> = [
  {
    id: "pauses-never-priced",
    area,
    why: "A full car is billed as charging for as long as it stands: what it did is known, and left out when it is priced.",
    file: price,
    find: "samples: measurement.curve, states }",
    replace: "samples: measurement.curve, states: states.slice(0, 1) }"
  },
  {
    id: "last-interval-free",
    area,
    why: "What flows after the last periodic reading costs nothing: the reading at the end comes too late for the price.",
    file: price,
    find: "samples: measurement.curve, states }",
    replace: "samples: measurement.curve.slice(0, Math.max(1, measurement.curve.length - 1)), states }"
  },
  {
    id: "late-truth-bills-again",
    area,
    why: "What comes after the bill makes a second bill beside the first: a retried stop counted twice, seen.",
    file: billing,
    find: "const standingId = transaction.settled?.cdrId ?? null",
    replace: "const standingId: string | null = null"
  },
  {
    id: "correction-without-credit",
    area,
    why: "A corrected bill is issued and the old one is not taken back.",
    file: billing,
    find: "settledBy([credit, corrected], corrected.id, revision, nowMs)",
    replace: "settledBy([corrected], corrected.id, revision, nowMs)"
  },
  {
    id: "credit-without-correction",
    area,
    why: "The old bill is taken back and the new one is never issued.",
    file: billing,
    find: "settledBy([credit, corrected], corrected.id, revision, nowMs)",
    replace: "settledBy([credit], null, revision, nowMs)"
  },
  {
    id: "credit-net-positive",
    area,
    why: "A credit's net amount keeps its sign, as where only the total is negated.",
    file: cdr,
    find: "netMinor: -cdr.netMinor,",
    replace: "netMinor: cdr.netMinor,"
  },
  {
    id: "correction-only-for-energy",
    area,
    why: "A bill is corrected only when its energy changes: late news of parking or of the end change nothing.",
    file: billing,
    find: "  standing.grossMinor === owed.grossMinor &&\n",
    replace: "  standing.energyWh === owed.energyWh ||\n  standing.grossMinor === owed.grossMinor &&\n"
  },
  {
    id: "correction-not-booked",
    area,
    why: "Only the first document of a settlement reaches the ledger: the credit is booked, the correction is not.",
    file: billing,
    find: "entries: cdrs.map((cdr) =>",
    replace: "entries: cdrs.slice(0, 1).map((cdr) =>"
  },
  {
    id: "revision-stands-still",
    area,
    why: "After a correction the next revision has the name of the last one, so a second correction is lost as a repetition.",
    file: billing,
    find: "revision: revisionBefore + cdrs.length",
    replace: "revision: revisionBefore + Math.min(1, cdrs.length)"
  },
  {
    id: "tax-rounded-by-itself",
    area,
    why: "Net, tax and gross are rounded each on its own, so a ledger entry is a cent off balance.",
    file: "core/tariff/total.ts",
    find: "const taxMinor = grossMinor - netMinor",
    replace: "const taxMinor = toMinor(tax, exponent)"
  },
  {
    id: "credit-booked-as-debit",
    area,
    why: "A credit debits the driver once more: the sign of its booking is not turned.",
    file: ledger,
    find: "post(receivable, cdr.grossMinor)",
    replace: "post(receivable, cdr.credit ? -cdr.grossMinor : cdr.grossMinor)"
  },
  {
    id: "no-energy-no-bill",
    area,
    why: "A session without energy is not billed, though its fee and its minutes are owed.",
    file: "core/transaction/assess.ts",
    find: "billable: authorized !== null &&",
    replace: "billable: measurement.energyWh > 0 && authorized !== null &&"
  },
  {
    id: "duration-without-parking",
    area,
    why: "A CDR's total_time leaves out the parking, which OCPI's includes.",
    file: cdr,
    find: "durationMs: session.endAtMs - session.startAtMs,",
    replace: "durationMs: session.endAtMs - session.startAtMs - parkingMs,"
  },
  {
    id: "incomplete-never-settled",
    area,
    why: "A session with a lost message is never billed: nobody settles what stays incomplete.",
    file: "server/station/Sweeper.ts",
    find: 'Effect.sleep("1 minute")',
    replace: 'Effect.sleep("1 day")'
  },
  {
    id: "wrong-debtor",
    area,
    why: "A charge is booked to the card although a driver owns it, so it is on no driver's account.",
    file: ledger,
    find: "if (cdr.driverId !== null) return `receivable:driver:${cdr.driverId}`\n",
    replace: ""
  }
]
