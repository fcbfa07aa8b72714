import type { TrueState } from "../Truth.ts"

/** What one EVSE is doing. Whether it may be used at all (availability) is apart from it. */
export type Phase =
  /** No car, nobody authorized. */
  | "Available"
  /** Somebody was authorized and has not plugged in yet. */
  | "Authorized"
  /** A car is plugged in and nobody is authorized yet. */
  | "Plugged"
  | "Charging"
  | "SuspendedEV"
  | "SuspendedEVSE"
  /** The authorization is over and the car still there. */
  | "Finishing"
  | "Faulted"

export type PhaseEvent =
  | "plug"
  | "authorize"
  /** Nobody plugged in within ConnectionTimeOut. */
  | "expire"
  | "draw"
  | "carPauses"
  | "stationPauses"
  /** The authorization ends: a card, a remote stop, an invalid token, a reset. */
  | "stop"
  | "unplug"
  | "fault"
  | "repair"
  /** As `repair`, with a car still plugged in. */
  | "repairPlugged"

type Row = Readonly<Partial<Record<PhaseEvent, Phase>>>

const charging: Row = {
  draw: "Charging",
  carPauses: "SuspendedEV",
  stationPauses: "SuspendedEVSE",
  stop: "Finishing",
  unplug: "Available",
  fault: "Faulted"
}

/** The whole machine. An event without a row is impossible in that phase, and the caller has refused it before. */
export const transitions: Readonly<Record<Phase, Row>> = Object.freeze({
  Available: { plug: "Plugged", authorize: "Authorized", fault: "Faulted" },
  Authorized: { plug: "Charging", expire: "Available", stop: "Available", fault: "Faulted" },
  // A 2.x transaction may run before anybody is authorized (TxStartPoint EVConnected), and be stopped.
  Plugged: { authorize: "Charging", stop: "Finishing", unplug: "Available", fault: "Faulted" },
  Charging: charging,
  SuspendedEV: charging,
  SuspendedEVSE: charging,
  // Where a transaction ends with its car, it may be stopped for good after its authorization was over.
  Finishing: { authorize: "Charging", stop: "Finishing", unplug: "Available", fault: "Faulted" },
  Faulted: { repair: "Available", repairPlugged: "Finishing", fault: "Faulted" }
})

/** The phase after an event, undefined when the event cannot happen in this phase. */
export const next = (phase: Phase, event: PhaseEvent): Phase | undefined => transitions[phase][event]

/** Whether energy may flow, or could at once if the car or the station wanted: a token is being charged. */
export const isEnergized = (phase: Phase): boolean =>
  phase === "Charging" || phase === "SuspendedEV" || phase === "SuspendedEVSE"

export type Status16 =
  | "Available"
  | "Preparing"
  | "Charging"
  | "SuspendedEV"
  | "SuspendedEVSE"
  | "Finishing"
  | "Unavailable"
  | "Faulted"

/** How 1.6 StatusNotification calls it (1.6 section 4.9). */
export const status16 = (phase: Phase, operative: boolean): Status16 => {
  switch (phase) {
    case "Available":
      return operative ? "Available" : "Unavailable"
    case "Authorized":
    case "Plugged":
      return "Preparing"
    default:
      return phase
  }
}

export type Status201 = "Available" | "Occupied" | "Unavailable" | "Faulted"

/** How 2.x StatusNotification calls it: occupied is a connector with a car (2.0.1 part 2, ConnectorStatusEnumType). */
export const status201 = (phase: Phase, operative: boolean): Status201 => {
  switch (phase) {
    case "Available":
    case "Authorized":
      return operative ? "Available" : "Unavailable"
    case "Faulted":
      return "Faulted"
    default:
      return "Occupied"
  }
}

/** How a 2.x TransactionEvent calls it (ChargingStateEnumType). */
export const chargingState = (phase: Phase): TrueState => {
  switch (phase) {
    case "Charging":
    case "SuspendedEV":
    case "SuspendedEVSE":
      return phase
    case "Plugged":
    case "Finishing":
      return "EVConnected"
    default:
      return "Idle"
  }
}
