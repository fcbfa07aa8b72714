/** HTML by hand: text is escaped here and nowhere else. */

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }

export const escape = (text: string): string => text.replace(/[&<>"]/g, (it) => entities[it]!)

/** One line of text with `code` and **strong**. */
const inline = (text: string): string =>
  escape(text)
    .replace(/`([^`]+)`/g, "<code>$1</code>")
    .replace(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>")

/** Paragraphs and lists of the little Markdown our own descriptions use. */
export const prose = (text: string | undefined): string =>
  (text ?? "")
    .split(/\n{2,}/)
    .filter((block) => block !== "")
    .map((block) =>
      block.startsWith("- ")
        ? `<ul>${block
            .split("\n")
            .map((line) => `<li>${inline(line.replace(/^- /, ""))}</li>`)
            .join("")}</ul>`
        : `<p>${inline(block)}</p>`
    )
    .join("")

/** A JSON value laid out for reading. */
export const json = (value: unknown): string => `<pre>${escape(JSON.stringify(value, null, 2))}</pre>`
