import { isBillable, mayStop } from "../token/authorize.ts"
import { costDifference, costRows } from "./localCost.ts"
import { type Finding, type FindingCode, type Measurement, maxPlausiblePowerW, measure } from "./measure.ts"
import { type ChargingState, isComplete, pricedBy, type Transaction } from "./Transaction.ts"

/** What a transaction amounts to, as far as its facts tell. */
export interface Assessment {
  readonly startedAtMs: number
  readonly endedAtMs: number
  readonly measurement: Measurement
  /** From the begin on: the first entry, or the last of that instant, holds at `startedAtMs`. */
  readonly states: ReadonlyArray<{ readonly atMs: number; readonly state: ChargingState }>
  readonly findings: ReadonlyArray<Finding>
  /** Whether somebody owes for it. */
  readonly billable: boolean
}

/** Reads a transaction that is over. Pure: the same facts give the same assessment, in whatever order they came. */
export const assess = (transaction: Transaction): Assessment => {
  const startedAtMs = beginAtMs(transaction)
  const endedAtMs = Math.max(startedAtMs, endAtMs(transaction, startedAtMs))
  const measurement = measure(transaction.samples, {
    startedAtMs,
    endedAtMs,
    priorRegisterWh: transaction.started?.priorRegisterWh ?? null,
    maxPowerW: maxPlausiblePowerW
  })
  const { authorized } = transaction
  return {
    startedAtMs,
    endedAtMs,
    measurement,
    states: statesFrom(transaction, startedAtMs, endedAtMs),
    findings: [...ofTransaction(transaction, measurement.energyWh), ...measurement.findings],
    billable: authorized !== null && isBillable(authorized.status) && pricedBy(transaction) !== null
  }
}

/** When it began, by the station's clock: the start if known, else the earliest thing heard of it. */
export const beginAtMs = (transaction: Transaction): number => {
  const { started, samples, states, ended, closed, authorized } = transaction
  return started?.atMs ?? samples[0]?.atMs ?? states[0]?.atMs ?? authorized?.atMs ?? ended?.atMs ?? closed?.atMs ?? 0
}

/**
 * When it ended, by the station's clock. One that we closed ended, for all that is known, with its last reading: time
 * nobody measured is not billed.
 */
const endAtMs = ({ ended, closed, samples }: Transaction, startedAtMs: number): number => {
  if (ended !== null) return ended.atMs
  // What is read once another car came, or after the connector was free, is not this one's: under its id, or under none
  // by a station that tells a charge's first reading ahead of its start.
  if (closed?.why === "superseded") return samples.findLast(({ atMs }) => atMs < closed.atMs)?.atMs ?? startedAtMs
  const limitMs = closed?.why === "connector-free" ? closed.atMs : Infinity
  return samples.findLast(({ atMs }) => atMs <= limitMs)?.atMs ?? startedAtMs
}

/**
 * States as intervals. A 1.6 station that reported none was charging; a 2.x one was connected. All that it told of the very instant
 * of the start stays: what charged for no time and was stopped has charged, and parks.
 */
const statesFrom = ({ dialect, states }: Transaction, startedAtMs: number, endedAtMs: number): Assessment["states"] => {
  const told = states.filter(({ atMs }) => atMs >= startedAtMs && (atMs < endedAtMs || atMs === startedAtMs))
  const unknown: ChargingState = dialect === "1.6" ? "Charging" : "EVConnected"
  const before = states.findLast(({ atMs }) => atMs < startedAtMs)?.state ?? unknown
  const all = told[0]?.atMs === startedAtMs ? told : [{ atMs: startedAtMs, state: before }, ...told]
  return all.filter(({ state }, index) => state !== all[index - 1]?.state).map(({ atMs, state }) => ({ atMs, state }))
}

const ofTransaction = (transaction: Transaction, energyWh: number): ReadonlyArray<Finding> => {
  const { started, authorized, ended, closed, tariff, corrections } = transaction
  const found: Array<Finding> = []
  const note = (code: FindingCode, atMs: number | null, text: string) => found.push({ code, atMs, text })
  if (started === null) note("start-missing", null, "No start was ever received; only what followed it is known.")
  if (authorized === null || !isBillable(authorized.status)) {
    const said = authorized === null ? "no token was ever presented" : `the token was answered ${authorized.status}`
    note("start-rejected", authorized?.atMs ?? null, `Not billed: ${said}; ${energyWh} Wh flowed.`)
  }
  const correction = corrections[corrections.length - 1]
  if (correction !== undefined) note("corrected", correction.atMs, wordsOf(correction))
  else if (tariff === null) note("tariff-missing", null, "Not billed: no tariff was valid when it began.")
  if (ended === null && closed !== null)
    note("stop-missing", closed.atMs, `No stop was received; closed ${wordsOfClosure(closed)}`)
  if (ended !== null && isByStranger(ended, authorized))
    note("stop-by-stranger", ended.atMs, `Stopped with the token ${ended.token?.uid}, which is not of its group.`)
  if (ended !== null && started !== null && !isComplete(transaction))
    note("messages-missing", null, "Some of the station's messages never arrived.")
  return [...found, ...ofLocalCost(transaction)]
}

/** What the station reckoned by itself, where that is not the bill. */
const ofLocalCost = ({ ended, settled }: Transaction): ReadonlyArray<Finding> => {
  if (ended?.localCost === undefined || settled?.owed === undefined) return []
  const text = costDifference(ended.localCost, settled.owed)
  if (text === null) return []
  const costs = costRows(ended.localCost, settled.owed)
  return [{ code: "cost-mismatch", atMs: ended.atMs, text, ...(costs.length > 0 && { costs }) }]
}

/** Whether it was stopped by somebody else's token, as was seen then or is by what came later. */
const isByStranger = (
  { byStranger, token, groupId }: NonNullable<Transaction["ended"]>,
  authorized: Transaction["authorized"]
): boolean =>
  byStranger ||
  (token !== null &&
    groupId !== undefined &&
    authorized !== null &&
    !mayStop({ uid: authorized.token.uid, groupId: authorized.groupId }, { uid: token.uid, groupId }))

const wordsOfClosure = ({ why, reason }: NonNullable<Transaction["closed"]>): string =>
  reason === undefined ? `because: ${why}.` : `by hand: ${reason}`

const wordsOf = ({ tariff, reason }: Transaction["corrections"][number]): string =>
  tariff === null ? `Not billed, by hand: ${reason}` : `Priced by ${tariff.id} v${tariff.version}, by hand: ${reason}`
