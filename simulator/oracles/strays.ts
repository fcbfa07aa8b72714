import type { TrueIntent } from "../psp/Account.ts"
import type { BookedPayment, Evidence } from "./Evidence.ts"
import type { Findings } from "./Oracle.ts"
import { refundsTried } from "./paymentPromises.ts"

/** What the desk decided about money of no payment, by its own account. */
export interface TrueDecision {
  readonly intentId: string
  readonly action: "assign" | "refund" | "write-off"
  /** Whose charge it pays; null of the others. */
  readonly paymentId: string | null
  /** When it was told that it is done; null while it was not. */
  doneAtMs: number | null
  /** Why it could not be done, in the CMS's words; null where it said no such thing. */
  refused: string | null
  /** What it was told when it asked for the same again, where that was something else. */
  toldOtherwise: string | null
}

export interface StrayRecord {
  /** In the order in which they were made. */
  readonly decisions: ReadonlyArray<TrueDecision>
  /** Such money is on the desk's list within this, and decided. */
  readonly shownWithinMs: number
}

const isByHand = ({ metadata }: TrueIntent): boolean => metadata["by_hand"] !== undefined

const standingOf = (record: StrayRecord, intentId: string): TrueDecision | undefined =>
  record.decisions.findLast((it) => it.intentId === intentId && it.doneAtMs !== null)

/** Whether that money is kept, and no payment's, by the desk's decision. */
export const isKept = (record: StrayRecord | undefined, intentId: string): boolean =>
  record !== undefined && standingOf(record, intentId)?.action === "write-off"

/**
 * Money that was taken or held for nothing the CMS knows came before the desk, and what the desk decided was done, once:
 * it pays for the charge that was named, is back on its card, or is kept and booked as nobody's. Part of `payments`.
 */
export const judgeStrays = (
  record: StrayRecord,
  intents: ReadonlyArray<TrueIntent>,
  booked: ReadonlyArray<BookedPayment>,
  evidence: Evidence,
  /** Kept as nobody's beside it. */
  besideMinor: bigint,
  atMs: number,
  found: Findings
): void => {
  const fail = (intentId: string, expected: string, is: string, sentence: string) =>
    found.fail({
      stationId: null,
      sessionId: null,
      transactionId: null,
      expected,
      found: `${is} (${intentId})`,
      sentence
    })
  for (const { intentId, action, paymentId, doneAtMs, refused, toldOtherwise } of record.decisions) {
    found.check()
    // Somebody may have paid meanwhile what it was to pay.
    const isOverdue = refused !== null && action === "assign" && paymentId !== null
    if (refused !== null && !isOverdue) fail(intentId, action, refused, "What the desk decided was refused.")
    if (refused === null && doneAtMs === null) fail(intentId, action, "no end", "What the desk decided was never done.")
    if (toldOtherwise !== null)
      fail(intentId, "the same", toldOtherwise, "What the desk decided, asked for again, came to something else.")
  }
  const owners = new Map(booked.flatMap(({ id, intents: own }) => own.map((it) => [it.id, id] as const)))
  let keptMinor = besideMinor
  for (const intent of intents.filter(isByHand)) {
    const { id, capturedMinor, refundedMinor, disputedMinor, heldMinor, feeMinor, refundsFailed } = intent
    const standing = standingOf(record, id)
    if (standing === undefined) {
      const isDue = (capturedMinor > 0n || heldMinor > 0n) && intent.createdAtMs + record.shownWithinMs < atMs
      if (isDue) fail(id, "a decision", "none", "Money of no payment never came before anybody.")
      continue
    }
    found.check()
    const owner = owners.get(id)
    if (standing.action === "assign" && owner !== standing.paymentId)
      fail(id, `${standing.paymentId}`, owner ?? "nobody", "Money that pays for a charge is not its payment's.")
    const leftMinor = capturedMinor - refundedMinor - disputedMinor
    if (standing.action === "refund" && leftMinor > 0n && refundsFailed < refundsTried)
      fail(id, "0", `${leftMinor}`, "Money that was to go back has not.")
    if (standing.action !== "write-off") continue
    if (owner !== undefined) fail(id, "no payment", owner, "Money that is nobody's is a payment's.")
    if (leftMinor > feeMinor) keptMinor += leftMinor - feeMinor
  }
  const bookedMinor = (evidence.entries ?? [])
    .flatMap(({ postings }) => postings)
    .reduce((sum, it) => (it.account === "unclaimed" ? sum - it.amountMinor : sum), 0n)
  if (evidence.entries !== null && bookedMinor !== keptMinor)
    fail(
      "unclaimed",
      `${keptMinor}`,
      `${bookedMinor}`,
      "What is kept of nobody's money is not what the ledger has of it."
    )
}
