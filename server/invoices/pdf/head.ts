import type { Invoice } from "#core/invoice/Invoice.ts"
import type { Address } from "#core/invoice/Party.ts"
import { dayIn, type Texts } from "#core/invoice/texts.ts"
import { colours, page, type Sheet } from "./Sheet.ts"

const addressLines = (address: Address, homeCountry: string): ReadonlyArray<string> => [
  address.line1,
  ...(address.line2 === null ? [] : [address.line2]),
  `${address.postCode} ${address.city}`,
  ...(address.country === homeCountry ? [] : [address.country])
]

/** Sender, recipient in the window of an envelope (DIN 5008 B), the facts at the right, and the title. */
export const head = (sheet: Sheet, invoice: Invoice, texts: Texts): void => {
  const { seller, buyer } = invoice
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
  facts(sheet, invoice, texts)
  sheet.y = 262
  sheet.text(`${texts.kinds[invoice.kind]} ${invoice.id}`, page.left, { font: "bold", size: 16 })
  sheet.y += 26
  if (invoice.credits !== null) {
    const { id, issueDate, reason } = invoice.credits
    const text = texts.credits(id, dayIn(invoice.language, issueDate), reason)
    const style = { width: page.right - page.left }
    sheet.text(text, page.left, style)
    sheet.y += sheet.heightOf(text, style) + 8
  }
}

const facts = (sheet: Sheet, invoice: Invoice, texts: Texts): void => {
  const { buyer, language } = invoice
  const span =
    invoice.periodFrom === invoice.periodTo
      ? dayIn(language, invoice.periodFrom)
      : `${dayIn(language, invoice.periodFrom)} – ${dayIn(language, invoice.periodTo)}`
  const rows: ReadonlyArray<readonly [string, string | null | undefined]> = [
    [texts.number, invoice.id],
    [texts.date, dayIn(language, invoice.issueDate)],
    [texts.period, span],
    [texts.customer, invoice.driverId],
    [texts.vatId, buyer?.vatId],
    [texts.reference, buyer?.reference],
    [texts.due, invoice.dueDate === null ? null : dayIn(language, invoice.dueDate)]
  ]
  sheet.y = 146
  for (const [name, value] of rows) {
    if (value === null || value === undefined) continue
    sheet.text(name, 332, { size: 8.5, colour: colours.soft })
    sheet.text(value, page.right, { size: 8.5, align: "right" })
    sheet.y += 14
  }
}
