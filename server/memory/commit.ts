import type { Cdr } from "#core/billing/Cdr.ts"
import type { Entry } from "#core/billing/Ledger.ts"
import { type ChargeOrder, orderForMs } from "#core/transaction/ChargeOrder.ts"
import { Fenced, type UnitOutcome, UnitRefused } from "../record/Journal.ts"
import { isLive } from "../record/stored.ts"
import type { StoredFact, StoredSample, TransactionRow, Unit } from "../record/Unit.ts"
import { applyEntry, contradiction } from "./entries.ts"
import { keyOf, type MemoryState, type StationShelf, TransactionShelf } from "./MemoryState.ts"
import { SortedKeys } from "./SortedKeys.ts"
import { applyDebit } from "./walletMoves.ts"

/** Most units hold little of all that they may. */
const none: ReadonlyArray<never> = []

/** Writes one unit as a whole, or says why not: the rules that PostgreSQL's constraints keep, in the same words. */
export const commitUnit = (state: MemoryState, unit: Unit): UnitOutcome => {
  if (unit.epoch !== null && unit.epoch !== state.epochs.get(unit.stationId)) {
    return new Fenced({ stationId: unit.stationId, epoch: unit.epoch })
  }
  const check = new Check(state, unit)
  if (check.refusal !== undefined) return new UnitRefused({ stationId: unit.stationId, cause: check.refusal })
  if (check.known > 0) return "Repeated"
  apply(state, unit)
  return "Committed"
}

/** Holds a unit against the books: what contradicts them, and how many of its keys they hold already. */
class Check {
  refusal: string | undefined
  known = 0
  private total = 0
  private readonly state: MemoryState
  private readonly unit: Unit

  constructor(state: MemoryState, unit: Unit) {
    this.state = state
    this.unit = unit
    this.facts(unit.facts ?? none)
    this.samples(unit.samples ?? none)
    for (const cdr of unit.cdrs ?? none) this.cdr(cdr)
    for (const entry of unit.entries ?? none) this.entry(entry)
    if (this.known > 0 && this.known < this.total) this.refuse("part of the unit was written by another")
    if (this.known > 0) return
    for (const row of unit.transactions ?? none) this.row(row)
  }

  private refuse(why: string): void {
    this.refusal ??= why
  }

  private count(isKnown: boolean): void {
    this.total++
    if (isKnown) this.known++
  }

  private row(row: TransactionRow): void {
    const { state } = this
    const byOcppId = state.byOcppId.get(keyOf(row.stationId, row.ocppId))
    if (byOcppId !== undefined && byOcppId !== row.id) this.refuse(`transactions_ocpp_id: ${row.ocppId}`)
    if (row.startKey === null) return
    const byStartKey = state.byStartKey.get(keyOf(row.stationId, row.startKey))
    if (byStartKey !== undefined && byStartKey !== row.id) this.refuse(`transactions_start_key: ${row.startKey}`)
  }

  private shelf(transactionId: string): TransactionShelf | undefined {
    const shelf = this.state.transaction(transactionId)
    if (shelf === undefined && !this.unit.transactions?.some((row) => row.id === transactionId)) {
      this.refuse(`the transaction ${transactionId} is not known`)
    }
    return shelf
  }

  private facts(facts: ReadonlyArray<StoredFact>): void {
    for (let index = 0; index < facts.length; index++) {
      const { transactionId, seq, fact } = facts[index]!
      const there = findFact(this.shelf(transactionId)?.facts, seq)
      this.count(there !== undefined)
      if (there !== undefined && !isSame(there.fact, fact)) this.refuse(`fact ${seq} of ${transactionId} differs`)
      for (let earlier = 0; earlier < index; earlier++) {
        if (facts[earlier]!.seq === seq && facts[earlier]!.transactionId === transactionId)
          this.refuse(`transaction_facts_pkey: ${transactionId} ${seq}`)
      }
    }
  }

