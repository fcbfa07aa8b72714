import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { optionsOf, presets } from "#simulator/station/presets/Catalogue.ts"
import type { TrueDialect } from "#simulator/Truth.ts"
import { compact, inWorld, minuteMs } from "../World.ts"

const v2x = optionsOf(presets["v2x-21"])
const { settings, habits } = v2x

interface Told {
  readonly measurand: string
  readonly value: number
}

for (const dialect of v2x.dialects as ReadonlyArray<TrueDialect>) {
  it.effect(`the bidirectional wallbox tells in ${dialect} what went in and what came back, each by its register`, () =>
    inWorld({ dialect, hardware: "wallboxV2x", settings, habits }, ({ cms, station, present, truth }) =>
      Effect.gen(function* () {
        station.plugIn({ ...compact, socPercent: 70, targetPercent: 90 }, 1)
        yield* present("CARD-A")
        yield* Effect.sleep(8 * 60 * minuteMs)
        yield* present("CARD-A")
        station.unplug(1)
        yield* Effect.sleep("1 minute")
        assert.deepStrictEqual(cms.violations, [])
        const [session] = truth.sessions
        assert.isAbove(session!.exportedMilliWh, 500_000)
        assert.isAbove(session!.deliveredMilliWh, 0)
        const events = cms.of("TransactionEvent").map(({ payload }) => payload)
        const of = (measurand: string) => (event: (typeof events)[number]) =>
          (event.meterValue[0].sampledValue as ReadonlyArray<Told>).find((it) => it.measurand === measurand)!.value
        for (const [name, milliWh] of [
          ["Energy.Active.Import.Register", session!.deliveredMilliWh],
          ["Energy.Active.Export.Register", session!.exportedMilliWh]
        ] as const) {
          const told = events.map(of(name))
          assert.deepStrictEqual(
            told,
            told.toSorted((a, b) => a - b),
            `${name} only rises`
          )
          assert.approximately(told.at(-1)! - told[0]!, milliWh / 1000, 1)
        }
        const giving = events.filter((event) => of("Power.Active.Export")(event) > 0)
        assert.isAbove(giving.length, 10)
        for (const event of giving) {
          assert.strictEqual(of("Power.Active.Import")(event), 0)
          if (event.eventType !== "Ended") assert.strictEqual(event.transactionInfo.chargingState, "Charging")
        }
      })
    )
  )
}

it.effect("a power cut in the middle of an export loses nothing of either register", () =>
  inWorld({ dialect: "2.1", hardware: "wallboxV2x", settings, habits }, ({ station, present, truth }) =>
    Effect.gen(function* () {
      station.plugIn({ ...compact, socPercent: 70, targetPercent: 90 }, 1)
      yield* present("CARD-A")
      let waited = 0
      while (truth.sessions[0]!.exportedMilliWh === 0 && waited++ < 200) yield* Effect.sleep(minuteMs)
      const before = truth.sessions[0]!.exportedMilliWh
      station.cutPower(true)
      yield* Effect.sleep("5 minutes")
      station.restorePower()
      yield* Effect.sleep("5 minutes")
      yield* present("CARD-A")
      const [session] = truth.sessions
      assert.isNotNull(session!.endedAtMs)
      assert.isAtLeast(session!.exportedMilliWh, before)
    })
  )
)
