import { catalogue } from "../Hardware.ts"
import { bidirectionalMeasurands } from "../Settings.ts"
import type { Preset } from "./Preset.ts"

/**
 * A single-phase wallbox with a microcontroller and little flash, as built on the small OCPP 1.6 client libraries
 * (MicroOcpp on an ESP32 keeps a handful of transactions; other firmwares have been logged dropping each further
 * message once a fixed list was full).
 *
 * Readings: every two minutes from the start, the register and the power alone. transactionId: -1 where the start was
 * given up. Memory: 16 messages; a reading that does not fit is not kept, and with no room for one more transaction
 * nobody begins until the memory is told. All of it outlives a power cut, with the running transaction as of its last
 * reading, which ends there (PowerLoss). Retries: five, ten seconds apart and growing, nothing given up before.
 * Authorization: cache of 20 tokens, believed offline. Boots in 25 s. A stop by card or invalid id ends the transaction;
 * pulling the cable out on the car's side ends it and unlocks. Soft reset tells the ends first, hard reset afterwards.
 */
export const tinyWallbox: Preset = Object.freeze({
  name: "tiny-wallbox-16",
  title: "7 kW wallbox, OCPP 1.6, room for 16 messages offline",
  hardware: catalogue.wallbox7,
  dialects: ["1.6"],
  settings: {
    sampleIntervalS: 120,
    sampledMeasurands: "Energy.Active.Import.Register,Power.Active.Import",
    transactionAttempts: 5,
    transactionRetryS: 10
  },
  habits: {
    outboxLimit: 16,
    whenFull: "newestReading",
    refusesWhenFull: true,
    unknownTransactionId: "minusOne",
    persists: "lastReading",
    afterPowerCut: "end",
    cacheLimit: 20,
    bootMs: 25_000,
    sendsBeginReading: false,
    sendsTransactionData: false
  }
} as const satisfies Preset)

/**
 * A DC wallbox that charges a car and takes energy back from it (ISO 15118-20), in OCPP 2.1 and, with a CMS that does
 * not speak it, in 2.0.1. The house wants energy in up to three spells a stay; a car that can give gives, down to its
 * reserve, within the same limits as it draws, and charges otherwise.
 *
 * Readings: every minute and at each quarter of an hour; a register of import and one of export, each only rising, and
 * the power in each direction, one of which is 0. chargingState is Charging whichever way energy flows (2.1 part 2,
 * ChargingStateEnumType), SuspendedEV where the reserve is reached. The direction is the house's affair and not told
 * by operationMode, which stays out (optional in TransactionType). Memory: 2,000 messages; a running transaction goes
 * on after a power cut. Boots in 45 s.
 */
export const v2xWallbox: Preset = Object.freeze({
  name: "v2x-21",
  title: "11 kW DC wallbox that takes energy back from cars, OCPP 2.1",
  hardware: catalogue.wallboxV2x,
  dialects: ["2.1", "2.0.1"],
  settings: {
    clockAlignedS: 900,
    sampledMeasurands: bidirectionalMeasurands,
    alignedMeasurands: bidirectionalMeasurands
  },
  habits: {
    outboxLimit: 2_000,
    afterPowerCut: "resume",
    bootMs: 45_000
  }
} as const satisfies Preset)
