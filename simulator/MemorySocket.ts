import type { Transport } from "#core/ocpp/Transport.ts"
import { type Fate, MemoryEnd, type Side } from "./socket/MemoryEnd.ts"
import type { TimersApi } from "./time/Timers.ts"

export type { Fate, Side } from "./socket/MemoryEnd.ts"

/** How a connection in memory behaves. Sizes are UTF-16 units of text, close enough to bytes for JSON. */
export interface Options {
  readonly timers: TimersApi
  /** Travel time in ms of one frame sent by `from`; 0 when not given: then it arrives at the same instant, later. */
  readonly latencyMs?: (from: Side, text: string) => number
  /** What becomes of a frame sent by `from`; undefined lets it pass. */
  readonly fate?: (from: Side, text: string) => Fate | undefined
  /** What the network and the receiver's buffer hold before frames stay with the sender; 256 KiB when not given. */
  readonly windowBytes?: number
  /** What a sender may pile up before its connection breaks; 16 MiB when not given. */
  readonly maxBufferedBytes?: number
  /** Signs of life (pongs) that each end sees while the line works; none when not given. */
  readonly aliveEveryMs?: number
  /** Called once, when both ends know that it is over. */
  readonly onOver?: () => void
}

/** Two ends of one connection, and the hands that break it. */
export interface Pair {
  readonly station: Transport
  readonly server: Transport
  /**
   * Cuts the line now. What is on its way is lost, the ends named see 1006 at once, the others go on believing in a
   * half-open connection, for ever or until `noticedAfterMs`.
   */
  readonly cut: (noticed: { readonly by: ReadonlyArray<Side>; readonly othersAfterMs?: number }) => void
  /** The process at one end is gone: it hears nothing more, and the other end sees 1006 after the travel time. */
  readonly die: (side: Side) => void
  /** False once both ends know that it is over. */
  readonly isOpen: () => boolean
}

/** A connection that never leaves the process. Frames arrive in order, later than sent, never inside a call of send. */
export const pair = (options: Options): Pair => {
  const { timers, latencyMs, fate } = options
  const end = (side: Side): MemoryEnd =>
    new MemoryEnd({
      side,
      timers,
      latencyMs,
      fate,
      windowBytes: options.windowBytes ?? 256 * 1024,
      maxBufferedBytes: options.maxBufferedBytes ?? 16 * 1024 * 1024,
      onOver: () => {
        if (!isOpen()) options.onOver?.()
      }
    })
  const station = end("station")
  const server = end("server")
  station.connect(server)
  server.connect(station)
  const ends = { station, server }
  const isOpen = () => station.isOpen() || server.isOpen()
  const { aliveEveryMs } = options
  if (aliveEveryMs !== undefined) {
    const beat = () => {
      if (!station.isLineUp() || !isOpen()) return
      station.alive()
      server.alive()
      timers.after(aliveEveryMs, beat)
    }
    timers.after(aliveEveryMs, beat)
  }
  return {
    station,
    server,
    isOpen,
    die: (side) => ends[side].die(),
    cut: ({ by, othersAfterMs }) => {
      station.lineDown()
      server.lineDown()
      for (const side of ["station", "server"] as const) {
        if (by.includes(side)) ends[side].breakSoon(0)
        else if (othersAfterMs !== undefined) ends[side].breakSoon(othersAfterMs)
      }
    }
  }
}
