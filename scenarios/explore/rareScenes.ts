import type { Stream } from "#simulator/Stream.ts"
import type { Firmware, Step, Story, StoryStation } from "./Story.ts"
import type { Street } from "./Street.ts"
import { arrives, leaves, type Stand } from "./stand.ts"

/** A scene as it is put into a story: its steps, and what must be so of stations and CMS for it to come about. */
export interface Played {
  readonly steps: ReadonlyArray<Step>
  readonly firmware?: Firmware
  readonly nodes?: Story["nodes"]
}

interface RareStand extends Stand {
  readonly street: Street
  /** Another card that is good. */
  readonly other: string
}

interface Scene {
  readonly speaks: "1.6" | "2.x" | "any"
  readonly play: (stand: RareStand) => Played
}

const nothing: Played = { steps: [] }

/**
 * Short sequences that need a firmware of their own kind, an operator or a second node, and so are come to by no chance:
 * each is what some real street does every day. Every run without another scene ends with one, where there is room.
 */
export const rareSceneOf = (atS: number, street: Street, luck: Stream): Played => {
  const [uid, other] = luck.shuffle(street.cards.map((card) => card.uid).filter((each) => !street.isSpoilt(each)))
  const free = street.freePlaces().filter(({ station }) => !("preset" in stationOf(street, station)))
  if (free.length === 0 || uid === undefined || other === undefined) return nothing
  const { station, evse } = luck.pick(free)
  const speaks = stationOf(street, station).dialect === "1.6" ? "1.6" : "2.x"
  const { play } = luck.pick(scenes.filter((scene) => scene.speaks === "any" || scene.speaks === speaks))
  const played = play({ at: atS + 60, station, evse, card: uid, other, street, luck })
  return { ...played, steps: played.steps.toSorted((a, b) => a.at - b.at) }
}

const stationOf = ({ stations }: Street, id: string): StoryStation => stations.find((it) => it.id === id)!

/** A reader that ends a charge for any good card: one of the family, or one of nobody's. */
const anothersCard = (stand: RareStand): Played => {
  const { at, station, evse, other, luck } = stand
  const lastS = 300 + luck.int(1, 900)
  return {
    firmware: { stopsFor: "anybody" },
    steps: [
      ...arrives(stand, at),
      { at: at + lastS, do: "present card", station, evse, card: other },
      leaves(stand, at + lastS + luck.int(10, 600))
    ]
  }
}

/** The house needs its power: load management pauses the charge, for minutes or for an hour. */
const houseNeedsPower = (stand: RareStand): Played => {
  const { at, station, evse, luck } = stand
  const forS = luck.pick([300, 1_200, 3_600])
  return {
    steps: [
      ...arrives(stand, at),
      { at: at + luck.int(60, 300), do: "station pauses", station, evse, for: forS },
      leaves(stand, at + 400 + forS)
    ]
  }
}

/** The charge was stopped, or the car is full, and it stays: the transaction ends with the cable. */
const staysPluggedIn = (stand: RareStand): Played => {
  const { at, station, evse, card, luck } = stand
  const stopS = luck.int(120, 1_200)
  return {
    firmware: { txStopPoint: "EVConnected" },
    steps: [
      ...arrives(stand, at),
      { at: at + stopS, do: "present card", station, evse, card },
      leaves(stand, at + stopS + luck.pick([300, 1_800, 5_400]))
    ]
  }
}

/** A meter that is read often and tells its readings by the handful; the end is told when half of them still wait. */
const byTheHandful = (stand: RareStand): Played => {
  const { at, luck } = stand
  return {
    firmware: { readingsPerMessage: luck.pick([3, 5, 10]), sampleIntervalS: 30 },
    steps: [...arrives(stand, at), leaves(stand, at + 400 + luck.int(1, 900))]
  }
}

/**
 * One car goes and the next comes while the station is cut off. It tells its transactions first and what connectors
 * were behind them; the new car's has no reading yet, because nobody has shown a card.
 */
const nextCarUnheard = (stand: RareStand): Played => {
  const { at, station, evse, card, other, luck } = stand
  const backS = 1_200
  const [arrival] = arrives({ ...stand, card: other }, at + 300)
  return {
    firmware: { replays: "statusesLast", readsAtStart: "whenEnergized", txStartPoint: "EVConnected" },
    steps: [
      ...arrives(stand, at),
      { at: at + 60, do: "cut link", station, for: backS },
      leaves(stand, at + 200),
      arrival!,
      { at: at + backS + luck.int(120, 600), do: "present card", station, evse, card: luck.pick([card, other]) },
      leaves(stand, at + backS + luck.pick([1_800, 4_800]))
    ]
  }
}

