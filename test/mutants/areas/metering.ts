import type { Mutant } from "../Mutant.ts"

const area = "metering"
const measure = "core/transaction/measure.ts"
const sample = "core/transaction/Sample.ts"
const values = "server/ocpp/meterValues.ts"

/** Readings: what they mean, in which order they count, and which are not believed. */
export const metering: ReadonlyArray<Mutant> = [
  {
    id: "zero-begin-believed",
    area,
    why: "A begin of 0 bills the meter's lifetime: 910 kWh instead of 0.083, seen in the field.",
    file: measure,
    find: "if (!isKnownHigher && second.registerWh! <= believableWh) return begin",
    replace: "return begin"
  },
  {
    id: "thousandfold-bill",
    area,
    why: "Two Wh told in mWh, before the meter shows Wh again, are billed as two kWh: a meter may rise by so much at once.",
    file: measure,
    find: "const closed = inItsUnit(count, [besideWh, shownWh], usable, options, findings)",
    replace: "const closed = count"
  },
  {
    id: "begin-not-kept",
    area,
    why: "meterStart is not kept as a reading: energy counts from the first MeterValues.",
    file: "server/ocpp/v16/StartTransaction.ts",
    find: 'samples: [onlyRegister(atMs, "Begin", request.meterStart)],',
    replace: "samples: [],"
  },
  {
    id: "kwh-as-wh",
    area,
    why: "A register in kWh is read as Wh; 1.6 stations send either.",
    file: values,
    find: 'sample.registerWh = number(unit === "kWh" ? 3 : 0)',
    replace: "sample.registerWh = number(0)"
  },
  {
    id: "multiplier-ignored",
    area,
    why: "unitOfMeasure.multiplier of 2.x is not applied, so a register in kWh by multiplier 3 is a thousandth.",
    file: values,
    find: "const exponent = value.unitOfMeasure?.multiplier ?? 0",
    replace: "const exponent = 0"
  },
  {
    id: "last-reading-of-message",
    area,
    why: "Of a MeterValues with several instants only the last is kept.",
    file: "server/ocpp/v16/MeterValues.ts",
    find: "  values.map((value) => toSample(",
    replace: "  values.slice(-1).map((value) => toSample("
  },
  {
    id: "readings-of-one-second",
    area,
    why: "Readings of one second are taken for one: the last periodic one swallows the reading at the end.",
    file: sample,
    find: "a.atMs === b.atMs && a.context === b.context && a.registerWh === b.registerWh && a.powerW === b.powerW",
    replace: "a.atMs === b.atMs"
  },
  {
    id: "readings-in-order-of-arrival",
    area,
    why: "Readings that come late stay behind those that came before them, and the register seems to fall.",
    file: sample,
    find: "  return merged.sort(compareSamples)",
    replace: "  return merged"
  },
  {
    id: "gap-not-billed",
    area,
    why: "What flowed during an hour without readings is not billed, as where every reading is priced by itself.",
    file: measure,
    find: "let base: Counted | undefined = last\n",
    replace:
      "let base: Counted | undefined = last\n    if (sample.atMs - last.atMs > gapMs) base = { ...last, shownWh }\n"
  },
  {
    id: "power-limit-of-wallbox",
    area,
    why: "A rise that only a fast charger delivers is not believed: the plausible power was chosen for wallboxes.",
    file: measure,
    find: "export const maxPlausiblePowerW = 600_000",
    replace: "export const maxPlausiblePowerW = 11_000"
  },
  {
    id: "only-begin-and-end",
    area,
    why: "Only readings marked as begin and end count, so a session whose stop was lost has no energy at all.",
    file: measure,
    find: "if (sample.registerWh === null) continue",
    replace: 'if (sample.registerWh === null || (sample.context !== "Begin" && sample.context !== "End")) continue'
  },
  {
    id: "fall-counted-as-rise",
    area,
    why: "A register that falls, a swapped meter or a rollback, is billed by the size of the fall.",
    file: measure,
    find: "const riseWh = shownWh - last.shownWh\n",
    replace: "const riseWh = Math.abs(shownWh - last.shownWh)\n"
  },
  {
    id: "closed-until-closing",
    area,
    why: "A charge whose stop was lost is billed until it was closed, hours that nobody measured.",
    file: "core/transaction/assess.ts",
    find: "if (ended !== null) return ended.atMs\n",
    replace: "if (ended !== null) return ended.atMs\n  if (closed !== null) return closed.receivedAtMs\n"
  }
]
