import type { TrueSession } from "../Truth.ts"
import type { Context } from "./Oracle.ts"
import { parkedMsOf, slowRange } from "./SlowRater.ts"

/** When energy could flow no more, by the true clock: a transaction may outlive that until its car is gone. */
export const endOfCharging = ({ states, startedAtMs, trueStartedAtMs, trueEndedAtMs }: TrueSession): number => {
  const charged = states.findLastIndex(({ state }) => state !== "EVConnected" && state !== "Idle")
  const after = states[charged + 1]
  return after === undefined ? (trueEndedAtMs ?? trueStartedAtMs) : after.atMs - startedAtMs + trueStartedAtMs
}

/** What flows, at the most, in so long a while. */
export const whIn = (powerW: number, ms: number): number => Math.ceil((powerW * ms) / 3_600_000)

/** What a while of a charge costs at the most, whether it draws or only stands there, beside what is paid once. */
export const minorIn = (
  session: TrueSession,
  ms: number,
  powerW: number,
  { tariffsOf }: Pick<Context, "tariffsOf">
): bigint => {
  let most = 0n
  for (const tariff of tariffsOf(session.stationId, session)) {
    const price = (energyWh: number, forMs: number): bigint =>
      slowRange(tariff, { energyWh, durationMs: forMs, parkedMs: forMs }).most.grossMinor
    const minor = price(whIn(powerW, ms), ms) - price(0, 0)
    if (minor > most) most = minor
  }
  return most
}

/** How long a session had parked by an instant of the station's clock. */
export const parkedBy = ({ states }: TrueSession, atMs: number): number =>
  parkedMsOf(
    states.filter((it) => it.atMs < atMs),
    atMs
  )
