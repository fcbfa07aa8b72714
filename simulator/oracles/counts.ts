import type { WireFrame } from "./WireFrame.ts"

/** Frames that one side sent. */
export interface Counts {
  calls: number
  results: number
  errors: number
}

/** One more frame. */
export const count = (counts: Counts, { type }: WireFrame): void => {
  if (type === "call") counts.calls++
  else if (type === "result") counts.results++
  else counts.errors++
}

/** Counts by who sent, by station. */
export const tallyOf = () => ({ station: new Map<string, Counts>(), server: new Map<string, Counts>() })
