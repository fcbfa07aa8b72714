import type { AuthorizationStatus } from "../token/authorize.ts"
import type { PresentedToken } from "../token/Token.ts"
import type { LocalCost, OwedTotal } from "./localCost.ts"
import { mergeSamples, type Sample } from "./Sample.ts"
import { hasAllOf, type SeqNos, withSeqNo } from "./seqNos.ts"

/** What the car and the EVSE are doing (2.x ChargingStateEnumType; in 1.6 it follows from the connector's status). */
export type ChargingState = "EVConnected" | "Charging" | "SuspendedEV" | "SuspendedEVSE" | "Idle"

/** The prices that hold for a transaction, frozen when it began, whatever is published meanwhile. */
export interface FrozenTariff {
  readonly id: string
  readonly version: number
  /** Groups that the token's driver belonged to at the start: ids, sorted. None of a token without a driver. */
  readonly groups: ReadonlyArray<string>
}

/**
 * What is true of a transaction. Written once, never edited; a correction is another fact. `atMs` is the station's
 * timestamp, `receivedAtMs` ours. `seqNo` is the 2.x message's, null in 1.6 and for facts of our own.
 */
export type TransactionFact =
  | {
      readonly _tag: "Started"
      readonly atMs: number
      readonly receivedAtMs: number
      readonly seqNo: number | null
      readonly offline: boolean
      /** Where it runs: a 2.x message before the start may not have said. */
      readonly evseId: number
      readonly connectorId: number
      /** The last register this EVSE reported before, if any: tells a zero baseline from a new meter. */
      readonly priorRegisterWh: number | null
      readonly remoteStartId: number | null
      readonly reservationId: number | null
    }
  /** The first token seen on the transaction and what we answered; who owes follows from it. */
  | {
      readonly _tag: "Authorized"
      readonly atMs: number
      readonly token: PresentedToken
      readonly groupId: string | null
      readonly driverId: string | null
      readonly status: AuthorizationStatus
      /** A wallet or a budget bounds it: money is set aside for it, and its bills are paid from there. */
      readonly limited?: true
    }
  /** Kept as rows of meter readings, not as facts of their own: the same thing in typed columns. */
  | { readonly _tag: "Sampled"; readonly samples: ReadonlyArray<Sample>; readonly seqNo: number | null }
  | {
      readonly _tag: "StateChanged"
      readonly atMs: number
      readonly state: ChargingState
      readonly seqNo: number | null
    }
  /** A 2.x message that said nothing but that it exists: it counts for completeness. */
  | { readonly _tag: "Noted"; readonly atMs: number; readonly seqNo: number }
  | {
      readonly _tag: "Ended"
      readonly atMs: number
      readonly receivedAtMs: number
      readonly seqNo: number | null
      readonly reason: string | null
      /** The token it was stopped with, if any, and whether that was its own or its group's. */
      readonly token: PresentedToken | null
      readonly byStranger: boolean
      /** The group of that token, where nobody could say yet whose charge it ended: that one is judged when it is known. */
      readonly groupId?: string | null
      /** What the station itself reckoned (2.1). */
      readonly localCost?: LocalCost
    }
  /** We gave it up: the station began another on the EVSE, or an operator closed it. A late Ended still counts. */
  | {
      readonly _tag: "Closed"
      readonly atMs: number
      readonly receivedAtMs: number
      readonly why: ClosedWhy
      /** The operator's. */
      readonly reason?: string
      readonly by?: string
    }
  /** It is to be stopped at so much energy, time or money: asked for at the start or while it runs. The last asked stands. */
  | ({
      readonly _tag: "LimitSet"
      /** By our clock. */
      readonly atMs: number
      /** The station itself said that it will (2.1): it stops there without being asked. */
      readonly keptByStation?: true
    } & ChargeLimit)
  /** An operator took its bill back, or had it made at other prices. The last one stands, whatever comes late. */
  | ({
      readonly _tag: "Corrected"
      /** By our clock. */
      readonly atMs: number
      /** The bill that stood then; null: none did. */
      readonly cdrId: string | null
    } & Correction)
  /** `revision` counts the CDRs issued for it so far, credits included: the next one's id follows from it. */
  | {
      readonly _tag: "Settled"
      readonly atMs: number
      readonly cdrId: string | null
      readonly revision: number
      /** What the bill says, where the station shows it or may have reckoned by itself (2.1). */
      readonly owed?: OwedTotal
    }

