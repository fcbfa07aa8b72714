import type { Mutant } from "../Mutant.ts"

const area = "rating"
const steps = "core/tariff/steps.ts"
const periods = "core/tariff/Periods.ts"
const compile = "core/tariff/compile.ts"
const total = "core/tariff/total.ts"
const rate = "core/tariff/rate.ts"

/** From quantities to money. */
export const rating: ReadonlyArray<Mutant> = [
  {
    id: "step-on-time",
    area,
    why: "Where there was parking, the step still rounds the charging time: OCPI lets parking absorb it.",
    file: steps,
    find: 'policy === "sequential" ? last.dimension : parks ? "PARKING_TIME" : "TIME"',
    replace: 'policy === "sequential" ? last.dimension : "TIME"'
  },
  {
    id: "step-of-last-period",
    area,
    why: "The step rounds the last period alone instead of the sum over the session.",
    file: steps,
    find: "volume += it.volume",
    replace: "volume = it.volume"
  },
  {
    id: "step-over-whole",
    area,
    why: "An exact multiple of the step is rounded up by one more.",
    file: steps,
    find: "  if (rest === 0) return\n",
    replace: "  if (step === 0) return\n"
  },
  {
    id: "step-down",
    area,
    why: "Steps round down: the driver pays for steps begun and not ended.",
    file: steps,
    find: "last.volume += step - rest",
    replace: "last.volume -= rest"
  },
  {
    id: "step-in-minutes",
    area,
    why: "step_size of time is read as minutes; OCPI means seconds.",
    file: steps,
    find: "const step = last.candidate.price.stepSize * 1000",
    replace: 'const step = last.candidate.price.stepSize * (dimension === "ENERGY" ? 1000 : 60_000)'
  },
  {
    id: "lines-rounded",
    area,
    why: "Each line is rounded and the total is their sum, a cent off now and then.",
    file: total,
    find: "const netMinor = toMinor(net, exponent)",
    replace:
      "const netMinor = lines.reduce((minor, line) => minor + toMinor({ n: line.net.n, d: denominator }, exponent), 0n)"
  },
  {
    id: "cents-cut",
    area,
    why: "Amounts are cut to cents instead of rounded, as integer division does.",
    file: "core/Money.ts",
    find: ": (2n * n + d) / (2n * d)",
    replace: ": n / d"
  },
  {
    id: "tax-taken-out",
    area,
    why: "VAT is taken out of a net price as if it were inside: 15.97 % instead of 19 %.",
    file: compile,
    find: "taxPerUnit: (stated * vat) / million }",
    replace: "taxPerUnit: (stated * vat) / (million + vat) }"
  },
  {
    id: "tax-on-top-of-gross",
    area,
    why: "VAT is added to prices that include it already: tax_included is not looked at.",
    file: compile,
    find: "const netPerUnit = (stated * million) / (million + vat)\n    return { ...place, price, vatPpm, netPerUnit, taxPerUnit: stated - netPerUnit }",
    replace: "return { ...place, price, vatPpm, netPerUnit: stated, taxPerUnit: (stated * vat) / million }"
  },
  {
    id: "fee-per-period",
    area,
    why: "The session fee is asked once for every charging period: OCPI sessions have many, and FLAT is once.",
    file: rate,
    find: 'if (isFlatDue) isFlatDue = !ask(asking, "session", "FLAT", session.FLAT, period, index, 1)',
    replace: 'ask(asking, "session", "FLAT", session.FLAT, period, index, 1)'
  },
  {
    id: "parking-billed-twice",
    area,
    why: "Parked time is billed as parking and as charging.",
    file: periods,
    find: "chargingMs: key.isParking ? 0 : durationMs,",
    replace: "chargingMs: durationMs,"
  },
  {
    id: "idle-as-charging",
    area,
    why: "A full car that stays plugged in is billed charging time: seen, with session fee and minutes never billed.",
    file: periods,
    find: '(hasCharged && (state === "Idle" || state === "EVConnected"))',
    replace: "false"
  },
  {
    id: "waiting-as-parking",
    area,
    why: "Waiting for the first kilowatt is billed as parking.",
    file: periods,
    find: '(hasCharged && (state === "Idle" || state === "EVConnected"))',
    replace: 'state === "Idle" || state === "EVConnected"'
  },
  {
    id: "parking-from-begin",
    area,
    why: "A session that ever parked counts as parked from its begin: intervals are not cut at the change.",
    file: periods,
    find: "const instants = [...parking]",
    replace: "const instants: Array<number> = []"
  },
  {
    id: "oldest-version",
    area,
    why: "Of several valid versions of a tariff the oldest is taken.",
    file: "core/tariff/select.ts",
    find: "since === otherSince ? one.version > other.version : since > otherSince",
    replace: "since === otherSince ? one.version < other.version : since < otherSince"
  },
  {
    id: "price-by-arrival",
    area,
    why: "The price is that of the instant a start arrived: an offline session is billed at the night tariff, seen.",
    file: "server/station/firstHeardOf.ts",
    find: "tariffs.freeze(startOf(clocks, station, null, message))",
    replace: "tariffs.freeze(startOf(clocks, station, null, { ...message, judgedAtMs: message.receivedAtMs }))"
  },
  {
    id: "newest-price",
    area,
    why: "A price change reaches sessions that run: rated by the newest version instead of the frozen one.",
    file: "server/billing/Billing.ts",
    find: "const tariff = versions.find(({ version }) => version === frozen.version)",
    replace: "const tariff = versions.at(-1)"
  }
]
