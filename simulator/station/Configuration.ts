import { knownMeasurands, measurandsOf, type Settings } from "./Settings.ts"

/** What a key or variable may hold. */
export type ValueKind = "integer" | "boolean" | "string" | "measurands" | "txStartPoint" | "password"

/** One key (1.6) or variable (2.x) of a station. `id` names it in its dialect's table. */
export interface Entry {
  readonly id: string
  readonly kind: ValueKind
  readonly access: "ReadOnly" | "ReadWrite" | "WriteOnly"
  /** The setting behind it; null when it changes nothing in the simulation but is remembered. */
  readonly setting: keyof Settings | null
  /** What it holds when there is no setting behind it. */
  readonly value: string
}

/** Builds one row of a dialect's table. */
export const entry = (
  id: string,
  kind: ValueKind,
  setting: keyof Settings | null,
  options?: { readonly access?: Entry["access"]; readonly value?: string }
): Entry => Object.freeze({ id, kind, setting, access: options?.access ?? "ReadWrite", value: options?.value ?? "" })

/**
 * What one station is set to: shared factory values until somebody writes, then its own. Kept through power cuts, as
 * flash is.
 */
export class Configuration {
  private current: Settings
  private written: Map<string, string> | undefined
  /** What its kind has in place of the table's values. */
  private readonly given: ReadonlyMap<string, string>
  private readonly onPassword: (password: string) => void
  /** Told after every change of a setting. */
  private readonly onChange: () => void

  constructor(
    factory: Settings,
    options: {
      readonly given?: ReadonlyMap<string, string>
      readonly onPassword: (password: string) => void
      readonly onChange: () => void
    }
  ) {
    this.given = options.given ?? new Map()
    this.current = factory
    this.onPassword = options.onPassword
    this.onChange = options.onChange
  }

  get settings(): Settings {
    return this.current
  }

  /** Replaces settings by their meaning, as a firmware does that is told an interval by BootNotification. */
  set(settings: Partial<Settings>): void {
    this.current = changed(this.current, settings)
    this.onChange()
  }

  read(entry: Entry): string {
    if (entry.setting !== null) return String(this.current[entry.setting])
    return this.written?.get(entry.id) ?? this.given.get(entry.id) ?? entry.value
  }

  /** Writes a value as text; false when the entry may not hold it. */
  write(entry: Entry, text: string): boolean {
    if (entry.access === "ReadOnly") return false
    const value = parse(entry.kind, text)
    if (value === undefined) return false
    if (entry.kind === "password") {
      this.onPassword(text)
      return true
    }
    if (entry.setting !== null) this.set({ [entry.setting]: value })
    else {
      this.written ??= new Map()
      this.written.set(entry.id, text)
    }
    return true
  }
}

/** By what they were, and by the change: a fleet that is told the same has its settings in one place of memory. */
const shared = new WeakMap<Settings, Map<string, Settings>>()
const changesShared = 100

const changed = (settings: Settings, change: Partial<Settings>): Settings => {
  const known = shared.get(settings) ?? new Map<string, Settings>()
  const key = JSON.stringify(change)
  const there = known.get(key)
  if (there !== undefined) return there
  const made = Object.freeze({ ...settings, ...change })
  // Bounded, because a CMS may write any value.
  if (known.size < changesShared) shared.set(settings, known.set(key, made))
  return made
}

const maxIntegerS = 2_147_483_647

const parse = (kind: ValueKind, text: string): string | number | boolean | undefined => {
  switch (kind) {
    case "integer": {
      if (!/^\d{1,10}$/.test(text)) return undefined
      const value = Number(text)
      return value <= maxIntegerS ? value : undefined
    }
    case "boolean": {
      const lower = text.toLowerCase()
      return lower === "true" ? true : lower === "false" ? false : undefined
    }
    case "measurands":
      return measurandsOf(text).every((name) => knownMeasurands.has(name)) ? text : undefined
    case "txStartPoint":
      return text === "PowerPathClosed" || text === "Authorized" || text === "EVConnected" ? text : undefined
    case "password":
      return text.length > 0 && text.length <= 64 ? text : undefined
    case "string":
      return text.length <= 500 ? text : undefined
  }
}
