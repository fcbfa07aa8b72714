/** A first-in first-out queue on one array: no shifting, no node per item. Not bounded by itself; its owner is. */
export class Fifo<T> {
  private items: Array<T | undefined> = []
  private head = 0

  get length(): number {
    return this.items.length - this.head
  }

  push(item: T): void {
    this.items.push(item)
  }

  /** The oldest item, left in the queue. */
  peek(): T | undefined {
    return this.items[this.head]
  }

  /** Takes the oldest item out. */
  shift(): T | undefined {
    if (this.head === this.items.length) return undefined
    const item = this.items[this.head]
    this.items[this.head] = undefined
    this.head++
    if (this.head === this.items.length) {
      // Long bursts leave a long array behind; a fresh one gives its memory back.
      if (this.head > 65_536) this.items = []
      else this.items.length = 0
      this.head = 0
    } else if (this.head > 16_384 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head)
      this.head = 0
    }
    return item
  }

  /** The items, oldest first, left in the queue. */
  toArray(): Array<T> {
    return this.items.slice(this.head) as Array<T>
  }

  clear(): void {
    this.items = []
    this.head = 0
  }
}