/** How far a charge may go; null is no limit, and all three null take a limit back. Minor units are gross. */
export interface ChargeLimit {
  readonly maxWh: number | null
  readonly maxMs: number | null
  readonly maxMinor: number | null
}

/** How an operator wants a charge that is over to be billed. */
export interface Correction {
  /** Ours: a correction of that id is made once. */
  readonly id: string
  readonly reason: string
  /** What it is priced by from its start; null: nothing is owed for it. */
  readonly tariff: Pick<FrozenTariff, "id" | "version"> | null
}

/** Nothing that a charge is to stop at. */
export const noLimit: ChargeLimit = { maxWh: null, maxMs: null, maxMinor: null }

export type ClosedWhy = "superseded" | "connector-free" | "operator"

/** How a transaction came to be known: its natural key, unique per station. */
export interface TransactionIdentity {
  /** Ours, unique everywhere. */
  readonly id: string
  readonly stationId: string
  readonly dialect: "1.6" | "2.0.1" | "2.1"
  /** The id on the wire: a positive integer as text in 1.6, the station's own string in 2.x. Unique per station. */
  readonly ocppId: string
  /** What a retried 1.6 StartTransaction repeats (5.6 of the field rules); null in 2.x, where ocppId does that. */
  readonly startKey: string | null
  readonly evseId: number
  readonly connectorId: number
  /** Frozen when it was first heard of, by its own timestamp; null when no tariff was valid. */
  readonly tariff: FrozenTariff | null
  readonly timeZone: string
}

/** What the car was doing from an instant on; `seqNo` of the 2.x message that said so. */
export interface KnownState {
  readonly atMs: number
  readonly state: ChargingState
  readonly seqNo: number | null
}

/** A fold over facts. Any order of the same facts ends in the same transaction, save two 1.6 states of one instant. */
export interface Transaction extends TransactionIdentity {
  readonly started: Extract<TransactionFact, { _tag: "Started" }> | null
  readonly authorized: Extract<TransactionFact, { _tag: "Authorized" }> | null
  readonly ended: Extract<TransactionFact, { _tag: "Ended" }> | null
  readonly closed: Extract<TransactionFact, { _tag: "Closed" }> | null
  readonly samples: ReadonlyArray<Sample>
  readonly states: ReadonlyArray<KnownState>
  /** The 2.x messages seen. */
  readonly seqNos: SeqNos
  /** The CDR that stands now; null while unsettled or when nothing is owed. */
  readonly settled: Extract<TransactionFact, { _tag: "Settled" }> | null
  /** What its driver wants it to stop at; null when nobody said. */
  readonly limit: Extract<TransactionFact, { _tag: "LimitSet" }> | null
  /** What operators corrected of its bill, oldest first: the last one stands. */
  readonly corrections: ReadonlyArray<Extract<TransactionFact, { _tag: "Corrected" }>>
  /** Facts and samples taken in so far: the next fact's number. */
  readonly factCount: number
}

/** A transaction nothing is known of yet but its name. */
export const begin = (identity: TransactionIdentity): Transaction => ({
  ...identity,
  started: null,
  authorized: null,
  ended: null,
  closed: null,
  samples: [],
  states: [],
  seqNos: [],
  settled: null,
  limit: null,
  corrections: [],
  factCount: 0
})

/** Takes one fact in. Pure, and indifferent to the order of facts: each kind has a rule that says which one stands. */
export const evolve = (transaction: Transaction, fact: TransactionFact): Transaction => {
  const factCount = transaction.factCount + 1
  const { seqNos } = transaction
  switch (fact._tag) {
    case "Started":
      if (transaction.started !== null) return { ...transaction, factCount }
      return {
        ...transaction,
        factCount,
        started: fact,
        evseId: fact.evseId,
        connectorId: fact.connectorId,
        seqNos: withSeqNo(seqNos, fact.seqNo)
      }
    case "Authorized":
      return { ...transaction, factCount, authorized: earlier(transaction.authorized, fact) }
    case "Sampled":
      return {
        ...transaction,
        factCount,
        samples: mergeSamples(transaction.samples, fact.samples),
        seqNos: withSeqNo(seqNos, fact.seqNo)
      }
    case "StateChanged": {
      const states = withState(transaction.states, fact)
      return { ...transaction, factCount, states, seqNos: withSeqNo(seqNos, fact.seqNo) }
    }
    case "Noted":
      return { ...transaction, factCount, seqNos: withSeqNo(seqNos, fact.seqNo) }
    case "Ended": {
      const ended = transaction.ended ?? fact
      return { ...transaction, factCount, ended, seqNos: withSeqNo(seqNos, fact.seqNo) }
    }
    case "Closed":
      return { ...transaction, factCount, closed: transaction.closed ?? fact }
    case "Settled":
      return { ...transaction, factCount, settled: fact }
    case "LimitSet":
      return { ...transaction, factCount, limit: laterLimit(transaction.limit, fact) }
    case "Corrected":
      return { ...transaction, factCount, corrections: withCorrection(transaction.corrections, fact) }
  }
}

