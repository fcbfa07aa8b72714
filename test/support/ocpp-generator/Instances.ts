import type { JsonSchema } from "./Reader.ts"

/** A seeded source of choices (mulberry32): the same seed, the same instances. */
export class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A number from 0 up to, not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  of<A>(values: readonly A[]): A {
    return values[this.below(values.length)]!
  }
}

/** A value inside an instance that can be replaced, with the schema that rules it. */
interface Site {
  readonly owner: Record<string, unknown> | unknown[]
  readonly key: string | number
  readonly schema: JsonSchema
}

const goodDates = [
  "2026-01-31T12:00:00Z",
  "2026-01-31T12:00:00.123Z",
  "2024-02-29T23:59:59.123456789+02:00",
  "2000-02-29 00:00:00z",
  "2026-12-31T23:59:60Z",
  "1990-12-31T15:59:60-08:00",
  "0001-01-01t00:00:00-0530",
  "2026-06-30T10:00:00+02",
  "2026-04-30T10:00:00.1-23:59"
]

const badDates = [
  "",
  "2026-01-31",
  "2026-01-31T12:00:00",
  "2026-01-31T12:00Z",
  "2026-02-29T12:00:00Z",
  "1900-02-29T12:00:00Z",
  "2026-04-31T12:00:00Z",
  "2026-13-01T12:00:00Z",
  "2026-00-01T12:00:00Z",
  "2026-01-00T12:00:00Z",
  "2026-01-31T24:00:00Z",
  "2026-01-31T12:60:00Z",
  "2026-01-31T12:00:60Z",
  "2026-01-31T23:59:60+01:00",
  "2026-01-31T12:00:00.Z",
  "2026-01-31T12:00:00,5Z",
  "2026-01-31T12:00:00+2",
  "2026-01-31T12:00:00+02:0",
  "2026-01-31T12:00:00+24:00",
  "2026-01-31T12:00:00+02:60",
  "2026-01-31T12:00:00+02:00Z",
  "2026-01-31T12:00:00ZZ",
  " 2026-01-31T12:00:00Z",
  "2026-01-31T12:00:00Z\n",
  "2026/01/31T12:00:00Z",
  "+026-01-31T12:00:00Z",
  "2026-1-31T12:00:00.00Z",
  "２０２６-01-31T12:00:00Z"
]

const strangers: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  0.1 + 0.2,
  2 ** 53,
  -(2 ** 60),
  1e300,
  Number.POSITIVE_INFINITY,
  "",
  "x",
  "toString",
  "😀",
  [],
  [null],
  {},
  { vendorId: "v" },
  { length: 1 }
]

const unknownKeys = ["extra", "__proto__", "constructor", "toString", "customdata", "CustomData", "", "0", "a/b~c"]

const isArray: (value: unknown) => value is unknown[] = Array.isArray

/** Random instances of one schema: valid ones, and such with one or two rules broken. */
export class Instances {
  readonly root: JsonSchema
  readonly chance: Chance
  #sites: Site[] = []

  constructor(root: JsonSchema, chance: Chance) {
    this.root = root
    this.chance = chance
  }

  valid(): unknown {
    this.#sites = []
    const holder: Record<string, unknown> = {}
    holder.payload = this.#value(this.root, 0)
    this.#sites.push({ owner: holder, key: "payload", schema: this.root })
    return holder.payload
  }

  /** A valid instance with one or two mutations; most, not all, break a rule. */
  mutated(): unknown {
    this.valid()
    const sites = this.#sites
    const holder = sites.at(-1)!.owner as Record<string, unknown>
    const times = 1 + this.chance.below(2)
    for (let i = 0; i < times; i++) this.#mutate(this.chance.of(sites))
    return holder.payload
  }

