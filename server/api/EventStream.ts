import { Effect, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import type { Event } from "#core/api/Events.ts"
import type { LiveEvent } from "#core/api/LiveEvent.ts"
import * as Instant from "#core/Instant.ts"
import type { Delivery, EventFilter, LiveEvents } from "./Events.ts"

/** How soon a browser reconnects. */
const retryMs = 3_000

/** Silence longer than this makes proxies close the connection. */
const keepAlive = "15 seconds"

/** An event as the contract says it. */
export const eventView = (live: LiveEvent): Event => {
  const { atMs, _tag, stationId, ...rest } = live
  const event = { kind: _tag, stationId, at: Instant.format(atMs), ...rest }
  return ("amountMinor" in event ? { ...event, amountMinor: event.amountMinor.toString() } : event) as Event
}

const frame = (delivery: Delivery): string => {
  const [name, data] =
    delivery._tag === "Event"
      ? [delivery.event._tag, JSON.stringify(eventView(delivery.event))]
      : ["Lost", JSON.stringify({ kind: "Lost", count: delivery.count })]
  return `id: ${delivery.id}\nevent: ${name}\ndata: ${data}\n\n`
}

export interface EventStreamOptions {
  readonly filter: EventFilter
  readonly afterId: string | undefined
  /** Whether the client reconnects by itself, as browsers do: it is told how soon. */
  readonly reconnects: boolean
}

/**
 * Live events as a server-sent event stream. It begins with the id to reconnect from, so that a client that was cut off
 * before its first event misses nothing either.
 */
export const eventStream = (
  live: LiveEvents["Service"],
  { filter, afterId, reconnects }: EventStreamOptions
): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
  Effect.sync(() => {
    const from = afterId ?? live.position()
    const hello = `${reconnects ? `retry: ${retryMs}\n` : ""}id: ${from}\n\n`
    const frames = Stream.map(live.stream(filter, from), frame)
    const silence = Stream.map(Stream.drop(Stream.tick(keepAlive), 1), () => ":\n\n")
    const text = Stream.concat(Stream.succeed(hello), Stream.merge(frames, silence))
    return HttpServerResponse.stream(Stream.encodeText(text), {
      contentType: "text/event-stream",
      headers: { "cache-control": "no-store", "x-accel-buffering": "no" }
    })
  })