/** Whether it may still draw energy, as far as we know. */
export const isOpen = (transaction: Transaction): boolean => transaction.ended === null && transaction.closed === null

/** What it is priced by: what was frozen at its start, unless an operator said otherwise. Null: by nothing. */
export const pricedBy = ({ tariff, corrections }: Pick<Transaction, "tariff" | "corrections">): FrozenTariff | null => {
  const last = corrections[corrections.length - 1]
  if (last === undefined) return tariff
  return last.tariff === null ? null : { ...last.tariff, groups: tariff?.groups ?? [] }
}

/** Whether a wallet, a budget or a wish of its driver's bounds it. */
export const isBounded = ({ authorized, limit }: Transaction): boolean =>
  authorized?.limited === true || (limit !== null && isLimiting(limit))

/** Whether a limit has anything in it. */
export const isLimiting = ({ maxWh, maxMs, maxMinor }: ChargeLimit): boolean =>
  maxWh !== null || maxMs !== null || maxMinor !== null

/** Whether two limits say the same, whoever keeps them. */
export const isSameLimit = (a: ChargeLimit, b: ChargeLimit): boolean =>
  a.maxWh === b.maxWh && a.maxMs === b.maxMs && a.maxMinor === b.maxMinor

/**
 * Whether everything the station has to say has arrived: in 1.6 a start and a stop, in 2.x every seqNo from Started
 * to Ended (2.0.1 part 2, section E, sequence number generation).
 */
export const isComplete = (transaction: Transaction): boolean => {
  const { started, ended, seqNos } = transaction
  if (started === null || ended === null) return false
  if (started.seqNo === null || ended.seqNo === null) return true
  return hasAllOf(seqNos, Math.min(started.seqNo, ended.seqNo), Math.max(started.seqNo, ended.seqNo))
}

const earlier = <F extends { readonly atMs: number }>(known: F | null, fact: F): F =>
  known === null || fact.atMs < known.atMs ? fact : known

/** Of two of one instant the tighter, or the one that is kept: in whatever order they come, the same one stands. */
const laterLimit = (known: Transaction["limit"], fact: NonNullable<Transaction["limit"]>): Transaction["limit"] => {
  if (known === null || fact.atMs > known.atMs) return fact
  if (fact.atMs < known.atMs) return known
  if (isSameLimit(known, fact)) return known.keptByStation === true ? known : fact
  const rank = ({ maxWh, maxMs, maxMinor }: ChargeLimit) => [maxWh, maxMs, maxMinor].map((it) => it ?? Infinity)
  const [a, b] = [rank(known), rank(fact)]
  const differs = a.findIndex((it, index) => it !== b[index])
  return differs < 0 || a[differs]! < b[differs]! ? known : fact
}

const withCorrection = (
  known: Transaction["corrections"],
  fact: Transaction["corrections"][number]
): Transaction["corrections"] =>
  known.some(({ id }) => id === fact.id)
    ? known
    : [...known, fact].sort((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1))

/**
 * States in order of time. Stations tell time by the second, so a car may pause and go on at one instant: then the
 * sequence number says which was later, and in 1.6, which has none, the order in which the one line brought them.
 */
const withState = (known: Transaction["states"], { atMs, state, seqNo }: KnownState): Transaction["states"] => {
  const isKnown =
    seqNo === null
      ? known.findLast((entry) => entry.atMs === atMs)?.state === state
      : known.some((entry) => entry.atMs === atMs && entry.state === state && entry.seqNo === seqNo)
  if (isKnown) return known
  const merged = [...known, { atMs, state, seqNo }]
  const last = known[known.length - 1]
  if (last === undefined || last.atMs < atMs) return merged
  return merged.sort((a, b) => a.atMs - b.atMs || (a.seqNo ?? 0) - (b.seqNo ?? 0))
}
