import type { Profile } from "./Arrivals.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** Colleagues who come in the morning, charge at 11 kW and stay; half of them long after the car is full. */
export const workplace: Profile = {
  name: "workplace",
  visits: { weekday: 1.6, weekend: 0.15 },
  hourWeights: [0, 0, 0, 0, 0, 1, 6, 18, 22, 12, 4, 3, 6, 8, 5, 3, 2, 1, 1, 0, 0, 0, 0, 0],
  cars: [
    ["compact", 5],
    ["saloon", 4],
    ["strong", 2],
    ["city", 2],
    ["plugIn", 3],
    ["van", 1]
  ],
  arrivalPercent: { mean: 48, deviation: 18 },
  targetPercent: [
    [80, 5],
    [90, 1],
    [100, 4]
  ],
  dwell: { medianMs: 6 * hourMs, sigma: 0.4, minMs: 20 * minuteMs, maxMs: 12 * hourMs },
  patience: { meanMs: 10 * minuteMs, minMs: minuteMs },
  walksAway: 0.5,
  cards: [
    ["valid", 96],
    ["wrong", 2],
    ["expired", 1],
    ["blocked", 1]
  ],
  hasSecondCard: 0.6,
  stopsByCard: 0.7
}

/** Strangers at a fast charger: all day, in a hurry, with every kind of card. */
export const publicPlace: Profile = {
  name: "public",
  visits: { weekday: 9, weekend: 11 },
  hourWeights: [1, 1, 1, 1, 1, 2, 4, 6, 6, 5, 6, 7, 8, 7, 6, 6, 7, 8, 8, 6, 4, 3, 2, 1],
  cars: [
    ["compact", 5],
    ["saloon", 6],
    ["strong", 3],
    ["city", 3],
    ["van", 2]
  ],
  arrivalPercent: { mean: 22, deviation: 12 },
  targetPercent: [
    [60, 1],
    [80, 7],
    [90, 1],
    [100, 1]
  ],
  dwell: { medianMs: 35 * minuteMs, sigma: 0.5, minMs: 5 * minuteMs, maxMs: 4 * hourMs },
  patience: { meanMs: 6 * minuteMs, minMs: minuteMs },
  walksAway: 0.12,
  cards: [
    ["valid", 90],
    ["wrong", 4],
    ["expired", 3],
    ["blocked", 3]
  ],
  hasSecondCard: 0.45,
  stopsByCard: 0.5
}

/** Neighbours who plug in at night and drive off in the morning. */
export const residential: Profile = {
  name: "residential",
  visits: { weekday: 0.9, weekend: 0.7 },
  hourWeights: [1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 3, 5, 9, 16, 18, 14, 9, 6, 4, 2],
  cars: [
    ["compact", 5],
    ["saloon", 3],
    ["strong", 2],
    ["city", 4],
    ["plugIn", 3]
  ],
  arrivalPercent: { mean: 52, deviation: 20 },
  targetPercent: [
    [80, 6],
    [100, 4]
  ],
  dwell: { medianMs: 11 * hourMs, sigma: 0.35, minMs: 30 * minuteMs, maxMs: 20 * hourMs },
  patience: { meanMs: 20 * minuteMs, minMs: 2 * minuteMs },
  walksAway: 0.9,
  cards: [
    ["valid", 98],
    ["wrong", 1],
    ["expired", 0.5],
    ["blocked", 0.5]
  ],
  hasSecondCard: 0.5,
  stopsByCard: 0.4
}

/** The profiles by name. */
export const profiles = { workplace, public: publicPlace, residential } as const
export type ProfileName = keyof typeof profiles
