import type { Stream } from "#simulator/Stream.ts"
import { hardwareOf } from "./build.ts"
import type { Step } from "./Story.ts"
import type { Street } from "./Street.ts"
import { arrives, leaves, type Stand } from "./stand.ts"

/**
 * Short sequences that steps drawn one by one seldom come to, because every one of them has to be there and in time:
 * something changes while a station cannot tell what it does, or what it tells arrives in pieces. One run in three ends
 * with one.
 */
export const sceneOf = (atS: number, street: Street, luck: Stream): ReadonlyArray<Step> => {
  if (!luck.chance(1 / 3)) return []
  const free = street.freePlaces()
  const uid = street.idleCard(luck.int(0, 999))
  if (free.length === 0 || uid === undefined || street.isSpoilt(uid)) return []
  const { station, evse } = free[luck.int(0, free.length - 1)]!
  const scene = luck.pick([unheard, unanswered, inPieces, twoAtOnce])
  return scene({ at: atS + 60, station, evse, card: uid, street, luck }).toSorted(byTime)
}

interface StreetStand extends Stand {
  readonly street: Street
}

/** What may change behind the back of a station: its card, or the price. */
const changes = ({ card, luck }: Stand, at: number): Step =>
  luck.pick<Step>([
    { at, do: "block card", card },
    { at, do: "expire card", card },
    { at, do: "publish tariff", perKwh: luck.int(30, 99) }
  ])

/** A known card charges while the station is cut off, and something changes before anybody hears of it. */
const unheard = (stand: StreetStand): ReadonlyArray<Step> => {
  const { at, station, luck } = stand
  const forS = luck.pick([1_200, 3_600])
  return [
    ...arrives(stand, at),
    leaves(stand, at + 120),
    { at: at + 140, do: "cut link", station, for: forS },
    ...arrives(stand, at + 160),
    changes(stand, at + 300),
    leaves(stand, at + luck.pick([600, 5_400]))
  ]
}

/** The answer to a start is lost, and something changes before the station asks again. */
const unanswered = (stand: StreetStand): ReadonlyArray<Step> => {
  const { at, station, street, luck } = stand
  const { dialect } = street.stations.find(({ id }) => id === station)!
  const action = dialect === "1.6" ? "StartTransaction" : "TransactionEvent"
  return [
    { at, do: "lose answer", station, action },
    ...arrives(stand, at),
    changes(stand, at + luck.pick([8, 12, 20])),
    leaves(stand, at + 900)
  ]
}

/** A charge goes on and ends while the station is cut off; then it can tell a part of it, and the rest an hour later. */
const inPieces = (stand: StreetStand): ReadonlyArray<Step> => {
  const { at, station, evse, luck } = stand
  const backS = 900
  return [
    ...arrives(stand, at),
    { at: at + 60, do: "cut link", station, for: backS },
    { at: at + 200, do: "car pauses", station, evse },
    { at: at + 300, do: "car goes on", station, evse },
    leaves(stand, at + luck.pick([600, 1_500])),
    { at: at + 60 + backS + luck.int(1, 20), do: "cut link", station, for: 3_000 }
  ]
}

/** Cut off, a station begins two charges at one instant. */
const twoAtOnce = (stand: StreetStand): ReadonlyArray<Step> => {
  const { at, station, street, luck } = stand
  const evses = hardwareOf(street.stations.find(({ id }) => id === station)!).evses.length
  const others = street.cards.filter(({ uid }) => uid !== stand.card && !street.isSpoilt(uid))
  if (evses < 2 || others.length === 0) return unheard(stand)
  const beside = { ...stand, evse: (stand.evse % evses) + 1, card: others[luck.int(0, others.length - 1)]!.uid }
  const both = (make: (one: StreetStand) => ReadonlyArray<Step>) => [...make(stand), ...make(beside)]
  return [
    ...both((one) => [...arrives(one, at), leaves(one, at + 90)]),
    { at: at + 120, do: "cut link", station, for: 1_200 },
    ...both((one) => [...arrives(one, at + 150), leaves(one, at + 150 + luck.int(300, 1_800))])
  ]
}

const byTime = (a: Step, b: Step): number => a.at - b.at
