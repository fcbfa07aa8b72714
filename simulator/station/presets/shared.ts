import { catalogue } from "../Hardware.ts"
import { plainManner } from "../Manner.ts"
import type { Preset } from "./Preset.ts"

/**
 * An AC post with two sockets behind one fuse of 32 A a phase: a car alone gets all of it, two get 16 A each, and what
 * one gives back the other has at once (what EVerest's energy manager and evcc's circuits do with equal parts). As under
 * German calibration law its start and end carry an OCMF record beside the number.
 *
 * Readings: every five minutes, the register in kWh, currents and voltages of each phase beside the totals.
 * transactionId: -1 where never learnt. Status as usual. Memory: 500 messages, a new reading dropped when full; outlives
 * a power cut, after which a running transaction goes on. Retries: three, thirty seconds apart and growing. Cache of 200
 * tokens, believed offline. Boots in 40 s. An invalid id ends the transaction; so does pulling the cable out on the car's
 * side, which unlocks. Soft reset tells the ends first.
 */
export const twin16: Preset = Object.freeze({
  name: "twin-16",
  title: "Two 22 kW sockets behind one 32 A fuse, OCPP 1.6, OCMF records",
  hardware: catalogue.twin22,
  dialects: ["1.6"],
  settings: { sampleIntervalS: 300 },
  habits: {
    manner: Object.freeze({
      ...plainManner,
      instants: "seconds",
      units: "kilo",
      phases: "also",
      records: "ocmf"
    } as const),
    tickMs: 1_000,
    unknownTransactionId: "minusOne",
    outboxLimit: 500,
    afterPowerCut: "resume",
    cacheLimit: 200,
    bootMs: 40_000
  }
} as const satisfies Preset)

/** The same post after its update to OCPP 2.0.1: transactions from the plug on, signed values as 2.x has them. */
export const twin201: Preset = Object.freeze({
  ...twin16,
  name: "twin-201",
  title: "The same post on OCPP 2.0.1, its transactions from the plug on",
  dialects: ["2.0.1"],
  settings: { ...twin16.settings, txStartPoint: "EVConnected" }
} as const satisfies Preset)

/**
 * A 50 kW charger of the first generation: a CCS and a CHAdeMO cable on one power stage, so that one is in use at a time
 * and the other Unavailable meanwhile, each a connector of its own in 1.6 (OCA, Multiple Connectors per EVSE in 1.x).
 *
 * Readings: at each quarter of an hour and every minute, register, power, current, voltage, state of charge.
 * transactionId: nothing is said of a transaction that never got one. Memory: 1,000 messages, the oldest reading dropped
 * when full; of a running transaction it keeps the last reading, and ends it after a power cut. Retries under a new
 * message id. Boots in 90 s, as an industrial PC does. Its display shows costs by the OCA's cost messages.
 */
export const duo50: Preset = Object.freeze({
  name: "duo-50-16",
  title: "50 kW DC with CCS and CHAdeMO, one in use at a time, OCPP 1.6",
  hardware: catalogue.duo50,
  dialects: ["1.6"],
  settings: { clockAlignedS: 900 },
  habits: {
    retryMessageId: "new",
    outboxLimit: 1_000,
    whenFull: "oldestReading",
    persists: "lastReading",
    display: "told",
    bootMs: 90_000
  }
} as const satisfies Preset)

/**
 * A 300 kW charger: power modules that two outputs share, all of them for a car alone and half for each of two, in
 * OCPP 2.0.1. Readings every thirty seconds and at each quarter of an hour. Every second reading that waits is dropped
 * when its 2,000 messages are full (2.0.1 part 2, use case E04). A running transaction goes on after a power cut. Boots
 * in two minutes. Two cables an output, one in use at a time and the other Unavailable meanwhile. A display that shows
 * costs (TariffCostCtrlr).
 */
export const hyper300: Preset = Object.freeze({
  name: "hyper-300-201",
  title: "300 kW DC, two outputs that share its power modules, OCPP 2.0.1",
  hardware: catalogue.hyper300,
  dialects: ["2.0.1"],
  settings: { sampleIntervalS: 30, clockAlignedS: 900 },
  habits: {
    outboxLimit: 2_000,
    whenFull: "everySecondReading",
    afterPowerCut: "resume",
    alwaysNamesEvse: true,
    display: "told",
    bootMs: 120_000
  }
} as const satisfies Preset)
