import * as Instant from "#core/Instant.ts"
import { unscaled } from "#core/Money.ts"
import type { Finding } from "#core/tariff/check/Finding.ts"
import type { Witness } from "#core/tariff/check/witness.ts"
import { wrap } from "../cli/format.ts"

/** Findings for a person: severity, code and place on one line, what it means and the session that shows it below. */
export const findingLines = (
  findings: ReadonlyArray<Finding>,
  columns: number,
  placeOf: (path: string) => string = (path) => path,
  paint: (severity: Finding["severity"], text: string) => string = (_, text) => text
): ReadonlyArray<string> => {
  if (findings.length === 0) return ["  Nothing found."]
  const width = Math.max(...findings.map(({ code }) => code.length))
  return findings.flatMap((finding) => {
    const { severity, code, path, message } = finding
    const shown =
      finding.evidence === null ? [] : wrap(`Seen in: ${witnessText(finding.evidence.witness)}`, columns - 4)
    return [
      `  ${paint(severity, severity.padEnd(7))}  ${code.padEnd(width)}  ${placeOf(path)}`,
      ...[...wrap(message, columns - 4), ...jumpLines(finding, columns), ...shown].map((line) => `    ${line}`)
    ]
  })
}

const jumpLines = ({ jump }: Finding, columns: number): ReadonlyArray<string> =>
  jump === null
    ? []
    : wrap(
        `Seen in: ${witnessText(jump.before)} costs ${jump.netBefore} before taxes; ` +
          `${witnessText(jump.after)} costs ${jump.netAfter}`,
        columns - 4
      )

const duration = (ms: number): string => {
  const seconds = Math.round(ms / 1000)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return parts.map((part) => String(part).padStart(2, "0")).join(":")
}

/** A session in half a sentence. */
export const witnessText = ({ localAt, timeZone, scope, periods }: Witness): string => {
  const sum = (of: (period: Witness["periods"][number]) => number) =>
    periods.reduce((total, period) => total + of(period), 0)
  const [charging, parking, reserved, energy] = [
    sum((it) => it.chargingMs),
    sum((it) => it.parkingMs),
    sum((it) => it.reservedMs),
    sum((it) => it.energyMilliWh)
  ]
  const power = periods[periods.length - 1]?.maxPowerW ?? null
  return [
    `${scope === "session" ? "a session" : scope === "reserved" ? "a reservation" : "an expired reservation"} at ${localAt} (${timeZone})`,
    ...(energy > 0 ? [`${unscaled(BigInt(energy), 6)} kWh`] : []),
    ...(power !== null && power > 0 ? [`at ${power / 1000} kW`] : []),
    ...(charging > 0 ? [`${duration(charging)} charging`] : []),
    ...(parking > 0 ? [`${duration(parking)} parking`] : []),
    ...(reserved > 0 ? [`${duration(reserved)} reserved`] : [])
  ].join(", ")
}

const witnessJson = (witness: Witness) => ({
  text: witnessText(witness),
  local: witness.localAt,
  time_zone: witness.timeZone,
  periods: witness.periods.map((period) => ({
    start_date_time: Instant.format(period.startAtMs),
    kwh: Number(unscaled(BigInt(period.energyMilliWh), 6)),
    charging_seconds: period.chargingMs / 1000,
    parking_seconds: period.parkingMs / 1000,
    reserved_seconds: period.reservedMs / 1000,
    power_kw: period.maxPowerW === null ? null : period.maxPowerW / 1000
  }))
})

/** A finding as JSON, for programs. */
export const findingJson = ({ family, code, severity, path, message, evidence, jump, where }: Finding) => ({
  family,
  code,
  severity,
  path,
  message,
  ...(where !== null && where),
  witness: evidence === null ? null : witnessJson(evidence.witness),
  ...(jump !== null && {
    jump: {
      before: { ...witnessJson(jump.before), net: jump.netBefore },
      after: { ...witnessJson(jump.after), net: jump.netAfter }
    }
  })
})
