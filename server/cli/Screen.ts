import { Context } from "effect"

/** Colours, or none: each function wraps a text in its escape codes, or returns it as it is. */
export interface Style {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
}

/** One of a program's two outputs. */
export interface Pane {
  readonly write: (text: string) => void
  /** Somebody watches, and lines may be rewritten. */
  readonly isTerminal: boolean
  /** Its width now; 80 where there is no terminal. */
  readonly columns: () => number
  readonly style: Style
}

const painted =
  (code: number, end: number) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[${end}m`

/** The colours of a terminal. */
export const colours: Style = {
  bold: painted(1, 22),
  dim: painted(2, 22),
  red: painted(31, 39),
  green: painted(32, 39),
  yellow: painted(33, 39)
}

const asItIs = (text: string): string => text

/** For files, pipes and whoever set NO_COLOR. */
export const plain: Style = { bold: asItIs, dim: asItIs, red: asItIs, green: asItIs, yellow: asItIs }

/** A stream of the process as a pane. */
export const paneOf = (stream: NodeJS.WriteStream, style: Style): Pane => ({
  write: (text) => {
    stream.write(text)
  },
  isTerminal: stream.isTTY === true,
  columns: () => stream.columns ?? 80,
  style
})

/** What a program writes on: results on `out`, everything else on `err`. The process's own, without colours, unless told. */
export class Screen extends Context.Reference<{ readonly out: Pane; readonly err: Pane }>("server/cli/Screen", {
  defaultValue: () => ({ out: paneOf(process.stdout, plain), err: paneOf(process.stderr, plain) })
}) {}
