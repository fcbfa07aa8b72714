import type { TariffType } from "#core/ocpp/v21/generated/schemas.ts"
import type { Commands, RemoteStart, ResetKind, TriggeredMessage } from "./Commands.ts"
import type { Configuration } from "./Configuration.ts"
import type { Evse } from "./Evse.ts"
import type { Firmware } from "./Firmware.ts"
import { mayBeCommanded, maySend } from "./Registration.ts"
import type { Screen } from "./Screen.ts"
import { changeTariff, type TariffChange } from "./tariffChange.ts"
import type { Call } from "./Voice.ts"

const nothing = (): void => {}

/**
 * A station doing what the CMS orders. It answers first: what an order sets off happens at the same instant, after the
 * answer has left.
 */
export class Obedience implements Commands {
  private readonly firmware: Firmware
  private remoteStarts = 0

  constructor(firmware: Firmware) {
    this.firmware = firmware
  }

  get configuration(): Configuration {
    return this.firmware.configuration
  }

  get screen(): Screen {
    return this.firmware.screen
  }

  connectorIds(evseId: number): ReadonlyArray<number> {
    return Array.from({ length: this.firmware.evses[evseId - 1]?.outlet.connectors ?? 0 }, (_, index) => index + 1)
  }

  get evseIds(): ReadonlyArray<number> {
    return this.firmware.evses.map((evse) => evse.id)
  }

  nowAtMs(): number {
    return this.firmware.nowAtMs()
  }

  remoteStart(order: RemoteStart): { readonly accepted: boolean; readonly transactionId: string | null } {
    const { firmware } = this
    const evse = this.choose(order.evseId)
    if (evse === undefined || !this.isCommanded) return { accepted: false, transactionId: null }
    const remoteStartId = order.remoteStartId ?? ++this.remoteStarts
    const { token } = order
    firmware.timers.soon(() => {
      const admit = (groupId: string | null, offline: boolean) => {
        if (firmware.isRunning && evse.isWilling) evse.admit({ token, groupId, offline, remoteStartId })
      }
      if (!firmware.settings.authorizeRemoteStart) return admit(null, false)
      firmware.authorizer.ask(token, (verdict) => {
        if (verdict.accepted) admit(verdict.groupId, verdict.offline)
      })
    })
    return { accepted: true, transactionId: evse.transaction?.wireId ?? null }
  }

  remoteStop(transactionId: string): boolean {
    const { evses, timers } = this.firmware
    const evse = evses.find((each) => each.transaction?.wireId === transactionId)
    if (evse === undefined || !this.isCommanded) return false
    timers.soon(() => {
      if (evse.transaction?.wireId === transactionId) evse.stop("Remote", null)
    })
    return true
  }

  changeTariff(transactionId: string, tariff: TariffType): TariffChange {
    const { firmware } = this
    return this.isCommanded ? changeTariff(firmware, firmware.evses, transactionId, tariff) : "TxNotFound"
  }

  reset(kind: ResetKind): "Accepted" | "Scheduled" | "Rejected" {
    const { firmware } = this
    if (kind === "onIdle") {
      const isBusy = firmware.evses.some((evse) => evse.transaction !== null)
      firmware.resetWhenIdle("ScheduledReset")
      return isBusy ? "Scheduled" : "Accepted"
    }
    firmware.timers.soon(() => firmware.reset(kind === "hard" ? "HardReset" : "SoftReset", "RemoteReset"))
    return "Accepted"
  }

  unlock(evseId: number, endsTransaction: boolean): "Unlocked" | "Ongoing" | "Unknown" {
    const evse = this.evse(evseId)
    if (evse === undefined) return "Unknown"
    if (evse.transaction === null) return "Unlocked"
    if (!endsTransaction) return "Ongoing"
    this.firmware.timers.soon(() => evse.stop("UnlockCommand", null))
    return "Unlocked"
  }

  setAvailability(evseId: number, operative: boolean): "Accepted" | "Scheduled" | "Rejected" {
    const { firmware } = this
    const concerned = evseId === 0 ? firmware.evses : firmware.evses.filter((evse) => evse.id === evseId)
    if (concerned.length === 0) return "Rejected"
    firmware.timers.soon(() => {
      for (const evse of concerned) evse.setOperative(operative)
      if (evseId === 0) firmware.reportStation()
    })
    return !operative && concerned.some((evse) => evse.transaction !== null) ? "Scheduled" : "Accepted"
  }

  trigger(what: TriggeredMessage, evseId: number | null): boolean {
    const { firmware } = this
    const evses = evseId === null ? firmware.evses : firmware.evses.filter((evse) => evse.id === evseId)
    const purpose = what === "BootNotification" ? "boot" : "triggered"
    if (!maySend(firmware.registrar.registration, purpose)) return false
    const isWholeStation = evseId === 0 && what === "StatusNotification"
    if (evses.length === 0 && !isWholeStation) return false
    if (what === "TransactionEvent" && evses.every((evse) => evse.transaction === null)) return false
    firmware.timers.soon(() => {
      if (!firmware.isRunning) return
      if (what === "BootNotification") return firmware.registrar.bootTriggered()
      if (what === "Heartbeat") return firmware.registrar.beat("triggered")
      if (isWholeStation) return firmware.reportStation()
      for (const evse of evses) this.tell(what, evse)
    })
    return true
  }

  clearCache(): boolean {
    const { firmware } = this
    if (!firmware.settings.cacheEnabled) return false
    firmware.authorizer.cache.clear()
    return true
  }

  transactionStatus(transactionId: string | null): {
    readonly ongoing: boolean | null
    readonly messagesInQueue: boolean
  } {
    const { evses, outbox } = this.firmware
    if (transactionId === null) return { ongoing: null, messagesInQueue: outbox.length > 0 }
    const ongoing = evses.some((evse) => evse.transaction?.wireId === transactionId)
    return { ongoing, messagesInQueue: outbox.holds(transactionId) }
  }

  report(parts: ReadonlyArray<Call>): void {
    const { firmware } = this
    const send = (index: number) => {
      const part = parts[index]
      if (part === undefined || !firmware.isUp()) return
      // A report that breaks off is asked for again by the CMS.
      firmware.call(part, () => send(index + 1), nothing, "report")
    }
    firmware.timers.soon(() => send(0))
  }

  private get isCommanded(): boolean {
    return mayBeCommanded(this.firmware.registrar.registration)
  }

  private evse(evseId: number): Evse | undefined {
    return this.firmware.evses[evseId - 1]
  }

  /** The EVSE an order means: the one it names, or the first with a waiting car, or the first that is free. */
  private choose(evseId: number | null): Evse | undefined {
    const willing = this.firmware.evses.filter((evse) => evse.isWilling && (evseId === null || evse.id === evseId))
    return willing.find((evse) => evse.outlet.hasCar) ?? willing[0]
  }

  private tell(what: TriggeredMessage, evse: Evse): void {
    const { firmware } = this
    if (what === "StatusNotification") {
      evse.reportStatus(true)
      return
    }
    if (evse.transaction !== null) {
      evse.trigger()
      return
    }
    if (what !== "MeterValues" || !firmware.isUp()) return
    const reading = evse.trigger()
    firmware.truth.readIdle(firmware.identity, evse.id, reading.atMs)
    firmware.call(firmware.voice.idleReading(evse.id, reading), nothing, nothing, "triggered")
  }
}
