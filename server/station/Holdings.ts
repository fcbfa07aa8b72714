import { type ReportedDisplay, unknownDisplay, withVariable } from "#core/display/showsCost.ts"
import type { AnsweredBoot, Boot, Connector, Station, Variable } from "#core/station/Station.ts"
import { beginAtMs } from "#core/transaction/assess.ts"
import { type ChargeOrder, orderForMs } from "#core/transaction/ChargeOrder.ts"
import { isGivenUp } from "#core/transaction/closeByHand.ts"
import { isLimiting, isOpen, type Transaction } from "#core/transaction/Transaction.ts"
import type { StationSnapshot } from "../record/Journal.ts"
import type { TransactionMessage } from "./TransactionMessage.ts"

/** Settled transactions kept at hand, because a station may still repeat messages about them. */
const recentLimit = 8

/**
 * Readings kept with them, all together: long charges are looked up again in the journal when something is said about
 * them late, which costs one read; ten thousand stations that hold last night's readings cost gigabytes.
 */
const recentSamplesLimit = 64

/** A status that is told this far ahead of our time was told by a clock that is wrong. */
const clockAheadMs = 60_000

/** Told at once: on its way, and by a clock without milliseconds. */
const atOnceMs = 5_000

/** The newest register of an EVSE, by the meter's own time. */
interface Register {
  registerWh: number
  atMs: number
}

/** A transaction as it stands: every name that it is found by leads here, and none of them changes with it. */
interface Held {
  transaction: Transaction
}

/**
 * What the owner of a station knows of it, in memory: the last committed state, changed only after a commit. Bounded:
 * of transactions that are over and settled only the most recent stay.
 */
export class Holdings {
  boot: AnsweredBoot | null
  /** What the station says of its display. */
  display: ReportedDisplay = unknownDisplay
  private readonly connectorsByPlace = new Map<string, Connector>()
  /** By how much the clock that told them was ahead, as far as that is known, ms. */
  private readonly aheadByPlace = new Map<string, number>()
  /** The last status told since that was no news, and how late it was. */
  private readonly passedOverByPlace = new Map<
    string,
    { readonly status: Connector["status"]; readonly lateMs: number }
  >()
  /** The latest that the station's clock showed with a status of theirs, since it connected. */
  private readonly shownByPlace = new Map<string, number>()
  /** Since it was claimed, which is since it connected. */
  private hasBooted = false
  /** Connectors of which nothing was heard since the last restart. */
  private readonly toldBeforeBoot = new Set<string>()
  private readonly variablesByName = new Map<string, Variable>()
  private readonly heldById = new Map<string, Held>()
  private readonly openById = new Map<string, Held>()
  private readonly byWireId = new Map<string, Held>()
  private readonly byKey = new Map<string, Held>()
  private readonly registers = new Map<number, Register>()
  /** By EVSE and token. */
  private readonly ordersByPlace = new Map<string, ChargeOrder>()
  /** How the last ones ended, by id on the wire: by when and what the meter said, however much of them is let go. */
  private readonly ends = new Map<string, Register>()

  constructor(snapshot: StationSnapshot) {
    this.boot = snapshot.boot
    for (const connector of snapshot.connectors) this.connectorsByPlace.set(placeOf(connector), connector)
    for (const variable of snapshot.variables) this.putVariable(variable)
    for (const transaction of snapshot.transactions) this.put(transaction)
    for (const { evseId, registerWh, atMs } of snapshot.registers) this.putRegister(evseId, registerWh, atMs)
    for (const order of snapshot.orders) this.putOrder(order)
  }

  connector(evseId: number, connectorId: number): Connector | undefined {
    return this.connectorsByPlace.get(`${evseId}.${connectorId}`)
  }

  connectors(): ReadonlyArray<Connector> {
    return [...this.connectorsByPlace.values()]
  }

  /** `receivedAtMs`: when it was told; not known of what comes from the books. */
  putConnector(connector: Connector, receivedAtMs = connector.statusAtMs): void {
    const place = placeOf(connector)
    this.connectorsByPlace.set(place, connector)
    this.aheadByPlace.set(place, connector.statusAtMs - receivedAtMs)
    this.passedOverByPlace.delete(place)
    this.toldBeforeBoot.delete(place)
  }

  /**
   * What a BootNotification says of the station's life. Only the first on a connection can tell of a restart, which breaks
   * the connection: any other was asked for, or is tried again, and leaves when and why it started as they were. So does one
   * on a new connection of a station that was turned away, which asks until it is let in.
   */
  bootOf(told: Boot, answered: Station["registration"]): AnsweredBoot {
    const { boot } = this
    const isTriedAgain = boot?.answered === "Rejected" || boot?.answered === "Pending"
    if (boot === null || (this.isRestart(told) && !isTriedAgain)) return { ...told, answered }
    return { ...told, reason: boot.reason, atMs: boot.atMs, answered }
  }

