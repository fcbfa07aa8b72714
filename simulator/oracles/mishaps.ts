import type { TrueIntent } from "../psp/Account.ts"
import type { BookedPayment, Evidence } from "./Evidence.ts"
import type { Findings } from "./Oracle.ts"

/**
 * What truly went wrong behind the CMS's back. `lost`: the provider knows an intent and has its money no more; `away`: so
 * until it ended. `silent`: the provider failed whoever asked about an intent. `overturned`: a bank gave back, of an intent,
 * what it had decided to keep. `entry`: the ledger lost one.
 */
export interface TrueMishap {
  readonly kind: "lost" | "away" | "silent" | "overturned" | "entry"
  /** The intent or the entry. */
  readonly subject: string
  /** What was given back, minor units; 0 of the others. */
  readonly amountMinor: bigint
  readonly atMs: number
  /** Null while it lasts. */
  endedAtMs: number | null
  /** When somebody first wanted to change something about a silent intent, in vain. */
  failedAtMs: number | null
}

/** What the desk decided about an item, by its own account. */
export interface TrueItemDecision {
  readonly kind: "unknown-intent" | "missing-intent" | "amounts" | "unbooked" | "stuck"
  /** The intent, entry or call. */
  readonly subject: string
  /** When it was told that it is done; null while it was not. */
  doneAtMs: number | null
  /** Why it could not be done, in the CMS's words; null where it said no such thing. */
  refused: string | null
  /** What it was told when it asked for the same again, where that was something else. */
  toldOtherwise: string | null
}

export interface MishapRecord {
  /** Each in the order in which they came. */
  readonly mishaps: ReadonlyArray<TrueMishap>
  readonly decisions: ReadonlyArray<TrueItemDecision>
  /** What is wrong is on the desk's list within this, and decided. */
  readonly shownWithinMs: number
}

/** A call whose end is not known for so long is one for people; and how long until they have seen it. */
const stuckAfterMs = 24 * 3_600_000
const stuckShownMs = 7.5 * 3_600_000

/** Whether the provider has lost an intent, and a person has taken that as it is. */
export const isWrittenOff = (record: MishapRecord | undefined, intentId: string): boolean =>
  record?.decisions.some(
    ({ kind, subject, doneAtMs }) => kind === "missing-intent" && subject === intentId && doneAtMs !== null
  ) ?? false

/** What the bank gave back of an intent that the CMS has as lost, and a person has taken as it is. */
export const overturnedOf = (record: MishapRecord | undefined, intentId: string): bigint => {
  const isDecided = record?.decisions.some(
    ({ kind, subject, doneAtMs }) => kind === "amounts" && subject === intentId && doneAtMs !== null
  )
  if (record === undefined || isDecided !== true) return 0n
  return record.mishaps.reduce(
    (sum, it) => (it.kind === "overturned" && it.subject === intentId ? sum + it.amountMinor : sum),
    0n
  )
}

/** Kept by people's decisions about such items, as nobody's. */
export const keptOf = (record: MishapRecord | undefined, intents: ReadonlyArray<TrueIntent>): bigint =>
  intents.reduce((sum, it) => {
    const overturnedMinor = overturnedOf(record, it.id)
    if (it.isLost !== true || !isWrittenOff(record, it.id)) return sum + overturnedMinor
    // Of what had gone back its fee was owed to the provider, which knows nothing of that any more.
    const layMinor = it.capturedMinor - it.refundedMinor - it.disputedMinor - it.feeMinor
    return layMinor < 0n ? sum - layMinor : sum
  }, 0n)

/**
 * What went wrong behind the CMS's back came before the desk, once for each time that something happened and never for
 * nothing; what was decided was done, once. What it comes to in the books is for those that hold them to the provider. Part
 * of `payments`.
 */
