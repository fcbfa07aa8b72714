import type { EvseHost } from "./EvseHost.ts"
import type { Outlet } from "./Outlet.ts"
import type { Phase } from "./Phase.ts"
import type { KeptLimit, Transaction } from "./Transaction.ts"
import { tellChange } from "./tellings.ts"

/** How often it looks at meter and clock, and how often it reckons what they cost. */
const lookEveryMs = 2_000
const reckonEveryMs = 10_000

type KeptReason = "EnergyLimit" | "TimeLimit" | "CostLimit"

const nothing = (): void => {}

/**
 * Keeps what a CMS wants a transaction to stop at, as a station of 2.1 may (use case E16): says what of it it will keep,
 * and has the transaction stopped there.
 */
export class LimitKeeper {
  private readonly host: EvseHost
  private readonly outlet: Outlet
  private readonly reached: (reason: KeptReason) => void
  private cancel: () => void = nothing

  constructor(host: EvseHost, outlet: Outlet, reached: (reason: KeptReason) => void) {
    this.host = host
    this.outlet = outlet
    this.reached = reached
  }

  /** The CMS told a limit; what was known already is not told back again. */
  take(running: Transaction, told: KeptLimit, phase: Phase): void {
    const { keepsLimits } = this.host.habits
    const maxWh = keepsLimits.includes("energy") ? told.maxWh : null
    const maxS = keepsLimits.includes("time") ? told.maxS : null
    const maxCost = keepsLimits.includes("cost") && running.ownTariff !== null ? told.maxCost : null
    const { limit } = running
    if (limit?.maxWh === maxWh && limit.maxS === maxS && limit.maxCost === maxCost) return
    running.limit = { maxWh, maxS, maxCost }
    if (maxWh === null && maxS === null && maxCost === null) return
    const reading = this.outlet.read("Other", ["Energy.Active.Import.Register"])
    tellChange(this.host, running, { reading, phase }, () =>
      this.host.voice.limited(running, phase, reading, !this.host.isOnline())
    )
    this.keep(running)
  }

  /** Looks after what a running transaction is to stop at, if there is anything. */
  keep(running: Transaction): void {
    this.stop()
    if (running.limit === null) return
    const everyMs = running.limit.maxCost === null ? lookEveryMs : reckonEveryMs
    this.cancel = this.host.timers.after(everyMs, () => this.look(running, running.limit!))
  }

  stop(): void {
    this.cancel()
    this.cancel = nothing
  }

  private look(running: Transaction, { maxWh, maxS, maxCost }: KeptLimit): void {
    if (running.isReleased) return
    const { truth, begin } = running
    const countedWh = (this.outlet.registerMilliWh() - begin.registerMilliWh) / 1000
    const lastedS = (this.host.timers.nowAtMs() - truth.trueStartedAtMs) / 1000
    if (maxWh !== null && countedWh >= maxWh) this.reached("EnergyLimit")
    else if (maxS !== null && lastedS >= maxS) this.reached("TimeLimit")
    else if (maxCost !== null && this.costs(running) >= maxCost) this.reached("CostLimit")
    else this.keep(running)
  }

  /** What it has come to by now, gross. */
  private costs(running: Transaction): number {
    const reading = this.outlet.read("Other", ["Energy.Active.Import.Register"])
    return this.host.screen.prices.costOf(running, this.host.truth.displays, reading)?.inclTax ?? 0
  }
}