  /** The last boot, as if it had been answered yes; null where there was none. */
  letIn(): AnsweredBoot | null {
    return this.boot === null ? null : { ...this.boot, answered: "Accepted" }
  }

  private isRestart({ reason }: Boot): boolean {
    return this.boot === null || (!this.hasBooted && reason !== "Triggered")
  }

  /** After a restart it tells all its connectors anew, by a clock that may have been turned back meanwhile. */
  booted(told: Boot, answered: Station["registration"]): void {
    const isRestart = this.isRestart(told)
    this.boot = this.bootOf(told, answered)
    this.hasBooted = true
    if (!isRestart) return
    this.shownByPlace.clear()
    for (const place of this.connectorsByPlace.keys()) this.toldBeforeBoot.add(place)
  }

  /** Takes in what a station's clock showed with a status. Answers whether it showed something later there before. */
  isShownBehind(connector: Connector, shownAtMs: number): boolean {
    const place = placeOf(connector)
    const latest = this.shownByPlace.get(place)
    if (latest !== undefined && shownAtMs < latest) return true
    this.shownByPlace.set(place, shownAtMs)
    return false
  }

  /**
   * Whether a report is news. By the station's own clock, so that a status delivered late undoes nothing; but the first one
   * after a boot is, whatever its time, and so is one that follows a report from the future: of later than `shownMs`, which
   * is the latest that the clock may show now, or told by a clock that was ahead, where this one is told by one that is right.
   */
  isNews(connector: Connector, shownMs: number, nowMs: number): boolean {
    const place = placeOf(connector)
    const known = this.connectorsByPlace.get(place)
    if (known === undefined || connector.statusAtMs >= known.statusAtMs) return true
    if (this.toldBeforeBoot.has(place) || known.statusAtMs > shownMs + clockAheadMs) return true
    const wasAhead = (this.aheadByPlace.get(place) ?? 0) > clockAheadMs
    return wasAhead && Math.abs(nowMs - connector.statusAtMs) <= atOnceMs
  }

  /** Keeps in mind a report that is no news, and how late it came. */
  passOver(connector: Connector, nowMs: number): void {
    const { status, statusAtMs } = connector
    this.passedOverByPlace.set(placeOf(connector), { status, lateMs: nowMs - statusAtMs })
  }

  /**
   * Whether a start, of before the connector's state is known, came as late as what was told there last: a clock that was
   * set back is late with all it tells by the same, and what is late for itself is not.
   */
  isSetBack(
    connector: Place,
    { atMs, receivedAtMs }: { readonly atMs: number; readonly receivedAtMs: number }
  ): boolean {
    const passed = this.passedOverByPlace.get(placeOf(connector))
    if (passed === undefined || passed.status === "Available") return false
    return Math.abs(receivedAtMs - atMs - passed.lateMs) <= atOnceMs
  }

  /** How far charges are to go that were ordered and have not begun. */
  orders(): Iterable<ChargeOrder> {
    return this.ordersByPlace.values()
  }

  hasOrder(order: ChargeOrder): boolean {
    return this.ordersByPlace.has(orderedAt(order))
  }

  /** Takes the place of an older one, as nothing where it limits nothing; those that are too old go. */
  putOrder(order: ChargeOrder): void {
    for (const [place, { askedAtMs }] of this.ordersByPlace)
      if (askedAtMs < order.askedAtMs - orderForMs) this.ordersByPlace.delete(place)
    if (isLimiting(order.limit)) this.ordersByPlace.set(orderedAt(order), order)
    else this.dropOrder(order)
  }

  dropOrder(order: ChargeOrder): void {
    this.ordersByPlace.delete(orderedAt(order))
  }

  putVariable(variable: Variable): void {
    this.display = withVariable(this.display, variable)
    this.variablesByName.set(`${variable.component}|${variable.variable}|${variable.instance}`, variable)
  }

  variableCount(): number {
    return this.variablesByName.size
  }

  byId(id: string): Transaction | undefined {
    return this.heldById.get(id)?.transaction
  }

  byOcppId(ocppId: string): Transaction | undefined {
    return this.byWireId.get(ocppId)?.transaction
  }

  byStartKey(startKey: string): Transaction | undefined {
    return this.byKey.get(startKey)?.transaction
  }

  /** Transactions that are open, and all that are at hand. */
  get openCount(): number {
    return this.openById.size
  }

  get count(): number {
    return this.heldById.size
  }

  open(): ReadonlyArray<Transaction> {
    return Array.from(this.openById.values(), ({ transaction }) => transaction)
  }

