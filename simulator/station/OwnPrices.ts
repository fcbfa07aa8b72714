import type { TariffAssignmentType, TariffType } from "#core/ocpp/v21/generated/schemas.ts"
import type { Displays } from "../Displays.ts"
import { type Fraction, nearest, nothing, plus, times, whole } from "../rater/Fraction.ts"
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

  /** False: it says something that this firmware cannot price by. */
  set(evseId: number, wire: TariffType): boolean {
    const tariff = tariffOf(wire)
    if (tariff === undefined || !isByReadings(tariff)) return false
    if (evseId === 0) this.defaults.clear()
    this.defaults.set(evseId, this.asAddedUp(tariff))
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
  costOf({ ownTariff, truth }: Transaction, displays: Displays, last?: Reading): OwnCost | null {
    if (ownTariff === null) return null
    const told = displays.tellingsOf(truth.id)
    const readings = [...told.flatMap((telling) => telling.readings), ...(last === undefined ? [] : [last])]
    const first: { atMs: number; state: TrueState } = { atMs: truth.startedAtMs, state: "EVConnected" }
    const states = told.flatMap(({ atMs, state }) => (state === null ? [] : [{ atMs, state }]))
    const endedAtMs = Math.max(last?.atMs ?? 0, truth.startedAtMs, ...told.map(({ atMs }) => atMs))
    const price = measuredPrice(ownTariff, {
      startedAtMs: truth.startedAtMs,
      endedAtMs,
      readings,
      timeZone,
      states: [first, ...states]
    })
    return {
      ...amountsOf(price),
      currency: ownTariff.currency,
      energyWh: (readings.at(-1)?.registerWh ?? 0) - (readings[0]?.registerWh ?? 0),
      lastedS: Math.floor((endedAtMs - truth.startedAtMs) / 1000)
    }
  }
}

const amountsOf = ({ netMinor, grossMinor, lines }: SlowPrice) => ({
  exclTax: Number(netMinor) / 100,
  inclTax: Number(grossMinor) / 100,
  parts: new Map(
    [...Map.groupBy(lines, ({ dimension }) => dimension)].map(([dimension, of]) => [
      dimension,
      { exclTax: inUnits(of.map(({ net }) => net)), inclTax: inUnits(of.map(({ gross }) => gross)) }
    ])
  )
})

const million = whole(1_000_000n)
const inUnits = (amounts: ReadonlyArray<Fraction>): number =>
  Number(nearest(times(amounts.reduce(plus, nothing), million))) / 1e6
