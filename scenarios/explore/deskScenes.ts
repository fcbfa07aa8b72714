import type { Stream } from "#simulator/Stream.ts"
import { type Step, triggered } from "./Story.ts"
import type { Street } from "./Street.ts"
import { arrives, leaves, type Stand } from "./stand.ts"

/** Between two of what an operator asks for, at the most. */
const betweenS = 900

/**
 * An operator at the desk has stations send messages while the story goes on, one run in four: each at an instant between the
 * first step and a little behind the last.
 */
export const triggersOf = (steps: ReadonlyArray<Step>, { stations }: Street, luck: Stream): ReadonlyArray<Step> => {
  const [first, last] = [steps[0], steps.at(-1)]
  if (first === undefined || last === undefined || !luck.chance(1 / 4)) return []
  return Array.from({ length: luck.int(1, 6) }, (): Step => {
    const { id: station, dialect } = luck.pick(stations)
    const message = luck.pick(triggered.filter((it) => it !== "TransactionEvent" || dialect !== "1.6"))
    const at = luck.int(first.at, last.at + betweenS)
    return { at, do: "trigger message", station, message, ...(luck.chance(0.5) ? { evse: 1 } : {}) }
  })
}

/** A free place and a card that charges nowhere and is good, if there are. */
const someStand = (at: number, street: Street, luck: Stream): Stand | undefined => {
  const free = street.freePlaces()
  const card = street.idleCard(luck.int(0, 999))
  if (free.length === 0 || card === undefined || street.isSpoilt(card)) return undefined
  const { station, evse } = luck.pick(free)
  return { at, station, evse, card, luck }
}

/** Until a charge of which nothing is told may be given up. */
const silenceS = 900

/**
 * A station is out of reach while a car charges at it, and an operator gives its charges up; it comes back later and tells what
 * it did meanwhile, or still does. One run in eight ends so.
 */
export const closingOf = (atS: number, street: Street, luck: Stream): ReadonlyArray<Step> => {
  const stand = luck.chance(1 / 8) ? someStand(atS + 60, street, luck) : undefined
  if (stand === undefined) return []
  const { station } = stand
  const cutAt = stand.at + luck.int(20, 900)
  const closedAt = cutAt + silenceS + luck.int(0, 1_800)
  const backAt = closedAt + luck.int(10, 3_600)
  const steps: ReadonlyArray<Step> = [
    ...arrives(stand, stand.at),
    { at: cutAt, do: "cut link", station, for: backAt - cutAt },
    { at: closedAt, do: "close charges", station },
    leaves(stand, luck.pick([cutAt, closedAt, backAt]) + luck.int(1, 1_200))
  ]
  return steps.toSorted((a, b) => a.at - b.at)
}

/** Somebody orders a charge by phone that is to stop somewhere, and leaves when it has, or before: one run in four ends so. */
export const orderOf = (atS: number, street: Street, luck: Stream): ReadonlyArray<Step> => {
  const stand = luck.chance(1 / 4) ? someStand(atS + 60, street, luck) : undefined
  if (stand === undefined) return []
  const { station, evse, card } = stand
  const [arrival] = arrives(stand, stand.at)
  const limit = luck.pick([
    { wh: luck.pick([500, 2_000, 8_000]) },
    { minutes: luck.pick([2, 5, 20]) },
    { cents: luck.pick([50, 150, 600]) }
  ])
  return [
    arrival!,
    { at: stand.at + luck.int(2, 40), do: "start by app", station, evse, card, limit },
    leaves(stand, stand.at + luck.pick([600, 2_400, 5_400]))
  ]
}
