import { assert, it } from "@effect/vitest"
import { Configuration, entry } from "#simulator/station/Configuration.ts"
import { factorySettings } from "#simulator/station/Settings.ts"

const make = () => {
  const log: Array<string> = []
  const configuration = new Configuration(factorySettings, {
    onPassword: (password) => log.push(`password ${password}`),
    onChange: () => log.push("changed")
  })
  return { configuration, log }
}

it("a value that its kind cannot hold is refused and changes nothing", () => {
  const { configuration, log } = make()
  const cases = [
    [entry("interval", "integer", "sampleIntervalS"), ["", "-1", "1.5", "1e3", "99999999999", "ten"]],
    [entry("flag", "boolean", "cacheEnabled"), ["", "1", "yes"]],
    [entry("measurands", "measurands", "sampledMeasurands"), ["Power.Reactive.Import", "SoC,Nonsense"]],
    [entry("point", "txStartPoint", "txStartPoint"), ["DataSigned", ""]],
    [entry("fixed", "string", null, { access: "ReadOnly", value: "1" }), ["2"]]
  ] as const
  for (const [each, values] of cases) {
    for (const value of values) assert.isFalse(configuration.write(each, value), `${each.id} ${value}`)
  }
  assert.strictEqual(configuration.settings, factorySettings)
  assert.deepStrictEqual(log, [])
})

it("what is written is read back, belongs to one station, and is told to the firmware", () => {
  const { configuration, log } = make()
  const interval = entry("interval", "integer", "sampleIntervalS")
  const flag = entry("flag", "boolean", "cacheEnabled")
  const name = entry("name", "string", null, { value: "nobody" })
  assert.strictEqual(configuration.read(name), "nobody")
  assert.isTrue(configuration.write(interval, "10") && configuration.write(flag, "FALSE"))
  assert.isTrue(configuration.write(name, "somebody"))
  assert.deepStrictEqual(
    [interval, flag, name].map((each) => configuration.read(each)),
    ["10", "false", "somebody"]
  )
  assert.strictEqual(configuration.settings.sampleIntervalS, 10)
  assert.strictEqual(make().configuration.settings.sampleIntervalS, 60)
  assert.deepStrictEqual(log, ["changed", "changed"])
})

it("a password goes to the firmware and is never kept to be read", () => {
  const { configuration, log } = make()
  const key = entry("AuthorizationKey", "password", null, { access: "WriteOnly" })
  assert.isTrue(configuration.write(key, "secret"))
  assert.deepStrictEqual(log, ["password secret"])
  assert.strictEqual(configuration.read(key), "")
})
