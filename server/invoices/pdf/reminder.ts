import { Effect } from "effect"
import { type LetterWords, wordsOf } from "#core/dunning/letter.ts"
import type { ReminderLetter } from "#core/dunning/Reminder.ts"
import { moneyIn, textsOf } from "#core/invoice/texts.ts"
import { collect } from "./collect.ts"
import { footers } from "./footer.ts"
import { opening } from "./head.ts"
import { colours, page, Sheet } from "./Sheet.ts"

const gap = 10
const rowHeight = 17

/** A reminder as PDF/A-3b, on the paper of invoices. The same letter gives the same bytes. */
export const reminderPdf = (letter: ReminderLetter): Effect.Effect<Uint8Array> =>
  Effect.suspend(() => {
    const { language, seller, buyer, issuedAtMs, reference } = letter
    const words = wordsOf(letter)
    const title = `${words.title} ${reference}`
    const sheet = new Sheet(title, issuedAtMs, language)
    opening(sheet, { seller, buyer, facts: words.facts, title: words.title })
    paragraphs(sheet, words.before)
    rows(sheet, letter, words)
    paragraphs(sheet, words.after)
    footers(sheet, { seller, title }, textsOf(language))
    return collect(sheet.pdf)
  })

const paragraphs = (sheet: Sheet, all: ReadonlyArray<string>): void => {
  for (const text of all) {
    const style = { size: 9.5, width: page.right - page.left }
    const height = sheet.heightOf(text, style)
    if (!sheet.fits(height)) sheet.newPage()
    sheet.text(text, page.left, style)
    sheet.y += height + gap
  }
}

const rows = (sheet: Sheet, { language, currency, openMinor }: ReminderLetter, words: LetterWords): void => {
  const money = (minor: bigint) => moneyIn(language, minor, currency)
  sheet.y += 4
  sheet.line(colours.ink)
  sheet.y += 8
  for (const [name, amountMinor] of words.rows) {
    sheet.text(name, page.left, { size: 9.5 })
    sheet.text(money(amountMinor), page.right, { size: 9.5, align: "right" })
    sheet.y += rowHeight
  }
  sheet.line(colours.ink)
  sheet.y += 8
  sheet.text(words.open, page.left, { font: "bold", size: 11 })
  sheet.text(money(openMinor), page.right, { font: "bold", size: 11, align: "right" })
  sheet.y += rowHeight + gap
}
