import { Findings, type Outcome } from "./Oracle.ts"

/** Something that grows, how large it is now, and how large it may get. */
export interface Gauge {
  readonly name: string
  readonly value: number
  readonly bound: number
  /** What the bound follows from. */
  readonly because: string
  readonly stationId?: string
}

/** Keeps the highest of each gauge, and whatever went beyond its bound. */
export class Gauges {
  private readonly found = new Findings()
  private readonly highest = new Map<string, Gauge>()
  private readonly told = new Set<string>()

  looked(gauges: ReadonlyArray<Gauge>, atMs: number): void {
    for (const gauge of gauges) {
      this.found.check()
      const known = this.highest.get(gauge.name)
      if (known === undefined || gauge.value > known.value) this.highest.set(gauge.name, gauge)
      if (gauge.value <= gauge.bound || this.told.has(`${gauge.name} ${gauge.stationId}`)) continue
      this.told.add(`${gauge.name} ${gauge.stationId}`)
      this.found.fail({
        stationId: gauge.stationId ?? null,
        sessionId: null,
        transactionId: null,
        expected: `at most ${gauge.bound}: ${gauge.because}`,
        found: `${gauge.value} at ${atMs}`,
        sentence: `The ${gauge.name} grew beyond its bound.`
      })
    }
  }

  outcome(): Outcome {
    for (const { name, value, bound } of this.highest.values()) this.found.note(`${name} ${value} of ${bound}`)
    return this.found.outcome()
  }
}
