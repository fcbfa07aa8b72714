import { assert, describe, it } from "@effect/vitest"
import type { CmsProcess } from "#scenarios/lab/CmsProcess.ts"
import { Activity, Gauging, type Place } from "#scenarios/lab/gauges.ts"

const names = ["CP-1", "CP-2", "CP-3"]

/** Three stations at one node, whose numbers a test turns as it likes. */
const deployment = () => {
  const activity = new Activity()
  const queued = names.map(() => 0)
  const held = names.map(() => ({
    backlog: 0,
    waiting: 0,
    openCount: 0,
    count: 0,
    open() {
      return Array.from({ length: this.openCount }, () => ({ evseId: 1 }))
    }
  }))
  const isConnected = names.map(() => true)
  const places = names.map((identity, index) => ({
    evses: 1,
    station: {
      identity,
      get queued() {
        return queued[index]
      }
    }
  })) as unknown as ReadonlyArray<Place>
  const gateway = {
    count: () => isConnected.filter((it) => it).length,
    connected: (identity: string) => {
      const index = names.indexOf(identity)
      const now = held[index]!
      if (!isConnected[index]) return undefined
      return { peer: { backlog: () => now.backlog, waiting: () => now.waiting }, owner: { holdings: now } }
    }
  }
  const node = { held: { gateway, recorder: { gauges: () => ({ waiting: 0 }) } } }
  const gauging = new Gauging([node] as unknown as ReadonlyArray<CmsProcess>, { connections: 3 }, places, activity)
  const seen = (name: string) => {
    const gauge = gauging.look().find((it) => it.name === name)
    return gauge === undefined ? undefined : { value: gauge.value, stationId: gauge.stationId }
  }
  /** Until nothing is of interest any more. */
  const calm = () => {
    for (let look = 0; look < 3; look++) gauging.look()
  }
  return { activity, queued, held, isConnected, node, gateway, seen, calm }
}

describe("what everything holds, looked at again and again", () => {
  it("is seen anew where a frame has passed, and once more behind it", () => {
    const { activity, held, seen, calm } = deployment()
    const interest = activity.of("CP-2")
    calm()
    interest.note()
    held[1]!.openCount = 4
    assert.deepStrictEqual(seen("open transactions"), { value: 4, stationId: "CP-2" })
    held[1]!.openCount = 7
    assert.deepStrictEqual(seen("open transactions"), { value: 7, stationId: "CP-2" })
  })

  it("stands where a station is idle, and is seen anew within a quarter of an hour all the same", () => {
    const { held, seen, calm } = deployment()
    held[0]!.count = 2
    calm()
    held[0]!.count = 5
    assert.deepStrictEqual(seen("transactions in memory"), { value: 2, stationId: "CP-1" })
    const later = Array.from({ length: 15 }, () => seen("transactions in memory")?.value)
    assert.strictEqual(later.at(-1), 5)
  })

  it("is seen in every look where something waits, or a station is out of touch", () => {
    const { queued, isConnected, seen, calm } = deployment()
    queued[0] = 1
    isConnected[2] = false
    calm()
    queued[0] = 9
    assert.deepStrictEqual(seen("outbox"), { value: 9, stationId: "CP-1" })
    queued[2] = 30
    assert.deepStrictEqual(seen("outbox"), { value: 30, stationId: "CP-3" })
  })

  it("is known no more when the node's process is another", () => {
    const { held, node, gateway, seen, calm } = deployment()
    held[1]!.waiting = 1
    calm()
    held[1]!.waiting = 0
    held[0]!.waiting = 3
    node.held = { ...node.held, gateway: { ...gateway } }
    assert.deepStrictEqual(seen("waiting CALLs"), { value: 3, stationId: "CP-1" })
  })
})
