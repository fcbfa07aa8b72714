import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { find } from "#scenarios/Catalogue.ts"
import type { RunRequest } from "#scenarios/cli/request.ts"
import { catalogue } from "#simulator/faults/Catalogue.ts"
import { presetNames } from "#simulator/station/presets/Catalogue.ts"
import { command, goodRun } from "./support.ts"

/** A command line that makes no sense, and what must be in the message: the flag or name, and the fix. */
const wrong: ReadonlyArray<readonly [line: string, ...says: ReadonlyArray<string>]> = [
  ["serv", '"serv"', "Did you mean serve?"],
  ["serve --ocpp-port x", '--ocpp-port "x"', "a port from 0 to 65535"],
  ["serve --http-port 65536", '--http-port "65536"', "a port from 0 to 65535"],
  ["serve --http-port -1", '--http-port "-1"', "a port from 0 to 65535"],
  ["serve --http-port 1e3", '--http-port "1e3"'],
  ["serve --onboarding closed", '--onboarding "closed"', "registered or open"],
  ["serve --data", "--data needs a value"],
  ["serve --data one --data two", "--data is given more than once"],
  ["serve --ocp-port 1", "--ocp-port", "Did you mean --ocpp-port?"],
  ["serve here", '"here"'],
  ["demo --token short", "--token will not do", "at least 16 characters"],
  ["run", "needs the name of a scenario", "first-charge", "morning-peak"],
  ["run first-chrge", '"first-chrge"', "Did you mean first-charge?", "morning-peak"],
  ["run peak", "Did you mean morning-peak?"],
  ["run entirely-else", '"entirely-else"', "first-charge"],
  ["run first-charge strangrs", '"strangrs"', "Did you mean strangers?"],
  ["run first-charge --stations 0", '--stations "0"', "1 to 100000"],
  ["run first-charge --stations 2.5", '--stations "2.5"', "1 to 100000"],
  ["run first-charge --stations 99999999999", "1 to 100000"],
  ["run first-charge --days 0", '--days "0"', "1 to 366"],
  ["run first-charge --seed=", "--seed needs a value"],
  ["run first-charge --store mysql", '--store "mysql"', "postgres or memory"],
  ["run first-charge --world mars", '--world "mars"', "virtual, live or remote"],
  ["run first-charge --world remote", "--world remote needs --target", "wss://"],
  ["run first-charge --target ws://localhost/ocpp", "--target", "Add --world remote"],
  ["run first-charge --world live --target ws://localhost/ocpp", "--target", "Add --world remote"],
  ["run first-charge --world remote --target localhost:9220", '--target "localhost:9220"', "ws://"],
  ["run first-charge --world remote --target http://localhost", "--target", "ws:// or wss://"],
  ["run first-charge --world remote --target ws://localhost?a=b", "--target", "without query"],
  ["run first-charge --world remote --target ws://localhost --store memory", "Leave --store out"],
  ["run first-charge --world live --days 2", "Leave --days out"],
  ["run morning-peak --world live", "--world live", "first-charge"],
  ["run first-charge --fault lost-anwers", "lost-anwers", "Did you mean lost-answers?", "list --faults"],
  ["run first-charge --fault lost-answers:ratio=2", "ratio=0.3"],
  ["run first-charge --fault lost-answers:rate=0.1", "ratio=0.3"],
  ["run first-charge --fault lost-answers:ratio", '"ratio"', "parameter=value"],
  ["run first-charge --fault link-cut:a=1", "has no parameters"],
  ["run first-charge --fault link-cut@2", "from 0 to 1"],
  ["run first-charge --fault link-cut/x", "minutes between two strikes"],
  ["run first-charge --fault link-cut/5+x", "that a strike lasts"],
  ["run first-charge --presets rude-2001", '"rude-2001"', "Did you mean rude-201?", "list --presets"],
  ["run first-charge --jsn", "--jsn", "Did you mean --json?"],
  ["replay a.story.json --world remote", "--world remote needs --target", "wss://"],
  ["replay a.story.json --target ws://localhost/ocpp", "--target", "Add --world remote"],
  ["replay a.story.json --world remote --target ws://localhost --store memory", "Leave --store out"],
  ["replay a.story.json --gap 5", "--gap", "Leave --gap out"],
  ["replay a.story.json --world live --gap 0", '--gap "0"', "1 to 3600"],
  ["replay no-such.story.json", "no-such.story.json cannot be read"],
  ["list morning-peak", '"morning-peak"']
]

describe("a command line that makes no sense", () => {
  it.effect.each(wrong)("is refused in words that name the flag and the fix: %s", ([line, ...says]) =>
    Effect.gen(function* () {
      const { code, out, err } = yield* command(line.split(" "))
      assert.strictEqual(code, 2)
      assert.strictEqual(out, "")
      for (const each of says) assert.include(err, each)
      assert.notMatch(err, /\n\s+at /)
      assert.notInclude(err, "Schema")
    })
  )

  it.effect("never shows a token, not even one that is too short", () =>
    Effect.gen(function* () {
      const { err } = yield* command(["serve", "--token", "hunter2"])
      assert.notInclude(err, "hunter2")
    })
  )

  it.effect("cannot write to the terminal by what it is made of", () =>
    Effect.gen(function* () {
      const { err } = yield* command(["serve", "--ocpp-port", "\u001b[2J9"])
      assert.notInclude(err, "\u001b")
    })
  )

  it.effect("shows help, and is wrong use, when there is no command at all", () =>
    Effect.gen(function* () {
      const { code, out } = yield* command([])
      assert.strictEqual(code, 2)
      for (const name of ["serve", "demo", "run", "list"]) assert.match(out, new RegExp(`^  ${name}\\b`, "m"))
    })
  )
})

