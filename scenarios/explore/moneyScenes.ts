import type { Stream } from "#simulator/Stream.ts"
import { type WalletCrashPoint, walletCrashPointNames } from "../walletCrashPoints.ts"
import type { Step, StepKind, Story, StoryCard, StoryStation } from "./Story.ts"
import type { GuessedPlace, Street } from "./Street.ts"
import { arrives, leaves, type Stand } from "./stand.ts"

/** What money adds to a story: who pays ahead, what prices there are, and what becomes of both while it goes on. */
export interface Moneyed {
  readonly cards: ReadonlyArray<StoryCard>
  readonly stations: ReadonlyArray<StoryStation>
  readonly wallets?: NonNullable<Story["wallets"]>
  readonly tariffs?: NonNullable<Story["tariffs"]>
  readonly steps: ReadonlyArray<Step>
}

/** What other files draw. */
export type DrawnKind = Exclude<
  StepKind,
  "top up" | "take out" | "set credit line" | "assign tariff" | "retire tariff" | "join group" | "leave group"
>

interface Before extends Pick<Moneyed, "cards" | "stations" | "steps"> {
  readonly street: Street
}

const purse = "purse"
const staff = "staff"

/** What people do of themselves. */
const everyday: ReadonlySet<Step["do"]> = new Set<Step["do"]>([
  "plug in",
  "present card",
  "unplug",
  "start by app",
  "stop by app",
  "car pauses",
  "car goes on"
])

/**
 * One run in four has a wallet that several cards may charge on, and one in four has prices that are decided on while it
 * goes on; some have both. Half of those with a wallet are of people alone: where nothing breaks, a stop must be near.
 */
export const moneyOf = (before: Before, luck: Stream): Moneyed => {
  const { cards, stations, steps } = before
  const withWallet = luck.chance(1 / 4) ? walleted(before, luck.split("wallet")) : undefined
  const so = { ...before, ...(withWallet ?? { cards, stations, steps }) }
  const withPrices = luck.chance(1 / 4) ? pricedOf(so, luck.split("prices")) : undefined
  return { cards, stations, steps, ...withWallet, ...withPrices }
}

const lastOf = (steps: ReadonlyArray<Step>): number => steps.reduce((last, { at }) => Math.max(last, at), 60)

const walleted = ({ cards: all, steps: some, street }: Before, luck: Stream): Omit<Moneyed, "stations"> => {
  const steps = luck.chance(1 / 2) ? some.filter((step) => everyday.has(step.do)) : some
  const owned = luck.int(1, Math.min(3, all.length))
  const cards = all.map((card, index) => (index < owned ? { ...card, driver: purse } : card))
  const credit = luck.pick([0, 0, 150, 400])
  const wallet = {
    driver: purse,
    cents: luck.pick([0, 150, 250, 400, 900, 2_500]),
    ...(credit === 0 ? {} : { credit })
  }
  const at = lastOf(steps) + 60
  const desk = Array.from({ length: luck.int(0, 4) }, () => moves(luck.int(60, at), luck))
  const scene = onWallet(at, street, cards.slice(0, owned), luck)
  const deaths = steps === some ? deathsOver(at, scene, street, luck.split("deaths")) : []
  return { cards, wallets: [wallet], steps: [...steps, ...desk, ...scene, ...deaths] }
}

/**
 * The server dies at a step of the wallet, in half of the stories in which something breaks; some of them more than once. Where
 * it dies over a start, the station may lose its memory before it can tell that start again.
 */
const deathsOver = (atS: number, scene: ReadonlyArray<Step>, { nodes }: Street, luck: Stream): ReadonlyArray<Step> => {
  if (!luck.chance(1 / 2)) return []
  const dies = (at: number, when: WalletCrashPoint, forS: number): Step => {
    const node = nodes === 2 && luck.chance(1 / 2) ? { node: 2 as const } : {}
    return { at, do: "kill CMS", when, for: forS, ...node }
  }
  const shown = scene.find((step) => step.do === "present card")
  if (shown !== undefined && luck.chance(1 / 3)) {
    const at = shown.at + luck.int(2, 20)
    const forgets = {
      at,
      do: "cut power",
      station: shown.station,
      withMemory: false,
      for: luck.pick([60, 1_800])
    } as const
    return [dies(shown.at, "after money is set aside", 600), forgets]
  }
  return Array.from({ length: luck.int(1, 3) }, () => {
    const at = luck.pick([luck.int(60, atS), atS - 1, atS + luck.int(1, 1_500)])
    return dies(at, luck.pick(walletCrashPointNames), luck.pick([2, 10, 60, 600]))
  })
}

/** Something happens to the wallet, at the desk. */
const moves = (at: number, luck: Stream): Step => {
  const cents = luck.pick([100, 200, 350, 800])
  return luck.pick<Step>([
    { at, do: "top up", driver: purse, cents },
    { at, do: "top up", driver: purse, cents },
    { at, do: "take out", driver: purse, cents },
    { at, do: "set credit line", driver: purse, cents: luck.pick([0, 200, 500]) }
  ])
}

