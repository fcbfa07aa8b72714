import type { Invoice } from "#core/invoice/Invoice.ts"
import { decimalIn, moneyIn, type Texts } from "#core/invoice/texts.ts"
import { colours, page, type Sheet } from "./Sheet.ts"

const left = 300
const rowHeight = 15

/** The tax by rate, and what it all comes to; never torn apart by a page's end. */
export const totals = (sheet: Sheet, invoice: Invoice, texts: Texts): void => {
  const { language, currency } = invoice
  const money = (amountMinor: bigint) => moneyIn(language, amountMinor, currency)
  const height = rowHeight * (invoice.taxes.length + 5) + 24
  if (!sheet.fits(height)) sheet.newPage()
  sheet.y += 8
  const row = (name: string, value: string, bold = false) => {
    const style = { size: bold ? 11 : 9, font: bold ? ("bold" as const) : ("regular" as const) }
    sheet.text(name, left, bold ? style : { ...style, colour: colours.soft })
    sheet.text(value, page.right, { ...style, align: "right" })
    sheet.y += bold ? rowHeight + 3 : rowHeight
  }
  row(texts.sumNet, money(invoice.netMinor))
  for (const tax of invoice.taxes) {
    if (tax.category === "E") continue
    row(`${texts.vat} ${decimalIn(language, tax.ratePercent)} % / ${money(tax.netMinor)}`, money(tax.taxMinor))
  }
  if (invoice.roundingMinor !== 0n) {
    row(texts.sumGross, money(invoice.grossMinor))
    row(texts.rounding, money(invoice.roundingMinor))
  }
  sheet.y += 3
  sheet.line(colours.ink, left)
  sheet.y += 8
  row(invoice.kind === "credit-note" ? texts.given : texts.payable, money(invoice.payableMinor), true)
}
