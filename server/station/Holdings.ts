import type { Boot, Connector, Variable } from "#core/station/Station.ts"
import { report as reportStatus } from "#core/station/status.ts"
import { isOpen, type Transaction } from "#core/transaction/Transaction.ts"
import type { StationSnapshot } from "../record/Journal.ts"

/** Ended transactions kept at hand, because a station may still repeat messages about them. */
const recentLimit = 8

/** The newest register of an EVSE, by the meter's own time. */
interface Register {
  registerWh: number
  atMs: number
}

/**
 * What the owner of a station knows of it, in memory: the last committed state, changed only after a commit. Bounded:
 * of transactions that are over and settled only the most recent stay.
 */
export class Holdings {
  boot: Boot | null
  private readonly connectorsByPlace = new Map<string, Connector>()
  private readonly variablesByName = new Map<string, Variable>()
  private readonly transactions = new Map<string, Transaction>()
  private readonly openById = new Map<string, Transaction>()
  private readonly idByOcppId = new Map<string, string>()
  private readonly idByStartKey = new Map<string, string>()
  private readonly registers = new Map<number, Register>()

  constructor(snapshot: StationSnapshot) {
    this.boot = snapshot.boot
    for (const connector of snapshot.connectors) this.putConnector(connector)
    for (const variable of snapshot.variables) this.putVariable(variable)
    for (const transaction of snapshot.transactions) this.put(transaction)
    for (const { evseId, registerWh, atMs } of snapshot.registers) this.putRegister(evseId, registerWh, atMs)
  }

  connector(evseId: number, connectorId: number): Connector | undefined {
    return this.connectorsByPlace.get(`${evseId}.${connectorId}`)
  }

  connectors(): ReadonlyArray<Connector> {
    return [...this.connectorsByPlace.values()]
  }

  putConnector(connector: Connector): void {
    const place = `${connector.evseId}.${connector.connectorId}`
    this.connectorsByPlace.set(place, reportStatus(this.connectorsByPlace.get(place), connector))
  }

  putVariable(variable: Variable): void {
    this.variablesByName.set(`${variable.component}|${variable.variable}|${variable.instance}`, variable)
  }

  variableCount(): number {
    return this.variablesByName.size
  }

  byId(id: string): Transaction | undefined {
    return this.transactions.get(id)
  }

  byOcppId(ocppId: string): Transaction | undefined {
    const id = this.idByOcppId.get(ocppId)
    return id === undefined ? undefined : this.transactions.get(id)
  }

  byStartKey(startKey: string): Transaction | undefined {
    const id = this.idByStartKey.get(startKey)
    return id === undefined ? undefined : this.transactions.get(id)
  }

  open(): ReadonlyArray<Transaction> {
    return [...this.openById.values()]
  }

  openAt(evseId: number): ReadonlyArray<Transaction> {
    if (this.openById.size === 0) return []
    return [...this.openById.values()].filter((known) => known.evseId === evseId)
  }

  all(): Iterable<Transaction> {
    return this.transactions.values()
  }

  put(transaction: Transaction): void {
    const isNew = !this.transactions.has(transaction.id)
    this.transactions.set(transaction.id, transaction)
    if (isOpen(transaction)) this.openById.set(transaction.id, transaction)
    else this.openById.delete(transaction.id)
    if (isNew) {
      this.idByOcppId.set(transaction.ocppId, transaction.id)
      if (transaction.startKey !== null) this.idByStartKey.set(transaction.startKey, transaction.id)
      this.forgetOld()
    }
    const last = transaction.samples[transaction.samples.length - 1]
    if (last !== undefined && last.registerWh !== null) {
      this.putRegister(transaction.evseId, last.registerWh, last.atMs)
    }
  }

  /** The newest register of an EVSE by the meter's own time, before `atMs`. */
  registerBefore(evseId: number, atMs: number): number | null {
    const known = this.registers.get(evseId)
    return known !== undefined && known.atMs <= atMs ? known.registerWh : null
  }

  putRegister(evseId: number, registerWh: number, atMs: number): void {
    const known = this.registers.get(evseId)
    if (known === undefined) this.registers.set(evseId, { registerWh, atMs })
    else if (known.atMs <= atMs) {
      known.registerWh = registerWh
      known.atMs = atMs
    }
  }

  private forgetOld(): void {
    if (this.transactions.size <= recentLimit) return
    for (const [id, transaction] of this.transactions) {
      if (this.transactions.size <= recentLimit) return
      if (isOpen(transaction) || transaction.settled === null) continue
      this.transactions.delete(id)
      this.idByOcppId.delete(transaction.ocppId)
      if (transaction.startKey !== null) this.idByStartKey.delete(transaction.startKey)
    }
  }
}
