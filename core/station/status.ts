import type { ConnectorStatus } from "./Station.ts"

/**
 * Which status may follow which on one connector (1.6 section 4.9, tables of transitions A1 to I8, and 2.x where only
 * five states exist). The simulated stations keep to it; a real one's report outside the table is kept all the same,
 * because the station knows best.
 */
const followers: Readonly<Record<ConnectorStatus, ReadonlyArray<ConnectorStatus>>> = {
  Available: [
    "Preparing",
    "Charging",
    "SuspendedEV",
    "SuspendedEVSE",
    "Occupied",
    "Reserved",
    "Unavailable",
    "Faulted"
  ],
  Occupied: ["Available", "Reserved", "Unavailable", "Faulted"],
  Preparing: ["Available", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Unavailable", "Faulted"],
  Charging: ["Available", "SuspendedEV", "SuspendedEVSE", "Finishing", "Unavailable", "Faulted"],
  SuspendedEV: ["Available", "Charging", "SuspendedEVSE", "Finishing", "Unavailable", "Faulted"],
  SuspendedEVSE: ["Available", "Charging", "SuspendedEV", "Finishing", "Unavailable", "Faulted"],
  Finishing: ["Available", "Preparing", "Unavailable", "Faulted"],
  Reserved: ["Available", "Preparing", "Occupied", "Unavailable", "Faulted"],
  Unavailable: ["Available", "Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Occupied", "Faulted"],
  Faulted: [
    "Available",
    "Preparing",
    "Charging",
    "SuspendedEV",
    "SuspendedEVSE",
    "Finishing",
    "Occupied",
    "Reserved",
    "Unavailable"
  ]
}

/** Whether a connector in `from` may report `to` next; a repetition always may. */
export const mayFollow = (from: ConnectorStatus, to: ConnectorStatus): boolean =>
  from === to || followers[from].includes(to)
