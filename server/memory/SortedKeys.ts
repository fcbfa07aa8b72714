/** Strings in code unit order, which PostgreSQL's collation "C" keeps too. Appending the greatest, the usual case, is cheap. */
export class SortedKeys {
  private readonly keys: Array<string> = []

  get size(): number {
    return this.keys.length
  }

  /** Adds a key that is not there yet. */
  add(key: string): void {
    const { keys } = this
    if (keys.length === 0 || keys[keys.length - 1]! < key) keys.push(key)
    else keys.splice(this.countBelow(key), 0, key)
  }

  /** Takes a key away that is there. */
  remove(key: string): void {
    const index = this.countBelow(key)
    if (this.keys[index] === key) this.keys.splice(index, 1)
  }

  /** Keys after `cursor`, or from the smallest. */
  *ascending(cursor: string | undefined): Generator<string> {
    const { keys } = this
    let index = cursor === undefined ? 0 : this.countBelow(cursor)
    if (index < keys.length && keys[index] === cursor) index++
    for (; index < keys.length; index++) yield keys[index]!
  }

  /** Keys before `cursor`, or from the greatest. */
  *descending(cursor: string | undefined): Generator<string> {
    const { keys } = this
    for (let index = (cursor === undefined ? keys.length : this.countBelow(cursor)) - 1; index >= 0; index--) {
      yield keys[index]!
    }
  }

  private countBelow(key: string): number {
    const { keys } = this
    let low = 0
    let high = keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (keys[middle]! < key) low = middle + 1
      else high = middle
    }
    return low
  }
}
