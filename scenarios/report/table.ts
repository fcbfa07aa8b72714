import { type Html, html, type Part } from "./html.ts"

/** A column: its head, and whether its cells are numbers. */
export interface Column {
  readonly head: Part
  readonly isNumber?: boolean
}

/** A row; the first cell is its head. */
export interface Row {
  readonly cells: ReadonlyArray<Part>
  readonly hasFailed?: boolean
}

const classOf = (column: Column | undefined): Html | false => column?.isNumber === true && html` class="n"`

const rowOf = (columns: ReadonlyArray<Column>, { cells, hasFailed }: Row): Html => html`<tr${
  hasFailed === true && html` class="FAIL"`
}>${cells.map((cell, index) =>
  index === 0 ? html`<th scope="row">${cell}</th>` : html`<td${classOf(columns[index])}>${cell}</td>`
)}</tr>
`

/** A table that scrolls sideways on a narrow screen. */
export const table = (options: {
  readonly caption: Part
  readonly columns: ReadonlyArray<Column>
  readonly rows: ReadonlyArray<Row>
  readonly foot?: ReadonlyArray<Row>
}): Html => {
  const { caption, columns, rows, foot = [] } = options
  return html`<div class="scroll" tabindex="0" role="region"><table><caption>${caption}</caption>
<thead><tr>${columns.map((it) => html`<th scope="col"${classOf(it)}>${it.head}</th>`)}</tr></thead>
<tbody>${rows.map((it) => rowOf(columns, it))}</tbody>${
    foot.length > 0 && html`<tfoot>${foot.map((it) => rowOf(columns, it))}</tfoot>`
  }</table></div>`
}
