import type { Any, Violation } from "./Action.ts"
import { isDateTime } from "./Wire.ts"

/** Whether a station is held to the schemas, or forgiven what real stations get wrong. Set per station. */
export type Strictness = "strict" | "lenient"

export type Part = "request" | "response"

/**
 * One kind of repair at one place of the schema. `path` is the first place it was made at (a JSON pointer), `places`
 * how many array elements needed the same.
 */
export interface Repair {
  readonly kind: "DroppedNull" | "DroppedUnknown" | "DroppedEmpty" | "Timestamp" | "TooLong" | "TooPrecise"
  readonly path: string
  readonly places: number
}

export type Relaxed =
  | { readonly _tag: "Repaired"; readonly payload: unknown; readonly repairs: readonly Repair[] }
  | { readonly _tag: "Refused"; readonly violation: Violation }

/** Distinct places of a schema that may need a repair before we give up; each costs one more check of the payload. */
const maxRounds = 64

/**
 * How far beyond the schema's maxLength a text may go. Covers what is known of the field: 500 -> 2048
 * (ChangeConfiguration.value), 5600 -> 7500 (exiResponse), 50 -> 100 (StatusNotification.info); 2.x names it
 * officially (OCPPCommCtrlr.FieldLength).
 */
const lengthFactor = 8

type Container = Record<string, unknown> | unknown[]

const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null

const copy = (value: unknown): unknown => {
  if (!isContainer(value)) return value
  if (Array.isArray(value)) return value.map(copy)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner)]))
}

/** `/meterValue/3/timestamp` -> `["meterValue", "*", "timestamp"]`: what is wrong with one element often is with all. */
const placeOf = (path: string): readonly string[] =>
  path === ""
    ? []
    : path
        .slice(1)
        .split("/")
        .map((segment) => (/^\d+$/.test(segment) ? "*" : segment))

/** Calls `visit` on every container at `place`, with the same place of `twin`, which has the same shape. */
const visitAll = (
  value: unknown,
  twin: unknown,
  place: readonly string[],
  visit: (container: Container, twin: Container) => void
): void => {
  if (!isContainer(value) || !isContainer(twin)) return
  const [segment, ...rest] = place
  if (segment === undefined) visit(value, twin)
  else if (!Array.isArray(value)) visitAll(value[segment], (twin as Record<string, unknown>)[segment], rest, visit)
  else if (segment === "*" && Array.isArray(twin)) {
    for (const [index, element] of value.entries()) visitAll(element, twin[index], rest, visit)
  }
}

/** What stands at one key instead: `drop`, or a text to keep and the one to show to the check. */
type Cure = { readonly drop: true } | { readonly drop: false; readonly keep: unknown; readonly show: unknown }

const dropped: Cure = { drop: true }

/**
 * Zone-less (taken as UTC), a space or comma in the wrong place, no seconds, more than nine decimals: the same instant
 * as RFC 3339 writes it; undefined when it is no instant at all.
 */
const readTimestamp = (text: string): string | undefined => {
  const match = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(?:[.,](\d+))?\s*([Zz]|[+-]\d\d(?::?\d\d)?)?$/.exec(
    text.trim()
  )
  if (match === null) return undefined
  const [, date, minutes, seconds = ":00", fraction, zone = "Z"] = match
  const decimals = fraction === undefined ? "" : `.${fraction.slice(0, 9)}`
  const instant = `${date}T${minutes}${seconds}${decimals}${zone}`
  return isDateTime(instant) ? instant : undefined
}

const cureTimestamp = (value: unknown): Cure | undefined => {
  if (typeof value !== "string" || isDateTime(value)) return undefined
  if (value === "") return dropped
  const instant = readTimestamp(value)
  return instant === undefined ? undefined : { drop: false, keep: instant, show: instant }
}

const cureLength = (value: unknown, max: number): Cure | undefined => {
  if (typeof value !== "string" || value.length <= max) return undefined
  if (value.length > max * lengthFactor) return undefined
  return { drop: false, keep: value, show: value.slice(0, max) }
}

const curePrecision = (value: unknown): Cure | undefined =>
  typeof value === "number" && Number.isFinite(value) && Math.abs(value) < 1e12
    ? { drop: false, keep: value, show: Math.round(value) }
    : undefined

interface Remedy {
  readonly kind: Repair["kind"]
  readonly cure: (value: unknown) => Cure | undefined
}

