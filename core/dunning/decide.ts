import { amountsOf, type Debt, type DebtFact } from "./Debt.ts"

/** What people do to a debt. */
export type Command =
  | { readonly _tag: "Transfer"; readonly id: string; readonly amountMinor: bigint }
  | { readonly _tag: "Hold"; readonly untilMs: number; readonly reason: string }
  | { readonly _tag: "Extend"; readonly dueDate: string; readonly reason: string }
  | { readonly _tag: "WriteOff"; readonly id: string; readonly amountMinor: bigint; readonly reason: string }

export type Decision =
  | { readonly _tag: "Decided"; readonly facts: ReadonlyArray<DebtFact> }
  | { readonly _tag: "Refused"; readonly why: string }

const decided = (...facts: ReadonlyArray<DebtFact>): Decision => ({ _tag: "Decided", facts })
const refused = (why: string): Decision => ({ _tag: "Refused", why })

/** What a wish adds to a debt. The same id asks for the same thing once. */
export const decide = (debt: Debt, command: Command, atMs: number): Decision => {
  const { openMinor } = amountsOf(debt)
  switch (command._tag) {
    case "Transfer": {
      const known = debt.transfers.find(({ id }) => id === command.id)
      if (known !== undefined)
        return known.amountMinor === command.amountMinor ? decided() : refused("It came with another amount.")
      if (command.amountMinor > openMinor) return refused(`${openMinor} minor units are open.`)
      return decided({ _tag: "Transferred", atMs, id: command.id, amountMinor: command.amountMinor })
    }
    case "WriteOff": {
      const known = debt.writtenOff.find(({ id }) => id === command.id)
      if (known !== undefined)
        return known.amountMinor === command.amountMinor ? decided() : refused("It was asked for with another amount.")
      if (command.amountMinor > openMinor) return refused(`${openMinor} minor units are open.`)
      const { id, amountMinor, reason } = command
      return decided({ _tag: "WrittenOff", atMs, id, amountMinor, reason })
    }
    case "Hold":
      if (openMinor === 0n) return refused("Nothing is open.")
      if (command.untilMs <= atMs) return refused("It can be held until a later time only.")
      return decided({ _tag: "Held", atMs, untilMs: command.untilMs, reason: command.reason })
    case "Extend":
      if (openMinor === 0n) return refused("Nothing is open.")
      if (command.dueDate <= debt.dueDate) return refused(`It is due on ${debt.dueDate}: extend it to a later day.`)
      return decided({ _tag: "Extended", atMs, dueDate: command.dueDate, reason: command.reason })
  }
}
