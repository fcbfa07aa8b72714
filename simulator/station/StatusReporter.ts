import type { EvseHost } from "./EvseHost.ts"
import { isEnergized, type Phase } from "./Phase.ts"
import type { Transaction } from "./Transaction.ts"

/** Tells the CMS what a connector is, whenever the dialect has another name for it, in the firmware's own way. */
export class StatusReporter {
  private readonly host: EvseHost
  private readonly evseId: number
  private reported = ""

  constructor(evseId: number, host: EvseHost) {
    this.host = host
    this.evseId = evseId
  }

  /** Nothing was told since the firmware started. */
  forget(): void {
    this.reported = ""
  }

  /** Tells a state that is news, or `anyway`; `transaction` is the one that runs there. */
  report(phase: Phase, operative: boolean, transaction: Transaction | null, anyway: boolean): void {
    const { host } = this
    const { skipsStatuses, tellsStatusTwice } = host.habits
    const name = host.voice.statusName(phase, operative)
    if (!host.isRunning || (!anyway && name === this.reported)) return
    this.reported = name
    if (!anyway && skipsStatuses.includes(name)) return
    const concerned = isEnergized(phase) ? transaction : null
    for (let times = tellsStatusTwice ? 2 : 1; times > 0; times--) {
      host.post(host.voice.status(this.evseId, name, host.nowAtMs(), concerned))
    }
  }
}
