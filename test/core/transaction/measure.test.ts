import { assert, describe, it } from "@effect/vitest"
import { maxPlausiblePowerW, measure } from "#core/transaction/measure.ts"
import type { Sample } from "#core/transaction/Sample.ts"
import fc from "#test/support/fastCheck.ts"

const minute = 60_000

/** Registers a minute apart, the first the begin and the last the end. */
const samples = (registers: ReadonlyArray<number>): ReadonlyArray<Sample> =>
  registers.map((registerWh, i) => ({
    atMs: i * minute,
    context: i === 0 ? "Begin" : i === registers.length - 1 ? "End" : "Periodic",
    registerWh,
    powerW: null,
    currentMa: null,
    voltageMv: null,
    socPercent: null,
    extra: null,
    seqNo: null
  }))

const measured = (registers: ReadonlyArray<number>, priorRegisterWh: number | null = null) =>
  measure(samples(registers), {
    startedAtMs: 0,
    endedAtMs: (registers.length - 1) * minute,
    priorRegisterWh,
    maxPowerW: maxPlausiblePowerW
  })

it("a begin of 0 that is told twice, by the start and by a reading of its own, is not believed either", () => {
  const [begin, ...others] = samples([0, 3_100, 3_200])
  const twice = [begin!, { ...begin!, powerW: 0 }, ...others]
  const options = { startedAtMs: 0, endedAtMs: 2 * minute, priorRegisterWh: 3_050, maxPowerW: maxPlausiblePowerW }
  const { energyWh, findings } = measure(twice, options)
  assert.strictEqual(energyWh, 150)
  assert.deepStrictEqual(
    findings.map(({ code }) => code),
    ["meter-zero-baseline"]
  )
})

const cases: ReadonlyArray<{
  readonly title: string
  readonly registers: ReadonlyArray<number>
  readonly prior?: number
  readonly energyWh: number
  readonly findings: ReadonlyArray<string>
}> = [
  {
    title: "a count in thousandths, faster than anything delivers and then in Wh again, is billed by its thousandth",
    registers: [27_000_000_000, 27_000_011_000, 27_000_011, 27_000_111],
    energyWh: 111,
    findings: ["meter-rollback", "meter-contradiction"]
  },
  {
    title: "one that goes over to thousandths is no other",
    registers: [27_000_000, 27_000_100, 27_000_111_000, 27_000_122_000],
    energyWh: 111,
    findings: ["meter-jump", "meter-contradiction"]
  },
  {
    title: "a count in thousandths of what was known of the meter before is billed by its thousandth",
    registers: [27_000_000_000, 27_000_011_000],
    prior: 27_000_000,
    energyWh: 11,
    findings: ["meter-contradiction"]
  },
  {
    title: "a count that may have flowed is billed, and the meter went over to kWh",
    registers: [27_000_000, 27_005_000, 27_005, 27_006],
    energyWh: 5_001,
    findings: ["meter-rollback"]
  },
  { title: "a register that rises is billed by its rise", registers: [500, 600, 900], energyWh: 400, findings: [] },
  {
    title: "a spike that a fast charger could deliver is not billed when the register comes back",
    registers: [1_000, 1_100, 6_100, 1_200, 1_300],
    energyWh: 300,
    findings: ["meter-rollback"]
  },
  {
    title: "two halves of a session shuffled into one by a clock set back are billed once",
    registers: [1_000, 1_100, 5_100, 5_200, 1_300, 1_400, 5_300, 5_400],
    energyWh: 4_400,
    findings: ["meter-rollback"]
  },
  {
    title: "a begin of 0 on a young meter known to stand higher is not the baseline",
    registers: [0, 5_100, 5_200],
    prior: 5_000,
    energyWh: 200,
    findings: ["meter-zero-baseline"]
  },
  {
    title: "a begin of 0 before the meter's lifetime is not the baseline",
    registers: [0, 910_000, 910_083],
    energyWh: 83,
    findings: ["meter-zero-baseline"]
  },
  {
    title: "a begin of 0 is replaced by the register known from before",
    registers: [0, 910_000, 910_083],
    prior: 909_900,
    energyWh: 183,
    findings: ["meter-zero-baseline"]
  },
  {
    title: "a begin of 0 with nothing but an end bills nothing rather than a lifetime",
    registers: [0, 910_083],
    energyWh: 0,
    findings: ["meter-zero-baseline"]
  },
  { title: "a new meter really begins at 0", registers: [0, 700, 1_500], energyWh: 1_500, findings: [] },
  {
    title: "a swapped meter goes on counting from where the new one stands",
    registers: [50_000, 50_500, 10, 300, 800],
    energyWh: 1_290,
    findings: ["meter-rollback"]
  },
  {
    title: "a lone spike is passed over",
    registers: [1_000, 1_500, 900_000, 2_000, 2_500],
    energyWh: 1_500,
    findings: ["meter-jump"]
  },
  {
    title: "a lone drop is passed over",
    registers: [10_000, 10_500, 3, 11_000],
    energyWh: 1_000,
    findings: ["meter-jump"]
  },
  {
    title: "a rise no charger delivers is not billed",
    registers: [1_000, 1_500, 500_000, 500_400],
    energyWh: 900,
    findings: ["meter-jump"]
  },
  { title: "a frozen meter bills nothing", registers: [7, 7, 7, 7], energyWh: 0, findings: [] }
]

