/**
 * The numbers of 2.x messages that were taken in, as runs without a gap: first and last of each by turns, ascending. A
 * charge has hundreds of messages and nearly always one run: what has come so far is not copied for the next one.
 */
export type SeqNos = ReadonlyArray<number>

/** With one number more, or the same when it is there already. */
export const withSeqNo = (known: SeqNos, seqNo: number | null): SeqNos => {
  if (seqNo === null) return known
  const last = known[known.length - 1]
  if (last !== undefined && seqNo === last + 1) return known.with(known.length - 1, seqNo)
  if (last === undefined || seqNo > last) return [...known, seqNo, seqNo]
  return hasSeqNo(known, seqNo) ? known : inserted(known, seqNo)
}

/** Whether a message of that number was taken in. A new one is nearly always higher than all: no search for that. */
export const hasSeqNo = (known: SeqNos, seqNo: number): boolean => hasAllOf(known, seqNo, seqNo)

/** Whether every number from one up to another, both included, was taken in. */
export const hasAllOf = (known: SeqNos, first: number, last: number): boolean => {
  for (let at = known.length - 2; at >= 0; at -= 2) {
    if (last > known[at + 1]!) return false
    if (first >= known[at]!) return true
  }
  return false
}

/** A number that is in no run, below the last one: it may close the gap between two. */
const inserted = (known: SeqNos, seqNo: number): SeqNos => {
  let at = 0
  while (known[at + 1]! < seqNo) at += 2
  const joinsBefore = at > 0 && known[at - 1] === seqNo - 1
  const joinsAfter = known[at] === seqNo + 1
  const from = joinsBefore ? at - 1 : at
  const replaced = (joinsBefore ? 1 : 0) + (joinsAfter ? 1 : 0)
  const bounds = joinsBefore ? (joinsAfter ? [] : [seqNo]) : joinsAfter ? [seqNo] : [seqNo, seqNo]
  return known.toSpliced(from, replaced, ...bounds)
}
