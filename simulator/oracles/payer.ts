import type { TrueSession, Truth } from "../Truth.ts"
import type { BookedTransaction, Evidence } from "./Evidence.ts"
import { match } from "./match.ts"
import type { Context, Failure, Findings, TrueToken } from "./Oracle.ts"

/**
 * Whoever is charged is who paid: a car charges on a token that its own person showed there, the books have the session
 * under that token, and the debt is that token's driver's. Part of `identity`. Of a token whose driver the world does
 * not know the debtor is not checked.
 */
export const checkPayers = (truth: Truth, evidence: Evidence, context: Context, found: Findings): void => {
  const { bySession, cdrsOf } = match(truth, evidence)
  const entryOf = new Map(
    (evidence.entries ?? [])
      .filter(({ sourceKind = "cdr" }) => sourceKind === "cdr")
      .map((entry) => [entry.sourceId, entry])
  )
  for (const session of truth.sessions) {
    const transaction = bySession.get(session.id)
    const place = { stationId: session.stationId, sessionId: session.id, transactionId: transaction?.id ?? null }
    found.check()
    const objections = [strangersToken(truth, session), wrongToken(session, transaction)]
    const token = session.tokenUid === null ? undefined : context.tokens.get(session.tokenUid)
    for (const { id } of transaction === undefined ? [] : (cdrsOf.get(transaction.id) ?? [])) {
      objections.push(wrongDebtor(token, entryOf.get(id)?.postings ?? []))
    }
    for (const objection of objections) if (objection !== null) found.fail({ ...place, ...objection })
  }
}

type Objection = Pick<Failure, "expected" | "found" | "sentence"> | null

/** An authorization waits for a car no longer than this, its own way to the station included. */
const longestWaitMs = 15 * 60_000

/**
 * Nobody's token but the person's own came to this car. One that somebody else showed there just before and did not use
 * is no fault of a CMS: the station lets in whoever plugs in next.
 */
const strangersToken = (truth: Truth, session: TrueSession): Objection => {
  const { personId, tokenUid, stationId, evseId, startedAtMs } = session
  if (personId === null || tokenUid === null || truth.startOf(session) !== undefined) return null
  const isLeftOver = truth
    .at(stationId, evseId, tokenUid)
    .some(({ atMs }) => atMs <= startedAtMs && startedAtMs - atMs <= longestWaitMs)
  if (isLeftOver) return null
  const sentence = "A car charged on a token that the person who brought it never showed there."
  return { expected: `a token of ${personId}`, found: tokenUid, sentence }
}

/** A token that the books never heard of, because its message was lost, is no other token. */
const wrongToken = ({ tokenUid }: TrueSession, transaction: BookedTransaction | undefined): Objection => {
  const booked = transaction?.tokenUid ?? null
  if (booked === null || booked === tokenUid) return null
  const sentence = "The books have a session under another token than it ran on."
  return { expected: tokenUid ?? "no token", found: booked, sentence }
}

const wrongDebtor = (
  token: TrueToken | undefined,
  postings: ReadonlyArray<{ readonly account: string }>
): Objection => {
  if (token?.driverId === undefined) return null
  const debtor = postings.find(({ account }) => account.startsWith("receivable:"))?.account
  const expected = token.driverId === null ? `receivable:token:${token.uid}` : `receivable:driver:${token.driverId}`
  if (debtor === undefined || debtor === expected) return null
  return { expected, found: debtor, sentence: "Somebody else owes for a charge than who paid with the token." }
}
