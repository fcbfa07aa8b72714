import type { Member } from "#simulator/Fleet.ts"
import type { Stream } from "#simulator/Stream.ts"
import type { Truth } from "#simulator/Truth.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import { models } from "#simulator/vehicle/Car.ts"

const secondMs = 1000
const minuteMs = 60 * secondMs

interface Options {
  /** Of charges that were paid by card: those whose token somebody tries again. */
  readonly share: number
  readonly stream: Stream
  readonly timers: TimersApi
  readonly truth: Truth
  readonly members: ReadonlyArray<Member>
}

/**
 * People who plug in where somebody has just paid for his charge, at stations that offer the token they heard last as if
 * it were shown again: it was good for one charge, and who lets it start another gives it away.
 */
export class Freeloaders {
  private readonly options: Options
  private seen = 0

  constructor(options: Options) {
    this.options = options
  }

  begin(): void {
    const { timers } = this.options
    timers.after(30 * secondMs, () => {
      this.look()
      this.begin()
    })
  }

  /** Sessions end in about the order in which they began: one that lasts keeps those behind it waiting, and they are old then. */
  private look(): void {
    const { share, stream, timers, truth } = this.options
    const { sessions } = truth
    const nowMs = timers.nowAtMs()
    while (this.seen < sessions.length) {
      const { id, tokenUid, endedAtMs, trueStartedAtMs, stationId, evseId } = sessions[this.seen]!
      const isOld = nowMs - trueStartedAtMs > 15 * minuteMs
      if (endedAtMs === null && !isOld) return
      this.seen++
      if (isOld || tokenUid?.startsWith("PAY") !== true) continue
      const luck = stream.split(id)
      if (!luck.chance(share)) continue
      const member = this.options.members.find(({ station }) => station.identity === stationId)
      if (member !== undefined)
        timers.after(luck.int(140, 240) * secondMs, () => this.tries(member, evseId, tokenUid, luck))
    }
  }

  private tries({ station }: Member, evseId: number, uid: string, luck: Stream): void {
    const { timers } = this.options
    if (!station.evse(evseId).isFree) return
    if (station.plugIn({ car: models.city, socPercent: 40, targetPercent: 80 }, evseId) === "Refused") return
    timers.after(5 * secondMs, () => station.present({ uid, type: "Central" }, evseId, () => {}))
    timers.after(luck.int(3, 9) * minuteMs, () => station.unplug(evseId))
  }
}