  #resolve(schema: JsonSchema): JsonSchema {
    return schema.$ref === undefined ? schema : this.root.definitions![schema.$ref.slice("#/definitions/".length)]!
  }

  #value(reference: JsonSchema, depth: number): unknown {
    const schema = this.#resolve(reference)
    switch (schema.type) {
      case "string":
        return this.#string(schema)
      case "integer":
      case "number":
        return this.#number(schema)
      case "boolean":
        return this.chance.next() < 0.5
      case "array":
        return this.#array(schema, depth)
      case "object":
        return this.#object(schema, depth)
      default:
        return this.chance.of(strangers.filter((value) => value !== Number.POSITIVE_INFINITY))
    }
  }

  #string(schema: JsonSchema): string {
    if (schema.enum !== undefined) return this.chance.of(schema.enum)
    if (schema.format === "date-time") return this.chance.of(goodDates)
    const max = schema.maxLength ?? 40
    const length = this.chance.next() < 0.1 ? max : this.chance.below(Math.min(max, 12) + 1)
    return this.chance.of(["x", "é", "😀", "\ud800"]).repeat(length)
  }

  #number(schema: JsonSchema): number {
    const low = schema.minimum ?? (schema.maximum === undefined ? -1000 : schema.maximum - 1000)
    const high = schema.maximum ?? low + 2000
    const whole = this.chance.of([low, high, low + this.chance.below(high - low + 1)])
    if (schema.type === "integer" || whole === high) return whole
    return schema.multipleOf === undefined
      ? whole + this.chance.next()
      : Math.round(whole * 10 + this.chance.below(10)) / 10
  }

  #array(schema: JsonSchema, depth: number): unknown {
    const least = schema.minItems ?? 0
    const most = schema.maxItems ?? Number.POSITIVE_INFINITY
    const full = most <= 10 && this.chance.next() < 0.1
    const length = full ? most : Math.min(most, least + this.chance.below(depth > 2 ? 1 : 2))
    const items: unknown[] = []
    for (let i = 0; i < length; i++) {
      items.push(this.#value(schema.items!, depth + 1))
      this.#sites.push({ owner: items, key: i, schema: this.#resolve(schema.items!) })
    }
    return items
  }

  #object(schema: JsonSchema, depth: number): unknown {
    const instance: Record<string, unknown> = {}
    const likely = depth === 0 ? 0.5 : depth < 3 ? 0.25 : 0.08
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      if (!schema.required?.includes(name) && this.chance.next() >= likely) continue
      instance[name] = this.#value(property, depth + 1)
      this.#sites.push({ owner: instance, key: name, schema: this.#resolve(property) })
    }
    if (schema.additionalProperties !== false && this.chance.next() < 0.3) instance.extra = this.chance.of(strangers)
    return instance
  }

  #mutate({ owner, key, schema }: Site): void {
    const target = owner as Record<string | number, unknown>
    const value = target[key]
    const roll = this.chance.next()
    if (roll < 0.2) target[key] = this.chance.of(strangers)
    else if (roll < 0.35 && !isArray(owner)) delete target[key]
    else if (roll < 0.5 && typeof value === "object" && value !== null && !isArray(value)) {
      const name = this.chance.of(unknownKeys)
      Object.defineProperty(value, name, { value: 1, enumerable: true, configurable: true, writable: true })
    } else target[key] = this.#broken(schema, value)
  }

  #broken(schema: JsonSchema, value: unknown): unknown {
    switch (schema.type) {
      case "string":
        if (schema.enum !== undefined)
          return `${this.chance.of(schema.enum)}${this.chance.of(["", " ", "x"])}`.trimStart()
        if (schema.format === "date-time") return this.chance.of(badDates)
        return this.chance.of(["x", "😀", "\ud800"]).repeat((schema.maxLength ?? 40) + this.chance.below(3) - 1)
      case "integer":
      case "number":
        return this.chance.of([
          (schema.minimum ?? 0) - 1,
          (schema.maximum ?? 0) + 1,
          (schema.minimum ?? 0) - 0.5,
          0.05,
          16.15,
          "1"
        ])
      case "array": {
        const items = isArray(value) ? value : []
        const first = items[0] ?? this.#value(schema.items!, 9)
        return this.chance.of([[], [...items, null], Array.from({ length: (schema.maxItems ?? 3) + 1 }, () => first)])
      }
      case "object":
        return this.chance.of<unknown>([[], {}, [value], null])
      default:
        return null
    }
  }
}
