import type { Language } from "../invoice/Party.ts"
import { dayIn, moneyIn } from "../invoice/texts.ts"

/** What a reminder says. */
export interface Letter {
  readonly language: Language
  readonly invoiceId: string
  readonly issueDate: string
  readonly dueDate: string
  readonly level: number
  readonly openMinor: bigint
  readonly feeMinor: bigint
  readonly currency: string
}

/** A reminder as text: the document, what is open of it, and what the reminder costs. */
export const letterOf = (letter: Letter): string => {
  const { language, invoiceId, level, currency } = letter
  const money = (minor: bigint) => moneyIn(language, minor, currency)
  const [issued, due] = [dayIn(language, letter.issueDate), dayIn(language, letter.dueDate)]
  if (language === "de") {
    const fee =
      letter.feeMinor > 0n ? ` Für diese Mahnung berechnen wir ${money(letter.feeMinor)}, darin enthalten.` : ""
    return `${level}. Mahnung. Rechnung ${invoiceId} vom ${issued} war am ${due} fällig. Offen sind ${money(letter.openMinor)}.${fee}`
  }
  const fee = letter.feeMinor > 0n ? ` This includes ${money(letter.feeMinor)} for this reminder.` : ""
  return `Reminder ${level}. Invoice ${invoiceId} of ${issued} was due on ${due}. ${money(letter.openMinor)} are open.${fee}`
}
