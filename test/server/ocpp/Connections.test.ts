import { assert, describe, it } from "@effect/vitest"
import { Connections } from "#server/ocpp/Connections.ts"

const recorder = () => {
  const closes: Array<string> = []
  const closer =
    (name: string) =>
    (code: number): void => {
      closes.push(`${name} ${code}`)
    }
  return { closes, closer }
}

describe("the register of connections", () => {
  it("lets the newest win and closes the older one", () => {
    const { closes, closer } = recorder()
    const connections = new Connections<string>()
    connections.register("CS1", "old", closer("old"), 0)
    connections.register("CS1", "new", closer("new"), 1)
    assert.deepStrictEqual([connections.get("CS1")?.value, connections.size, closes], ["new", 1, ["old 1000"]])
  })

  it("keeps the newer one when the older one's close comes late", () => {
    const { closer } = recorder()
    const connections = new Connections<string>()
    const old = connections.register("CS1", "old", closer("old"), 0)!
    const fresh = connections.register("CS1", "new", closer("new"), 1)!
    assert.isFalse(connections.remove(old))
    assert.strictEqual(connections.get("CS1")?.value, "new")
    assert.isTrue(connections.remove(fresh))
    assert.isFalse(connections.remove(fresh))
    assert.deepStrictEqual([connections.get("CS1"), connections.size], [undefined, 0])
  })

  it("has the newer one in place before the older one is closed, even if that close reports at once", () => {
    const connections = new Connections<string>()
    let wasCurrent: boolean | undefined
    const close = (): void => {
      wasCurrent = connections.remove(old)
    }
    const old = connections.register("CS1", "old", close, 0)!
    connections.register("CS1", "new", () => {}, 1)
    assert.strictEqual(wasCurrent, false)
    assert.strictEqual(connections.get("CS1")?.value, "new")
  })

  it("turns a newcomer away when two devices fight for one identity, and lets one in again after a while", () => {
    const { closes, closer } = recorder()
    const connections = new Connections<number>({ maxTakeovers: 2, takeoverEveryMs: 10_000 })
    for (let i = 0; i < 4; i++) connections.register("CS1", i, closer(`c${i}`), i)
    assert.deepStrictEqual(closes, ["c0 1000", "c1 1000", "c3 1013"])
    assert.strictEqual(connections.get("CS1")?.value, 2)
    assert.isUndefined(connections.register("CS1", 4, closer("c4"), 9_999))
    assert.isDefined(connections.register("CS1", 5, closer("c5"), 10_000))
    assert.isUndefined(connections.register("CS1", 6, closer("c6"), 10_001))
  })

  it("does not count a return after a proper close", () => {
    const connections = new Connections<number>({ maxTakeovers: 1 })
    for (let i = 0; i < 9; i++) {
      const registration = connections.register("CS1", i, () => {}, i)
      assert.isDefined(registration)
      connections.remove(registration!)
    }
  })

  it("keeps stations apart", () => {
    const { closes, closer } = recorder()
    const connections = new Connections<string>()
    connections.register("CS1", "a", closer("a"), 0)
    connections.register("__proto__", "b", closer("b"), 0)
    assert.deepStrictEqual(
      [...connections].map((each) => each.identity),
      ["CS1", "__proto__"]
    )
    assert.deepStrictEqual(closes, [])
  })
})
