import { colours, type Pane, paneOf, plain } from "#server/cli/Screen.ts"

/** What decides about colours. */
export interface Surroundings {
  readonly NO_COLOR?: string | undefined
  readonly TERM?: string | undefined
}

/** Colours only for a person at a terminal that has them, and never for one who set NO_COLOR (no-color.org). */
export const styled = (stream: NodeJS.WriteStream, { NO_COLOR, TERM }: Surroundings): Pane => {
  const wanted = stream.isTTY === true && (NO_COLOR === undefined || NO_COLOR === "") && TERM !== "dumb"
  return paneOf(stream, wanted ? colours : plain)
}
