import * as fc from "fast-check"
import { catalogue } from "#simulator/faults/Catalogue.ts"
import type { Entry } from "#simulator/faults/Entry.ts"
import * as Stream from "#simulator/Stream.ts"
import { presetNames, presets } from "#simulator/station/presets/Catalogue.ts"
import type { TrueDialect } from "#simulator/Truth.ts"
import { type ModelName, models } from "#simulator/vehicle/Car.ts"
import { crashPointNames } from "../crashPoints.ts"
import { databaseFailureNames } from "../databaseFailures.ts"
import { closingOf, orderOf, triggersOf } from "./deskScenes.ts"
import { lateSceneOf } from "./lateScenes.ts"
import { type DrawnKind, moneyOf } from "./moneyScenes.ts"
import { rareSceneOf } from "./rareScenes.ts"
import type { Firmware, Step, Story, StoryCard, StoryStation } from "./Story.ts"
import { Street } from "./Street.ts"
import { sceneOf } from "./scenes.ts"

/** How many numbers one step is made of: what, when, where, whose, and two details. */
type Draw = readonly [kind: number, gap: number, place: number, card: number, detail: number, more: number]

const dialects = ["1.6", "2.0.1", "2.1"] as const
const hardware = ["street22", "wallbox11", "fast50", "fast150"] as const
const cars = Object.keys(models) as Array<ModelName>

/** Seconds between one step and the next, from the same instant to an hour. */
const gaps = [0, 0, 1, 2, 5, 15, 40, 60, 90, 180, 300, 600, 900, 1800, 3600]
const durations = [2, 10, 40, 120, 600, 1800, 5400]
const downs = [2, 10, 60, 600]

/** People's everyday doings: in every run. */
const everyday: ReadonlyArray<readonly [DrawnKind, number]> = [
  ["plug in", 8],
  ["present card", 9],
  ["unplug", 4]
]

/** What a run has or has not, each with its own weight: a swarm of runs that differ sees more than one mixture. */
const special: ReadonlyArray<DrawnKind> = [
  "start by app",
  "stop by app",
  "car pauses",
  "car goes on",
  "station pauses",
  "emergency stop",
  "cut power",
  "reboot",
  "cut link",
  "half-open link",
  "fault",
  "lose request",
  "lose answer",
  "double request",
  "delay answer",
  "repeat request later",
  "late request",
  "block card",
  "expire card",
  "publish tariff",
  "reset station",
  "unlock connector",
  "change availability",
  "set registration",
  "kill CMS",
  "restart CMS",
  "database fails",
  "database is slow"
]

const actions16 = [
  "StartTransaction",
  "StopTransaction",
  "MeterValues",
  "Authorize",
  "StatusNotification",
  "BootNotification"
]
const actions2x = [
  "TransactionEvent",
  "TransactionEvent",
  "TransactionEvent",
  "Authorize",
  "StatusNotification",
  "BootNotification"
]

/** What a bill depends on; a start that comes last is the rarest of states. */
const billed16 = ["StartTransaction", "StartTransaction", "StopTransaction"]
const late = (number: number) => ({ tries: pick([3, 3, 1], number), by: pick([400, 1800, 3600], number >> 4) })

const nat = fc.nat({ max: 999_999 })
const sometimesSo = <A>(arbitrary: fc.Arbitrary<A>) => fc.option(arbitrary, { nil: undefined, freq: 2 })

