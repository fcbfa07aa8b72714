import { Clock, Effect } from "effect"
import type { UnitOutcome } from "#server/record/Journal.ts"
import type { StoredFact, Unit } from "#server/record/Unit.ts"
import type { Commit } from "#simulator/oracles/Commit.ts"
import { type Course, lookEveryMs } from "#simulator/oracles/Course.ts"
import type { Gauge } from "#simulator/oracles/Gauges.ts"
import type { Acknowledgement } from "#simulator/Truth.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import type { CmsOptions } from "./CmsProcess.ts"
import { bookedCdr, bookedEntry, bookedTransaction } from "./evidence.ts"
import type { StoreName } from "./Result.ts"

const committedFact = ({ transactionId, seq, fact }: StoredFact) => ({
  transactionId,
  seq,
  kind: fact._tag,
  text: JSON.stringify(fact)
})

/** Of most things a commit brings none. */
const none: ReadonlyArray<never> = []

const commitOf = (unit: Unit, isRepeated: boolean): Commit => ({
  stationId: unit.stationId,
  facts: unit.facts?.map(committedFact) ?? none,
  readings: unit.samples?.map(({ transactionId }) => transactionId) ?? none,
  transactions:
    unit.transactions?.map((row) => ({ ...bookedTransaction(row, undefined), version: row.version })) ?? none,
  cdrs: unit.cdrs?.map(bookedCdr) ?? none,
  entries: unit.entries?.map(bookedEntry) ?? none,
  isRepeated
})

/** Tells the course of a run what a batch brought into the books. */
export const tellCommitted = (
  course: Course,
  units: ReadonlyArray<Unit>,
  outcomes: ReadonlyArray<UnitOutcome>,
  atMs: number
): void =>
  units.forEach((unit, index) => {
    const outcome = outcomes[index]
    if (outcome !== "Committed" && outcome !== "Repeated") return
    const isSilent = unit.facts === undefined && unit.samples === undefined && unit.transactions === undefined
    if (!isSilent || unit.cdrs !== undefined) course.committed(commitOf(unit, outcome === "Repeated"), atMs)
  })

/**
 * Tells the course of a run who owns which station, and who writes for it. What a memory store answers it has just done; on
 * PostgreSQL the answers of two nodes may come in another order than what they did, and who owned a station is looked up
 * when its node asks.
 */
export const ownedBy = (
  course: Course,
  node: string,
  store: StoreName
): Required<Pick<CmsOptions, "claiming" | "writing">> => {
  const asked = (stationIds: ReadonlyArray<string>) => {
    const then = store === "memory" ? undefined : stationIds.map((id) => course.ownerOf(id))
    return (index: number) => (then === undefined ? course.ownerOf(stationIds[index]!) : then[index])
  }
  return {
    claiming: (stationIds) => {
      const before = asked(stationIds)
      return (epochs) =>
        stationIds.forEach((stationId, index) => {
          course.claimed({ stationId, epoch: epochs[index]!, node }, before(index))
        })
    },
    writing: (units) => {
      const before = asked(units.map(({ stationId }) => stationId))
      return (outcomes) =>
        units.forEach(({ stationId, epoch }, index) => {
          if (epoch !== null && outcomes[index] === "Committed") course.wrote({ stationId, epoch, node }, before(index))
        })
    }
  }
}

/** What stations hear, told to the course of the run by the run's clock once there is one. */
export class Heard {
  private pass: (acknowledgement: Acknowledgement) => void = () => {}

  readonly tell = (acknowledgement: Acknowledgement): void => this.pass(acknowledgement)

  by(course: Course, { nowAtMs }: Pick<TimersApi, "nowAtMs">): void {
    this.pass = (acknowledgement) => course.acknowledged(acknowledgement, nowAtMs())
  }
}

/** Looks at everything once a minute, for ever. */
export const follow = (course: Course, gauges: () => ReadonlyArray<Gauge>): Effect.Effect<never> =>
  Effect.forever(
    Effect.gen(function* () {
      yield* Effect.sleep(lookEveryMs)
      course.looked(gauges(), yield* Clock.currentTimeMillis)
    })
  )