  private samples(samples: ReadonlyArray<StoredSample>): void {
    let before: StoredSample | undefined
    for (const sample of samples) {
      const column = this.shelf(sample.transactionId)?.samples
      const index = column === undefined ? -1 : column.indexOf(sample.seq, sample.part)
      this.count(index >= 0)
      if (index >= 0 && !isSame(column!.sampleAt(index), sample.sample)) {
        this.refuse(`reading ${sample.seq}.${sample.part} of ${sample.transactionId} differs`)
      }
      if (before !== undefined && !isAfter(before, sample) && isTwice(samples)) {
        this.refuse(`meter_readings_pkey: ${sample.transactionId} ${sample.seq} ${sample.part}`)
      }
      before = sample
    }
  }

  private cdr(cdr: Cdr): void {
    this.count(this.state.cdrs.has(cdr.id))
    const { creditReferenceId } = cdr
    if (creditReferenceId !== null) {
      const creditedBy = this.state.credits.get(creditReferenceId)
      if (creditedBy !== undefined && creditedBy !== cdr.id) this.refuse(`cdrs_credited_once: ${creditReferenceId}`)
      if (this.unit.cdrs?.some((other) => other !== cdr && other.creditReferenceId === creditReferenceId))
        this.refuse(`cdrs_credited_once: ${creditReferenceId}`)
      if (!this.state.cdrs.has(creditReferenceId) && !this.unit.cdrs?.some((other) => other.id === creditReferenceId))
        this.refuse(`the CDR ${creditReferenceId} is not known`)
    }
    this.shelf(cdr.transactionId)
  }

  private entry(entry: Entry): void {
    this.count(this.state.entries.has(entry.id))
    const why = contradiction(this.state, entry)
    if (why !== undefined) this.refuse(why)
  }
}

const findFact = (facts: ReadonlyArray<StoredFact> | undefined, seq: number): StoredFact | undefined => {
  if (facts === undefined) return undefined
  for (let index = facts.length - 1; index >= 0; index--) {
    if (facts[index]!.seq === seq) return facts[index]
    if (facts[index]!.seq < seq) return undefined
  }
  return undefined
}

/** Plain values of the same shape; only ever asked about what was sent twice. */
const isSame = (a: unknown, b: unknown): boolean => {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => isSame(a[key as keyof typeof a], b[key as keyof typeof b]))
}

const isAfter = (a: StoredSample, b: StoredSample): boolean =>
  a.transactionId === b.transactionId && (b.seq > a.seq || (b.seq === a.seq && b.part > a.part))

/** Whether two of them have one key; only asked when they do not come in order. */
const isTwice = (samples: ReadonlyArray<StoredSample>): boolean =>
  new Set(samples.map((sample) => `${sample.seq} ${sample.part} ${sample.transactionId}`)).size < samples.length

const apply = (state: MemoryState, unit: Unit): void => {
  const shelf = state.shelfOf(unit.stationId)
  if (unit.boot !== undefined) shelf.boot = unit.boot
  if (unit.presence !== undefined) applyPresence(shelf, unit.presence)
  if (unit.lastSeenAtMs !== undefined) see(shelf, unit.lastSeenAtMs)
  for (const connector of unit.connectors ?? none) {
    shelf.connectors.set(`${connector.evseId} ${connector.connectorId}`, connector)
  }
  for (const variable of unit.variables ?? none) {
    shelf.variables.set(`${variable.component}\0${variable.variable}\0${variable.instance}`, variable)
  }
  for (const row of unit.transactions ?? none) applyRow(state, row)
  for (const fact of unit.facts ?? none) applyFact(state.transactions.get(fact.transactionId)!.facts, fact)
  for (const sample of unit.samples ?? none) state.transaction(sample.transactionId)!.samples.add(sample)
  for (const cdr of unit.cdrs ?? none) {
    state.cdrs.set(cdr.id, cdr)
    state.cdrIds.add(cdr.id)
    if (cdr.creditReferenceId !== null) state.credits.set(cdr.creditReferenceId, cdr.id)
    state.shelfOf(cdr.stationId).cdrIds.add(cdr.id)
  }
  for (const entry of unit.entries ?? none) applyEntry(state, entry)
  for (const debit of unit.debits ?? none) applyDebit(state, debit)
  for (const order of unit.orders ?? none) applyOrder(shelf, order)
  for (const order of unit.ordersDone ?? none) shelf.orders.delete(placeOf(order))
}

