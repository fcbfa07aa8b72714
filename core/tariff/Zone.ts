import { Result } from "effect"

/** A time zone of the IANA database as a table of offsets, so that asking for local time costs no formatting. */
export interface Zone {
  readonly name: string
  /** Local time minus UTC at that instant, in milliseconds. */
  readonly offsetMsAt: (atMs: number) => number
  /** The instants after `fromMs` and before `toMs` at which the offset changes, ascending. */
  readonly changesBetween: (fromMs: number, toMs: number) => ReadonlyArray<number>
}

/** Milliseconds of a day that has no change of offset. */
export const dayMs = 86_400_000

/** The tables are made for spans of this length, when first asked for. */
const spanMs = 200 * dayMs

/** Spans kept per zone: sixty years back and forth; a caller that wanders further pays for the table again. */
const maxSpans = 110

/** Every name a clock on earth has; names are only kept when the database knows them. */
const maxZones = 700

interface Span {
  /** Ascending; `offsets[i]` holds from `from[i]` to `from[i + 1]`. */
  readonly from: ReadonlyArray<number>
  readonly offsets: ReadonlyArray<number>
}

const zones = new Map<string, Zone>()

/** The zone of that name; undefined when the IANA database has none: never silently UTC. */
export const zoneOf = (name: string): Zone | undefined => {
  const known = zones.get(name)
  if (known !== undefined) return known
  const formatter = Result.try({
    try: () =>
      new Intl.DateTimeFormat("en-US", {
        timeZone: name,
        calendar: "iso8601",
        numberingSystem: "latn",
        hourCycle: "h23",
        year: "numeric",
        month: "numeric",
        day: "numeric",
        hour: "numeric",
        minute: "numeric",
        second: "numeric",
        era: "short"
      }),
    catch: () => undefined
  })
  if (Result.isFailure(formatter)) return undefined
  if (zones.size >= maxZones) zones.clear()
  const zone = makeZone(name, offsetReader(formatter.success))
  zones.set(name, zone)
  return zone
}

/** Reads an offset off the wall clock, to the second. Slow: only for making tables. */
const offsetReader =
  (formatter: Intl.DateTimeFormat) =>
  (atMs: number): number => {
    const fields: Record<string, number> = {}
    for (const part of formatter.formatToParts(atMs)) fields[part.type] = Number(part.value)
    const local = Date.UTC(
      fields["year"]!,
      fields["month"]! - 1,
      fields["day"]!,
      fields["hour"]!,
      fields["minute"]!,
      fields["second"]!
    )
    return local - Math.floor(atMs / 1000) * 1000
  }

const makeZone = (name: string, offsetNow: (atMs: number) => number): Zone => {
  const spans = new Map<number, Span>()
  const spanOf = (index: number): Span => {
    let span = spans.get(index)
    if (span === undefined) {
      if (spans.size >= maxSpans) spans.clear()
      span = makeSpan(index * spanMs, (index + 1) * spanMs, offsetNow)
      spans.set(index, span)
    }
    return span
  }
  const offsetMsAt = (atMs: number): number => {
    const span = spanOf(Math.floor(atMs / spanMs))
    let i = span.from.length - 1
    while (i > 0 && span.from[i]! > atMs) i -= 1
    return span.offsets[i]!
  }
  const changesBetween = (fromMs: number, toMs: number): ReadonlyArray<number> => {
    const changes: Array<number> = []
    let offset = offsetMsAt(fromMs)
    for (let index = Math.floor(fromMs / spanMs); index <= Math.floor(toMs / spanMs); index++) {
      const span = spanOf(index)
      for (let i = 0; i < span.from.length; i++) {
        const at = span.from[i]!
        if (at <= fromMs || at >= toMs || span.offsets[i] === offset) continue
        offset = span.offsets[i]!
        changes.push(at)
      }
    }
    return changes
  }
  return { name, offsetMsAt, changesBetween }
}

/** Looks once a day and, where two days differ, searches the second of the change. */
const makeSpan = (fromMs: number, toMs: number, offsetAt: (atMs: number) => number): Span => {
  const from = [fromMs]
  const offsets = [offsetAt(fromMs)]
  for (let dayAtMs = fromMs; dayAtMs < toMs; dayAtMs += dayMs) {
    const before = offsets[offsets.length - 1]!
    const after = offsetAt(dayAtMs + dayMs)
    if (after === before) continue
    let low = dayAtMs
    let high = dayAtMs + dayMs
    while (high - low > 1000) {
      const middle = Math.floor((low + high) / 2000) * 1000
      if (offsetAt(middle) === before) low = middle
      else high = middle
    }
    if (high >= toMs) continue
    from.push(high)
    offsets.push(offsetAt(high))
  }
  return { from, offsets }
}

/** The local calendar day as a count since 1970-01-01. */
export const localDay = (localMs: number): number => Math.floor(localMs / dayMs)

/** 0 is Sunday, 6 Saturday. */
export const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7
