/** A column: what stands above it, and on which side its values are flush. */
export interface Column {
  readonly head: string
  readonly align: "left" | "right"
}

/** A cell, and how it is painted once its width is known. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string }

const textOf = (cell: Cell): string => (typeof cell === "string" ? cell : cell.text)

/** Lines of aligned columns, two blanks apart, each line indented by two. Widths are of the text, not of its colours. */
export const table = (
  columns: ReadonlyArray<Column>,
  rows: ReadonlyArray<ReadonlyArray<Cell>>
): ReadonlyArray<string> => {
  const widths = columns.map(({ head }, index) =>
    Math.max(head.length, ...rows.map((row) => textOf(row[index]!).length))
  )
  const line = (cells: ReadonlyArray<Cell>): string => {
    const padded = cells.map((cell, index) => {
      const text = textOf(cell)
      const width = widths[index]!
      const isLast = index === cells.length - 1
      const flush = columns[index]!.align === "right" ? text.padStart(width) : isLast ? text : text.padEnd(width)
      return typeof cell === "string" ? flush : cell.paint(flush)
    })
    return `  ${padded.join("  ")}`
  }
  return [columns.map(({ head }) => head), ...rows].map(line)
}

/** Names with their values, aligned, indented by two. */
export const facts = (rows: ReadonlyArray<readonly [name: string, value: string]>): ReadonlyArray<string> => {
  const width = Math.max(0, ...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)
}
