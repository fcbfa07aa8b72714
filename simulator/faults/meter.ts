import { define, flag, oneOf, ratio, whole } from "./Entry.ts"
import { overAtOnce, type Target } from "./Fault.ts"

const together = (ends: ReadonlyArray<() => void>) => () => {
  for (const end of ends) end()
}

/** Sets what every meter of the station shows now, for good. */
const set = ({ station }: Target, toWh: (shownWh: number) => number): void => {
  for (const { countedWh, display } of station.meters) {
    const shownWh = display.show(countedWh(), "Other")
    display.shift(toWh(shownWh) - shownWh)
  }
}

/**
 * The register falls by some watt-hours and counts on from there.
 *
 * The CMS owes: the fall not billed and not taken off what was delivered before; the finding meter-rollback.
 */
export const meterRollback = define({
  name: "meter-rollback",
  about: "A meter whose register is kept in RAM and saved every few minutes: after a brown-out it is a little younger.",
  owes: "the fall not billed, at most what was delivered, and a finding",
  family: "meter",
  fields: { byWh: whole(500, 1, 100_000_000) },
  draw: (stream) => ({ byWh: stream.pick([1, 50, 500, 5_000, 1_000_000]) }),
  strike: (target, { byWh }) => {
    set(target, (shownWh) => Math.max(0, shownWh - byWh))
    return overAtOnce
  }
})

/**
 * The meter is exchanged: the register is another one's from now on.
 *
 * The CMS owes: a new count from the new meter's figure, never the difference of two meters on a bill; a finding when a
 * transaction ran.
 */
export const meterSwap = define({
  name: "meter-swap",
  about: "A technician with a spare part; a board whose meter chip is replaced under warranty and starts at 0.",
  owes: "a new count from the new register, the difference of two meters never billed",
  family: "meter",
  fields: { toWh: whole(0, 0, 1_000_000_000) },
  draw: (stream) => ({ toWh: stream.pick([0, 0, 17, 90_000_000, 800_000_000]) }),
  strike: (target, { toWh }) => {
    set(target, () => toWh)
    return overAtOnce
  }
})

/**
 * The register is full after so many further watt-hours and begins at 0 again.
 *
 * The CMS owes: the count on both sides of the turn, at most what was delivered, and a finding.
 */
export const meterOverflow = define({
  name: "meter-overflow",
  about: "Registers of six digits, of 2^32 mWh (4295 kWh, a year of a busy post), or of a signed 32-bit Modbus word.",
  owes: "the count on both sides of the turn, never a negative bill, and a finding",
  family: "meter",
  fields: { afterWh: whole(300, 1, 1_000_000) },
  draw: (stream) => ({ afterWh: stream.pick([1, 100, 1_000, 10_000]) }),
  strike: ({ station }, { afterWh }) => {
    for (const { countedWh, display } of station.meters) {
      if (display.isFinite) continue
      display.isFinite = true
      const fullWh = display.show(countedWh(), "Other") + afterWh
      display.bend((shownWh) => shownWh % fullWh)
    }
    return overAtOnce
  }
})

/**
 * The reading at the begin of a transaction is 0, whatever the register shows; all others are right.
 *
 * The CMS owes: never the meter's lifetime: counted from the last register known, else from the first reading that can
 * be believed; the finding meter-zero-baseline.
 */
export const meterZeroBaseline = define({
  name: "meter-zero-baseline",
  about:
    "Stations that send StartTransaction before their meter has answered: 910 kWh billed for a minute of charging.",
  owes: "never the meter's lifetime on a bill, and a finding",
  family: "meter",
  fields: {},
  draw: () => ({}),
  strike: ({ station }) =>
    together(
      station.meters.map(({ display }) =>
        display.bend((shownWh, context) => (context === "Transaction.Begin" ? 0 : shownWh))
      )
    )
})

/**
 * The register stands still while the car charges; when it moves again it shows all that was counted, or (with
 * `loses`) goes on from where it stood.
 *
 * The CMS owes: what the register shows, no more; a finding where power and register contradict each other.
 */
export const meterFrozen = define({
  name: "meter-frozen",
  about: "A broken RS-485 wire: the controller repeats the last value it has, for hours, with fresh timestamps.",
  owes: "what the register shows and no more; the catching-up is delivered energy only where power allows it",
  family: "meter",
  fields: { loses: flag(false) },
  draw: (stream) => ({ loses: stream.chance(0.5) }),
  strike: ({ station }, { loses }) =>
    together(
      station.meters.map(({ countedWh, display }) => {
        const frozenWh = display.show(countedWh(), "Other")
        const end = display.bend(() => frozenWh)
        return () => {
          end()
          if (loses) display.shift(frozenWh - display.show(countedWh(), "Other"))
        }
      })
    )
})

/**
 * Some readings between begin and end are garbled: far above the register, and right again with the next.
 *
 * The CMS owes: the odd reading passed over, what is before and after it billed to the watt-hour, and a finding.
 */
export const meterSpike = define({
  name: "meter-spike",
  about: "A flipped bit on an unterminated Modbus line, two registers read on both sides of a carry.",
  owes: "the odd reading passed over, the rest billed to the watt-hour, and a finding",
  family: "meter",
  fields: { ratio: ratio(0.3), byWh: whole(4_194_304, -100_000_000, 2_000_000_000) },
  draw: (stream) => ({ ratio: stream.between(0.05, 0.5), byWh: stream.pick([-65_536, 4_096, 65_536, 4_194_304]) }),
  strike: ({ station }, parameters, stream) =>
    together(
      station.meters.map(({ display }) =>
        display.bend((shownWh, context) => {
          const isBound = context === "Transaction.Begin" || context === "Transaction.End"
          return !isBound && stream.chance(parameters.ratio) ? shownWh + parameters.byWh : shownWh
        })
      )
    )
})

/**
 * The figure is in kWh, or in mWh, and says Wh, while it lasts.
 *
 * The CMS owes: no thousandfold bill. A thousandth cannot be told from a small charge by the register alone.
 */
export const meterUnits = define({
  name: "meter-units",
  about: "Values in kWh under the default unit Wh (1.6 leaves the unit out), and firmware updates that change it.",
  owes: "never a thousandfold bill; the jumps at the change of unit not billed, and a finding",
  family: "meter",
  fields: { shows: oneOf(["kWh", "mWh"], "kWh") },
  draw: (stream) => ({ shows: stream.pick(["kWh", "mWh"] as const) }),
  strike: ({ station }, { shows }) =>
    together(
      station.meters.map(({ display }) =>
        display.bend((shownWh) => (shows === "kWh" ? shownWh / 1000 : shownWh * 1000))
      )
    )
})
