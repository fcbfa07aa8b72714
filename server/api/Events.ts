import { Clock, Context, Effect, Layer, Stream } from "effect"
import type { LiveEvent, LiveEventKind } from "#core/api/LiveEvent.ts"

export interface EventFilter {
  readonly stationId?: string
  readonly kinds?: ReadonlyArray<LiveEventKind>
}

/** An event with the id to go on from, or how many events (of any kind) are gone; null: nobody counted them. */
export type Delivery =
  | { readonly _tag: "Event"; readonly id: string; readonly event: LiveEvent }
  | { readonly _tag: "Lost"; readonly id: string; readonly count: number | null }

/**
 * Tells what happens to whoever listens. One ring holds the newest events for all listeners, each of which reads it at
 * its own pace: telling costs an array write however many listen, and who is slower than the ring is told what was lost.
 */
export class LiveEvents extends Context.Service<
  LiveEvents,
  {
    /** Synchronous; never waits for a listener. */
    readonly publish: (event: LiveEvent) => void
    /** From now on, or from the event after the id given on; never ends. */
    readonly stream: (filter: EventFilter, afterId?: string) => Stream.Stream<Delivery>
    /** The id of the newest event: a stream from here misses nothing that comes. */
    readonly position: () => string
    /** Whether anybody listens. What is not published for a `false` here is told as lost to who comes back. */
    readonly isHeard: () => boolean
    readonly listeners: () => number
  }
>()("server/api/LiveEvents") {
  /** `capacity`: how many events a listener may fall behind, or be away for. */
  static readonly layer = (options: { readonly capacity: number } = { capacity: 4096 }) =>
    Layer.effect(
      LiveEvents,
      Effect.map(Clock.currentTimeMillis, (startedAtMs) => make(options.capacity, startedAtMs.toString(36)))
    )
}

const accepts = (filter: EventFilter, event: LiveEvent): boolean =>
  (filter.stationId === undefined || filter.stationId === event.stationId) &&
  (filter.kinds === undefined || filter.kinds.includes(event._tag))

/** `startedAt` tells the ids of one process from those of the next. */
const make = (capacity: number, startedAt: string): LiveEvents["Service"] => {
  const ring: Array<LiveEvent> = []
  let published = 0
  let waiting: Array<() => void> = []
  let listeners = 0
  /** Counts the times that nobody listened: ids from before are no place to go on from. */
  let silences = 0
  let isSilent = false
  const runOf = (): string => `${startedAt}.${silences}`
  const idOf = (position: number): string => `${runOf()}-${position}`
  /** Ids given out from here on are of a new run, if something may have gone unpublished since the last. */
  const endSilence = (): void => {
    if (isSilent) silences++
    isSilent = false
  }

  /** Returns once there is something after `position`, and never on the stack of who published it. */
  const arrival = (position: number): Effect.Effect<void> =>
    Effect.callback<void>((resume) => {
      if (published > position) return resume(Effect.void)
      const wake = () => resume(Effect.yieldNow)
      waiting.push(wake)
      return Effect.sync(() => {
        waiting = waiting.filter((other) => other !== wake)
      })
    })

  const read = (position: number, filter: EventFilter): ReadonlyArray<Delivery> => {
    const oldest = Math.max(0, published - capacity)
    const deliveries: Array<Delivery> = []
    if (position < oldest) deliveries.push({ _tag: "Lost", id: idOf(oldest), count: oldest - position })
    for (let at = Math.max(position, oldest); at < published; at++) {
      const event = ring[at % capacity]!
      if (accepts(filter, event)) deliveries.push({ _tag: "Event", id: idOf(at + 1), event })
    }
    return deliveries
  }

  const follow = (filter: EventFilter, from: number): Stream.Stream<Delivery> =>
    Stream.unfold(from, (position) =>
      Effect.map(arrival(position), () => [read(position, filter), published] as const)
    ).pipe(Stream.flattenIterable)

  return LiveEvents.of({
    publish: (event) => {
      ring[published % capacity] = event
      published++
      if (waiting.length === 0) return
      const woken = waiting
      waiting = []
      for (const wake of woken) wake()
    },
    stream: (filter, afterId) =>
      Stream.suspend(() => {
        listeners++
        endSilence()
        const [afterRun, after] = afterId?.split("-") ?? []
        if (afterRun === undefined) return follow(filter, published)
        const position = Number(after)
        if (afterRun === runOf() && Number.isSafeInteger(position) && position >= 0 && position <= published) {
          return follow(filter, position)
        }
        const lost: Delivery = { _tag: "Lost", id: idOf(published), count: null }
        return Stream.concat(Stream.succeed(lost), follow(filter, published))
      }).pipe(Stream.ensuring(Effect.sync(() => listeners--))),
    position: () => {
      endSilence()
      return idOf(published)
    },
    isHeard: () => {
      if (listeners === 0) isSilent = true
      return listeners > 0
    },
    listeners: () => listeners
  })
}