/** The remedy for a violation, judged by the value that breaks the rule; undefined when nothing is forgiven. */
const remedyFor = (violation: Violation, value: unknown): Remedy | undefined => {
  const { keyword, param } = violation
  if (keyword === "additionalProperties") return { kind: "DroppedUnknown", cure: () => dropped }
  if (keyword === "type" && value === null) {
    return { kind: "DroppedNull", cure: (each) => (each === null ? dropped : undefined) }
  }
  if ((keyword === "enum" || keyword === "format") && value === "") {
    return { kind: "DroppedEmpty", cure: (each) => (each === "" ? dropped : undefined) }
  }
  if (keyword === "minItems" && Array.isArray(value) && value.length === 0) {
    return { kind: "DroppedEmpty", cure: (each) => (Array.isArray(each) && each.length === 0 ? dropped : undefined) }
  }
  if (keyword === "format" && param === "date-time") return { kind: "Timestamp", cure: cureTimestamp }
  if (keyword === "maxLength") return { kind: "TooLong", cure: (each) => cureLength(each, param as number) }
  if (keyword === "multipleOf") return { kind: "TooPrecise", cure: curePrecision }
  return undefined
}

const valueAt = (value: unknown, path: string): unknown =>
  path === ""
    ? value
    : path
        .slice(1)
        .split("/")
        .reduce<unknown>((each, key) => (isContainer(each) ? (each as Record<string, unknown>)[key] : undefined), value)

/** Applies a cure to one key of a container in the kept payload and in the one shown to the check. */
const treat = (remedy: Remedy, shown: Container, kept: Container, key: string): number => {
  if (Array.isArray(shown) && Array.isArray(kept)) {
    let places = 0
    for (let i = shown.length - 1; i >= 0; i--) {
      const cure = remedy.cure(shown[i])
      if (cure === undefined) continue
      places++
      if (cure.drop) {
        shown.splice(i, 1)
        kept.splice(i, 1)
      } else {
        shown[i] = cure.show
        kept[i] = cure.keep
      }
    }
    return places
  }
  const from = shown as Record<string, unknown>
  const to = kept as Record<string, unknown>
  if (!Object.hasOwn(from, key)) return 0
  const cure = remedy.cure(from[key])
  if (cure === undefined) return 0
  if (cure.drop) {
    delete from[key]
    delete to[key]
  } else {
    from[key] = cure.show
    to[key] = cure.keep
  }
  return 1
}

/**
 * Repairs a payload that failed its strict check, for a station that is forgiven: nulls and empty values of optional
 * properties are dropped, unknown properties are dropped where the schema forbids them, odd timestamps are rewritten,
 * and texts up to eight times too long or numbers too precise are kept as they are (so the result need not pass the
 * strict check). Ends after a bounded number of rounds; what is not forgiven is returned as the violation that stands.
 * The payload given is not changed.
 */
export const relax = (action: Any, payload: unknown, part: Part): Relaxed => {
  const check = part === "request" ? action.checkRequest : action.checkResponse
  const shown = copy(payload)
  const kept = copy(payload)
  const repairs: Repair[] = []
  const droppedBy = new Map<string, Violation>()
  for (let round = 0; ; round++) {
    const violation = check(shown)
    if (violation === undefined) return { _tag: "Repaired", payload: kept, repairs }
    const standing = { _tag: "Refused", violation } as const
    if (violation.keyword === "required") {
      // What we dropped was required after all: then the station's value is what is wrong.
      const cause = droppedBy.get([...placeOf(violation.path), violation.param].join("/"))
      return cause === undefined ? standing : { _tag: "Refused", violation: cause }
    }
    if (round === maxRounds) return standing
    const unknown = violation.keyword === "additionalProperties"
    const remedy = remedyFor(violation, valueAt(shown, violation.path))
    if (remedy === undefined || (violation.path === "" && !unknown)) return standing
    const place = placeOf(violation.path)
    const key = unknown ? String(violation.param) : violation.path.slice(violation.path.lastIndexOf("/") + 1)
    let places = 0
    visitAll(shown, kept, unknown ? place : place.slice(0, -1), (container, twin) => {
      places += treat(remedy, container, twin, key)
    })
    if (places === 0) return standing
    droppedBy.set([...place, ...(unknown ? [key] : [])].join("/"), violation)
    repairs.push({ kind: remedy.kind, path: unknown ? `${violation.path}/${key}` : violation.path, places })
  }
}
