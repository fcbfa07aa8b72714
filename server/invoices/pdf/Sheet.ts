import { readFileSync } from "node:fs"
import PDFDocument from "pdfkit"
import * as Instant from "#core/Instant.ts"

/** A4 and its margins, in points. */
export const page = { width: 595.28, height: 841.89, left: 62, right: 533, top: 56, bottom: 742 } as const

export const colours = { ink: "#17202a", soft: "#5b6770", faint: "#d5dade" } as const

/** Inter by The Inter Project Authors, SIL Open Font License 1.1; cut to Latin, Greek and Cyrillic. */
const fonts = {
  regular: readFileSync(new URL("./fonts/Inter-Regular.otf", import.meta.url)),
  bold: readFileSync(new URL("./fonts/Inter-SemiBold.otf", import.meta.url))
}

export interface TextStyle {
  readonly font?: keyof typeof fonts
  readonly size?: number
  readonly colour?: string
  readonly align?: "left" | "right"
  readonly width?: number
}

/** A document being drawn: text goes where it is told to, `y` says how far down the page is full. */
export class Sheet {
  readonly pdf: PDFKit.PDFDocument
  y: number = page.top

  /** `title` and `issuedAtMs` are all that makes one PDF differ from another with the same content. */
  constructor(title: string, issuedAtMs: number, language: string) {
    this.pdf = new PDFDocument({
      size: "A4",
      // The drawing keeps its own margins: pdfkit must never break a page by itself.
      margin: 0,
      bufferPages: true,
      pdfVersion: "1.7",
      subset: "PDF/A-3b",
      lang: language,
      displayTitle: true,
      font: fonts.regular as unknown as string,
      info: {
        Title: title,
        Creator: "Wattproof",
        Producer: "Wattproof",
        CreationDate: Instant.toDate(issuedAtMs),
        ModDate: Instant.toDate(issuedAtMs)
      }
    })
    this.pdf.registerFont("regular", fonts.regular)
    this.pdf.registerFont("bold", fonts.bold)
  }

  /** Writes text at `x` on the current line; one line unless a width is given, which it then wraps in. */
  text(text: string, x: number, style: TextStyle = {}): void {
    const { font = "regular", size = 9, colour = colours.ink, align = "left", width } = style
    this.pdf.font(font).fontSize(size).fillColor(colour)
    const left = align === "right" && width === undefined ? x - this.pdf.widthOfString(text, { features }) : x
    const box = width === undefined ? { lineBreak: false } : { width, align }
    this.pdf.text(text, left, this.y, { ...box, features })
  }

  heightOf(text: string, style: TextStyle): number {
    this.pdf.font(style.font ?? "regular").fontSize(style.size ?? 9)
    return this.pdf.heightOfString(text, { width: style.width ?? page.right - page.left, features })
  }

  widthOf(text: string, style: TextStyle): number {
    this.pdf.font(style.font ?? "regular").fontSize(style.size ?? 9)
    return this.pdf.widthOfString(text, { features })
  }

  line(colour: string = colours.faint, from: number = page.left): void {
    this.pdf.moveTo(from, this.y).lineTo(page.right, this.y).lineWidth(0.6).strokeColor(colour).stroke()
  }

  /** Whether so much more fits on the page. */
  fits(height: number): boolean {
    return this.y + height <= page.bottom
  }

  newPage(): void {
    this.pdf.addPage()
    this.y = page.top
  }
}

/** Figures of one width, so that columns of numbers stand straight. */
const features: Array<PDFKit.Mixins.OpenTypeFeatures> = ["tnum", "kern"]
