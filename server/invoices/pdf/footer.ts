import type { Seller } from "#core/invoice/Party.ts"
import type { Texts } from "#core/invoice/texts.ts"
import { colours, page, type Sheet } from "./Sheet.ts"

const isText = (text: string | null): text is string => text !== null

/** Who the sender is, how to reach and to pay them, and the page's number, at the foot of every page. */
export const footers = (
  sheet: Sheet,
  { seller, title }: { readonly seller: Seller; readonly title: string },
  texts: Texts
): void => {
  const { address, bank, contact } = seller
  const blocks: ReadonlyArray<ReadonlyArray<string | null>> = [
    [seller.name, address.line1, address.line2, `${address.postCode} ${address.city}`, seller.registration],
    [contact.name, contact.phone, contact.email],
    [
      bank === null ? null : (bank.name ?? texts.bank),
      bank === null ? null : `IBAN ${bank.iban.replace(/(.{4})(?=.)/g, "$1 ")}`,
      bank?.bic == null ? null : `BIC ${bank.bic}`,
      seller.vatId === null ? null : `${texts.vatId} ${seller.vatId}`,
      seller.taxNumber === null ? null : `${texts.taxNumber} ${seller.taxNumber}`
    ]
  ]
  const columns = [page.left, 240, 372]
  const { count } = sheet.pdf.bufferedPageRange()
  for (let index = 0; index < count; index++) {
    sheet.pdf.switchToPage(index)
    sheet.y = page.bottom + 14
    sheet.line()
    blocks.forEach((block, column) => {
      sheet.y = page.bottom + 22
      for (const text of block.filter(isText)) {
        sheet.text(text, columns[column]!, { size: 6.8, colour: colours.soft })
        sheet.y += 9.5
      }
    })
    sheet.y = page.height - 24
    sheet.text(texts.page(index + 1, count), page.right, { size: 6.8, colour: colours.soft, align: "right" })
    if (index > 0) {
      sheet.y = page.top - 22
      sheet.text(title, page.left, { size: 7.5, colour: colours.soft })
    }
  }
}
