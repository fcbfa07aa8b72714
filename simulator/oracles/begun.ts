import type { TrueSession } from "../Truth.ts"
import { parkedBy } from "./growth.ts"
import type { Context } from "./Oracle.ts"
import { trueWh } from "./owed.ts"
import { beganUnpaid } from "./prepaid.ts"
import { slowRange } from "./SlowRater.ts"

/** When its card was shown, by the true clock: energy comes with it, where the charge began with the plug. */
export const shownAtMs = ({ states, startedAtMs, trueStartedAtMs }: TrueSession): number => {
  const energized = states.find(({ state }) => state !== "EVConnected")
  return trueStartedAtMs + (energized?.atMs ?? startedAtMs) - startedAtMs
}

/** More than any wallet has. */
const unknown = 1_000_000_000n

/**
 * The least that a charge which began with the plug had come to when its card was shown, and the most by `atMs`; nothing of
 * any other.
 */
export const begunBy = (
  session: TrueSession | undefined,
  atMs: number,
  { tariffsOf }: Pick<Context, "tariffsOf">
): { readonly least: bigint; readonly most: bigint } => {
  if (session === undefined || !beganUnpaid(session)) return { least: 0n, most: 0n }
  const until = (trueMs: number) => {
    const untilMs = trueMs - session.trueStartedAtMs + session.startedAtMs
    return { durationMs: Math.max(0, untilMs - session.startedAtMs), parkedMs: parkedBy(session, untilMs) }
  }
  const prices = tariffsOf(session.stationId, session).map((tariff) => ({
    least: slowRange(tariff, { energyWh: 0, ...until(shownAtMs(session)) }).least.grossMinor,
    most: slowRange(tariff, { energyWh: trueWh(session) ?? 0, ...until(atMs) }).most.grossMinor
  }))
  const [least = 0n] = prices.map((it) => it.least).toSorted((a, b) => (a < b ? -1 : 1))
  const most = prices.reduce((max, it) => (it.most > max ? it.most : max), 0n)
  return { least, most: trueWh(session) === null ? unknown : most }
}
