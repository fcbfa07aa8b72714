import { Effect } from "effect"
import type { LoadPlan, Share } from "#scenarios/load/Plan.ts"
import * as Slice from "#scenarios/load/Slice.ts"
import { pair } from "#simulator/MemorySocket.ts"
import type { Connect } from "#simulator/station/Link.ts"
import { DueTimers } from "#simulator/time/DueTimers.ts"
import { Timers, type TimersApi } from "#simulator/time/Timers.ts"
import * as VirtualTime from "#simulator/VirtualTime.ts"

export const startAtMs = Date.UTC(2026, 2, 4)

/** From when to when, after the load's first instant, a CMS answers nobody; what it was asked it answers then. */
export interface Stall {
  readonly fromMs: number
  readonly untilMs: number
}

const answers: Readonly<Record<string, (atMs: number, asked: number) => unknown>> = {
  BootNotification: (atMs) => ({ status: "Accepted", currentTime: new Date(atMs).toISOString(), interval: 86_400 }),
  Heartbeat: (atMs) => ({ currentTime: new Date(atMs).toISOString() }),
  Authorize: () => ({ idTagInfo: { status: "Accepted" } }),
  StartTransaction: (_atMs, asked) => ({ transactionId: asked, idTagInfo: { status: "Accepted" } }),
  StopTransaction: () => ({ idTagInfo: { status: "Accepted" } }),
  MeterValues: () => ({}),
  StatusNotification: () => ({})
}

/** A CMS of a few lines that takes in everything, `delayMs` after it was asked, but for the while in which it stalls. */
export const fakeCms = (timers: TimersApi, loadAtMs: number, stall: Stall, delayMs = 5): Connect => {
  const answerAfterMs = (): number => {
    const nowMs = timers.nowAtMs() - loadAtMs
    return nowMs >= stall.fromMs && nowMs < stall.untilMs ? stall.untilMs - nowMs + delayMs : delayMs
  }
  return (dial, answer) => {
    const ends = pair({ timers })
    let asked = [...dial.identity].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_000, 7) * 1_000
    ends.server.listen({
      onText: (text) => {
        const [type, id, action] = JSON.parse(text) as [number, string, string]
        if (type !== 2) return
        const number = ++asked
        timers.after(answerAfterMs(), () =>
          ends.server.send(JSON.stringify([3, id, answers[action]!(timers.nowAtMs(), number)]))
        )
      },
      onBinary: () => {},
      onAlive: () => {},
      onClose: () => {}
    })
    timers.soon(() => answer({ _tag: "Connected", transport: ends.station, subprotocol: "ocpp1.6" }))
    return () => {}
  }
}

export const never: Stall = { fromMs: 0, untilMs: 0 }

/** A share of a load lived in virtual time against the fake. Stations have 20 s to boot. */
export const live = (plan: LoadPlan, share: Share, stall: Stall): Promise<Slice.SliceResult> =>
  Effect.runPromise(
    VirtualTime.run(
      Effect.gen(function* () {
        const timers = new DueTimers(yield* Timers)
        const loadAtMs = startAtMs + 20_000
        const slice = yield* Slice.make({ plan, share, timers, connect: fakeCms(timers, loadAtMs, stall) })
        slice.connect()
        yield* Effect.sleep(10_000)
        slice.load(loadAtMs)
        yield* Effect.sleep(10_000 + plan.durationMs)
        const result = yield* slice.finish()
        slice.stop()
        return result
      }),
      { startAtMs, untilMs: startAtMs + 3_600_000 }
    )
  )

export const planOf = (change: Partial<LoadPlan>): LoadPlan => ({
  seed: "seven",
  profile: "charging",
  stations: 6,
  prefix: "LOAD",
  dialects: [["1.6", 1]],
  rate: 1,
  durationMs: 60_000,
  rampMs: 0,
  connectMs: 2_000,
  chargeMs: 4_000,
  sampleS: 1,
  stormMs: null,
  card: null,
  passwords: false,
  maxQueue: 8,
  keepsReadings: true,
  ...change
})
