import type { TrueSession, Truth } from "../Truth.ts"
import type { BookedCdr, BookedTransaction, Evidence } from "./Evidence.ts"

/** Truth and books laid side by side. */
export interface Matching {
  /** By the simulator's session id. */
  readonly bySession: ReadonlyMap<string, BookedTransaction>
  /** Sessions per transaction of the books, by its id: more than one is two cars in one transaction. */
  readonly sessionsOf: ReadonlyMap<string, ReadonlyArray<TrueSession>>
  /** Transactions of the books that no car was ever in. */
  readonly strangers: ReadonlyArray<BookedTransaction>
  readonly cdrsOf: ReadonlyMap<string, ReadonlyArray<BookedCdr>>
}

const made = new WeakMap<Evidence, Matching>()

/**
 * Which transaction of the books is which true session: the one of that station with the id on the wire, else (the
 * station never learnt the id) the one on that EVSE, if the CMS tells it, that began at that instant. Where its clock showed
 * another year, and so began when it was heard of, the only one left there of that token. Made once per evidence.
 */
export const match = (truth: Truth, evidence: Evidence): Matching => {
  const known = made.get(evidence)
  if (known !== undefined) return known
  const matching = makeMatching(truth, evidence)
  made.set(evidence, matching)
  return matching
}

const makeMatching = (truth: Truth, evidence: Evidence): Matching => {
  const transactions = evidence.transactions ?? []
  const byWireId = new Map<string, BookedTransaction>()
  const byStart = new Map<string, BookedTransaction>()
  for (const it of transactions) {
    byWireId.set(`${it.stationId}|${it.ocppId}`, it)
    byStart.set(`${it.stationId}|${it.evseId ?? "any"}|${it.startedAtMs}`, it)
  }
  const bySession = new Map<string, BookedTransaction>()
  const sessionsOf = new Map<string, Array<TrueSession>>()
  const pair = (session: TrueSession, found: BookedTransaction): void => {
    bySession.set(session.id, found)
    const others = sessionsOf.get(found.id)
    if (others === undefined) sessionsOf.set(found.id, [session])
    else others.push(session)
  }
  for (const session of truth.sessions) {
    const { stationId, ocppTransactionId, evseId, startedAtMs } = session
    const found =
      (ocppTransactionId === null ? undefined : byWireId.get(`${stationId}|${ocppTransactionId}`)) ??
      byStart.get(`${stationId}|${evseId}|${startedAtMs}`) ??
      byStart.get(`${stationId}|any|${startedAtMs}`)
    if (found !== undefined) pair(session, found)
  }
  for (const session of truth.sessions) {
    if (bySession.has(session.id) || session.ocppTransactionId !== null || !session.lies.includes("clock")) continue
    const left = transactions.filter((it) => !sessionsOf.has(it.id) && mayBe(session, it))
    if (left.length === 1) pair(session, left[0]!)
  }
  const cdrsOf = new Map<string, Array<BookedCdr>>()
  for (const cdr of evidence.cdrs ?? []) {
    const others = cdrsOf.get(cdr.transactionId)
    if (others === undefined) cdrsOf.set(cdr.transactionId, [cdr])
    else others.push(cdr)
  }
  return { bySession, sessionsOf, strangers: transactions.filter(({ id }) => !sessionsOf.has(id)), cdrsOf }
}

/** Whether it was heard of at that place, with that token, after it had begun. */
const mayBe = ({ stationId, evseId, tokenUid, trueStartedAtMs }: TrueSession, it: BookedTransaction): boolean =>
  it.stationId === stationId &&
  it.evseId === evseId &&
  it.tokenUid === tokenUid &&
  it.startedAtMs !== null &&
  it.startedAtMs >= trueStartedAtMs

/** The CDRs that stand: those issued less those taken back by a credit. */
export const standing = (cdrs: ReadonlyArray<Pick<BookedCdr, "credit">>): number =>
  cdrs.reduce((count, { credit }) => count + (credit ? -1 : 1), 0)

/** What a charge's bills came to, step by step as they were issued: a credit and the bill made with it are one step. */
export const stepsOf = (
  cdrs: ReadonlyArray<Pick<BookedCdr, "credit" | "energyWh" | "grossMinor" | "issuedAtMs">>
): ReadonlyArray<{ readonly minor: bigint; readonly wh: number }> => {
  const steps: Array<{ readonly minor: bigint; readonly wh: number }> = []
  let minor = 0n
  let wh = 0
  for (const [index, { credit, energyWh, grossMinor, issuedAtMs }] of cdrs.entries()) {
    minor += grossMinor
    wh += credit ? -energyWh : energyWh
    const next = cdrs[index + 1]
    const isReplaced = credit && next?.credit === false && next.issuedAtMs === issuedAtMs
    if (!isReplaced) steps.push({ minor, wh })
  }
  return steps
}

/** Energy billed in all, Wh: a credit takes back what it refers to. */
export const billedWh = (cdrs: ReadonlyArray<Pick<BookedCdr, "credit" | "energyWh">>): number =>
  cdrs.reduce((sum, { credit, energyWh }) => sum + (credit ? -energyWh : energyWh), 0)
