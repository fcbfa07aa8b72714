/** What the wheel needs of a connection. */
export interface Pinged {
  /** True when anything arrived since it was last set to false. */
  alive: boolean
  /** Not reading: silence is our own doing. */
  readonly isPaused: () => boolean
  readonly ping: () => void
  readonly terminate: () => void
}

interface Seat {
  readonly connection: Pinged
  /** Whether a ping is out and its answer is due at the next visit. */
  expecting: boolean
  slot: Set<Seat>
}

export interface PingWheelOptions {
  /** Time between two pings of one connection. */
  readonly intervalMs: number
  /** Time a connection has to give a sign of life after a ping; at most the interval. */
  readonly timeoutMs: number
  readonly tickMs: number
}

/**
 * Keeps every connection's ping with one timer: a wheel of slots, one of which is due at each tick. Connections take
 * their first seats spread evenly over the interval, so that ten thousand that came at once are not pinged at once.
 * A peer that died is noticed within interval + timeout + one tick.
 */
export class PingWheel {
  private readonly slots: ReadonlyArray<Set<Seat>>
  private readonly intervalTicks: number
  private readonly timeoutTicks: number
  private now = 0
  private seated = 0
  /** Connections cut because they gave no sign of life. */
  deaths = 0

  constructor(options: PingWheelOptions) {
    this.intervalTicks = Math.max(2, Math.ceil(options.intervalMs / options.tickMs))
    this.timeoutTicks = Math.min(this.intervalTicks - 1, Math.max(1, Math.ceil(options.timeoutMs / options.tickMs)))
    this.slots = Array.from({ length: this.intervalTicks + 1 }, () => new Set<Seat>())
  }

  /** Seats a connection; call what is returned when it is gone. */
  add(connection: Pinged): () => void {
    const delay = 1 + (this.seated++ % this.intervalTicks)
    const seat: Seat = { connection, expecting: false, slot: this.slotAfter(delay) }
    seat.slot.add(seat)
    return () => {
      seat.slot.delete(seat)
    }
  }

  /** One tick: whoever sits in the slot that is due is pinged, or judged by what came since its ping. */
  advance(): void {
    this.now++
    const due = this.slotAfter(0)
    const seats = [...due]
    due.clear()
    for (const seat of seats) this.visit(seat)
  }

  private visit(seat: Seat): void {
    const { connection } = seat
    if (seat.expecting) {
      if (!connection.alive && !connection.isPaused()) {
        this.deaths++
        connection.terminate()
        return
      }
      seat.expecting = false
      this.move(seat, this.intervalTicks - this.timeoutTicks)
      return
    }
    connection.alive = false
    connection.ping()
    seat.expecting = true
    this.move(seat, this.timeoutTicks)
  }

  private move(seat: Seat, ticks: number): void {
    seat.slot = this.slotAfter(ticks)
    seat.slot.add(seat)
  }

  private slotAfter(ticks: number): Set<Seat> {
    return this.slots[(this.now + ticks) % this.slots.length]!
  }
}