describe("a register", () => {
  for (const { title, registers, prior, energyWh, findings } of cases) {
    it(title, () => {
      const result = measured(registers, prior ?? null)
      assert.strictEqual(result.energyWh, energyWh)
      assert.deepStrictEqual(
        result.findings.map(({ code }) => code),
        findings
      )
    })
  }

  it("that rises plausibly is billed exactly, however finely it was read", () => {
    const rises = fc.array(fc.integer({ min: 0, max: 9_000 }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), rises, (startWh, steps) => {
        const registers = [startWh]
        for (const step of steps) registers.push(registers.at(-1)! + step)
        const result = measured(registers, startWh)
        assert.strictEqual(result.energyWh, registers.at(-1)! - startWh)
        assert.isTrue(result.curve.every((point, i) => i === 0 || point.registerWh >= result.curve[i - 1]!.registerWh))
      })
    )
  })

  it("never bills more than the fastest charger could deliver, whatever a broken meter says", () => {
    const registers = fc.array(fc.integer({ min: 0, max: 5_000_000 }), { minLength: 2, maxLength: 30 })
    fc.assert(
      fc.property(registers, (values) => {
        const minutes = values.length - 1
        const most = minutes * (2_000 + Math.floor(maxPlausiblePowerW / 60))
        assert.isAtMost(measured(values).energyWh, most)
        assert.isAtLeast(measured(values).energyWh, 0)
      })
    )
  })

  it("is never billed twice because its clock was set back, by whatever, for whatever while", () => {
    const at = fc.integer({ min: 1, max: 118 })
    fc.assert(
      fc.property(
        at,
        at,
        fc.integer({ min: 1, max: 180 }),
        fc.integer({ min: 0, max: 400 }),
        (one, other, by, stepWh) => {
          const [from, to] = [Math.min(one, other), Math.max(one, other)]
          const told = samples(Array.from({ length: 120 }, (_, i) => 5_000 + i * stepWh)).map((sample, i) => ({
            ...sample,
            atMs: sample.atMs - (i >= from && i < to ? Math.min(i - 0.5, by) * minute : 0)
          }))
          const options = {
            startedAtMs: 0,
            endedAtMs: 119 * minute,
            priorRegisterWh: null,
            maxPowerW: maxPlausiblePowerW
          }
          const { energyWh } = measure(
            told.toSorted((a, b) => a.atMs - b.atMs),
            options
          )
          assert.isAtMost(energyWh, 119 * stepWh)
        }
      )
    )
  })

  it("whose begin of 0 is followed by a lifetime after a long night is not billed from 0", () => {
    const hours = 10
    const night = samples([0, 4_200_000]).map((sample, i) => ({ ...sample, atMs: i * hours * 60 * minute }))
    const options = { startedAtMs: 0, endedAtMs: hours * 60 * minute, maxPowerW: maxPlausiblePowerW }
    assert.strictEqual(measure(night, { ...options, priorRegisterWh: 4_170_000 }).energyWh, 30_000)
    const unknown = measure(night, { ...options, priorRegisterWh: null })
    assert.strictEqual(unknown.energyWh, 0)
    assert.include(
      unknown.findings.map(({ code }) => code),
      "meter-zero-baseline"
    )
  })

  it("at the begin of the next charge, told under the name of this one, is not billed", () => {
    const inside = samples([100, 200, 300])
    const next = { ...inside[0]!, atMs: 3 * minute, registerWh: 900 }
    const options = { startedAtMs: 0, endedAtMs: 2 * minute, priorRegisterWh: null, maxPowerW: maxPlausiblePowerW }
    assert.strictEqual(measure([...inside, next], options).energyWh, 200)
  })

  it("read outside the session is told and not billed", () => {
    const inside = samples([100, 200, 300])
    const outside = [
      { ...inside[1]!, atMs: 3 * minute, registerWh: 400 },
      { ...inside[1]!, atMs: 400 * minute, registerWh: 500 }
    ]
    const options = { startedAtMs: 0, endedAtMs: 2 * minute, priorRegisterWh: null, maxPowerW: maxPlausiblePowerW }
    const result = measure(
      [...inside, ...outside].toSorted((a, b) => a.atMs - b.atMs),
      options
    )
    assert.strictEqual(result.energyWh, 200)
    assert.sameMembers(
      result.findings.map(({ code }) => code),
      ["meter-outside-session", "meter-clock"]
    )
  })
})

it("a register that stands still while power is told is a finding, and billed by the register", () => {
  const frozen = samples([100, 100, 100]).map((sample, i) => ({ ...sample, atMs: i * 15 * minute, powerW: 11_000 }))
  const { energyWh, findings } = measure(frozen, {
    startedAtMs: 0,
    endedAtMs: 30 * minute,
    priorRegisterWh: null,
    maxPowerW: maxPlausiblePowerW
  })
  assert.strictEqual(energyWh, 0)
  assert.deepStrictEqual(
    findings.map(({ code }) => code),
    ["meter-contradiction"]
  )
})

describe("a station that reports its power", () => {
  /** Five minutes apart, an AC post that fell by 60 kWh for two readings and came back. */
  const shown = [200_000, 200_600, 141_200, 141_800, 202_400, 203_000]
  const session = (powerW: (index: number) => number | null) =>
    measure(
      samples(shown).map((sample, index) => ({ ...sample, atMs: index * 5 * minute, powerW: powerW(index) })),
      { startedAtMs: 0, endedAtMs: 25 * minute, priorRegisterWh: null, maxPowerW: maxPlausiblePowerW }
    )

  it("is not believed to leap as a fast charger may", () => {
    const { energyWh, findings } = session(() => 7_200)
    assert.isAtMost(energyWh, 3_000)
    assert.include(
      findings.map(({ code }) => code),
      "meter-jump"
    )
  })

  it("is judged by the fastest there is where it has said too little to tell", () => {
    const silent = session(() => null)
    assert.isAbove(silent.energyWh, 60_000)
    assert.strictEqual(session((index) => (index < 2 ? 7_200 : null)).energyWh, silent.energyWh)
  })
})
