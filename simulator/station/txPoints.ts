import type { EvseHost } from "./EvseHost.ts"
import type { Settings } from "./Settings.ts"
import type { StopReason, Transaction } from "./Transaction.ts"

type Host = Pick<EvseHost, "settings" | "voice">

/** Whether a transaction begins there (2.x, TxStartPoint). */
export const startsAt = ({ settings, voice }: Host, point: Settings["txStartPoint"]): boolean =>
  voice.dialect.version !== "1.6" && settings.txStartPoint === point

/** Reasons for which a charge ends in good order, its car still there. */
const ends: ReadonlySet<StopReason> = new Set<StopReason>(["Local", "Remote", "EnergyLimit", "TimeLimit", "CostLimit"])

/** Whether a transaction outlives the end of its authorization, for as long as its car is there (2.x, TxStopPoint). */
export const staysOpen = ({ settings, voice }: Host, { authorization }: Transaction, reason: StopReason): boolean =>
  voice.dialect.version !== "1.6" &&
  settings.txStopPoint === "EVConnected" &&
  authorization !== null &&
  ends.has(reason)
