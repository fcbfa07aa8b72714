import type { Pane } from "#server/cli/Screen.ts"

/** Lines at the end of a terminal that are rewritten in place; what is printed through it stays above them. */
export class Panel {
  private readonly pane: Pane
  private shown: ReadonlyArray<string> = []

  constructor(pane: Pane) {
    this.pane = pane
  }

  /** Shows these lines in place of the former; none may be wider than the terminal. */
  show(lines: ReadonlyArray<string>): void {
    if (lines.length === this.shown.length && lines.every((line, index) => line === this.shown[index])) return
    this.pane.write(`${this.erased()}${lines.map((line) => `${line}\n`).join("")}`)
    this.shown = lines
  }

  /** Prints above the lines shown. */
  print(text: string): void {
    this.pane.write(`${this.erased()}${text}\n${this.shown.map((line) => `${line}\n`).join("")}`)
  }

  /** Leaves the lines where they are, for good. */
  release(): void {
    this.shown = []
  }

  private erased(): string {
    return this.shown.length === 0 ? "" : `\u001b[${this.shown.length}A\r\u001b[J`
  }
}
