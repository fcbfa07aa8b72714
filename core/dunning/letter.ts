import type { Language } from "../invoice/Party.ts"
import { dayIn, moneyIn } from "../invoice/texts.ts"

/** What is reminded of: an invoice by its number and day, a charge by its station, or a wallet. */
export type Subject =
  | { readonly kind: "invoice"; readonly id: string; readonly issueDate: string }
  | { readonly kind: "charge"; readonly stationId: string }
  | { readonly kind: "wallet" }

/** What a reminder says. */
export interface Letter {
  readonly language: Language
  readonly subject: Subject
  readonly dueDate: string
  readonly level: number
  readonly openMinor: bigint
  readonly feeMinor: bigint
  readonly currency: string
}

/** A reminder as text: what it is about, what is open of it, and what the reminder costs. */
export const letterOf = (letter: Letter): string => {
  const { language, level, currency } = letter
  const money = (minor: bigint) => moneyIn(language, minor, currency)
  const due = dayIn(language, letter.dueDate)
  const subject = subjectIn(language, letter.subject)
  if (language === "de") {
    const fee =
      letter.feeMinor > 0n ? ` Für diese Mahnung berechnen wir ${money(letter.feeMinor)}, darin enthalten.` : ""
    return `${level}. Mahnung. ${subject} war am ${due} fällig. Offen sind ${money(letter.openMinor)}.${fee}`
  }
  const fee = letter.feeMinor > 0n ? ` This includes ${money(letter.feeMinor)} for this reminder.` : ""
  return `Reminder ${level}. ${subject} was due on ${due}. ${money(letter.openMinor)} are open.${fee}`
}

const subjectIn = (language: Language, subject: Subject): string => {
  const isGerman = language === "de"
  switch (subject.kind) {
    case "invoice": {
      const issued = dayIn(language, subject.issueDate)
      return isGerman ? `Rechnung ${subject.id} vom ${issued}` : `Invoice ${subject.id} of ${issued}`
    }
    case "charge":
      return isGerman
        ? `Ihr Ladevorgang an ${subject.stationId}, soweit Ihre Zahlung ihn nicht deckt,`
        : `Your charge at ${subject.stationId}, as far as your payment did not cover it,`
    case "wallet":
      return isGerman ? "Was Ihr Guthaben nicht decken konnte," : "What your wallet could not pay"
  }
}
