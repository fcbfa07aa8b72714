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
 * What is compared and moved lies in columns of numbers: the timers of a fleet are spread over the whole memory, and stay
 * in their slots while they wait.
 */
export class TimerHeap {
  private readonly timers: Array<Timer | undefined> = []
  private readonly freeSlots: Array<number> = []
  /** The heap: by place the instant, the order and the slot of a timer. */
  private instants = new Float64Array(64)
  private orders = new Float64Array(64)
  private slots = new Int32Array(64)
  private count = 0
  private order = 0
  private cancelled = 0

  /** Timers held, cancelled ones that were not swept yet included. */
  get size(): number {
    return this.count
  }

  /** Sets a timer for the instant `atMs`. */
  set(atMs: number, owner: Owner, callback: () => void): Timer {
    const timer: Timer = { atMs, order: this.order++, owner, callback }
    const slot = this.freeSlots.pop() ?? this.timers.length
    this.timers[slot] = timer
    if (this.count === this.instants.length) this.widen()
    this.siftUp(this.count++, atMs, timer.order, slot)
    return timer
  }

  /** Cancels a timer that has not fired; does nothing otherwise. */
  cancel(timer: Timer): void {
    if (timer.callback === undefined) return
    timer.callback = undefined
    this.cancelled++
    if (this.cancelled > 64 && this.cancelled * 2 > this.count) this.sweep()
  }

  /** The next timer that will fire, left in the heap. */
  peek(): Timer | undefined {
    while (this.count > 0) {
      const first = this.timers[this.slots[0]!]!
      if (isPending(first)) return first
      this.removeFirst()
      if (first.callback === undefined) this.cancelled--
    }
    return undefined
  }

  /** Takes out the next timer that will fire. */
  pop(): Timer | undefined {
    const first = this.peek()
    if (first !== undefined) this.removeFirst()
    return first
  }

  /** Forgets every timer that was cancelled or whose owner died. */
  sweep(): void {
    let kept = 0
    for (let place = 0; place < this.count; place++) {
      const slot = this.slots[place]!
      if (isPending(this.timers[slot]!)) this.put(kept++, this.instants[place]!, this.orders[place]!, slot)
      else this.leave(slot)
    }
    this.count = kept
    this.cancelled = 0
    for (let parent = Math.floor((kept - 2) / arity); parent >= 0; parent--) {
      this.siftDown(parent, this.instants[parent]!, this.orders[parent]!, this.slots[parent]!)
    }
  }

  private removeFirst(): void {
    this.leave(this.slots[0]!)
    const last = --this.count
    if (last > 0) this.siftDown(0, this.instants[last]!, this.orders[last]!, this.slots[last]!)
  }

  private leave(slot: number): void {
    this.timers[slot] = undefined
    this.freeSlots.push(slot)
  }

  private widen(): void {
    const { instants, orders, slots } = this
    this.instants = new Float64Array(instants.length * 2)
    this.instants.set(instants)
    this.orders = new Float64Array(orders.length * 2)
    this.orders.set(orders)
    this.slots = new Int32Array(slots.length * 2)
    this.slots.set(slots)
  }

  private put(place: number, atMs: number, order: number, slot: number): void {
    this.instants[place] = atMs
    this.orders[place] = order
    this.slots[place] = slot
  }

  /** Finds a timer its place on the way up from the empty one at `from`. */
  private siftUp(from: number, atMs: number, order: number, slot: number): void {
    const { instants, orders, slots } = this
    let child = from
    while (child > 0) {
      const parent = Math.floor((child - 1) / arity)
      const aboveMs = instants[parent]!
      if (aboveMs < atMs || (aboveMs === atMs && orders[parent]! < order)) break
      this.put(child, aboveMs, orders[parent]!, slots[parent]!)
      child = parent
    }
    this.put(child, atMs, order, slot)
  }

  /** Finds a timer its place on the way down from the empty one at `from`. */
  private siftDown(from: number, atMs: number, order: number, slot: number): void {
    const { instants, orders, slots, count } = this
    let parent = from
    for (;;) {
      const first = arity * parent + 1
      if (first >= count) break
      let least = first
      let leastMs = instants[first]!
      const end = Math.min(first + arity, count)
      for (let child = first + 1; child < end; child++) {
        const childMs = instants[child]!
        if (childMs < leastMs || (childMs === leastMs && orders[child]! < orders[least]!)) {
          least = child
          leastMs = childMs
        }
      }
      if (leastMs > atMs || (leastMs === atMs && orders[least]! > order)) break
      this.put(parent, leastMs, orders[least]!, slots[least]!)
      parent = least
    }
    this.put(parent, atMs, order, slot)
  }
}
