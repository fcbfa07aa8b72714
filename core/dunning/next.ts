import { Schema } from "effect"
import { daysAfter, startOfDay } from "../invoice/days.ts"
import { amountsOf, type Debt, type DebtFact, givenUpTooMuchOf, stateOf, unfoundedReminder } from "./Debt.ts"

/** The house's rules for what is not paid: what is asked how many days after it was due. */
export const DunningPolicy = Schema.Struct({
  /** In their order; the fee is owed with the reminder, without VAT: it is damages, no supply. */
  reminders: Schema.Array(Schema.Struct({ afterDays: Schema.Int, feeMinor: Schema.BigIntFromString })),
  /** Null: never. */
  suspendAfterDays: Schema.NullOr(Schema.Int),
  collectAfterDays: Schema.NullOr(Schema.Int)
})

export type DunningPolicy = typeof DunningPolicy.Type

export const standardDunning: DunningPolicy = {
  reminders: [
    { afterDays: 3, feeMinor: 0n },
    { afterDays: 14, feeMinor: 250n },
    { afterDays: 28, feeMinor: 500n }
  ],
  suspendAfterDays: 30,
  collectAfterDays: 60
}

export type DunningStep =
  | { readonly _tag: "Note"; readonly fact: DebtFact }
  | { readonly _tag: "Wait"; readonly untilMs: number }
  | { readonly _tag: "Rest" }

interface Stage {
  readonly afterDays: number
  readonly doneAtMs: number | null
  readonly fact: DebtFact
}

/** The stages in their order, with when each was reached. */
const stagesOf = (debt: Debt, policy: DunningPolicy, atMs: number): ReadonlyArray<Stage> => [
  ...policy.reminders.map(({ afterDays, feeMinor }, index): Stage => {
    const level = index + 1
    const doneAtMs = debt.reminders.find((it) => it.level === level)?.atMs ?? null
    return { afterDays, doneAtMs, fact: { _tag: "Reminded", atMs, level, feeMinor } }
  }),
  ...(policy.suspendAfterDays === null
    ? []
    : [
        { afterDays: policy.suspendAfterDays, doneAtMs: debt.suspendedAtMs, fact: { _tag: "Suspended", atMs } as const }
      ]),
  ...(policy.collectAfterDays === null
    ? []
    : [
        { afterDays: policy.collectAfterDays, doneAtMs: debt.collectedAtMs, fact: { _tag: "Collected", atMs } as const }
      ])
]

/** Takes back what was given up of what is owed no longer: else the driver would be owed what he never paid. */
const takeBack = ({ writtenOff }: Debt, amountMinor: bigint, atMs: number): DunningStep => ({
  _tag: "Note",
  fact: {
    _tag: "WrittenOff",
    atMs,
    id: `bill-came-to-less/${writtenOff.length}`,
    amountMinor: -amountMinor,
    reason: "The bill came to less."
  }
})

/**
 * What is due about a debt: the next stage, on its day. Stages keep their distance, so that a server that was away for
 * long does not remind three times in one night; what is held waits, and what is paid rests.
 */
export const next = (debt: Debt, policy: DunningPolicy, nowMs: number): DunningStep => {
  const unfounded = unfoundedReminder(debt)
  if (unfounded !== undefined) return { _tag: "Note", fact: { _tag: "FeeWaived", atMs: nowMs, level: unfounded.level } }
  const tooMuchMinor = givenUpTooMuchOf(debt)
  if (tooMuchMinor > 0n) return takeBack(debt, tooMuchMinor, nowMs)
  if (amountsOf(debt).openMinor === 0n || debt.creditedAtMs !== null) return { _tag: "Rest" }
  if (debt.held !== null && nowMs < debt.held.untilMs) return { _tag: "Wait", untilMs: debt.held.untilMs }
  const stages = stagesOf(debt, policy, nowMs)
  const index = stages.findIndex(({ doneAtMs }) => doneAtMs === null)
  const stage = stages[index]
  if (stage === undefined) return { _tag: "Rest" }
  const before = stages[index - 1]
  const byDate = startOfDay(daysAfter(debt.dueDate, stage.afterDays), debt.timeZone)
  const dayMs = 24 * 3_600_000
  const byDistance =
    before?.doneAtMs == null ? 0 : before.doneAtMs + Math.max(0, stage.afterDays - before.afterDays - 1) * dayMs
  const dueMs = Math.max(byDate, byDistance)
  return nowMs >= dueMs ? { _tag: "Note", fact: stage.fact } : { _tag: "Wait", untilMs: dueMs }
}

/**
 * The reminder whose letter nobody could send when it was written, and which is still to be sent: the last one, while
 * something is open and it is we who ask for it.
 */
export const unlettered = (debt: Debt, nowMs: number): Debt["reminders"][number] | undefined => {
  const last = debt.reminders.at(-1)
  const state = stateOf(debt)
  const isAsked = (state === "reminded" || state === "suspended") && (debt.held === null || nowMs >= debt.held.untilMs)
  return isAsked && last?.letter === undefined ? last : undefined
}
