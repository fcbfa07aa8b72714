import type { Invoice } from "#core/invoice/Invoice.ts"
import type { Address, Buyer, Seller } from "#core/invoice/Party.ts"
import { dayIn, type Texts } from "#core/invoice/texts.ts"
import { colours, page, type Sheet } from "./Sheet.ts"

const factsLeft = 332

const addressLines = (address: Address, homeCountry: string): ReadonlyArray<string> => [
  address.line1,
  ...(address.line2 === null ? [] : [address.line2]),
  `${address.postCode} ${address.city}`,
  ...(address.country === homeCountry ? [] : [address.country])
]

/** What a letter begins with. */
export interface Opening {
  readonly seller: Seller
  readonly buyer: Buyer | null
  readonly facts: ReadonlyArray<readonly [name: string, value: string | null | undefined]>
  readonly title: string
}

/** Sender, recipient in the window of an envelope (DIN 5008 B), the facts at the right, and the title. */
export const opening = (sheet: Sheet, { seller, buyer, facts, title }: Opening): void => {
  sheet.text(seller.name, page.left, { font: "bold", size: 14 })
  sheet.y = 127
  const sender = [seller.name, seller.address.line1, `${seller.address.postCode} ${seller.address.city}`].join(" · ")
  sheet.text(sender, page.left, { size: 6.5, colour: colours.soft, width: 250 })
  sheet.y = 146
  const recipient =
    buyer === null
      ? []
      : [
          buyer.name,
          ...(buyer.contact === null ? [] : [buyer.contact]),
          ...(buyer.address === null ? [] : addressLines(buyer.address, seller.address.country))
        ]
  for (const line of recipient) {
    sheet.text(line, page.left, { size: 10, width: 250 })
    sheet.y += 14
  }
  sheet.y = 146
  for (const [name, value] of facts) {
    if (value === null || value === undefined) continue
    const style = { size: 8.5 }
    sheet.text(name, factsLeft, { ...style, colour: colours.soft })
    const width = page.right - factsLeft
    if (sheet.widthOf(name, style) + sheet.widthOf(value, style) + 10 > width) {
      // Too long to stand beside its name: below it, and wrapped.
      sheet.y += 12
      const wrapped = { ...style, align: "right", width } as const
      sheet.text(value, factsLeft, wrapped)
      sheet.y += sheet.heightOf(value, wrapped) - 10
    } else sheet.text(value, page.right, { ...style, align: "right" })
    sheet.y += 14
  }
  sheet.y = Math.max(262, sheet.y + 14)
  sheet.text(title, page.left, { font: "bold", size: 16 })
  sheet.y += 26
}

/** The head of an invoice, and of a credit note what it takes back. */
export const head = (sheet: Sheet, invoice: Invoice, texts: Texts): void => {
  const { seller, buyer } = invoice
  const title = `${texts.kinds[invoice.kind]} ${invoice.id}`
  opening(sheet, { seller, buyer, facts: factsOf(invoice, texts), title })
  if (invoice.credits !== null) {
    const { id, issueDate, reason } = invoice.credits
    const text = texts.credits(id, dayIn(invoice.language, issueDate), reason)
    const style = { width: page.right - page.left }
    sheet.text(text, page.left, style)
    sheet.y += sheet.heightOf(text, style) + 8
  }
}

const factsOf = (invoice: Invoice, texts: Texts): Opening["facts"] => {
  const { buyer, language } = invoice
  const span =
    invoice.periodFrom === invoice.periodTo
      ? dayIn(language, invoice.periodFrom)
      : `${dayIn(language, invoice.periodFrom)} – ${dayIn(language, invoice.periodTo)}`
  return [
    [texts.number, invoice.id],
    [texts.date, dayIn(language, invoice.issueDate)],
    [texts.period, span],
    [texts.customer, invoice.driverId],
    [texts.vatId, buyer?.vatId],
    [texts.reference, buyer?.reference],
    [texts.due, invoice.dueDate === null ? null : dayIn(language, invoice.dueDate)]
  ]
}