/** A start that is in the books, and whose answer never arrives: the stop names transaction -1. */
const neverAnswered = (stand: RareStand): Played => {
  const { at, station, luck } = stand
  const lose = (after: number): Step => ({ at: at + after, do: "lose answer", station, action: "StartTransaction" })
  return {
    firmware: { dropsAfterAttempts: true, unknownTransactionId: "minusOne" },
    steps: [lose(0), ...arrives(stand, at), lose(30), lose(100), leaves(stand, at + 400 + luck.int(1, 1_500))]
  }
}

/** A start comes once more when its long charge was billed and forgotten; then the next car charges there. */
const startAgain = (stand: RareStand): Played => {
  const { at, station, other, luck } = stand
  const next = { ...stand, card: other }
  return {
    firmware: { sampleIntervalS: 30 },
    steps: [
      { at, do: "repeat request later", station, action: "StartTransaction", after: 3_600 },
      ...arrives(stand, at + 1),
      leaves(stand, at + 2_700),
      ...arrives(next, at + 3_700),
      leaves(next, at + 3_700 + luck.int(300, 3_000))
    ]
  }
}

/** Somebody hits the emergency stop while a car charges; it is released, and the car is still there. */
const stoppedWithCar = (stand: RareStand): Played => {
  const { at, station, luck } = stand
  return {
    steps: [
      ...arrives(stand, at),
      { at: at + luck.int(60, 600), do: "emergency stop", station, for: luck.pick([30, 120]) }
    ]
  }
}

/** A charge ends while the station is cut off, and what it did meanwhile is told from the top: the end comes first. */
const toldBackwards = (stand: RareStand): Played => {
  const { at, station, evse, luck } = stand
  const pauseS = luck.int(300, 900)
  return {
    firmware: { replays: "newestFirst", sampleIntervalS: 300 },
    steps: [
      ...arrives(stand, at),
      { at: at + 60, do: "cut link", station, for: 3_000 },
      { at: at + 200, do: "car pauses", station, evse },
      { at: at + 200 + pauseS, do: "car goes on", station, evse },
      leaves(stand, at + 300 + pauseS + luck.int(60, 900))
    ]
  }
}

/** The operator holds a station back, or turns it away, as its firmware starts again; and lets it in later. */
const heldByOperator = (stand: RareStand): Played => {
  const { at, station, luck } = stand
  const to = luck.pick(["Pending", "Rejected"] as const)
  return {
    steps: [
      ...(luck.chance(0.5) ? arrives(stand, at) : []),
      { at: at + 60, do: "set registration", station, to },
      { at: at + 120, do: "reboot", station, withMemory: true },
      { at: at + luck.int(200, 900), do: "set registration", station, to: "Accepted" },
      leaves(stand, at + 1_500),
      ...arrives(stand, at + 1_600),
      leaves(stand, at + 3_000)
    ]
  }
}

/** Two nodes: what a station said to one is still being written when it is at the other. */
const movesMeanwhile = (stand: RareStand): Played => {
  const { at, station, luck } = stand
  return {
    nodes: 2,
    steps: [
      { at: at + 3, do: "database is slow", times: 3, by: luck.pick([40, 90]) },
      ...arrives(stand, at),
      { at: at + 5 + luck.int(1, 4), do: "move to other node", station, leaving: "half-open" },
      leaves(stand, at + luck.int(300, 1_800))
    ]
  }
}

/** Two stations speak at one moment, and the server dies when half of that is written. */
const halfWritten = (stand: RareStand): Played => {
  const { at, station, other, street, luck } = stand
  const beside = street.freePlaces().find((place) => place.station !== station)
  if (beside === undefined) return movesMeanwhile(stand)
  const second = { ...stand, station: beside.station, evse: beside.evse, card: other }
  const lastS = luck.int(200, 900)
  return {
    steps: [
      { at, do: "kill CMS", when: "in the middle of the next commit", for: luck.pick([2, 60]) },
      ...[stand, second].flatMap((each) => [...arrives(each, at + 2), leaves(each, at + lastS)])
    ]
  }
}

const scenes: ReadonlyArray<Scene> = [
  { speaks: "any", play: anothersCard },
  { speaks: "any", play: houseNeedsPower },
  { speaks: "2.x", play: staysPluggedIn },
  { speaks: "any", play: byTheHandful },
  { speaks: "2.x", play: nextCarUnheard },
  { speaks: "1.6", play: neverAnswered },
  { speaks: "1.6", play: startAgain },
  { speaks: "1.6", play: stoppedWithCar },
  { speaks: "2.x", play: toldBackwards },
  { speaks: "any", play: heldByOperator },
  { speaks: "any", play: movesMeanwhile },
  { speaks: "any", play: halfWritten }
]