describe("the list of faults", () => {
  it.effect("has every fault with its defaults, for a person and as JSON", () =>
    Effect.gen(function* () {
      const { code, out } = yield* command(["list", "--faults"])
      assert.strictEqual(code, 0)
      const { out: json } = yield* command(["list", "--faults", "--json"])
      const listed = JSON.parse(json) as ReadonlyArray<{ readonly name: string; readonly about: string }>
      assert.deepStrictEqual(
        listed.map(({ name }) => name),
        catalogue.map(({ name }) => name)
      )
      for (const { name } of listed) assert.match(out, new RegExp(`^  ${name}\\b`, "m"))
      assert.include(out, "lost-answers:ratio=0.3")
    })
  )
})

describe("the list of presets", () => {
  it.effect("has every kind of station, for a person and as JSON", () =>
    Effect.gen(function* () {
      const { code, out } = yield* command(["list", "--presets"])
      assert.strictEqual(code, 0)
      const { out: json } = yield* command(["list", "--presets", "--json"])
      const listed = JSON.parse(json) as ReadonlyArray<{ readonly name: string }>
      assert.deepStrictEqual(
        listed.map(({ name }) => name),
        [...presetNames]
      )
      for (const { name } of listed) assert.match(out, new RegExp(`^  ${name}\\b`, "m"))
    })
  )
})

describe("help", () => {
  it.effect.each(["--help", "serve --help", "run --help", "--version"])("is no error: %s", (line) =>
    Effect.gen(function* () {
      const { code, out, err } = yield* command(line.split(" "))
      assert.strictEqual(code, 0)
      assert.notStrictEqual(out, "")
      assert.strictEqual(err, "")
    })
  )

  it.effect("names every flag of run", () =>
    Effect.gen(function* () {
      const { out } = yield* command(["run", "--help"])
      for (const flag of ["fault", "seed", "stations", "days", "world", "target", "store", "json"])
        assert.include(out, `--${flag}`)
    })
  )
})

describe("what a run is asked for", () => {
  const asked = (line: string) => {
    let found: unknown
    const runner = (request: unknown) => {
      found = request
      return Effect.succeed(goodRun)
    }
    return Effect.map(command(line.split(" "), { runner }), ({ code }) => ({ code, found }))
  }

  it.effect("is the scenario's own seed in virtual time on PostgreSQL unless told", () =>
    Effect.gen(function* () {
      const { code, found } = yield* asked("run lossy-uplink")
      assert.strictEqual(code, 0)
      assert.deepInclude(found, {
        seed: find("lossy-uplink")!.seed,
        world: "virtual",
        store: "postgres",
        days: undefined
      })
    })
  )

  it.effect("is everything that was told, and can be repeated by one command", () =>
    Effect.gen(function* () {
      const line = "run first-charge --seed 7 --stations 30 --days 2 --store memory"
      const { found } = yield* asked(line)
      const repeat = `npm run wattproof -- ${line}`
      assert.deepInclude(found, { seed: "7", stations: 30, days: 2, store: "memory", repeat })
    })
  )

  it.effect("is the scenario's troubles and those of the command line", () =>
    Effect.gen(function* () {
      const line = "run first-charge --fault lost-answers:ratio=0.5@0.3/60+5 --fault mass-disconnect"
      const { code, found } = yield* asked(line)
      assert.strictEqual(code, 0)
      const { scenario, repeat } = found as RunRequest
      const [lost, mass] = scenario.troubles.slice(find("first-charge")!.troubles.length)
      assert.deepInclude(lost, { everyMs: 3_600_000, lastsMs: 300_000, share: 0.3, together: false })
      assert.deepStrictEqual(lost!.fault.parameters, { ratio: 0.5 })
      assert.deepInclude(mass, { everyMs: 7_200_000, lastsMs: 600_000, share: 1, together: true })
      assert.isAtLeast(scenario.healedBeforeEndMs, 3_600_000)
      assert.match(repeat, /--fault 'lost-answers:ratio=0.5@0.3\/60\+5'|--fault lost-answers:ratio=0.5@0.3\/60\+5/)
      assert.include(repeat, "--fault mass-disconnect")
    })
  )

  it.effect("repeats a foreign CMS's run with its target, and quotes what a shell would split", () =>
    Effect.gen(function* () {
      let repeat = ""
      yield* command(["run", "first-charge", "--seed", "a b'c", "--world", "remote", "--target", "ws://h:1/x"], {
        runner: (request) => {
          repeat = request.repeat
          return Effect.succeed(goodRun)
        }
      })
      assert.strictEqual(
        repeat,
        `npm run wattproof -- run first-charge --seed 'a b'\\''c' --world remote --target ws://h:1/x`
      )
    })
  )
})
