import type { Result } from "effect"
import type { Tariff, TariffInvalid } from "../Tariff.ts"
import type { ExportedTariff, ImportedTariff, TariffFormat } from "./Loss.ts"
import { fromOcpi211, fromOcpi221, fromOcpi230, toOcpi211, toOcpi221, toOcpi230 } from "./ocpi.ts"
import { toOcpp21 } from "./ocppExport.ts"
import { fromOcpp21 } from "./ocppImport.ts"

export { type ExportedTariff, type ImportedTariff, type Loss, type TariffFormat, tariffFormats } from "./Loss.ts"

const exporters: Readonly<Record<TariffFormat, (tariff: Tariff) => ExportedTariff>> = {
  "ocpi-2.1.1": toOcpi211,
  "ocpi-2.2.1": toOcpi221,
  "ocpi-2.3.0": toOcpi230,
  "ocpp-2.1": toOcpp21
}

const importers: Readonly<Record<TariffFormat, (json: unknown) => Result.Result<ImportedTariff, TariffInvalid>>> = {
  "ocpi-2.1.1": fromOcpi211,
  "ocpi-2.2.1": fromOcpi221,
  "ocpi-2.3.0": fromOcpi230,
  "ocpp-2.1": fromOcpp21
}

/** The tariff in that format, and all that the format cannot say of it. */
export const exportTariff = (tariff: Tariff, format: TariffFormat): ExportedTariff => exporters[format](tariff)

/**
 * Reads a tariff of that format by shape and lossless figures, as {@link Tariff.decode} does: whether it makes sense is
 * `Tariff.parse`'s question. Refused with the path in the format's own names.
 */
export const importTariff = (json: unknown, format: TariffFormat): Result.Result<ImportedTariff, TariffInvalid> =>
  importers[format](json)

/**
 * The format that a tariff's JSON speaks of: `tariffId` is OCPP's, limits with `excl_vat` or `incl_vat` are of OCPI
 * 2.2.1, and the reader of OCPI 2.3.0 takes the rest, a missing `tax_included` meaning NO as in the versions before.
 */
export const formatOf = (json: unknown): TariffFormat => {
  const has = (value: unknown, key: string) => typeof value === "object" && value !== null && key in value
  if (has(json, "tariffId")) return "ocpp-2.1"
  const { min_price, max_price } = (json ?? {}) as { readonly min_price?: unknown; readonly max_price?: unknown }
  const isOlder = [min_price, max_price].some((limit) => has(limit, "excl_vat") || has(limit, "incl_vat"))
  return isOlder ? "ocpi-2.2.1" : "ocpi-2.3.0"
}