const firmware: fc.Arbitrary<Firmware> = fc
  .record({
    sampleIntervalS: fc.constantFrom(30, 60, 300, 900),
    clockAlignedS: sometimesSo(fc.constantFrom(300, 900)),
    txStartPoint: sometimesSo(fc.constantFrom("Authorized" as const, "EVConnected" as const)),
    allowOfflineForUnknown: sometimesSo(fc.boolean()),
    localPreAuthorize: sometimesSo(fc.boolean()),
    stopOnInvalidId: sometimesSo(fc.boolean()),
    authorizeRemoteStart: sometimesSo(fc.boolean()),
    retryMessageId: sometimesSo(fc.constant("new" as const)),
    afterPowerCut: sometimesSo(fc.constant("resume" as const)),
    persists: sometimesSo(fc.constant("lastReading" as const)),
    sendsBeginReading: sometimesSo(fc.boolean()),
    sendsTransactionData: sometimesSo(fc.boolean()),
    lowerCaseUids: sometimesSo(fc.constant(true)),
    dropsAfterAttempts: sometimesSo(fc.constant(true)),
    unknownTransactionId: sometimesSo(fc.constant("minusOne" as const))
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Firmware)

const plain = fc.record({ hardware: fc.constantFrom(...hardware), dialect: fc.constantFrom(...dialects) })
const ofKind = fc
  .tuple(fc.constantFrom(...presetNames), nat)
  .map(([preset, number]) => ({ preset, dialect: pick<TrueDialect>(presets[preset].dialects, number) }))

const stations: fc.Arbitrary<ReadonlyArray<StoryStation>> = fc
  .array(fc.oneof({ weight: 2, arbitrary: plain }, { weight: 1, arbitrary: ofKind }), {
    minLength: 1,
    maxLength: 3,
    size: "max"
  })
  .map((all) => all.map((each, index) => ({ id: `CP-${index + 1}`, ...each })))

const cards: fc.Arbitrary<ReadonlyArray<StoryCard>> = fc
  .array(fc.constantFrom("plain", "plain", "grouped", "limited"), { minLength: 1, maxLength: 4, size: "max" })
  .map((all) =>
    all.map((kind, index) => ({
      uid: `CARD-${index + 1}`,
      ...(kind === "grouped" ? { group: "FAMILY" } : {}),
      ...(kind === "limited" ? { limit: 1 } : {})
    }))
  )

/** The mixture of one run: weights of the special kinds, half of them 0. */
const mixture: fc.Arbitrary<ReadonlyArray<readonly [DrawnKind, number]>> = fc
  .tuple(...special.map((kind) => fc.constantFrom(0, 0, 2, 5).map((weight) => [kind, weight] as const)))
  .map((drawn) => [...everyday, ...drawn.filter(([, weight]) => weight > 0)])

/** One CMS in five has two nodes, between which its stations move. */
const nodes = fc.constantFrom(1, 1, 1, 1, 2)
const moves = fc.constantFrom(3, 8)

const drafts = fc.record({
  stations,
  cards,
  firmware,
  mixture,
  // A run knows two or three faults: with all of them at once, each would be lost in the others' noise.
  faults: fc.subarray([...catalogue], { minLength: 1, maxLength: 3 }),
  nodes,
  moves,
  draws: fc.array(fc.tuple(nat, nat, nat, nat, nat, nat), { minLength: 4, maxLength: 32, size: "max" })
})

/** The story of a seed, always the same. */
export const storyOf = (seed: string): Story => {
  const [draft] = fc.sample(fc.noBias(drafts), { seed: Stream.make(seed, "explore").word() | 0, numRuns: 1 })
  const luck = Stream.make(seed, "fault parameters")
  const { stations, cards, nodes, moves, faults, draws } = draft!
  const isTwo = nodes === 2
  const mixture = isTwo ? [...draft!.mixture, ["move to other node", moves] as const] : draft!.mixture
  const street = new Street(stations, cards, nodes)
  const steps: Array<Step> = []
  let at = 60
  for (const draw of draws) {
    at += pick(gaps, draw[1])
    const kind = kindOf(mixture, draw[0])
    const step = kind === "fault" ? faultOf(at, draw, street, faults, luck) : stepOf(kind, at, draw, street)
    if (step === undefined) continue
    street.take(step)
    steps.push(step)
    for (const next of followUp(step, draw, street)) {
      street.take(next)
      steps.push(next)
      at = next.at
    }
  }
  const scene = sceneOf(at, street, Stream.make(seed, "scene"))
  const late = scene.length > 0 ? scene : lateSceneOf(at, street, Stream.make(seed, "late scene"))
  const played = late.length > 0 ? { steps: late } : rareSceneOf(at, street, Stream.make(seed, "rare scene"))
  steps.push(...played.steps)
  for (const step of played.steps) street.take(step)
  steps.push(...orderOf(steps.at(-1)?.at ?? at, street, Stream.make(seed, "order")))
  steps.push(...closingOf(steps.at(-1)?.at ?? at, street, Stream.make(seed, "closing")))
  steps.push(...triggersOf(steps, street, Stream.make(seed, "triggers")))
  const moneyed = moneyOf({ cards, stations, steps, street }, Stream.make(seed, "money"))
  const all = moneyed.steps.toSorted((a, b) => a.at - b.at)
  // Only a station that gives a message up goes on to the next while the first is held back.
  const givesUp = mixture.some(([kind]) => kind === "late request") || all.some((it) => it.do === "late request")
  const firmware = givesUp ? { ...draft!.firmware, dropsAfterAttempts: true } : draft!.firmware
  const replays = Stream.make(seed, "replays").chance(0.2) ? ({ replays: "newestFirst" } as const) : {}
  const scale = Stream.make(seed, "units")
  const units = scale.chance(0.15)
    ? ({ units: scale.pick(["kilo", "multiplied", "multiplied"] as const) } as const)
    : {}
  const about = `Generated from seed ${seed}`
  const habits = { ...firmware, ...replays, ...units, ...played.firmware }
  return {
    about,
    seed,
    ...((played.nodes ?? nodes) === 2 ? { nodes: 2 } : {}),
    ...moneyed,
    firmware: habits,
    steps: all
  }
}

/** What mostly comes of a step: whoever plugs in shows a card at once, and what is held back is a charge's beginning. */
const followUp = (step: Step, [, , , card, detail, more]: Draw, street: Street): ReadonlyArray<Step> => {
  const show = (at: number, station: string, evse: number): Step => {
    const uid = street.idleCard(card) ?? pick(street.cards, card).uid
    return { at, do: "present card", station, evse, card: uid }
  }
  if (step.do === "plug in" && more % 4 > 0) return [show(step.at + 1 + (detail % 20), step.station, step.evse)]
  if (step.do !== "late request" || more % 4 === 0) return []
  const place = street.placeFor("plug in", card, step.station)
  if (place === undefined) return []
  const { station, evse } = place
  const at = step.at + 1
  const arrives: Step = { at, do: "plug in", station, evse, car: pick(cars, detail), socPercent: 5 + (more % 90) }
  return [arrives, show(at + 1 + (detail % 20), station, evse)]
}

const pick = <A>(items: ReadonlyArray<A>, number: number): A => items[number % items.length]!

const kindOf = (mixture: ReadonlyArray<readonly [DrawnKind, number]>, number: number): DrawnKind => {
  const sum = mixture.reduce((total, [, weight]) => total + weight, 0)
  let left = number % sum
  for (const [kind, weight] of mixture) {
    left -= weight
    if (left < 0) return kind
  }
  return "unplug"
}

const faultOf = (
  at: number,
  [, , place, , detail, more]: Draw,
  street: Street,
  faults: ReadonlyArray<Entry>,
  luck: Stream.Stream
): Step => {
  const { name, draw } = pick(faults, detail)
  const { id: station } = pick(street.stations, place)
  return { at, do: "fault", station, fault: name, parameters: { ...draw(luck) }, for: pick(durations, more) }
}

const ofNode = ({ nodes }: Street, number: number): { readonly node?: 2 } =>
  nodes === 2 && number % 2 === 1 ? { node: 2 } : {}

/** A step of that kind where the street allows one; undefined where none makes sense now. */
const stepOf = (kind: Exclude<DrawnKind, "fault">, at: number, draw: Draw, street: Street): Step | undefined => {
  const [, , place, card, detail, more] = draw
  switch (kind) {
    case "plug in":
    case "unplug":
    case "present card":
    case "start by app":
    case "stop by app":
    case "car pauses":
    case "car goes on":
    case "unlock connector":
    case "station pauses":
      return personal(kind, at, draw, street)
    case "block card":
    case "expire card": {
      const uid = pick(street.cards, card).uid
      return street.isSpoilt(uid) ? undefined : { at, do: kind, card: uid }
    }
    case "publish tariff":
      return { at, do: kind, perKwh: 30 + (detail % 70) }
    case "kill CMS": {
      return { at, do: kind, when: pick(crashPointNames, detail), for: pick(downs, more), ...ofNode(street, card) }
    }
    case "restart CMS":
      return { at, do: kind, for: pick(downs, more), ...ofNode(street, card) }
    case "database fails": {
      const of = pick(["commits", "commits", "requests"] as const, card)
      return { at, do: kind, how: pick(databaseFailureNames, detail), times: 1 + (more % 4), of }
    }
    case "database is slow":
      return { at, do: kind, times: 1 + (more % 3), by: pick([2, 8, 40, 90], detail) }
    default:
      return atStation(kind, at, pick(street.stations, place), detail, more)
  }
}

type StationKind = Exclude<
  DrawnKind,
  | "fault"
  | "block card"
  | "expire card"
  | "publish tariff"
  | "kill CMS"
  | "restart CMS"
  | "database fails"
  | "database is slow"
  | PersonalKind
>

const atStation = (
  kind: StationKind,
  at: number,
  { id: station, dialect }: StoryStation,
  detail: number,
  more: number
): Step => {
  const action = pick(dialect === "1.6" ? actions16 : actions2x, detail)
  switch (kind) {
    case "emergency stop":
    case "cut link":
      return { at, do: kind, station, for: pick(durations, more) }
    case "cut power":
      return { at, do: kind, station, withMemory: detail % 3 !== 0, for: pick(durations, more) }
    case "reboot":
      return { at, do: kind, station, withMemory: detail % 3 !== 0 }
    case "half-open link":
      return { at, do: kind, station }
    case "lose request":
    case "lose answer":
    case "double request":
      return { at, do: kind, station, action }
    case "delay answer":
      return { at, do: kind, station, action, by: pick([5, 25, 35, 50], more) }
    case "late request":
      return {
        at,
        do: kind,
        station,
        action: pick(dialect === "1.6" ? billed16 : ["TransactionEvent"], detail),
        ...late(more)
      }
    case "repeat request later":
      return {
        at,
        do: kind,
        station,
        action:
          dialect === "1.6" ? pick(["MeterValues", "StopTransaction", "StartTransaction"], detail) : "TransactionEvent",
        after: pick([1, 20, 300, 1800, 3600, 7200], more)
      }
    case "move to other node":
      return { at, do: kind, station, leaving: pick(["half-open", "half-open", "closed"] as const, detail) }
    case "reset station":
      return { at, do: kind, station, when: pick(["now", "on-idle"] as const, detail) }
    case "trigger message":
      return { at, do: kind, station, message: "StatusNotification" }
    case "change availability":
      return { at, do: kind, station, available: detail % 2 === 0 }
    case "close charges":
      return { at, do: kind, station }
    case "set registration":
      return { at, do: kind, station, to: pick(["Accepted", "Pending", "Rejected"] as const, detail) }
  }
}

type PersonalKind =
  | "plug in"
  | "unplug"
  | "present card"
  | "start by app"
  | "stop by app"
  | "car pauses"
  | "car goes on"
  | "unlock connector"
  | "station pauses"

const personal = (kind: PersonalKind, at: number, draw: Draw, street: Street): Step | undefined => {
  const [, , where, card, detail, more] = draw
  const place = street.placeFor(kind, where)
  if (place === undefined) return undefined
  const { station, evse } = place
  switch (kind) {
    case "plug in":
      return { at, do: kind, station, evse, car: pick(cars, detail), socPercent: 5 + (more % 90) }
    case "present card": {
      // Seven in eight show the card that makes sense: the one that charges here, or one that charges nowhere.
      const sensible = place.card ?? street.idleCard(card) ?? pick(street.cards, card).uid
      const shown = detail % 8 === 7 ? pick(street.cards, card).uid : sensible
      return { at, do: kind, station, evse, card: detail % 64 === 63 ? "STRANGER" : shown }
    }
    case "start by app":
      return { at, do: kind, station, evse, card: street.idleCard(card) ?? pick(street.cards, card).uid }
    case "station pauses":
      return { at, do: kind, station, evse, for: pick(durations, more) }
    default:
      return { at, do: kind, station, evse }
  }
}
