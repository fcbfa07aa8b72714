import { Schema } from "effect"
import type { Entry } from "../billing/Ledger.ts"
import { clearingOf } from "./post.ts"

/**
 * `unknown-intent`: the provider has an intent of no payment. `missing-intent`: a payment's intent is not with the
 * provider. `amounts`: captured, refunded or disputed differ. `unbooked`: the ledger lacks an entry. `stuck`: a call
 * whose end has not been known for long.
 */
export const unmatchedKinds = ["unknown-intent", "missing-intent", "amounts", "unbooked", "stuck"] as const

export type UnmatchedKind = (typeof unmatchedKinds)[number]

/**
 * What a person does about it. `assign`: the money pays what a payment is still owed. `refund`: it goes back, a hold is let
 * go. `write-off`: what the provider has and has not is taken as it is, and the difference is ours. `book`: the entry that
 * is missing is written.
 */
export const resolutionActions = ["assign", "refund", "write-off", "book"] as const

export type ResolutionAction = (typeof resolutionActions)[number]

/** What a person decided about an unmatched item, and what came of it. */
export const Resolution = Schema.Struct({
  action: Schema.Literals(resolutionActions),
  reason: Schema.String,
  /** The name of the API key. */
  by: Schema.String,
  /** What was different when it was decided: the same difference is not reported again. */
  detail: Schema.String,
  /** Which payment has the money now, or gives it back; null of the others. */
  paymentId: Schema.NullOr(Schema.String),
  askedAtMs: Schema.Int,
  /** Null while it is under way. */
  doneAtMs: Schema.NullOr(Schema.Int),
  /** Why it could not be done; the item stands. */
  why: Schema.NullOr(Schema.String),
  /**
   * By how much the provider's account is off from what payments book of the intent: before and from then on. Positive is
   * kept, negative is lost. And the provider's figures then.
   */
  writtenOff: Schema.NullOr(
    Schema.Struct({
      provider: Schema.String,
      currency: Schema.String,
      fromMinor: Schema.BigIntFromString,
      toMinor: Schema.BigIntFromString,
      intentId: Schema.String,
      capturedMinor: Schema.BigIntFromString,
      refundedMinor: Schema.BigIntFromString
    })
  )
})

export type Resolution = typeof Resolution.Type

export const encodeResolutions = Schema.encodeSync(Schema.Array(Resolution))
/** A defect when they are none. */
export const decodeResolutions = Schema.decodeUnknownSync(Schema.Array(Resolution))

/** Something that two books tell differently, since when, and what people did about it, oldest first. */
export interface Unmatched {
  /** Its kind, then what it is about; the same divergence seen again has the same id. */
  readonly id: string
  readonly kind: UnmatchedKind
  readonly detail: string
  /** Null: of no payment. */
  readonly paymentId: string | null
  readonly firstSeenAtMs: number
  readonly lastSeenAtMs: number
  /** Null while it stands. */
  readonly resolvedAtMs: number | null
  readonly resolutions: ReadonlyArray<Resolution>
}

/** The intent, entry or call that it is about. */
export const subjectOf = ({ id, kind }: Pick<Unmatched, "id" | "kind">): string => id.slice(kind.length + 1)

/** What is under way about it; undefined when nothing is. */
export const underWay = ({ resolutions }: Pick<Unmatched, "resolutions">): Resolution | undefined => {
  const last = resolutions[resolutions.length - 1]
  return last?.doneAtMs === null ? last : undefined
}

/** Whether that difference was dealt with by a person: then it is no news. */
export const isDealtWith = ({ resolutions }: Pick<Unmatched, "resolutions">, detail: string): boolean => {
  const last = resolutions[resolutions.length - 1]
  return last !== undefined && last.doneAtMs !== null && last.why === null && last.detail === detail
}

const may: Readonly<Record<UnmatchedKind, ReadonlyArray<ResolutionAction>>> = {
  "unknown-intent": ["assign", "refund", "write-off"],
  "missing-intent": ["write-off"],
  amounts: ["write-off"],
  unbooked: ["book"],
  stuck: []
}

/** Why that cannot be done about such an item, for the operator; undefined when it can. */
export const whyNot = (kind: UnmatchedKind, action: ResolutionAction): string | undefined => {
  if (may[kind].includes(action)) return undefined
  if (kind === "stuck")
    return "What became of a call is looked up until the provider tells: nothing can be decided here."
  return `Of ${kind} only this can be done: ${may[kind].join(", ")}.`
}

/** The items in which an intent can stand. */
export const itemsOf = (intentId: string): ReadonlyArray<string> =>
  (["unknown-intent", "missing-intent", "amounts"] as const).map((kind) => `${kind} ${intentId}`)

/** By how much the provider's account is off by decisions about these items of one intent. */
export const writtenOffOf = (items: ReadonlyArray<Pick<Unmatched, "resolutions">>): bigint =>
  items
    .flatMap(({ resolutions }) => resolutions)
    .reduce((sum, { writtenOff }) => sum + (writtenOff === null ? 0n : writtenOff.toMinor - writtenOff.fromMinor), 0n)

const entryIdPrefix = "entry-unmatched/"

/** Whether an entry is one of a decision here. */
export const isWriteOff = ({ id }: Pick<Entry, "id">): boolean => id.startsWith(entryIdPrefix)

const kept = (amountMinor: bigint): bigint => (amountMinor > 0n ? amountMinor : 0n)

/**
 * What decisions about an item book, each once: the provider's account follows what it has; money that is not there is a bad
 * debt, and money that nobody claims is kept.
 */
export const writeOffEntries = ({
  id,
  resolutions
}: Pick<Unmatched, "id" | "resolutions">): ReadonlyArray<Omit<Entry, "bookedAtMs" | "effectiveAtMs">> =>
  resolutions.flatMap(({ writtenOff, doneAtMs }, index) => {
    if (writtenOff === null || doneAtMs === null || writtenOff.toMinor === writtenOff.fromMinor) return []
    const { fromMinor, toMinor, currency, provider } = writtenOff
    const name = `${id}/${index + 1}`
    const postings = [
      { account: clearingOf(provider), amountMinor: toMinor - fromMinor },
      { account: "unclaimed", amountMinor: kept(fromMinor) - kept(toMinor) },
      { account: "bad_debt", amountMinor: kept(-toMinor) - kept(-fromMinor) }
    ].filter(({ amountMinor }) => amountMinor !== 0n)
    return [
      { id: `${entryIdPrefix}${name}`, source: { kind: "adjustment", id: `unmatched/${name}` }, currency, postings }
    ]
  })
