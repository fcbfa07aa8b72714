/**
 * The lines, from 1, on which the values of a JSON text begin, by JSON pointer. The text has been read by JSON.parse
 * before: this only counts.
 */
export const linesOf = (text: string): ReadonlyMap<string, number> => {
  const lines = new Map<string, number>()
  let at = 0
  let line = 1
  const skip = (): void => {
    for (; at < text.length && /[\s,:]/.test(text[at]!); at++) if (text[at] === "\n") line += 1
  }
  const string = (): string => {
    const from = at
    for (at += 1; at < text.length && text[at] !== '"'; at++) if (text[at] === "\\") at += 1
    at += 1
    return text.slice(from, at)
  }
  // Depth is kept by hand: a file may be nested deeper than the stack is high.
  const open: Array<{ readonly pointer: string; readonly isList: boolean; index: number }> = []
  skip()
  while (at < text.length) {
    const parent = open[open.length - 1]
    const closes = text[at] === "}" || text[at] === "]"
    if (closes) {
      open.pop()
      at += 1
      skip()
      continue
    }
    let pointer = ""
    if (parent !== undefined) {
      const key = parent.isList ? String(parent.index++) : escaped(string())
      if (!parent.isList) skip()
      pointer = `${parent.pointer}/${key}`
    }
    lines.set(pointer, line)
    const first = text[at]
    if (first === "{" || first === "[") {
      open.push({ pointer, isList: first === "[", index: 0 })
      at += 1
    } else if (first === '"') string()
    else while (at < text.length && !/[\s,\]}]/.test(text[at]!)) at += 1
    skip()
  }
  return lines
}

const escaped = (quoted: string): string =>
  String(JSON.parse(quoted) as unknown)
    .replaceAll("~", "~0")
    .replaceAll("/", "~1")

/** The line of a pointer, or of the nearest thing around it that is there. */
export const lineAt = (lines: ReadonlyMap<string, number>, pointer: string): number => {
  let path = pointer
  while (path !== "" && !lines.has(path)) path = path.slice(0, path.lastIndexOf("/"))
  return lines.get(path) ?? 1
}
