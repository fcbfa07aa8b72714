import { durationText } from "#core/duration.ts"
import { localText } from "#core/invoice/days.ts"
import type { Invoice, InvoicedSession, InvoiceLine } from "#core/invoice/Invoice.ts"
import { dayIn, decimalIn, feeNameOf, moneyIn, nameOf, type Texts } from "#core/invoice/texts.ts"
import { formatMinor, unscaled } from "#core/Money.ts"
import { isAmount } from "#core/tariff/Rating.ts"
import { colours, page, type Sheet } from "./Sheet.ts"

/** Where the columns end; the first begins at the left margin. */
const columns = { quantity: 338, price: 428, vat: 470, net: page.right } as const

const rowHeight = 13.5

/** A step that added less than one Wh (in mWh) or one second (in ms) explains nothing. */
const leastShown = 1_000

/** The sessions, each with its lines below it; a session is kept on one page, and the head repeated on each. */
export const sessionsTable = (sheet: Sheet, invoice: Invoice, texts: Texts): void => {
  tableHead(sheet, texts)
  const bySession = Map.groupBy(invoice.lines, ({ session }) => session)
  invoice.sessions.forEach((session, index) => {
    const lines = bySession.get(index) ?? []
    if (!sheet.fits(sessionHeight(lines))) {
      sheet.newPage()
      tableHead(sheet, texts)
    }
    sessionRows(sheet, invoice, session, lines, texts)
  })
  for (const line of bySession.get(-1) ?? []) {
    if (!sheet.fits(feeHeight)) {
      sheet.newPage()
      tableHead(sheet, texts)
    }
    feeRow(sheet, invoice, line, texts)
  }
}

const feeHeight = 36

/** A fee with the days it is for. */
const feeRow = (sheet: Sheet, invoice: Invoice, line: InvoiceLine, texts: Texts): void => {
  const { language, currency } = invoice
  const { fromDay, toDay } = line.fee!
  const amount = `${decimalIn(language, line.unitPrice)} ${currency === "EUR" ? "€" : currency}`
  const price = line.priceIncludesTax ? `${amount} ${texts.taxInside}` : amount
  sheet.text(feeNameOf(texts, line), page.left, { font: "bold", size: 8.5 })
  sheet.text(`${line.volume} ×`, columns.quantity, { size: 8.5, align: "right" })
  sheet.text(price, columns.price, { size: 8.5, align: "right" })
  vatAndNet(sheet, invoice, line)
  sheet.y += rowHeight
  const days = `${dayIn(language, fromDay)} – ${dayIn(language, toDay)}`
  sheet.text(days, page.left, { size: 7.5, colour: colours.soft })
  sheet.y += rowHeight
  sheet.line()
  sheet.y += 7
}

const vatAndNet = (sheet: Sheet, { language, currency }: Invoice, line: InvoiceLine): void => {
  const rate = line.category === "E" ? "–" : `${decimalIn(language, line.ratePercent)} %`
  sheet.text(rate, columns.vat, { size: 8.5, align: "right" })
  const net = decimalIn(language, formatMinor(line.netMinor, currency))
  sheet.text(net, columns.net, { size: 8.5, align: "right" })
}

const sessionHeight = (lines: ReadonlyArray<InvoiceLine>): number => {
  const steps = lines.filter((line) => line.stepSurplus >= leastShown).length
  return 30 + rowHeight * (lines.length + steps)
}

const tableHead = (sheet: Sheet, texts: Texts): void => {
  const style = { size: 7.5, colour: colours.soft }
  sheet.text(texts.item, page.left, style)
  sheet.text(texts.quantity, columns.quantity, { ...style, align: "right" })
  sheet.text(texts.price, columns.price, { ...style, align: "right" })
  sheet.text(texts.vat, columns.vat, { ...style, align: "right" })
  sheet.text(texts.net, columns.net, { ...style, align: "right" })
  sheet.y += 13
  sheet.line(colours.ink)
  sheet.y += 7
}

const sessionRows = (
  sheet: Sheet,
  invoice: Invoice,
  session: InvoicedSession,
  lines: ReadonlyArray<InvoiceLine>,
  texts: Texts
): void => {
  const { language, currency } = invoice
  const title = `${spanOf(session, invoice)}  ·  ${session.stationId} / ${session.evseId}`
  sheet.text(title, page.left, { font: "bold", size: 8.5 })
  const sum = `${moneyIn(language, session.grossMinor, currency)} ${texts.inclusive}`
  sheet.text(sum, page.right, { size: 8, colour: colours.soft, align: "right" })
  sheet.y += rowHeight
  for (const line of lines) lineRows(sheet, invoice, session, line, texts)
  sheet.y += 2
  sheet.line()
  sheet.y += 7
}

/** When a session was, by the wall clock of its site. */
const spanOf = (session: InvoicedSession, { language }: Invoice): string => {
  const from = localText(session.startAtMs, session.timeZone)
  const to = localText(session.endAtMs, session.timeZone)
  const day = (text: string) => dayIn(language, text.slice(0, 10))
  const time = (text: string) => text.slice(11, 16)
  const end = from.slice(0, 10) === to.slice(0, 10) ? time(to) : `${day(to)} ${time(to)}`
  return `${day(from)}  ${time(from)} – ${end}`
}

const lineRows = (sheet: Sheet, invoice: Invoice, session: InvoicedSession, line: InvoiceLine, texts: Texts): void => {
  const { language } = invoice
  const name = nameOf(texts, line)
  const isReserved = line.scope === "reservation" && line.dimension !== "RESERVATION_TIME"
  sheet.text(isReserved ? `${texts.reserved}: ${name}` : name, page.left, { size: 8.5 })
  if (line.dimension === "ENERGY" && line.adjustment === null && session.register !== null) {
    const wh = (value: number) => decimalIn(language, unscaled(BigInt(value), 3, 3))
    const text = `${texts.register} ${wh(session.register.startWh)} – ${wh(session.register.stopWh)}`
    sheet.text(text, page.left + 42, { size: 7.5, colour: colours.soft })
  }
  if (!isAmount(line)) {
    sheet.text(volumeOf(line, line.volume, invoice), columns.quantity, { size: 8.5, align: "right" })
    sheet.text(priceOf(line, invoice, texts), columns.price, { size: 8.5, align: "right" })
  }
  vatAndNet(sheet, invoice, line)
  sheet.y += rowHeight
  if (line.stepSurplus < leastShown) return
  const text = `${volumeOf(line, line.stepSurplus, invoice)} ${texts.steps}`
  sheet.text(text, columns.quantity, { size: 7.5, colour: colours.soft, align: "right" })
  sheet.y += rowHeight
}

const volumeOf = (line: InvoiceLine, volume: number, { language }: Invoice): string => {
  if (line.dimension === "ENERGY") return `${decimalIn(language, unscaled(BigInt(volume), 6, 3))} kWh`
  return line.dimension === "FLAT" ? `${volume} ×` : durationText(volume)
}

const priceOf = (line: InvoiceLine, { language, currency }: Invoice, texts: Texts): string => {
  const unit = line.dimension === "ENERGY" ? texts.perKwh : line.dimension === "FLAT" ? texts.perSession : texts.perHour
  const price = `${decimalIn(language, line.unitPrice)} ${currency === "EUR" ? "€" : currency}${unit}`
  return line.priceIncludesTax ? `${price} ${texts.taxInside}` : price
}
