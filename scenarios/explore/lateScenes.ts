import type { Stream } from "#simulator/Stream.ts"
import type { Step, StoryStation } from "./Story.ts"
import type { Street } from "./Street.ts"
import { arrives, leaves, type Stand } from "./stand.ts"

/**
 * Short sequences in which something is told too late: after the bill was made, after the next car came, or after what
 * is true by now. Of the runs without another scene, one in two ends with one.
 */
export const lateSceneOf = (atS: number, street: Street, luck: Stream): ReadonlyArray<Step> => {
  if (!luck.chance(1 / 2)) return []
  const free = street.freePlaces().filter(({ station }) => !("preset" in stationOf(street, station)))
  const cards = street.cards.filter(({ uid }) => !street.isSpoilt(uid))
  if (free.length === 0 || cards.length === 0) return []
  const { station, evse } = free[luck.int(0, free.length - 1)]!
  const card = luck.pick(cards).uid
  const is16 = stationOf(street, station).dialect === "1.6"
  const scene = is16
    ? luck.pick([endTold, endTold, startUnheard, oldStatus, oldStatusAtHome])
    : luck.pick([endTold, pieceByPiece, startTold, startTold, oldStatusAtHome])
  const at = atS + 60
  const stand = { at, station, evse, card, luck, told: is16 ? "StopTransaction" : "TransactionEvent" }
  return scene(stand).toSorted((a, b) => a.at - b.at)
}

const stationOf = ({ stations }: Street, id: string): StoryStation => stations.find((it) => it.id === id)!

interface LateStand extends Stand {
  /** The action that ends a charge. */
  readonly told: string
}

/** Given up by the station after three tries, and brought that much later. */
const heldBack = ({ station }: Stand, at: number, action: string, by: number): Step => ({
  at,
  do: "late request",
  station,
  action,
  tries: 3,
  by
})

/** What the scene waits for: all is mended a minute after the last step. */
const later = ({ station }: Stand, at: number): Step => ({ at, do: "unlock connector", station, evse: 1 })

/** The end of a charge is given up, and reaches the CMS when it has billed what it knew. */
const endTold = (stand: LateStand): ReadonlyArray<Step> => {
  const { at, station, evse, told, luck } = stand
  const pauseS = luck.pick([0, 400, 700])
  const lastS = 700 + luck.int(20, 900)
  return [
    ...arrives(stand, at),
    ...(pauseS === 0 ? [] : [{ at: at + pauseS, do: "car pauses", station, evse } as const]),
    heldBack(stand, at + lastS, told, 2_400),
    leaves(stand, at + lastS),
    later(stand, at + lastS + 3_000)
  ]
}

/** 2.x: a pause and the end are given up, and each of them changes the bill once more. */
const pieceByPiece = (stand: LateStand): ReadonlyArray<Step> => {
  const { at, station, evse, told, luck } = stand
  const lastS = 1_500 + luck.int(10, 200)
  return [
    ...arrives(stand, at),
    heldBack(stand, at + 300, told, 6_000),
    { at: at + 300, do: "car pauses", station, evse },
    { at: at + 900, do: "car goes on", station, evse },
    heldBack(stand, at + lastS, told, 2_400),
    leaves(stand, at + lastS),
    later(stand, at + 6_600)
  ]
}

/** 2.x: the start is given up, and comes when the charge is under way, over, or billed. */
const startTold = (stand: LateStand): ReadonlyArray<Step> => {
  const { at, told, luck } = stand
  const by = luck.pick([600, 1_800, 4_200])
  return [
    heldBack(stand, at, told, by),
    ...arrives(stand, at + 1),
    leaves(stand, at + 1_500),
    later(stand, at + by + 60)
  ]
}

/** 1.6: a start is given up and never learnt of in time: what follows belongs to nothing that is known. */
const startUnheard = (stand: LateStand): ReadonlyArray<Step> => {
  const { at, luck } = stand
  return [
    heldBack(stand, at, "StartTransaction", luck.pick([600, 4_200])),
    ...arrives(stand, at + 1),
    leaves(stand, at + 1_500),
    later(stand, at + 4_500)
  ]
}

/** That the connector was free is told once more, by a modem that kept it, while the next car charges there. */
const oldStatus = (stand: LateStand): ReadonlyArray<Step> => {
  const { at, station, evse, card, luck } = stand
  return [
    ...arrives(stand, at),
    { at: at + 120, do: "present card", station, evse, card },
    { at: at + 140, do: "repeat request later", station, action: "StatusNotification", after: luck.pick([60, 120]) },
    leaves(stand, at + 140),
    ...arrives(stand, at + 160),
    leaves(stand, at + 3_000)
  ]
}

/** That a car stands there is told once more when everybody has gone home. */
const oldStatusAtHome = (stand: LateStand): ReadonlyArray<Step> => {
  const { at, station } = stand
  return [
    { at, do: "repeat request later", station, action: "StatusNotification", after: 600 },
    ...arrives(stand, at + 1),
    leaves(stand, at + 200)
  ]
}