export const judgeMishaps = (
  record: MishapRecord,
  sides: Sides,
  evidence: Evidence,
  atMs: number,
  found: Findings
): void => {
  const fail = (subject: string, expected: string, is: string, sentence: string) =>
    found.fail({
      stationId: null,
      sessionId: null,
      transactionId: null,
      expected,
      found: `${is} (${subject})`,
      sentence
    })
  judgeDecisions(record, sides, found, fail)
  for (const { kind, subject, atMs: happenedAtMs, endedAtMs, failedAtMs } of record.mishaps) {
    found.check()
    const isLong = failedAtMs !== null && failedAtMs + stuckAfterMs + stuckShownMs < (endedAtMs ?? atMs)
    if (isLong && !record.decisions.some((it) => it.kind === "stuck"))
      fail(subject, "an item", "none", "What became of a call was not known for a day, and nobody heard of it.")
    const isDue = happenedAtMs + record.shownWithinMs < atMs
    if (kind === "lost" && isDue && !isWrittenOff(record, subject))
      fail(subject, "a decision", "none", "An intent that the provider has lost never came before anybody.")
    if (kind !== "entry" || evidence.entries === null) continue
    const times = evidence.entries.filter(({ id }) => id === subject).length
    if (isDue ? times !== 1 : times > 1)
      fail(subject, "1", `${times}`, "An entry that the ledger had lost is not in it once.")
  }
}

/** The CMS's payments, and the provider's intents. */
export interface Sides {
  readonly booked: ReadonlyArray<BookedPayment>
  readonly intents: ReadonlyArray<Pick<TrueIntent, "id" | "refundedMinor" | "refundsFailed">>
}

type Fail = (subject: string, expected: string, found: string, sentence: string) => void

const judgeDecisions = (
  { mishaps, decisions }: MishapRecord,
  { booked, intents }: Sides,
  found: Findings,
  fail: Fail
): void => {
  /** By item: how often something happened that shows in it. */
  const causes = new Map<string, number>()
  const cause = (item: string) => causes.set(item, (causes.get(item) ?? 0) + 1)
  for (const { kind, subject, endedAtMs } of mishaps) {
    if (kind === "lost" || kind === "away") cause(`missing-intent ${subject}`)
    if (kind === "overturned" || (kind === "away" && endedAtMs !== null)) cause(`amounts ${subject}`)
    if (kind === "entry") cause(`unbooked ${subject}`)
    const ofIt = booked.filter(({ intents }) => intents.some(({ id }) => id === subject))
    if (kind === "silent") for (const { id } of ofIt) cause(`stuck ${id}`)
  }
  const times = new Map<string, number>()
  for (const { kind, subject, doneAtMs, refused, toldOtherwise } of decisions) {
    found.check()
    // A call is named by its payment first.
    const item = kind === "stuck" ? `stuck ${subject.split("/")[0]}` : `${kind} ${subject}`
    times.set(item, (times.get(item) ?? 0) + (kind === "stuck" || refused === null ? 1 : 0))
    if (!causes.has(item)) fail(item, "no item", "one", "Nothing is wrong, and somebody was asked about it.")
    if (toldOtherwise !== null)
      fail(item, "the same", toldOtherwise, "What the desk decided, asked for again, came to something else.")
    if (kind === "stuck") {
      if (refused === null)
        fail(item, "a refusal", "none", "Something was decided about a call that only the provider knows of.")
      continue
    }
    // What was found again in between is no matter for anybody.
    const isOver = mishaps.some((it) => it.kind === "away" && it.subject === subject && it.endedAtMs !== null)
    if (refused !== null && !isOver) fail(item, "done", refused, "What the desk decided was refused.")
    if (refused === null && doneAtMs === null) fail(item, "done", "no end", "What the desk decided was never done.")
  }
  const refunds = new Map(
    intents.map(({ id, refundedMinor, refundsFailed }) => [
      `amounts ${id}`,
      refundsFailed + (refundedMinor > 0n ? 1 : 0)
    ])
  )
  for (const [item, asked] of times) {
    const caused = causes.get(item) ?? 0
    // What differs is told with the refunds that were tried: each is news of a difference that stands.
    const most = caused + (refunds.get(item) ?? 0)
    if (asked > most && caused > 0)
      fail(item, `at most ${most}`, `${asked}`, "What was decided came before somebody again.")
  }
}
