import type { CallFailure } from "#core/ocpp/CallFailure.ts"
import type { TimersApi } from "../time/Timers.ts"
import { BehindBoot, type HeldCall } from "./BehindBoot.ts"
import type { Habits } from "./Habits.ts"
import type { Outbox } from "./Outbox.ts"
import { afterBoot, defaultRetryS, maySend, type Purpose, type Registration } from "./Registration.ts"
import type { Settings } from "./Settings.ts"
import type { BootReason, Call, Nameplate, Voice } from "./Voice.ts"

export interface RegistrarHost {
  readonly timers: TimersApi
  readonly nameplate: Nameplate
  readonly voice: Voice
  isUp(): boolean
  readonly settings: Settings
  readonly habits: Pick<Habits, "heartbeats">
  readonly outbox: Pick<Outbox, "pump">
  /** An interval from a BootNotification's answer. */
  setHeartbeatS(seconds: number): void
  call(call: Call, done: (response: unknown) => void, failed: (failure: CallFailure) => void, purpose?: Purpose): void
  /** `isFirst` since the firmware started. */
  onAccepted(isFirst: boolean): void
}

const nothing = (): void => {}

/**
 * A station's standing with the CMS: boots until accepted at the pace it is told, then sends heartbeats (1.6 sections
 * 4.2 and 4.6, 2.0.1 B01 to B03 and G02). The standing outlives reconnects and ends with the firmware's run.
 */
export class Registrar {
  private readonly host: RegistrarHost
  private standing: Registration = "Unknown"
  private reason: BootReason = "PowerUp"
  private notBeforeAtMs = 0
  private isBooting = false
  private isBeating = false
  private era = 0
  private readonly behindBoot = new BehindBoot()
  private cancelBoot: () => void = nothing
  private cancelBeat: () => void = nothing

  constructor(host: RegistrarHost) {
    this.host = host
  }

  get registration(): Registration {
    return this.standing
  }

  /** A boot is unanswered: nobody knows what the station may say next. */
  get isAsking(): boolean {
    return this.isBooting
  }

  /** Sends a CALL, or keeps it until the boot that is unanswered is over. */
  say(call: HeldCall): void {
    if (this.isBooting && call.purpose !== "boot") this.behindBoot.hold(call)
    else call.send()
  }

  /** The firmware starts. */
  begin(reason: BootReason): void {
    this.halt()
    this.reason = reason
  }

  /** The firmware stops: nothing is known any more. */
  halt(): void {
    this.era++
    this.standing = "Unknown"
    this.notBeforeAtMs = 0
    this.isBooting = false
    this.isBeating = false
    this.behindBoot.release(() => false)
    this.cancelBoot()
    this.cancelBeat()
    this.cancelBoot = nothing
    this.cancelBeat = nothing
  }

  /** There is a connection: an accepted station needs no second boot (OCPP-J, reconnecting). */
  onUp(): void {
    if (this.standing !== "Accepted") this.bootWhenAllowed()
  }

  /** Boots now, whatever the standing is, because the CMS asked for it. */
  bootTriggered(): void {
    if (this.standing === "Accepted") this.reason = "Triggered"
    this.boot()
  }

  /** Sends one heartbeat, unless one is unanswered. */
  beat(purpose: Purpose = "other"): void {
    if (this.isBeating || !this.host.isUp()) return
    const { era } = this
    this.isBeating = true
    const over = () => {
      if (era === this.era) this.isBeating = false
    }
    this.host.call(this.host.voice.heartbeat, over, over, purpose)
  }

  /** The heartbeat interval was changed. */
  retune(): void {
    this.cancelBeat()
    this.cancelBeat = nothing
    const everyMs = this.heartbeatS() * 1000
    if (this.standing !== "Accepted" || everyMs <= 0) return
    this.cancelBeat = this.host.timers.after(everyMs, () => {
      this.retune()
      this.beat()
    })
  }

  /** 0 sends none. */
  private heartbeatS(): number {
    const { habits, settings } = this.host
    const { heartbeats } = habits
    return heartbeats === "asTold" ? settings.heartbeatS : heartbeats === "never" ? 0 : heartbeats
  }

  private bootWhenAllowed(): void {
    const waitMs = this.notBeforeAtMs - this.host.timers.nowAtMs()
    this.cancelBoot()
    if (waitMs <= 0) {
      this.boot()
      return
    }
    this.cancelBoot = this.host.timers.after(waitMs, () => this.boot())
  }

  private boot(): void {
    const { host, era } = this
    if (this.isBooting || !host.isUp()) return
    this.isBooting = true
    host.call(
      host.voice.boot(host.nameplate, this.reason),
      (response) => {
        if (era !== this.era) return
        this.isBooting = false
        this.answered(response)
      },
      (failure) => {
        if (era !== this.era) return
        this.isBooting = false
        this.behindBoot.release((purpose) => host.isUp() && maySend(this.standing, purpose))
        host.outbox.pump()
        // A broken connection calls `onUp` when it is back.
        if (failure._tag === "Disconnected") {
          if (host.isUp()) host.timers.soon(() => this.bootWhenAllowed())
          return
        }
        this.retryIn(defaultRetryS)
      },
      "boot"
    )
  }

  private answered(response: unknown): void {
    const { host } = this
    const after = afterBoot(host.voice.readBoot(response))
    const isFirst = this.standing !== "Accepted"
    this.standing = after.registration
    this.behindBoot.release((purpose) => maySend(after.registration, purpose))
    if (after.registration !== "Accepted") {
      // One that was accepted, and is held back by a boot that it was asked for, says nothing more (2.x B02, B03).
      this.cancelBeat()
      this.retryIn(after.retryInS)
      return
    }
    if (after.heartbeatS !== null && after.heartbeatS !== host.settings.heartbeatS) host.setHeartbeatS(after.heartbeatS)
    this.retune()
    host.onAccepted(isFirst)
  }

  private retryIn(seconds: number): void {
    this.notBeforeAtMs = this.host.timers.nowAtMs() + seconds * 1000
    this.bootWhenAllowed()
  }
}
