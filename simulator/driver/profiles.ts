import type { Profile } from "./Arrivals.ts"
import { type DayCurve, type Shift, times, type Week, weekOf, workingWeek } from "./Week.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

const atWork: DayCurve = {
  mean: 1.6,
  hours: [0, 0, 0, 0, 0, 1, 6, 18, 22, 12, 4, 3, 6, 8, 5, 3, 2, 1, 1, 0, 0, 0, 0, 0]
}
const cleaners: DayCurve = { mean: 0.15, hours: atWork.hours }

/**
 * Colleagues who come in the morning, charge at 11 kW and stay; half of them long after the car is full. The week is
 * that of offices where people work from home on Mondays and above all on Fridays: a sharp crest from seven to nine, a
 * small one after lunch, nearly nobody at the weekend. That shape is what data of workplaces show (Lee, Li and Low,
 * "ACN-Data", ACM e-Energy 2019); the numbers are ours.
 */
export const workplace: Profile = {
  name: "workplace",
  week: [cleaners, times(0.9, atWork), times(1.05, atWork), atWork, atWork, times(0.65, atWork), cleaners],
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
  stopsByCard: 0.7,
  personsPerPlace: 3,
  usesPercentADay: 18
}

const inTown: DayCurve = {
  mean: 9,
  hours: [1, 1, 1, 1, 1, 2, 4, 6, 6, 5, 6, 7, 8, 7, 6, 6, 7, 8, 8, 6, 4, 3, 2, 1]
}

/** Strangers at a fast charger: all day, in a hurry, with every kind of card. */
export const publicPlace: Profile = {
  name: "public",
  week: workingWeek(inTown, { ...inTown, mean: 11 }),
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
  stopsByCard: 0.5,
  personsPerPlace: 24,
  usesPercentADay: 30
}

const afterWork: DayCurve = {
  mean: 0.9,
  hours: [1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 3, 5, 9, 16, 18, 14, 9, 6, 4, 2]
}
const atLeisure: ReadonlyArray<number> = [2, 1, 1, 0, 0, 0, 0, 1, 2, 4, 6, 8, 9, 9, 9, 9, 9, 9, 8, 7, 5, 4, 3, 2]
const sundayHours: ReadonlyArray<number> = [2, 1, 1, 0, 0, 0, 0, 1, 1, 2, 4, 6, 7, 7, 8, 9, 11, 13, 13, 11, 8, 5, 3, 2]

/**
 * Neighbours who plug in at night and drive off in the morning. On working days they come home between five and eight;
 * on Saturdays all afternoon, on Sundays late from an outing. So do the plug-in times of private charge points in
 * "Electric Chargepoint Analysis 2017: Domestics" (UK Department for Transport, 2018) and of public street posts in the
 * open data of ElaadNL; the numbers are ours.
 */
export const residential: Profile = {
  name: "residential",
  week: [
    { mean: 0.75, hours: sundayHours },
    afterWork,
    afterWork,
    afterWork,
    afterWork,
    times(0.95, afterWork),
    { mean: 0.7, hours: atLeisure }
  ],
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
  stopsByCard: 0.4,
  personsPerPlace: 2,
  usesPercentADay: 22
}

const onTheRoad: DayCurve = {
  mean: 10,
  hours: [2, 1, 1, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 10, 10, 11, 12, 11, 9, 7, 5, 4, 3, 2]
}
const friday: DayCurve = {
  mean: 16,
  hours: [2, 1, 1, 1, 2, 3, 5, 6, 6, 7, 8, 9, 11, 14, 17, 19, 20, 19, 16, 12, 8, 6, 4, 3]
}
const saturday: DayCurve = {
  mean: 15,
  hours: [2, 2, 1, 1, 2, 4, 7, 10, 13, 15, 16, 16, 15, 13, 11, 10, 9, 8, 7, 6, 4, 3, 3, 2]
}
const sunday: DayCurve = {
  mean: 15,
  hours: [2, 1, 1, 1, 1, 2, 3, 4, 6, 8, 10, 12, 13, 14, 16, 18, 19, 18, 16, 13, 10, 7, 5, 3]
}

/**
 * Travellers at a motorway: a plateau all day, a crest on Friday afternoon, on Saturday morning and on Sunday
 * afternoon. That is how long-distance traffic counts run (the automatic counting stations of the German BASt), and
 * rapid chargers follow traffic ("Electric Chargepoint Analysis 2017: Local Authority Rapids", UK Department for
 * Transport, 2018). They stay half an hour and queue; the numbers are ours.
 */
export const motorway: Profile = {
  name: "motorway",
  week: [sunday, onTheRoad, onTheRoad, onTheRoad, times(1.1, onTheRoad), friday, saturday],
  cars: [
    ["saloon", 7],
    ["compact", 6],
    ["strong", 3],
    ["van", 2],
    ["city", 1],
    ["twoPhase", 1]
  ],
  arrivalPercent: { mean: 17, deviation: 9 },
  targetPercent: [
    [70, 2],
    [80, 7],
    [90, 1]
  ],
  dwell: { medianMs: 32 * minuteMs, sigma: 0.4, minMs: 8 * minuteMs, maxMs: 3 * hourMs },
  patience: { meanMs: 15 * minuteMs, minMs: 3 * minuteMs },
  walksAway: 0.1,
  cards: publicPlace.cards,
  hasSecondCard: 0.6,
  stopsByCard: 0.4,
  personsPerPlace: 24,
  usesPercentADay: 70
}

const mondayToSaturday = [1, 2, 3, 4, 5, 6] as const
const shifts: ReadonlyArray<Shift> = [
  {
    name: "early",
    returnsAtMinute: 14 * 60 + 30,
    spreadMinutes: 35,
    leavesAtMinute: 5 * 60 + 30,
    weekdays: mondayToSaturday,
    weight: 5
  },
  {
    name: "day",
    returnsAtMinute: 18 * 60,
    spreadMinutes: 50,
    leavesAtMinute: 8 * 60,
    weekdays: [1, 2, 3, 4, 5],
    weight: 3
  },
  {
    name: "late",
    returnsAtMinute: 22 * 60 + 15,
    spreadMinutes: 30,
    leavesAtMinute: 13 * 60 + 30,
    weekdays: mondayToSaturday,
    weight: 4
  }
]
const vehiclesPerPlace = 1
const depotWeek: Week = weekOf(shifts, vehiclesPerPlace, 0.95)

/**
 * Delivery vans at their depot: fixed shifts, so that they come back in three waves and leave together. Vehicles used
 * like that are on record in "Fleet DNA" (US National Renewable Energy Laboratory): one return a day, within an hour of
 * the others'. The shifts and numbers are ours.
 */
export const depot: Profile = {
  name: "depot",
  week: depotWeek,
  cars: [
    ["deliveryVan", 8],
    ["van", 2]
  ],
  arrivalPercent: { mean: 35, deviation: 14 },
  targetPercent: [
    [90, 3],
    [100, 7]
  ],
  dwell: { medianMs: 13 * hourMs, sigma: 0.1, minMs: 4 * hourMs, maxMs: 16 * hourMs },
  patience: { meanMs: 3 * hourMs, minMs: hourMs },
  walksAway: 1,
  cards: [["valid", 1]],
  hasSecondCard: 0,
  stopsByCard: 0.2,
  personsPerPlace: vehiclesPerPlace,
  usesPercentADay: 55,
  shifts
}

/** The profiles by name. */
export const profiles = { workplace, public: publicPlace, residential, motorway, depot } as const
export type ProfileName = keyof typeof profiles
