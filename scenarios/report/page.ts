import { type Html, html, type Part } from "./html.ts"
import { style } from "./style.ts"

/** One part of a page, that its table of contents leads to. */
export interface Section {
  readonly id: string
  readonly title: string
  /** One or two sentences under the title. */
  readonly lede?: string
  readonly body: Part
  /** Marked in the table of contents. */
  readonly hasFailed?: boolean
}

export interface PageOptions {
  /** The title of the browser's tab. */
  readonly title: string
  readonly head: Part
  readonly sections: ReadonlyArray<Section>
  readonly foot: Part
  /** Rules and a script of the page's own. */
  readonly style?: string
  readonly script?: string
}

const raw = (markup: string): Html => html([markup] as unknown as TemplateStringsArray)

/** Nothing is loaded from anywhere, whatever a station called itself. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"

/** A part of a page as markup. */
export const sectionOf = ({ id, title, lede, body }: Section): Html => html`
<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
${lede !== undefined && html`<p class="lede">${lede}</p>`}${body}</section>`

/** A page that stands alone: one file, no network, readable in light and dark. */
export const page = ({ title, head, sections, foot, style: more = "", script = "" }: PageOptions): string =>
  html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<style>${raw(style + more)}</style></head>
<body><a class="skip" href="#${sections[0]?.id ?? "foot"}">To the findings</a>
${head}
<nav class="toc" aria-label="Contents"><div class="wide">${sections.map(
    (it) => html`<a href="#${it.id}"${it.hasFailed === true && raw(' class="FAIL"')}>${it.title}</a>`
  )}</div></nav>
<main class="wide">${sections.map(sectionOf)}</main>
<footer id="foot"><div class="wide">${foot}</div></footer>
${script !== "" && html`<script>${raw(script)}</script>`}</body></html>
`.markup
