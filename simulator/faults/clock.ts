import { define, whole } from "./Entry.ts"

const hourMs = 3_600_000

/**
 * The clock is wrong by `bySeconds` (ahead when positive) from one instant to the next, and right again at the end.
 *
 * The CMS owes: the station's time taken for a charge that lies within the skew as a whole; where a session straddles
 * the turn, one bill at the price of the time it names, never more time than clock or world saw pass.
 */
export const clockSkew = define({
  name: "clock-skew",
  about: "Stations without NTP that take the time from BootNotification once a month, and keep local time as UTC.",
  owes: "charges priced by the station's own time while that can be believed, and one bill for each",
  family: "clock",
  fields: { bySeconds: whole(600, -86_400, 72_000) },
  draw: (stream) => ({ bySeconds: stream.pick([-7_200, -3_600, -600, -90, 45, 300, 1_800, 3_600]) }),
  strike: ({ station }, { bySeconds }) => {
    station.clock.turn(bySeconds * 1000)
    return () => station.clock.turn(-bySeconds * 1000)
  }
})

/**
 * The clock goes too fast or too slow by so many millionths, and is set right at the end.
 *
 * The CMS owes: times as told. A drift within a session is within what a fair meter of time may show.
 */
export const clockDrift = define({
  name: "clock-drift",
  about: "Cheap crystals in an unheated box: 20 to 200 ppm, a minute a week; without NTP nobody turns it back.",
  owes: "times taken as told; nothing refused for a minute",
  family: "clock",
  fields: { ppm: whole(200, -20_000, 20_000) },
  draw: (stream) => ({ ppm: stream.pick([-2_000, -200, -50, 50, 200, 2_000]) }),
  strike: ({ station }, { ppm }) => {
    station.clock.drift(ppm)
    return () => station.clock.correct()
  }
})

/**
 * The station boots with a clock that begins in 1970, and learns the time at the end.
 *
 * The CMS owes: the instant of receipt in place of a year before OCPP, never a session of fifty years, never a tariff
 * that was valid before there were tariffs.
 */
export const clock1970 = define({
  name: "clock-1970",
  about: "A dead battery of the real-time clock: the first transactions after a boot are dated 1970-01-01.",
  owes: "the instant of receipt in place of 1970, never fifty years on a bill",
  family: "clock",
  fields: {},
  draw: () => ({}),
  strike: ({ station }) => {
    station.crash(true)
    station.clock.turn(-station.clock.nowAtMs())
    return () => station.clock.correct()
  }
})

/**
 * The clock jumps by an hour in the middle of whatever happens, as local time sent as UTC does twice a year, and stays.
 *
 * The CMS owes: energy to the watt-hour where readings still tell it, one bill, at most the hour more that the station
 * itself claims.
 */
export const clockDst = define({
  name: "clock-dst",
  about: "Firmware that writes local time with a Z behind it: one hour less in March, one hour twice in October.",
  owes: "one bill by the times as told, readings out of order sorted, no energy counted twice",
  family: "clock",
  fields: { hours: whole(1, -1, 1) },
  draw: (stream) => ({ hours: stream.pick([-1, 1]) }),
  strike: ({ station }, { hours }) => {
    station.clock.turn(hours * hourMs)
    return () => station.clock.correct()
  }
})

/**
 * After a boot the clock stands where it stood when it was last right, so many seconds ago; the end of the fault is the
 * answer of the time server, and a jump forward.
 *
 * The CMS owes: the readings of before the jump kept, the time between told once.
 */
export const clockNtp = define({
  name: "clock-ntp",
  about: "Linux controllers without a clock of their own that start from the last file written and meet NTP later.",
  owes: "readings on both sides of the jump kept, and one bill for the session that straddles it",
  family: "clock",
  fields: { behindSeconds: whole(5_400, 1, 86_400) },
  draw: (stream) => ({ behindSeconds: stream.pick([30, 600, 5_400, 40_000]) }),
  strike: ({ station }, { behindSeconds }) => {
    station.crash(true)
    station.clock.turn(-behindSeconds * 1000)
    return () => station.clock.correct()
  }
})