/** Charges that use the wallet up, or would if nobody paid in: one alone, or two beside each other. */
const onWallet = (atS: number, street: Street, cards: ReadonlyArray<StoryCard>, luck: Stream): ReadonlyArray<Step> => {
  const good = cards.filter(({ uid }) => !street.isSpoilt(uid))
  const free = luck.shuffle([...street.freePlaces()])
  const [first, second] = free
  if (first === undefined || good.length === 0) return []
  const stands = [first, ...(second !== undefined && luck.chance(0.6) ? [second] : [])].map(
    ({ station, evse }: Readonly<GuessedPlace>): Stand => ({ at: atS, station, evse, card: luck.pick(good).uid, luck })
  )
  const lastS = luck.pick([2_400, 5_400])
  return [
    ...(luck.chance(0.5) ? [{ at: atS - 30, do: "top up", driver: purse, cents: luck.pick([150, 400]) } as const] : []),
    ...stands.flatMap((stand, index) => {
      const from = atS + index * luck.pick([0, 2, 240])
      return [...arrives(stand, from), leaves(stand, atS + lastS)]
    }),
    ...Array.from({ length: luck.int(0, 2) }, () => moves(atS + luck.int(30, 1_500), luck)),
    // What the second one has when the first is over and paid.
    ...(luck.chance(0.3) ? [leaves(stands[0]!, atS + luck.int(120, 900))] : [])
  ]
}

const names = ["GREEN", "NIGHT"] as const

const pricedOf = ({ stations: all, cards, steps, street }: Before, luck: Stream): Omit<Moneyed, "cards"> => {
  const stations = all.map((station) =>
    luck.chance(0.6) ? { ...station, site: luck.pick(["north", "south"]) } : station
  )
  const tariffs = names.map((id) => ({ id, perKwh: luck.int(20, 90) }))
  const at = lastOf(steps) + 60
  const office = new Office(stations, cards, luck)
  const acts = Array.from({ length: luck.int(2, 7) }, () => luck.int(1, at)).toSorted((a, b) => a - b)
  const [place] = luck.shuffle([...street.freePlaces()])
  const uid = street.idleCard(luck.int(0, 99))
  const decided = acts.map((when) => office.act(when))
  if (place === undefined || uid === undefined) return { stations, tariffs, steps: [...steps, ...decided] }
  const stand = { at, station: place.station, evse: place.evse, card: uid, luck }
  const scene = [
    office.act(at - luck.pick([0, 1, 40])),
    ...arrives(stand, at),
    office.act(at + luck.pick([0, 4, 5, 6, 200])),
    office.act(at + luck.int(200, 900)),
    leaves(stand, at + 1_200),
    ...arrives(stand, at + 1_260),
    leaves(stand, at + 2_400)
  ]
  return { stations, tariffs, steps: [...steps, ...decided, ...scene] }
}

/** Draws what an operator decides: mostly what makes sense, by the versions that there are. */
class Office {
  private readonly versions = new Map<string, number>([["STANDARD", 1], ...names.map((id) => [id, 1] as const)])
  private readonly stations: ReadonlyArray<StoryStation>
  private readonly drivers: ReadonlyArray<string>
  private readonly luck: Stream

  constructor(stations: ReadonlyArray<StoryStation>, cards: ReadonlyArray<StoryCard>, luck: Stream) {
    this.stations = stations
    this.drivers = cards.flatMap((card, index) => card.driver ?? (index % 2 === 0 ? `driver-${card.uid}` : []))
    this.luck = luck
  }

  act(at: number): Step {
    const { luck, versions } = this
    const tariff = luck.pick([...versions.keys()])
    switch (luck.pick(["publish", "publish", "assign", "assign", "assign", "retire", "member"] as const)) {
      case "publish": {
        versions.set(tariff, versions.get(tariff)! + 1)
        const from = luck.chance(0.3) ? { from: luck.pick([60, 600, 1_800]) } : {}
        return { at, do: "publish tariff", tariff, perKwh: luck.int(20, 99), ...from }
      }
      case "assign":
        return { at, do: "assign tariff", ...(luck.chance(0.75) ? { tariff } : {}), ...this.slot() }
      case "retire":
        return { at, do: "retire tariff", tariff, version: luck.int(1, versions.get(tariff)!) }
      case "member":
        return {
          at,
          do: luck.pick(["join group", "join group", "leave group"] as const),
          driver: luck.pick(this.drivers.length === 0 ? [purse] : this.drivers),
          group: staff
        }
    }
  }

  private slot(): Pick<Extract<Step, { readonly do: "assign tariff" }>, "station" | "evse" | "site" | "group"> {
    const { luck } = this
    const group = luck.chance(0.4) ? { group: staff } : {}
    const { id: station } = luck.pick(this.stations)
    const place = luck.pick([{ station }, { station, evse: 1 }, { site: "north" }, { site: "south" }, {}])
    return { ...place, ...group }
  }
}
