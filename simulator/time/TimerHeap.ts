/** Whoever sets timers. Once dead, its timers count as cancelled. */
export interface Owner {
  alive: boolean
}

/** One timer: due at `atMs`, among equals in the `order` set; `callback` is undefined once fired or cancelled. */
export interface Timer {
  readonly atMs: number
  readonly order: number
  readonly owner: Owner
  callback: (() => void) | undefined
}

const isBefore = (a: Timer, b: Timer): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
const isPending = (timer: Timer): boolean => timer.callback !== undefined && timer.owner.alive

/**
 * Earliest timer first, equal instants in the order they were set. Cancelling only marks a timer; when more than half
 * of the heap is marked it is rebuilt without them, so that cancelled timers never outnumber pending ones for long.
 */
export class TimerHeap {
  private items: Array<Timer> = []
  private order = 0
  private cancelled = 0

  /** Timers held, cancelled ones that were not swept yet included. */
  get size(): number {
    return this.items.length
  }

  /** Sets a timer for the instant `atMs`. */
  set(atMs: number, owner: Owner, callback: () => void): Timer {
    const timer: Timer = { atMs, order: this.order++, owner, callback }
    this.items.push(timer)
    this.siftUp(this.items.length - 1)
    return timer
  }

  /** Cancels a timer that has not fired; does nothing otherwise. */
  cancel(timer: Timer): void {
    if (timer.callback === undefined) return
    timer.callback = undefined
    this.cancelled++
    if (this.cancelled > 64 && this.cancelled * 2 > this.items.length) this.sweep()
  }

  /** The next timer that will fire, left in the heap. */
  peek(): Timer | undefined {
    for (;;) {
      const first = this.items[0]
      if (first === undefined || isPending(first)) return first
      this.removeFirst()
      if (first.callback === undefined) this.cancelled--
    }
  }

  /** Takes out the next timer that will fire. */
  pop(): Timer | undefined {
    const first = this.peek()
    if (first !== undefined) this.removeFirst()
    return first
  }

  /** Forgets every timer that was cancelled or whose owner died. */
  sweep(): void {
    this.items = this.items.filter(isPending)
    this.cancelled = 0
    for (let parent = (this.items.length >> 1) - 1; parent >= 0; parent--) this.siftDown(parent)
  }

  private removeFirst(): void {
    const last = this.items.pop()
    if (last === undefined || this.items.length === 0) return
    this.items[0] = last
    this.siftDown(0)
  }

  private siftUp(from: number): void {
    const { items } = this
    const timer = items[from]!
    let child = from
    while (child > 0) {
      const parent = (child - 1) >> 1
      const above = items[parent]!
      if (!isBefore(timer, above)) break
      items[child] = above
      child = parent
    }
    items[child] = timer
  }

  private siftDown(from: number): void {
    const { items } = this
    const { length } = items
    const timer = items[from]!
    let parent = from
    for (;;) {
      let least = 2 * parent + 1
      if (least >= length) break
      if (least + 1 < length && isBefore(items[least + 1]!, items[least]!)) least++
      if (!isBefore(items[least]!, timer)) break
      items[parent] = items[least]!
      parent = least
    }
    items[parent] = timer
  }
}