const placeOf = ({ evseId, tokenUid }: ChargeOrder): string => `${evseId} ${tokenUid}`

/** Those that no charge can be for any more go whenever another is asked for. */
const applyOrder = (shelf: StationShelf, order: ChargeOrder): void => {
  for (const [place, { askedAtMs }] of shelf.orders)
    if (askedAtMs < order.askedAtMs - orderForMs) shelf.orders.delete(place)
  shelf.orders.set(placeOf(order), order)
}

const applyPresence = (shelf: StationShelf, presence: NonNullable<Unit["presence"]>): void => {
  if ("disconnectedAtMs" in presence) {
    shelf.presence = null
    return
  }
  shelf.presence = presence
  see(shelf, presence.connectedAtMs)
}

const see = (shelf: StationShelf, atMs: number): void => {
  if (shelf.lastSeenAtMs === null || shelf.lastSeenAtMs < atMs) shelf.lastSeenAtMs = atMs
}

const applyRow = (state: MemoryState, row: TransactionRow): void => {
  const known = state.transactions.get(row.id)
  if (known !== undefined && known.row.version > row.version) return
  const station = state.shelfOf(row.stationId)
  turnOpen(state, known?.row, row)
  if (known?.row.evseId !== row.evseId) {
    if (known !== undefined) station.byEvse.get(known.row.evseId)?.remove(row.id)
    addToEvse(station, row)
  }
  if (known === undefined) {
    state.transactions.set(row.id, new TransactionShelf(row))
    state.transactionIds.add(row.id)
    state.byOcppId.set(keyOf(row.stationId, row.ocppId), row.id)
    if (row.startKey !== null) state.byStartKey.set(keyOf(row.stationId, row.startKey), row.id)
    station.transactionIds.add(row.id)
  } else {
    known.row = row
  }
  toggle(station.live, row.id, isLive(row))
  toggle(state.unsettled, row.id, row.settleAtMs !== null)
}

/** A page may be turned to another token, and of an open transaction to one that is over. */
const turnOpen = (state: MemoryState, before: TransactionRow | undefined, row: TransactionRow): void => {
  const was = before?.status === "Open" ? before.token?.uid : undefined
  const is = row.status === "Open" ? row.token?.uid : undefined
  if (was === is) return
  if (was !== undefined) {
    const ids = state.openByToken.get(was)
    ids?.delete(row.id)
    if (ids?.size === 0) state.openByToken.delete(was)
  }
  if (is === undefined) return
  const ids = state.openByToken.get(is)
  if (ids === undefined) state.openByToken.set(is, new Set([row.id]))
  else ids.add(row.id)
}

const addToEvse = (station: StationShelf, row: TransactionRow): void => {
  let ids = station.byEvse.get(row.evseId)
  if (ids === undefined) {
    ids = new SortedKeys()
    station.byEvse.set(row.evseId, ids)
  }
  ids.add(row.id)
}

const toggle = (set: Set<string>, id: string, belongs: boolean): void => {
  if (belongs) set.add(id)
  else set.delete(id)
}

const applyFact = (facts: Array<StoredFact>, fact: StoredFact): void => {
  let index = facts.length
  while (index > 0 && facts[index - 1]!.seq > fact.seq) index--
  facts.splice(index, 0, fact)
}
