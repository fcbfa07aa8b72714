/** What the clock and the calendar on a wall there show. */
export interface WallTime {
  /** Minutes since midnight. */
  readonly minute: number
  /** `YYYY-MM-DD`. */
  readonly date: string
  /** As OCPI names it: MONDAY. */
  readonly weekday: string
}

/** The platform's own calendar of each zone that was asked for. */
const calendars = new Map<string, Intl.DateTimeFormat>()

const calendarOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = calendars.get(timeZone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hourCycle: "h23",
    weekday: "long",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit"
  })
  calendars.set(timeZone, made)
  return made
}

/** Asked of the platform's own calendar, every time anew: slow, and nothing to get wrong. */
export const wallTime = (atMs: number, timeZone: string): WallTime => {
  const shown = new Map<string, string>(
    calendarOf(timeZone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, value])
  )
  return {
    minute: Number(shown.get("hour")) * 60 + Number(shown.get("minute")),
    date: `${shown.get("year")}-${shown.get("month")}-${shown.get("day")}`,
    weekday: shown.get("weekday")!.toUpperCase()
  }
}
