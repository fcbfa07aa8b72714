import { formatMinor } from "../Money.ts"
import type { InvoiceLine } from "./Invoice.ts"
import type { Language } from "./Party.ts"

/** Everything a document says in words, in one language. */
export interface Texts {
  readonly kinds: { readonly invoice: string; readonly receipt: string; readonly "credit-note": string }
  readonly number: string
  readonly date: string
  readonly period: string
  readonly customer: string
  readonly reference: string
  readonly vatId: string
  readonly due: string
  readonly item: string
  readonly quantity: string
  readonly price: string
  readonly vat: string
  readonly net: string
  readonly gross: string
  readonly tax: string
  readonly taxRate: string
  readonly sumNet: string
  readonly sumGross: string
  readonly rounding: string
  readonly payable: string
  readonly given: string
  readonly page: (page: number, pages: number) => string
  readonly lines: Readonly<Record<InvoiceLine["dimension"], string>>
  readonly reserved: string
  readonly adjustments: Readonly<Record<NonNullable<InvoiceLine["adjustment"]>, string>>
  readonly perKwh: string
  readonly perHour: string
  readonly perSession: string
  readonly taxInside: string
  readonly steps: string
  readonly register: string
  readonly inclusive: string
  readonly credits: (id: string, date: string, reason: string) => string
  readonly payBy: (date: string) => string
  /** Of fees, which are taken from a card that is kept. */
  readonly payByCard: (date: string) => string
  readonly payNow: string
  readonly reverse: string
  readonly roundingNote: string
  readonly roundingNoteOfFees: string
  /** Of a fee that is given back. */
  readonly givenBack: string
  readonly taxNumber: string
  readonly bank: string
}

const de: Texts = {
  kinds: { invoice: "Rechnung", receipt: "Beleg", "credit-note": "Stornorechnung" },
  number: "Nummer",
  date: "Datum",
  period: "Leistungszeitraum",
  customer: "Kunde",
  reference: "Ihre Referenz",
  vatId: "USt-IdNr.",
  due: "Fällig am",
  item: "Leistung",
  quantity: "Menge",
  price: "Einzelpreis",
  vat: "USt",
  net: "Netto",
  gross: "Brutto",
  tax: "Steuer",
  taxRate: "Steuersatz",
  sumNet: "Summe netto",
  sumGross: "Summe brutto",
  rounding: "Rundung",
  payable: "Zu zahlen",
  given: "Gutgeschrieben",
  page: (page, pages) => `Seite ${page} von ${pages}`,
  lines: {
    ENERGY: "Energie",
    TIME: "Ladezeit",
    PARKING_TIME: "Standzeit ohne Laden",
    RESERVATION_TIME: "Reservierung",
    FLAT: "Startgebühr",
    ADJUSTMENT: "Anpassung",
    FEE: "Grundgebühr"
  },
  reserved: "Reservierung",
  adjustments: {
    INCLUDED: "im Tarif enthalten",
    MIN_PRICE: "Aufschlag zum Mindestpreis",
    MAX_PRICE: "Abzug zum Höchstpreis",
    NEGATIVE_TAX: "Negative Steuer nicht angesetzt",
    GRACE: "Karenzzeit, kostenfrei",
    QUIET_HOURS: "Ruhezeit, kostenfrei",
    CAP: "Höchstbetrag je Ladung",
    DISCOUNT: "Rabatt",
    TAX_AT_RATE: "Steuer im Höchst- oder Mindestpreis"
  },
  perKwh: "/kWh",
  perHour: "/h",
  perSession: "",
  taxInside: "brutto",
  steps: "davon durch Abrechnungsschritt",
  register: "Zähler",
  inclusive: "inkl. USt",
  credits: (id, date, reason) => `Storniert wird ${id} vom ${date}. ${reason}`,
  payBy: (date) => `Bitte überweisen Sie den Betrag bis zum ${date} unter Angabe der Rechnungsnummer.`,
  payByCard: (date) =>
    `Wir buchen den Betrag von Ihrer hinterlegten Karte ab. Ohne Karte überweisen Sie ihn bitte bis zum ${date} unter Angabe der Rechnungsnummer.`,
  payNow: "Der Betrag ist sofort fällig.",
  reverse: "Der Betrag wird verrechnet oder erstattet.",
  roundingNote:
    "Jede Ladung ist für sich gerundet, die Steuer je Steuersatz über alle Ladungen; die Differenz steht unter „Rundung“.",
  roundingNoteOfFees:
    "Die Preise enthalten die Umsatzsteuer; sie ist je Steuersatz auf die Nettosumme gerechnet, die Differenz steht unter „Rundung“.",
  givenBack: "Erstattung",
  taxNumber: "Steuernr.",
  bank: "Bank"
}

