import type { SessionTelemetry } from "#core/tariff/Periods.ts"
import type { Priced, Pricer } from "./price.ts"
import type { Session } from "./Session.ts"

/**
 * How people are assumed to react. Nothing here is measured: an elasticity is what its name says, the relative change of
 * a quantity per relative change of a price, and both responses below are stated with every figure made from them.
 *
 * 1. Visits: a session whose price without idle fees goes from pA to pB is made (pB / pA)^e times as often.
 * 2. Stay: the idle time at a session's end shrinks by ((o + iB) / (o + iA))^e, where o is what the session costs under A
 *    without idle fees and i what its idle time is charged; nobody stays longer than they did, as the next car came.
 */
export const assumptions: ReadonlyArray<string> = [
  "Visits: a session whose price without idle fees goes from pA to pB is made (pB/pA)^e times as often, three times at most.",
  "Stay: the idle time at its end shrinks by ((o+iB)/(o+iA))^e, where o is its price under A without idle fees and iA, iB what its idle time is charged. Nobody stays longer.",
  "People react once and all alike; a session that costs nothing under A stays as it was. Energy per visit and the order of arrivals stay as they were."
]

/** Millionths: 1,000,000 is once. */
export const once = 1_000_000
const mostOften = 3

const ratio = (to: bigint, from: bigint): number => (to <= 0n || from <= 0n ? 1 : Number(to) / Number(from))

/** How often a session is made under B, in millionths. */
export const visitsPpm = (a: Priced, b: Priced, elasticity: number): number => {
  const change = ratio(b.rating.grossMinor - b.idleGrossMinor, a.rating.grossMinor - a.idleGrossMinor)
  return Math.round(Math.min(mostOften, change ** elasticity) * once)
}

/** When the idle time at the end began; the end where there is none. */
const tailAtMs = ({ periods }: Priced, endedAtMs: number): number => {
  let atMs = endedAtMs
  for (let index = periods.length - 1; index >= 0 && periods[index]!.parkingMs > 0; index--)
    atMs = periods[index]!.startAtMs
  return atMs
}

/** The session as it is stayed under B: its idle end shortened to whole seconds; itself when nothing changes. */
export const stayed = (telemetry: SessionTelemetry, a: Priced, b: Priced, elasticity: number): SessionTelemetry => {
  const others = a.rating.grossMinor - a.idleGrossMinor
  const share = ratio(others + b.idleGrossMinor, others + a.idleGrossMinor) ** elasticity
  if (!(share < 1)) return telemetry
  const tailMs = tailAtMs(a, telemetry.endedAtMs)
  const keptMs = Math.floor(((telemetry.endedAtMs - tailMs) * share) / 1_000) * 1_000
  const endedAtMs = Math.min(telemetry.endedAtMs, tailMs + keptMs)
  if (endedAtMs === telemetry.endedAtMs) return telemetry
  return { ...telemetry, endedAtMs, states: telemetry.states.filter(({ atMs }) => atMs < endedAtMs) }
}

/** What a session comes to under B when people react. */
export interface Reacted {
  readonly visitsPpm: number
  readonly idleMs: number
  readonly priced: Priced
}

/** A session under B with an elasticity; with 0 it is the session as it was. */
export const react = (session: Session, a: Priced, b: Priced, elasticity: number, priceB: Pricer): Reacted => {
  const telemetry = elasticity === 0 ? session.telemetry : stayed(session.telemetry, a, b, elasticity)
  const priced = telemetry === session.telemetry ? b : (priceB({ ...session, telemetry }) ?? b)
  let idleMs = 0
  for (const { parkingMs } of priced.periods) idleMs += parkingMs
  return { visitsPpm: elasticity === 0 ? once : visitsPpm(a, b, elasticity), idleMs, priced }
}
