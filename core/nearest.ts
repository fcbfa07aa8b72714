/** How many letters must be put in, taken out or changed to make one word the other (Levenshtein). */
const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= other.length; j++) {
      const change = row[j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1)
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[other.length]!
}

/** The name that was probably meant: one that contains the text, or the one it is fewest letters from. */
export const nearest = (text: string, names: ReadonlyArray<string>): string | undefined => {
  const wanted = text.toLowerCase().slice(0, 100)
  const containing = wanted.length < 3 ? [] : names.filter((name) => name.includes(wanted))
  if (containing.length === 1) return containing[0]
  const limit = Math.max(2, Math.floor(wanted.length / 3))
  let best: { readonly name: string; readonly far: number } | undefined
  for (const name of names) {
    const far = distance(wanted, name)
    if (far <= limit && (best === undefined || far < best.far)) best = { name, far }
  }
  return best?.name
}
