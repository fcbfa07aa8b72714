import type { TrueSession } from "../Truth.ts"
import { judgedAt } from "./judgedAt.ts"
import type { Context, TrueToken } from "./Oracle.ts"
import { type OcpiTariff, versionAt } from "./SlowRater.ts"

/** Why a token may not charge there and then; null when it may. `token` undefined was never registered. */
export const objectionTo = (token: TrueToken | undefined, stationId: string, atMs: number): string | null => {
  if (token === undefined) return "Unknown"
  if (token.blockedAtMs !== null && atMs >= token.blockedAtMs) return "Blocked"
  if (token.suspensions?.some((it) => atMs >= it.fromMs && atMs < it.surelyUntilMs) === true) return "Blocked"
  if (token.expiresAtMs !== null && atMs >= token.expiresAtMs) return "Expired"
  if (token.allowedStations !== null && !token.allowedStations.includes(stationId)) return "NotAtThisLocation"
  return null
}

/** Whether the CMS may still, or already, think that a token's driver is suspended for a debt. */
export const mayBeSuspended = (token: TrueToken | undefined, fromMs: number, toMs: number): boolean =>
  token?.suspensions?.some((it) => toMs >= it.fromMs - aMomentMs && fromMs < it.perhapsUntilMs) === true

/** Until a node knows what another wrote of a card. */
const aMomentMs = 60_000

/** What must have become of a session's bill. */
export type Owed =
  | { readonly _tag: "Owed"; readonly tariff: OcpiTariff }
  | { readonly _tag: "Free"; readonly why: string }
  /** Nobody can say: the CMS may have billed it or not, but never more than was delivered. */
  | { readonly _tag: "Unsure"; readonly tariff: OcpiTariff | undefined }

/**
 * Who owes for a session, from the world's own knowledge. A token is judged at the start: what becomes of it later does
 * not concern a charge that had begun. A 2.x transaction that began before its token was presented is judged at an
 * instant that is not known here, so it is unsure when the token changed meanwhile.
 */
export const owedFor = (session: TrueSession, context: Context): Owed => {
  const owed = owedAtFirst(session, context)
  const corrected = context.corrections?.latestOf(session)
  if (corrected === undefined || owed._tag === "Free") return owed
  if (corrected.tariff === null) return { _tag: "Free", why: "an operator took its bill back" }
  return { ...owed, tariff: corrected.tariff }
}

/** The versions that held at each instant that a CMS may take the start for. */
const heldFor = (session: TrueSession, { tariffsOf }: Pick<Context, "tariffsOf">) => {
  const versions = tariffsOf(session.stationId, session)
  return judgedAt(session).map((atMs) => versionAt(versions, atMs))
}

/** Whether prices changed so near to its start that more than one may be asked. */
export const mayTurn = (session: TrueSession, context: Pick<Context, "tariffsOf" | "isPriceTurning">): boolean => {
  const [held, ...others] = heldFor(session, context)
  return context.isPriceTurning?.(session) === true || others.some((it) => it !== held)
}

/** Before any operator's correction. */
const owedAtFirst = (session: TrueSession, context: Context): Owed => {
  const { stationId, trueStartedAtMs, tokenUid } = session
  const isClockWrong = session.lies.includes("clock")
  const versions = context.tariffsOf(stationId, session)
  const [held] = heldFor(session, context)
  const tariff = held ?? (isClockWrong ? versionAt(versions, trueStartedAtMs) : undefined)
  if (tokenUid === null) return { _tag: "Free", why: "no token was presented" }
  const isTurning = mayTurn(session, context)
  if (tariff === undefined && !isTurning) return { _tag: "Free", why: "no tariff was valid" }
  const token = context.tokens.get(tokenUid)
  const objections = judgedAt(session).map((atMs) => objectionTo(token, stationId, atMs))
  const objection = objections[0]!
  if (objections.some((it) => (it === null) !== (objection === null))) return { _tag: "Unsure", tariff }
  // Which instant the CMS took the start for is its own affair when the clock said nonsense.
  if (isClockWrong && objection === null) return { _tag: "Unsure", tariff }
  const first = session.states[0]?.state
  if (first === "Idle" || first === "EVConnected") {
    const later = objectionTo(token, stationId, session.trueEndedAtMs ?? context.atMs)
    if (later !== objection) return { _tag: "Unsure", tariff }
  }
  if (objection === null && mayBeSuspended(token, trueStartedAtMs, trueStartedAtMs)) return { _tag: "Unsure", tariff }
  if (tariff === undefined || (objection === null && isTurning)) return { _tag: "Unsure", tariff }
  return objection === null ? { _tag: "Owed", tariff } : { _tag: "Free", why: `the token was ${objection}` }
}

/**
 * What the CMS can know of a session: all of it, a part (the station forgot the rest, or still has to tell it), or
 * perhaps nothing (no message about it was ever acknowledged). What was told under a wrong name, or only by an end whose
 * start was lost, is a part.
 */
export const knowledgeOf = (session: TrueSession): "whole" | "part" | "nothing" => {
  if (session.endKnowledge === "reported" && !session.lies.includes("messages")) return "whole"
  return session.startAcknowledged ? "part" : "nothing"
}

/** What the station's own meter counted between start and end, whole Wh; null while it runs. */
export const trueWh = (session: TrueSession): number | null =>
  session.meterStopWh === null ? null : session.meterStopWh - session.meterStartWh

/** Whether the register that the station told rose by something else than what was delivered. */
export const isMeterWrong = ({ lies }: TrueSession): boolean => lies.includes("meter") || lies.includes("meter-plainly")

/** What a meter that answers in whole kWh may rise by at once. */
const wholeKWhSlackWh = 2_000

/** Of the fastest charger there is. */
const fastestW = 600_000

const isInThousandths = ({ meterStartWh, shownStartWh, meterStopWh, shownStopWh }: TrueSession): boolean =>
  meterStartWh > 0 && shownStartWh >= meterStartWh * 999 && shownStopWh !== null && shownStopWh >= meterStopWh! * 999

/**
 * The most that may ever be billed of a session that is over, Wh: what was delivered; where the meter lied, no more than
 * the EVSE could have delivered in that time, so never a meter's lifetime, or than it rose by, where the fastest charger there
 * is could have delivered that: nobody tells a CMS the power of its EVSEs. Where it showed another unit from the first reading
 * to the last, it may also be one that answers in whole kWh, for all that anybody can tell.
 */
export const mostWh = (session: TrueSession): number => {
  const delivered = trueWh(session)!
  if (!isMeterWrong(session)) return delivered
  const ms = (session.trueEndedAtMs ?? session.trueStartedAtMs) - session.trueStartedAtMs
  return Math.max(
    delivered,
    Math.floor((ms * session.maxPowerW) / 3_600_000),
    Math.min((session.shownStopWh ?? 0) - session.shownStartWh, Math.floor((ms * fastestW) / 3_600_000)),
    isInThousandths(session) ? wholeKWhSlackWh : 0
  )
}