const en: Texts = {
  kinds: { invoice: "Invoice", receipt: "Receipt", "credit-note": "Credit note" },
  number: "Number",
  date: "Date",
  period: "Period of supply",
  customer: "Customer",
  reference: "Your reference",
  vatId: "VAT ID",
  due: "Due on",
  item: "Supply",
  quantity: "Quantity",
  price: "Unit price",
  vat: "VAT",
  net: "Net",
  gross: "Gross",
  tax: "Tax",
  taxRate: "Tax rate",
  sumNet: "Total net",
  sumGross: "Total gross",
  rounding: "Rounding",
  payable: "To be paid",
  given: "Credited",
  page: (page, pages) => `Page ${page} of ${pages}`,
  lines: {
    ENERGY: "Energy",
    TIME: "Charging time",
    PARKING_TIME: "Parking time, not charging",
    RESERVATION_TIME: "Reservation",
    FLAT: "Session fee",
    ADJUSTMENT: "Adjustment",
    FEE: "Fee"
  },
  reserved: "Reservation",
  adjustments: {
    INCLUDED: "included in the plan",
    MIN_PRICE: "Raised to the minimum price",
    MAX_PRICE: "Lowered to the maximum price",
    NEGATIVE_TAX: "Negative tax not counted",
    GRACE: "Grace period, free",
    QUIET_HOURS: "Quiet hours, free",
    CAP: "Most a session pays",
    DISCOUNT: "Discount",
    TAX_AT_RATE: "Tax inside the maximum or minimum price"
  },
  perKwh: "/kWh",
  perHour: "/h",
  perSession: "",
  taxInside: "gross",
  steps: "of it by the billing step",
  register: "Meter",
  inclusive: "incl. VAT",
  credits: (id, date, reason) => `This takes back ${id} of ${date}. ${reason}`,
  payBy: (date) => `Please transfer the amount by ${date} and state the number of the invoice.`,
  payByCard: (date) =>
    `We take the amount from the card that you keep with us. Without one, please transfer it by ${date}, quoting the invoice number.`,
  payNow: "The amount is due at once.",
  reverse: "The amount is set off or refunded.",
  roundingNote:
    "Each session is rounded on its own, the tax once per rate over all sessions; the difference is told as “Rounding”.",
  roundingNoteOfFees:
    "Prices include VAT, which is reckoned on the net total of each rate; the difference is shown as rounding.",
  givenBack: "given back",
  taxNumber: "Tax no.",
  bank: "Bank"
}

const texts: Readonly<Record<Language, Texts>> = { de, en }

export const textsOf = (language: Language): Texts => texts[language]

/** Decimal text with the language's signs: `1234.50` is `1.234,50` in German. The minus is a minus sign. */
export const decimalIn = (language: Language, decimal: string): string => {
  const isNegative = decimal.startsWith("-")
  const [whole = "", fraction] = (isNegative ? decimal.slice(1) : decimal).split(".")
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, language === "de" ? "." : ",")
  const point = language === "de" ? "," : "."
  return `${isNegative ? "−" : ""}${grouped}${fraction === undefined ? "" : point + fraction}`
}

/** Money with its currency. */
export const moneyIn = (language: Language, amountMinor: bigint, currency: string): string =>
  `${decimalIn(language, formatMinor(amountMinor, currency))} ${currency === "EUR" ? "€" : currency}`

/** A day `2026-03-01` as people write it. */
export const dayIn = (language: Language, day: string): string => {
  const [year, month, date] = day.split("-")
  return language === "de" ? `${date}.${month}.${year}` : `${date}/${month}/${year}`
}

/** What a line is for; one that frees or lowers a dimension names it too. */
export const nameOf = ({ lines, adjustments }: Texts, { dimension, adjustment }: InvoiceLine): string => {
  if (adjustment === null) return lines[dimension]
  return dimension === "ADJUSTMENT" ? adjustments[adjustment] : `${lines[dimension]}: ${adjustments[adjustment]}`
}

/** What a fee is called on a document: by its plan, and whether it is given back. */
export const feeNameOf = (texts: Texts, { fee, unitPrice }: InvoiceLine): string => {
  const plan = fee?.text ?? ""
  return unitPrice.startsWith("-") ? `${plan}, ${texts.givenBack}` : plan
}
