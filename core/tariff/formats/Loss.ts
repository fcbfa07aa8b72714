import type { Tariff } from "../Tariff.ts"

/** The formats in which tariffs are exchanged: OCPI's Tariff object by version, and OCPP 2.1's TariffType. */
export const tariffFormats = ["ocpi-2.1.1", "ocpi-2.2.1", "ocpi-2.3.0", "ocpp-2.1"] as const
export type TariffFormat = (typeof tariffFormats)[number]

/**
 * What a loss may change: `price` the amount before taxes (and with it everything), `tax` the taxes alone, `validity`
 * which sessions the tariff is for, `nothing` only what is shown or administered.
 */
export type LossChange = "price" | "tax" | "validity" | "nothing"

/** Something that the target cannot say. */
export interface Loss {
  /** Where in the source, as a JSON pointer in its own names (those of OCPI 2.3.0 when a tariff is exported). */
  readonly path: string
  /** The name of what is lost. */
  readonly what: string
  /** What becomes of it, for a person. */
  readonly sentence: string
  readonly changes: LossChange
}

/** A tariff in another format. Without a loss that changes the price or the tax both cost the same, to the last digit. */
export interface ExportedTariff {
  readonly json: Readonly<Record<string, unknown>>
  readonly losses: ReadonlyArray<Loss>
}

/** A tariff that was read, and what of its JSON our model does not keep. */
export interface ImportedTariff {
  readonly tariff: Tariff
  readonly losses: ReadonlyArray<Loss>
}

/** Collects losses while a tariff is translated. */
export type Lose = (path: string, changes: LossChange, sentence: string) => void

/** A list of losses and the function that adds to it; `what` is the path's last name. */
export const collector = (): { readonly losses: ReadonlyArray<Loss>; readonly lose: Lose } => {
  const losses: Array<Loss> = []
  return {
    losses,
    lose: (path, changes, sentence) => {
      losses.push({ path, what: path.slice(path.lastIndexOf("/") + 1), sentence, changes })
    }
  }
}
