import { Effect } from "effect"
import * as Instant from "#core/Instant.ts"
import type { Invoice } from "#core/invoice/Invoice.ts"
import { dayIn, moneyIn, textsOf } from "#core/invoice/texts.ts"
import { ciiOf, missingFor } from "../cii.ts"
import { collect } from "./collect.ts"
import { footers } from "./footer.ts"
import { head } from "./head.ts"
import { page, Sheet } from "./Sheet.ts"
import { sessionsTable } from "./table.ts"
import { totals } from "./totals.ts"
import { facturX } from "./xmp.ts"

/**
 * A document as PDF/A-3b, with its XML inside (ZUGFeRD, profile EN 16931) where its buyer can be named in one. The same
 * document gives the same bytes: no clock and no chance has a part in it.
 */
export const pdfOf = (invoice: Invoice): Effect.Effect<Uint8Array> =>
  Effect.suspend(() => {
    const texts = textsOf(invoice.language)
    const sheet = new Sheet(`${texts.kinds[invoice.kind]} ${invoice.id}`, invoice.issuedAtMs, invoice.language)
    head(sheet, invoice, texts)
    sessionsTable(sheet, invoice, texts)
    totals(sheet, invoice, texts)
    closing(sheet, invoice)
    footers(sheet, { seller: invoice.seller, title: `${texts.kinds[invoice.kind]} ${invoice.id}` }, texts)
    if (missingFor(invoice, "en16931").length === 0) attach(sheet, invoice)
    return collect(sheet.pdf)
  })

/** What is to be done about it, and the small print. */
const closing = (sheet: Sheet, invoice: Invoice): void => {
  const texts = textsOf(invoice.language)
  const { bank } = invoice.seller
  const ofFees = invoice.lines.every(({ fee }) => fee !== undefined)
  const said: Array<string> = []
  if (invoice.kind === "credit-note") said.push(texts.reverse)
  else if (invoice.dueDate === null || bank === null) said.push(texts.payNow)
  else {
    const payBy = ofFees ? texts.payByCard : texts.payBy
    said.push(payBy(dayIn(invoice.language, invoice.dueDate)))
  }
  for (const tax of invoice.taxes) if (tax.exemptionReason !== null) said.push(`${tax.exemptionReason}.`)
  if (invoice.roundingMinor !== 0n) said.push(ofFees ? texts.roundingNoteOfFees : texts.roundingNote)
  const text = said.join(" ")
  const style = { size: 8.5, width: page.right - page.left, colour: "#5b6770" }
  if (!sheet.fits(sheet.heightOf(text, style) + 20)) sheet.newPage()
  sheet.y += 20
  sheet.text(text, page.left, style)
}

const attach = (sheet: Sheet, invoice: Invoice): void => {
  const at = Instant.toDate(invoice.issuedAtMs)
  sheet.pdf.appendXML(facturX)
  // The types of pdfkit know neither bytes as a source nor the relationship.
  const options = {
    name: "factur-x.xml",
    type: "text/xml",
    description: `${invoice.id}, ${moneyIn(invoice.language, invoice.payableMinor, invoice.currency)}`,
    relationship: "Alternative",
    creationDate: at,
    modifiedDate: at
  }
  sheet.pdf.file(new TextEncoder().encode(ciiOf(invoice, "en16931")) as unknown as string, options)
}
