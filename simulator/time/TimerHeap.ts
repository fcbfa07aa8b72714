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

const isPending = (timer: Timer): boolean => timer.callback !== undefined && timer.owner.alive

/** Children of one timer in the heap: four lie side by side in memory, and make it half as deep as two. */
const arity = 4

/**
 * Earliest timer first, equal instants in the order they were set. Cancelling only marks a timer; when more than half
 * of the heap is marked it is rebuilt without them, so that cancelled timers never outnumber pending ones for long.
 * What is compared lies in columns of its own: the timers of a fleet are spread over the whole memory.
 */
export class TimerHeap {
  private items: Array<Timer> = []
  private instants = new Float64Array(64)
  private orders = new Float64Array(64)
  private order = 0
  private cancelled = 0

  /** Timers held, cancelled ones that were not swept yet included. */
  get size(): number {
    return this.items.length
  }

  /** Sets a timer for the instant `atMs`. */
  set(atMs: number, owner: Owner, callback: () => void): Timer {
    const timer: Timer = { atMs, order: this.order++, owner, callback }
    const last = this.items.push(timer) - 1
    if (last === this.instants.length) this.widen()
    this.siftUp(last, timer)
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
    this.items.forEach((timer, index) => {
      this.instants[index] = timer.atMs
      this.orders[index] = timer.order
    })
    for (let parent = Math.floor((this.items.length - 2) / arity); parent >= 0; parent--) {
      this.siftDown(parent, this.items[parent]!)
    }
  }

  private removeFirst(): void {
    const last = this.items.pop()
    if (last === undefined || this.items.length === 0) return
    this.siftDown(0, last)
  }

  private widen(): void {
    const { instants, orders } = this
    this.instants = new Float64Array(instants.length * 2)
    this.instants.set(instants)
    this.orders = new Float64Array(orders.length * 2)
    this.orders.set(orders)
  }

  private put(index: number, timer: Timer, atMs: number, order: number): void {
    this.items[index] = timer
    this.instants[index] = atMs
    this.orders[index] = order
  }

  /** Finds a timer its place on the way up from the empty one at `from`. */
  private siftUp(from: number, timer: Timer): void {
    const { items, instants, orders } = this
    const { atMs, order } = timer
    let child = from
    while (child > 0) {
      const parent = Math.floor((child - 1) / arity)
      const aboveMs = instants[parent]!
      if (aboveMs < atMs || (aboveMs === atMs && orders[parent]! < order)) break
      this.put(child, items[parent]!, aboveMs, orders[parent]!)
      child = parent
    }
    this.put(child, timer, atMs, order)
  }

  /** Finds a timer its place on the way down from the empty one at `from`. */
  private siftDown(from: number, timer: Timer): void {
    const { items, instants, orders } = this
    const { length } = items
    const { atMs, order } = timer
    let parent = from
    for (;;) {
      const first = arity * parent + 1
      if (first >= length) break
      let least = first
      let leastMs = instants[first]!
      for (let child = first + 1; child < Math.min(first + arity, length); child++) {
        const childMs = instants[child]!
        if (childMs < leastMs || (childMs === leastMs && orders[child]! < orders[least]!)) {
          least = child
          leastMs = childMs
        }
      }
      if (leastMs > atMs || (leastMs === atMs && orders[least]! > order)) break
      this.put(parent, items[least]!, leastMs, orders[least]!)
      parent = least
    }
    this.put(parent, timer, atMs, order)
  }
}
