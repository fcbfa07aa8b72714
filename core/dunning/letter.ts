import type { Language } from "../invoice/Party.ts"
import { dayIn, moneyIn } from "../invoice/texts.ts"
import type { ReminderLetter, Subject } from "./Reminder.ts"

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
  const title = titleIn(language, level)
  if (language === "de") {
    const fee =
      letter.feeMinor > 0n ? ` Für diese Mahnung berechnen wir ${money(letter.feeMinor)}, darin enthalten.` : ""
    return `${title}. ${subject} war am ${due} fällig. Offen sind ${money(letter.openMinor)}.${fee}`
  }
  const fee = letter.feeMinor > 0n ? ` This includes ${money(letter.feeMinor)} for this reminder.` : ""
  return `${title}. ${subject} was due on ${due}. ${money(letter.openMinor)} are open.${fee}`
}

export const titleIn = (language: Language, level: number): string =>
  language === "de" ? `${level}. Mahnung` : `Reminder ${level}`

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

/** What stands in a letter on paper, in its language and its order. */
export interface LetterWords {
  readonly title: string
  /** At the right: names and values. */
  readonly facts: ReadonlyArray<readonly [name: string, value: string]>
  readonly before: ReadonlyArray<string>
  /** What the open amount is made of; what is taken off is negative. */
  readonly rows: ReadonlyArray<readonly [name: string, amountMinor: bigint]>
  readonly open: string
  readonly after: ReadonlyArray<string>
}

export const wordsOf = (letter: ReminderLetter): LetterWords => {
  const { language, level, reference, subject } = letter
  const words = language === "de" ? de : en
  const day = (date: string) => dayIn(language, date)
  const rows: ReadonlyArray<readonly [string, bigint]> = [
    [words.subjects[subject.kind](subject.kind === "invoice" ? subject.id : ""), letter.amountMinor],
    [words.earlierFees, letter.earlierFeesMinor],
    [words.fee, letter.feeMinor],
    [words.paid, -letter.paidMinor],
    [words.waived, -letter.waivedMinor]
  ]
  return {
    title: titleIn(language, level),
    facts: [
      [words.reference, reference],
      [words.date, day(letter.issueDate)],
      [words.customer, letter.driverId],
      [words.wasDue, day(letter.dueDate)],
      [words.payBy, day(letter.payByDate)]
    ],
    before: [words.greeting, words.opening(subjectIn(language, subject), day(letter.dueDate))],
    rows: rows.filter(([, amountMinor], index) => index === 0 || amountMinor !== 0n),
    open: words.open,
    after: [
      letter.seller.bank === null
        ? words.pay(day(letter.payByDate))
        : words.transfer(day(letter.payByDate), subject.kind === "invoice" ? subject.id : reference),
      ...(letter.feeMinor + letter.earlierFeesMinor > 0n ? [words.damages] : []),
      words.crossed
    ]
  }
}

const de = {
  reference: "Unser Zeichen",
  date: "Datum",
  customer: "Kunde",
  wasDue: "Fällig war am",
  payBy: "Zu zahlen bis",
  greeting: "Guten Tag,",
  opening: (subject: string, due: string) =>
    `${subject} war am ${due} fällig. Bis heute ist der Betrag nicht oder nicht ganz bei uns eingegangen. Nach unseren Büchern steht es so:`,
  subjects: {
    invoice: (id: string) => `Rechnung ${id}`,
    charge: () => "Ladevorgang",
    wallet: () => "Ladevorgänge, soweit nicht durch Ihr Guthaben gedeckt"
  },
  earlierFees: "Frühere Mahngebühren",
  fee: "Gebühr für diese Mahnung",
  paid: "Bereits gezahlt",
  waived: "Erlassen",
  open: "Offen",
  pay: (date: string) => `Bitte zahlen Sie den offenen Betrag bis zum ${date}.`,
  transfer: (date: string, reference: string) =>
    `Bitte überweisen Sie den offenen Betrag bis zum ${date} auf das unten genannte Konto und geben Sie dabei ${reference} an, oder zahlen Sie ihn mit Ihrer Karte in der App.`,
  damages: "Mahngebühren sind Schadenersatz und enthalten keine Umsatzsteuer.",
  crossed: "Haben Sie inzwischen gezahlt, so betrachten Sie dieses Schreiben bitte als gegenstandslos."
}

const en: typeof de = {
  reference: "Our reference",
  date: "Date",
  customer: "Customer",
  wasDue: "Was due on",
  payBy: "To be paid by",
  greeting: "Hello,",
  opening: (subject, due) =>
    `${subject} was due on ${due}. To date the amount has not reached us, or not all of it. This is how our books stand:`,
  subjects: {
    invoice: (id) => `Invoice ${id}`,
    charge: () => "Charge",
    wallet: () => "Charges, as far as your wallet did not cover them"
  },
  earlierFees: "Fees of earlier reminders",
  fee: "Fee of this reminder",
  paid: "Paid so far",
  waived: "Waived",
  open: "Open",
  pay: (date) => `Please pay the open amount by ${date}.`,
  transfer: (date, reference) =>
    `Please transfer the open amount by ${date} to the account named below, quoting ${reference}, or pay it by card in the app.`,
  damages: "Fees of reminders are damages, and have no VAT.",
  crossed: "If you have paid in the meantime, please disregard this letter."
}
