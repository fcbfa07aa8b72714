/** Spells in which the car feeds the house or the grid instead of charging, milliseconds since it was plugged in. */
export interface ExportPlan {
  readonly spells: ReadonlyArray<readonly [fromMs: number, untilMs: number]>
  /** As much as the car, the outlet and its limit let it, W at the plug. */
  readonly watts: number
  /** Below this state of charge, whole percent, it gives nothing; it waits for the spell's end. */
  readonly reservePercent: number
}

/** When a car draws by its own will. Spans are milliseconds since it was plugged in. */
export interface WillSpec {
  /**
   * Spans in which nothing goes into the battery although it could: `[0, x]` is a delayed start, a later one a pause,
   * `[0, Infinity]` a car that refuses.
   */
  readonly idle?: ReadonlyArray<readonly [fromMs: number, untilMs: number]>
  /** The cabin is warmed or cooled before the departure, from the mains and not from the battery, full or not. */
  readonly climate?: { readonly fromMs: number; readonly untilMs: number; readonly watts: number }
  readonly exports?: ExportPlan
}

/** A car's intentions on the clock. They change at a few known instants; nothing has to be polled. */
export class Will {
  private readonly spec: WillSpec
  private readonly pluggedAtMs: number
  /** Instants at which something changes, in order. */
  private readonly turns: ReadonlyArray<number>

  constructor(spec: WillSpec, pluggedAtMs: number) {
    this.spec = spec
    this.pluggedAtMs = pluggedAtMs
    const spans = [
      ...(spec.idle ?? []),
      ...(spec.exports?.spells ?? []),
      ...(spec.climate === undefined ? [] : [[spec.climate.fromMs, spec.climate.untilMs]])
    ]
    this.turns = [...new Set(spans.flat().map((ms) => pluggedAtMs + ms!))].sort((a, b) => a - b)
  }

  isIdle(atMs: number): boolean {
    const sinceMs = atMs - this.pluggedAtMs
    return this.spec.idle?.some(([fromMs, untilMs]) => fromMs <= sinceMs && sinceMs < untilMs) === true
  }

  /** What the cabin takes at an instant, whole watts. */
  climateW(atMs: number): number {
    const { climate } = this.spec
    const sinceMs = atMs - this.pluggedAtMs
    return climate !== undefined && climate.fromMs <= sinceMs && sinceMs < climate.untilMs ? climate.watts : 0
  }

  /** What it means to give at an instant in which it means to give; undefined at all others. */
  exportAt(atMs: number): ExportPlan | undefined {
    const { exports } = this.spec
    const sinceMs = atMs - this.pluggedAtMs
    return exports?.spells.some(([fromMs, untilMs]) => fromMs <= sinceMs && sinceMs < untilMs) ? exports : undefined
  }

  /** The first instant after `atMs` at which anything changes; infinite when nothing does. */
  changesAfter(atMs: number): number {
    for (const turn of this.turns) if (turn > atMs) return turn
    return Number.POSITIVE_INFINITY
  }
}