  /** At EVSE 0 there is nobody: it stands for one that has not been told yet, and two of those are no neighbours. */
  openAt(evseId: number): ReadonlyArray<Transaction> {
    if (this.openById.size === 0 || evseId === 0) return []
    return this.open().filter((known) => known.evseId === evseId)
  }

  /** The one that a message names, by its id or what its start is known by. */
  named({ ocppId, startKey }: Pick<TransactionMessage, "ocppId" | "startKey">): Transaction | undefined {
    if (ocppId !== null) return this.byOcppId(ocppId)
    return startKey === null ? undefined : this.byStartKey(startKey)
  }

  all(): ReadonlyArray<Transaction> {
    return Array.from(this.heldById.values(), ({ transaction }) => transaction)
  }

  put(transaction: Transaction): void {
    const held = this.heldById.get(transaction.id)
    if (held === undefined) this.take(transaction)
    else {
      held.transaction = transaction
      if (!isOpen(transaction)) this.openById.delete(transaction.id)
    }
    if (transaction.ended !== null) this.putEnd(transaction, transaction.ended.atMs)
    if (held === undefined || transaction.settled !== null) this.forgetOld()
    const last = transaction.samples[transaction.samples.length - 1]
    if (last !== undefined && last.registerWh !== null) {
      this.putRegister(transaction.evseId, last.registerWh, last.atMs)
    }
  }

  private take(transaction: Transaction): void {
    const { id, ocppId, startKey } = transaction
    const held: Held = { transaction }
    this.heldById.set(id, held)
    this.byWireId.set(ocppId, held)
    if (startKey !== null) this.byKey.set(startKey, held)
    if (isOpen(transaction)) this.openById.set(id, held)
  }

  /** The id on the wire of one of the last that ended just so: then the same end is told again. */
  endedAt(atMs: number, registerWh: number): string | undefined {
    for (const [ocppId, end] of this.ends) if (end.atMs === atMs && end.registerWh === registerWh) return ocppId
    return undefined
  }

  /** What may be running: what is open, and what an operator gave up and no other has followed, for its station may know better. */
  running(): ReadonlyArray<Transaction> {
    return [...this.open(), ...this.givenUp()]
  }

  private givenUp(): ReadonlyArray<Transaction> {
    const all = this.all()
    return all.filter((it) => isGivenUp(it) && !all.some((other) => isBehind(other, it)))
  }

  private putEnd({ ocppId, samples }: Transaction, atMs: number): void {
    const registerWh = samples[samples.length - 1]?.registerWh ?? null
    if (registerWh === null || this.ends.has(ocppId)) return
    this.ends.set(ocppId, { registerWh, atMs })
    if (this.ends.size <= recentLimit) return
    for (const oldest of this.ends.keys()) {
      this.ends.delete(oldest)
      return
    }
  }

  /** The newest register of an EVSE by the meter's own time, before `atMs`. */
  registerBefore(evseId: number, atMs: number): number | null {
    const known = this.registers.get(evseId)
    return known !== undefined && known.atMs <= atMs ? known.registerWh : null
  }

  /** Whether a meter was read there later than `atMs`, by its own time. */
  isReadAfter(evseId: number, atMs: number): boolean {
    const known = this.registers.get(evseId)
    return known !== undefined && known.atMs > atMs
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
    let count = -recentLimit
    let samples = -recentSamplesLimit
    // One at each connector at the most.
    const givenUp = this.givenUp()
    const isOver = (it: Transaction): boolean => !isOpen(it) && it.settled !== null && !givenUp.includes(it)
    for (const { transaction: known } of this.heldById.values()) {
      if (!isOver(known)) continue
      count++
      samples += known.samples.length
    }
    for (const { transaction } of this.heldById.values()) {
      if (count <= 0 && samples <= 0) return
      if (!isOver(transaction)) continue
      count--
      samples -= transaction.samples.length
      this.heldById.delete(transaction.id)
      this.byWireId.delete(transaction.ocppId)
      if (transaction.startKey !== null) this.byKey.delete(transaction.startKey)
    }
  }
}

type Place = Pick<Connector, "evseId" | "connectorId">

const placeOf = ({ evseId, connectorId }: Place): string => `${evseId}.${connectorId}`

const orderedAt = ({ evseId, tokenUid }: ChargeOrder): string => `${evseId} ${tokenUid}`

/** Whether it began at the same connector, and later, or was the later to be heard of. */
export const isBehind = (other: Transaction, it: Transaction): boolean => {
  if (placeOf(other) !== placeOf(it)) return false
  const laterMs = beginAtMs(other) - beginAtMs(it)
  return laterMs > 0 || (laterMs === 0 && other.id > it.id)
}
