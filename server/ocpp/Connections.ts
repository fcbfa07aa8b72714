import { sometimes } from "#core/Sometimes.ts"

/** One connection's claim to be the station's. Its `id` is never used twice in a process. */
export interface Registration<Value> {
  readonly id: number
  readonly identity: string
  readonly value: Value
  readonly close: (code: number, reason: string) => void
}

interface Entry<Value> {
  current: Registration<Value>
  /** Takeovers left, as of `countedAtMs`. */
  takeovers: number
  countedAtMs: number
}

export interface ConnectionsOptions {
  /** Takeovers of one identity in a row before newcomers are turned away. Default 5. */
  readonly maxTakeovers?: number
  /** Time after which one more takeover is allowed. Default 10 s. */
  readonly takeoverEveryMs?: number
}

/** The newcomer was turned away: too many connections have claimed this identity in a short time. */
export const tooManyTakeovers = { code: 1013, reason: "too many connections with this identity" }

/**
 * Who is connected, by identity. The newest authenticated connection wins and the older one is closed: to refuse the
 * newer would lock out a station whose old socket died unnoticed. Two devices that share an identity would throw each
 * other out for ever, so takeovers are counted. All clean-up names the connection, not the identity: the late close
 * of an old socket cannot remove the newer one.
 */
export class Connections<Value> {
  private readonly entries = new Map<string, Entry<Value>>()
  private readonly maxTakeovers: number
  private readonly takeoverEveryMs: number
  private lastId = 0

  constructor(options?: ConnectionsOptions) {
    this.maxTakeovers = options?.maxTakeovers ?? 5
    this.takeoverEveryMs = options?.takeoverEveryMs ?? 10_000
  }

  get size(): number {
    return this.entries.size
  }

  /** The connection of a station, undefined when it is offline. */
  get(identity: string): Registration<Value> | undefined {
    return this.entries.get(identity)?.current
  }

  /** Every connection, in the order in which the stations first came. */
  *[Symbol.iterator](): IterableIterator<Registration<Value>> {
    for (const { current } of this.entries.values()) yield current
  }

  /**
   * Makes a connection the station's, and closes the one it replaces after that. Undefined when this identity has been
   * taken over too often: the newcomer is closed with `tooManyTakeovers`, the present one stays.
   */
  register(
    identity: string,
    value: Value,
    close: (code: number, reason: string) => void,
    nowMs: number
  ): Registration<Value> | undefined {
    const registration: Registration<Value> = { id: ++this.lastId, identity, value, close }
    const entry = this.entries.get(identity)
    if (entry === undefined) {
      this.entries.set(identity, { current: registration, takeovers: this.maxTakeovers, countedAtMs: nowMs })
      return registration
    }
    if (!this.mayTakeOver(entry, nowMs)) {
      close(tooManyTakeovers.code, tooManyTakeovers.reason)
      return undefined
    }
    sometimes("two sockets of one station at once")
    const replaced = entry.current
    entry.current = registration
    replaced.close(1000, "replaced by a newer connection of this station")
    return registration
  }

  /** A connection is gone. True when it was its station's, false when a newer one had replaced it. */
  remove(registration: Registration<Value>): boolean {
    const entry = this.entries.get(registration.identity)
    if (entry === undefined || entry.current.id !== registration.id) return false
    this.entries.delete(registration.identity)
    return true
  }

  private mayTakeOver(entry: Entry<Value>, nowMs: number): boolean {
    const earned = Math.max(0, Math.floor((nowMs - entry.countedAtMs) / this.takeoverEveryMs))
    if (earned > 0) {
      entry.takeovers = Math.min(this.maxTakeovers, entry.takeovers + earned)
      entry.countedAtMs += earned * this.takeoverEveryMs
    }
    if (entry.takeovers === 0) return false
    entry.takeovers--
    return true
  }
}
