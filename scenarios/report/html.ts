/** HTML by hand: everything that is not ours is escaped on its way into a page, by `text` and nothing else. */

/** Markup that is safe to put into a page as it is. */
export class Html {
  readonly markup: string

  constructor(markup: string) {
    this.markup = markup
  }
}

/** What can stand in a template: markup as it is, all else as text. Nothing and `false` stand for nothing. */
export type Part = Html | string | number | bigint | null | undefined | false | ReadonlyArray<Part>

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;"
}

/** Text as markup that shows it, in an element or in a quoted attribute. Controls that no page may hold become U+FFFD. */
export const text = (plain: string): string =>
  plain
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is controls that are looked for
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"']/g, (it) => entities[it]!)

const markupOf = (part: Part): string => {
  if (part === null || part === undefined || part === false) return ""
  if (part instanceof Html) return part.markup
  if (typeof part === "object") return part.map(markupOf).join("")
  return text(String(part))
}

/** Markup from a template; what is put in is escaped unless it is markup itself. */
export const html = (literals: TemplateStringsArray, ...parts: ReadonlyArray<Part>): Html => {
  let markup = literals[0]!
  for (let index = 0; index < parts.length; index++) markup += markupOf(parts[index]) + literals[index + 1]!
  return new Html(markup)
}

/** A name that can be an id in a page and a fragment of its address: letters, digits and hyphens. */
export const slug = (name: string): string =>
  name
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 80) || "x"
