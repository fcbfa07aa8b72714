import type { EvseHost } from "./EvseHost.ts"
import type { Outlet } from "./Outlet.ts"
import { chargingState, isEnergized, type Phase } from "./Phase.ts"
import type { Transaction } from "./Transaction.ts"

/**
 * Tells the CMS what each connector of an EVSE is, whenever the dialect has another name for it, in the firmware's own
 * way. While a car is on one cable the others are Unavailable.
 */
export class StatusReporter {
  private readonly host: EvseHost
  private readonly evseId: number
  private readonly outlet: Outlet
  private readonly reported = new Map<number, string>()
  /** What was last told of each connector: behind what it is where a firmware keeps states to itself. */
  readonly told = new Map<number, string>()

  constructor(evseId: number, outlet: Outlet, host: EvseHost) {
    this.host = host
    this.outlet = outlet
    this.evseId = evseId
  }

  /** Nothing was told since the firmware started. */
  forget(): void {
    this.reported.clear()
    this.told.clear()
  }

  /** Tells states that are news, or `anyway`; `transaction` is the one that runs there. */
  report(phase: Phase, operative: boolean, transaction: Transaction | null, anyway: boolean): void {
    const { voice } = this.host
    const name = voice.statusName(phase, operative)
    for (let connectorId = 1; connectorId <= this.outlet.connectors; connectorId++) {
      const isBarred = phase !== "Faulted" && this.outlet.hasCar && connectorId !== this.outlet.connectorId
      const what = { name: isBarred ? voice.statusName("Available", false) : name, phase, anyway }
      this.tell(connectorId, what, () => (isEnergized(phase) && !isBarred ? transaction : null))
    }
  }

  private tell(
    connectorId: number,
    { name, phase, anyway }: { readonly name: string; readonly phase: Phase; readonly anyway: boolean },
    concerned: () => Transaction | null
  ): void {
    const { host, reported } = this
    const { skipsStatuses, tellsStatusTwice } = host.habits
    if (!host.isRunning || (!anyway && name === reported.get(connectorId))) return
    reported.set(connectorId, name)
    if (!anyway && skipsStatuses.includes(name)) return
    this.told.set(connectorId, name)
    for (let times = tellsStatusTwice ? 2 : 1; times > 0; times--) {
      const [atMs, transaction] = [host.nowAtMs(), concerned()]
      const message = host.voice.status({ evseId: this.evseId, connectorId }, name, atMs, transaction)
      // In 1.6 what the car does is told of the connector alone.
      if (transaction !== null && message.kind === "state")
        host.screen.tell(transaction, message, { readings: [], state: chargingState(phase), atMs })
      host.post(message)
    }
  }
}
