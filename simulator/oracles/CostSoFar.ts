import type { Telling } from "../Displays.ts"
import { isByReadings, measuredPrice } from "../rater/measured.ts"
import { minorUnits } from "../rater/price.ts"
import type { TrueSession } from "../Truth.ts"
import type { OcpiTariff } from "./SlowRater.ts"

/**
 * What a session cost after each message that its station told of it: worked out anew from those messages alone, as whoever
 * had heard just them would have to.
 */
export class CostSoFar {
  private readonly tariff: OcpiTariff
  private readonly session: TrueSession
  private readonly tellings: ReadonlyArray<Telling>
  private readonly timeZone: string
  private readonly known = new Map<number, bigint>()

  private constructor(tariff: OcpiTariff, session: TrueSession, tellings: ReadonlyArray<Telling>, timeZone: string) {
    this.tariff = tariff
    this.session = session
    this.tellings = tellings
    this.timeZone = timeZone
  }

  /** Undefined where readings do not tell the price. */
  static of(
    tariff: OcpiTariff,
    session: TrueSession,
    tellings: ReadonlyArray<Telling>,
    timeZone: string
  ): CostSoFar | undefined {
    return isByReadings(tariff) ? new CostSoFar(tariff, session, tellings, timeZone) : undefined
  }

  /** How many messages were told. */
  get count(): number {
    return this.tellings.length
  }

  /** How many the station knew to be taken in by an instant of the true clock. */
  heardBy(atMs: number): number {
    const index = this.tellings.findLastIndex((it) => it.heardAtMs !== null && it.heardAtMs <= atMs)
    return index + 1
  }

  /** How many were told by an instant of the true clock, whoever heard them. */
  toldBy(atMs: number): number {
    return this.tellings.filter(({ toldAtMs }) => toldAtMs <= atMs).length
  }

  /** When the so-manyth was answered, by the true clock. */
  heardAtMs(told: number): number | null {
    return this.tellings[told - 1]!.heardAtMs
  }

  /** Whether none was told for so long before it. */
  isAlone(told: number, ms: number): boolean {
    const before = this.tellings[told - 2]
    return before === undefined || (before.heardAtMs ?? Infinity) + ms <= this.tellings[told - 1]!.toldAtMs
  }

  /** Whether each from one to another was answered within so long. */
  isPrompt(from: number, to: number, withinMs: number): boolean {
    return this.tellings
      .slice(from - 1, to)
      .every(({ heardAtMs, toldAtMs }) => heardAtMs !== null && heardAtMs - toldAtMs <= withinMs)
  }

  /** The newest instant of which the first so many tell, by the station's clock. */
  atMs(told: number): number {
    return this.tellings.slice(0, told).reduce((last, { atMs }) => Math.max(last, atMs), this.session.startedAtMs)
  }

  /** The register as the first so many tell it last, Wh; null where none does. */
  registerWh(told: number): number | null {
    return (
      this.tellings
        .slice(0, told)
        .flatMap(({ readings }) => readings)
        .at(-1)?.registerWh ?? null
    )
  }

  /** What the first so many come to, gross, minor units. */
  minor(told: number): bigint {
    const known = this.known.get(told)
    if (known !== undefined) return known
    const { tariff, timeZone, tellings } = this
    const { startedAtMs, dialect } = this.session
    const heard = tellings.slice(0, told)
    const endedAtMs = this.atMs(told)
    // Until something is told of it a car charges in 1.6, and is merely connected in 2.x.
    const first = { atMs: startedAtMs, state: dialect === "1.6" ? "Charging" : "EVConnected" }
    const states = heard.flatMap(({ atMs, state }) => (state === null ? [] : [{ atMs, state }]))
    const { grossMinor } = measuredPrice(tariff, {
      startedAtMs,
      endedAtMs,
      timeZone,
      states: [
        first,
        ...states.filter(({ atMs }) => atMs <= startedAtMs).slice(-1),
        ...states.filter(({ atMs }) => atMs > startedAtMs)
      ],
      readings: heard.flatMap(({ readings }) => readings)
    })
    this.known.set(told, grossMinor)
    return grossMinor
  }

  /** Whether a figure on a display is what the first so many come to, to the last digit. */
  isShownAs(amount: number | null, told: number): boolean {
    return amount !== null && amount === Number(this.minor(told)) / Number(minorUnits(this.tariff.currency))
  }

  text(told: number): string {
    return `${this.minor(told)} minor units of ${this.tariff.currency} after ${told} messages`
  }
}
