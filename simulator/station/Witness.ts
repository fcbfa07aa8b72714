import type { PeerObserver } from "#core/ocpp/Peer.ts"
import { sometimes } from "#core/Sometimes.ts"
import { canonicalUid, type PresentedToken } from "#core/token/Token.ts"
import type { Acknowledgement, Truth } from "../Truth.ts"
import { lie } from "./bookkeeping.ts"
import { connectorIdOf, type Message } from "./Outbox.ts"
import type { Learned } from "./Voice.ts"

/** Counts every message of a station in the ledger, and passes all that happens on to the scenario's observer. */
export const countMessages = (truth: Truth, observer: PeerObserver | undefined): PeerObserver => {
  const { counters } = truth
  return {
    ...observer,
    onCall: (direction, action, messageId) => {
      if (direction === "out") counters.sent++
      else counters.handled++
      observer?.onCall?.(direction, action, messageId)
    },
    onAnswer: (direction, action, messageId, outcome) => {
      if (direction === "in") {
        if (outcome === "Result") counters.answered++
        else if (outcome === "Timeout") counters.timeouts++
        else if (outcome === "Disconnected") counters.disconnected++
        else counters.refused++
      }
      observer?.onAnswer?.(direction, action, messageId, outcome)
    }
  }
}

interface Witness {
  readonly truth: Truth
  readonly stationId: string
  readonly atMs: number
}

/** The CMS took a transaction message in: from now on it must know. */
export const recordAcknowledgement = (witness: Witness, message: Message): void => {
  const { transaction, kind } = message
  if (kind === "status" || message.action.name === "StatusNotification") {
    witness.truth.statusHeard(witness.stationId, message.evseId, connectorIdOf(message), true)
  }
  if (transaction === null || kind === "status") return
  witness.truth.displays.heard(message, witness.atMs)
  const acknowledgement: Acknowledgement = {
    stationId: witness.stationId,
    sessionId: transaction.truth.id,
    action: message.action.name,
    kind,
    messageId: message.messageId!,
    ...(message.readings > 1 ? { readings: message.readings } : {}),
    atMs: witness.atMs
  }
  witness.truth.acknowledge(acknowledgement)
}

/** The CMS said what it thinks of a transaction's token. */
export const recordJudgement = (witness: Witness, message: Message, learned: Learned): PresentedToken | undefined => {
  const token = message.transaction?.authorization?.token
  if (learned.idInfo === undefined || token === undefined || message.transaction === null) return undefined
  const wasAsked = message.transaction.authorization?.offline === false
  if (message.kind === "start" && wasAsked && learned.idInfo.status !== "Accepted") {
    sometimes("a card was refused at the start that had been accepted")
  }
  witness.truth.judge({
    stationId: witness.stationId,
    tokenUid: canonicalUid(token.uid),
    atMs: witness.atMs,
    action: message.action.name,
    status: learned.idInfo.status,
    sessionId: message.transaction.truth.id
  })
  return token
}

/** A message will never be delivered. Without its end a session can never be known as ended. */
export const recordDrop = (truth: Truth, stationId: string, message: Message): void => {
  if (message.action.name === "StatusNotification")
    truth.statusHeard(stationId, message.evseId, connectorIdOf(message), false)
  if (message.kind === "status") return
  truth.counters.dropped++
  if (message.kind === "end") message.transaction!.truth.endKnowledge = "lost"
  if (message.kind === "start") {
    lie(message.transaction!.truth, "messages")
    // A 1.6 station never learns the id of a charge whose start it gave up: its stop goes out under none that is known.
    if (message.transaction!.truth.dialect === "1.6") truth.misname(stationId)
  }
  if (message.kind === "state" && message.transaction !== null) truth.loseState(message.transaction.truth)
}
