import type { TariffAssignmentType, TariffType } from "#core/ocpp/v21/generated/schemas.ts"
import type { Displays } from "../Displays.ts"
import { type Fraction, minus, nearest, nothing, plus, times, whole } from "../rater/Fraction.ts"
import type { OcpiTariff } from "../rater/Model.ts"
import { isByReadings, measuredPrice } from "../rater/measured.ts"
import type { SlowLine, SlowPrice } from "../rater/price.ts"
import type { TrueState } from "../Truth.ts"
import type { Reading, Transaction } from "./Transaction.ts"
import { tariffOf } from "./v21/tariff.ts"

/** What a station reckons that a charge came to; currency units. */
export interface OwnCost {
  readonly currency: string
  readonly exclTax: number
  readonly inclTax: number
  readonly energyWh: number
  /** Whole seconds. */
  readonly lastedS: number
  /** What it is made of, before caps, discounts and limits. */
  readonly parts: ReadonlyMap<SlowLine["dimension"], { readonly exclTax: number; readonly inclTax: number }>
}

/** By which a station's prices are local. */
const timeZone = "Europe/Berlin"

/**
 * The tariffs of a 2.1 station that prices by itself, and what its charges come to by them: cut where a price turns, on
 * straight lines between the readings that it tells, so that whoever has those can follow.
 */
export class OwnPrices {
  /** By EVSE; 0 is for all that have none of their own. */
  private readonly defaults = new Map<number, OcpiTariff>()
  private readonly forgotten: ReadonlySet<string>

  /** `forgotten`: what its firmware never adds up. */
  constructor(forgotten: ReadonlyArray<SlowLine["dimension"]>) {
    this.forgotten = new Set(forgotten)
  }

  /** As this firmware prices by it; undefined where it says something that it cannot price by. */
  read(wire: TariffType): OcpiTariff | undefined {
    const tariff = tariffOf(wire)
    return tariff === undefined || !isByReadings(tariff) ? undefined : this.asAddedUp(tariff)
  }

  /** False: it cannot price by that. */
  set(evseId: number, wire: TariffType): boolean {
    const tariff = this.read(wire)
    if (tariff === undefined) return false
    if (evseId === 0) this.defaults.clear()
    this.defaults.set(evseId, tariff)
    return true
  }

  private asAddedUp(tariff: OcpiTariff): OcpiTariff {
    if (this.forgotten.size === 0) return tariff
    const elements = tariff.elements.map((element) => ({
      ...element,
      price_components: element.price_components.filter(({ type }) => !this.forgotten.has(type))
    }))
    return { ...tariff, elements }
  }

  /** What a charge that begins there is priced by. */
  at(evseId: number): OcpiTariff | null {
    return this.defaults.get(evseId) ?? this.defaults.get(0) ?? null
  }

  assigned(evseId: number): Array<TariffAssignmentType> {
    return [...this.defaults]
      .filter(([id]) => evseId === 0 || id === 0 || id === evseId)
      .map(([id, tariff]) => ({
        tariffId: tariff.id,
        tariffKind: "DefaultTariff",
        ...(id === 0 ? {} : { evseIds: [id] })
      }))
  }

  /** The ids of what is gone. */
  clear(evseId: number | undefined, tariffIds: ReadonlyArray<string> | undefined): Array<string> {
    const gone = [...this.defaults].filter(
      ([id, tariff]) => (evseId === undefined || id === evseId) && (tariffIds?.includes(tariff.id) ?? true)
    )
    for (const [id] of gone) this.defaults.delete(id)
    return gone.map(([, tariff]) => tariff.id)
  }

  /** What a charge comes to by all that its station told of it, and by a last reading; null where it has no tariff. */
  costOf({ ownTariff, pricedBefore, truth }: Transaction, displays: Displays, last?: Reading): OwnCost | null {
    if (ownTariff === null) return null
    const told = displays.tellingsOf(truth.id)
    const readings = [...told.flatMap((telling) => telling.readings), ...(last === undefined ? [] : [last])]
    const first: { atMs: number; state: TrueState } = { atMs: truth.startedAtMs, state: "EVConnected" }
    const states = [first, ...told.flatMap(({ atMs, state }) => (state === null ? [] : [{ atMs, state }]))]
    const endedAtMs = Math.max(last?.atMs ?? 0, truth.startedAtMs, ...told.map(({ atMs }) => atMs))
    const until = (tariff: OcpiTariff, atMs: number): SlowPrice =>
      measuredPrice(tariff, {
        startedAtMs: truth.startedAtMs,
        endedAtMs: atMs,
        readings: readings.filter((reading) => reading.atMs <= atMs),
        timeZone,
        states: states.filter((state) => state.atMs <= atMs)
      })
    const sum = new Sum()
    let fromMs: number | undefined
    for (const { tariff, untilMs } of [...pricedBefore, { tariff: ownTariff, untilMs: endedAtMs }]) {
      // What a tariff would have cost until it came is not for it: nor is its fee, which is owed once, at the start.
      if (tariff !== null) sum.add(until(tariff, untilMs), fromMs === undefined ? undefined : until(tariff, fromMs))
      fromMs = untilMs
    }
    return {
      ...sum.amounts,
      currency: ownTariff.currency,
      energyWh: (readings.at(-1)?.registerWh ?? 0) - (readings[0]?.registerWh ?? 0),
      lastedS: Math.floor((endedAtMs - truth.startedAtMs) / 1000)
    }
  }
}

interface Amount {
  readonly net: Fraction
  readonly gross: Fraction
}

/** Prices of stretches, added up before anything is rounded. */
class Sum {
  private total: Amount = { net: nothing, gross: nothing }
  private readonly parts = new Map<SlowLine["dimension"], Amount>()

  add(price: SlowPrice, less: SlowPrice | undefined): void {
    this.total = summed(this.total, price, plus)
    if (less !== undefined) this.total = summed(this.total, less, minus)
    for (const [lines, by] of [[price.lines, plus] as const, [less?.lines ?? [], minus] as const])
      for (const line of lines)
        this.parts.set(
          line.dimension,
          summed(this.parts.get(line.dimension) ?? { net: nothing, gross: nothing }, line, by)
        )
  }

  get amounts(): Pick<OwnCost, "exclTax" | "inclTax" | "parts"> {
    const parts = [...this.parts].map(([dimension, it]) => [dimension, inUnits(it, 6)] as const)
    return { ...inUnits(this.total, 2), parts: new Map(parts) }
  }
}

const summed = (to: Amount, { net, gross }: Amount, by: typeof plus): Amount => ({
  net: by(to.net, net),
  gross: by(to.gross, gross)
})

const inUnits = ({ net, gross }: Amount, digits: number) => {
  const rounded = (amount: Fraction): number =>
    Number(nearest(times(amount, whole(10n ** BigInt(digits))))) / 10 ** digits
  return { exclTax: rounded(net), inclTax: rounded(gross) }
}
