/** Where a page of readings ended: its last reading's time, number and part. */
export interface SampleCursor {
  readonly atMs: number
  readonly seq: number
  readonly part: number
}

const pattern = /^(-?\d{1,16})\.(\d{1,9})\.(\d{1,9})$/

/** The cursor as text. */
export const writeSampleCursor = ({ atMs, seq, part }: SampleCursor): string => `${atMs}.${seq}.${part}`

/** The text as a cursor; undefined when it is none. */
export const readSampleCursor = (text: string): SampleCursor | undefined => {
  const match = pattern.exec(text)
  if (match === null) return undefined
  return { atMs: Number(match[1]), seq: Number(match[2]), part: Number(match[3]) }
}
