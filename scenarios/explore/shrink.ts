import { Effect } from "effect"
import { driverOf, type Firmware, type Step, type Story, type StoryStation } from "./Story.ts"

/** Whether a smaller story still fails as the first did. */
export type StillFails = (story: Story) => Effect.Effect<boolean>

/** How long shrinking may go on: runs of candidates, and a word from outside (wall-clock time, as a rule). */
export interface ShrinkBounds {
  readonly runs: number
  readonly isTimeUp: () => boolean
}

interface Search {
  best: Story
  left: number
}

/**
 * Makes a failing story smaller for as long as it fails: steps go first, in halves, then one by one; then stations and
 * cards that nobody needs, what is special about the firmware, long waits and durations. What is left is near the least
 * that fails: no single step can be taken out, unless the bounds came first.
 */
export const shrink = (story: Story, stillFails: StillFails, bounds: ShrinkBounds): Effect.Effect<Story> => {
  const search: Search = { best: story, left: bounds.runs }
  const attempt = (candidate: Story): Effect.Effect<boolean> =>
    Effect.suspend(() => {
      if (search.left <= 0 || bounds.isTimeUp()) return Effect.succeed(false)
      search.left--
      return Effect.map(stillFails(candidate), (fails) => {
        if (fails) search.best = candidate
        return fails
      })
    })
  const pass = Effect.gen(function* () {
    yield* fewerSteps(search, attempt)
    yield* fewerThings(search, attempt)
    yield* plainerStations(search, attempt)
    yield* plainerFaults(search, attempt)
    yield* plainerFirmware(search, attempt)
    yield* shorterTimes(search, attempt)
  })
  return Effect.gen(function* () {
    for (let size = Number.POSITIVE_INFINITY; sizeOf(search.best) < size; ) {
      size = sizeOf(search.best)
      yield* pass
    }
    return search.best
  })
}

type Attempt = (candidate: Story) => Effect.Effect<boolean>

const sizeOf = ({ steps, stations, cards, wallets = [], tariffs = [], firmware }: Story): number =>
  steps.length * 10 +
  stations.length +
  stations.filter((station) => "preset" in station).length +
  stations.filter(({ site }) => site !== undefined).length +
  wallets.length +
  tariffs.length +
  steps.reduce((sum, step) => sum + (step.do === "fault" ? Object.keys(step.parameters).length : 0), 0) +
  cards.length +
  Object.keys(firmware).length

/** Delta debugging: chunks of half the steps, a quarter, ... one. */
const fewerSteps = Effect.fnUntraced(function* (search: Search, attempt: Attempt) {
  for (let chunk = Math.ceil(search.best.steps.length / 2); chunk >= 1; chunk = Math.floor(chunk / 2)) {
    for (let from = search.best.steps.length - chunk; from > -chunk; ) {
      const { best } = search
      const first = Math.max(0, from)
      const steps = best.steps.filter((_, index) => index < first || index >= from + chunk)
      yield* attempt({ ...best, steps })
      from -= chunk
    }
  }
})

const fewerThings = Effect.fnUntraced(function* (search: Search, attempt: Attempt) {
  for (const { id } of search.best.stations) {
    const { best } = search
    if (best.stations.length === 1 || best.steps.some((step) => "station" in step && step.station === id)) continue
    yield* attempt({ ...best, stations: best.stations.filter((it) => it.id !== id) })
  }
  for (const { uid } of search.best.cards) {
    const { best } = search
    if (best.steps.some((step) => "card" in step && step.card === uid)) continue
    yield* attempt(
      withCards(
        best,
        best.cards.filter((it) => it.uid !== uid)
      )
    )
  }
  for (const { uid } of search.best.cards) {
    const { best } = search
    if (best.cards.some((it) => it.uid === uid && Object.keys(it).length > 1)) {
      yield* attempt(
        withCards(
          best,
          best.cards.map((it) => (it.uid === uid ? { uid } : it))
        )
      )
    }
  }
  yield* lessMoney(search, attempt)
})

/** The same with other cards: a wallet goes with the last card of its driver. */
const withCards = (story: Story, cards: Story["cards"]): Story => {
  const { wallets, ...rest } = story
  const drivers = new Set(cards.map(driverOf))
  const left = wallets?.filter(({ driver }) => drivers.has(driver)) ?? []
  return { ...rest, cards, ...(left.length === 0 ? {} : { wallets: left }) }
}

/** Nobody pays ahead, there is one tariff, and no site has prices of its own. */
const lessMoney = Effect.fnUntraced(function* (search: Search, attempt: Attempt) {
  if (search.best.wallets !== undefined) {
    const { wallets: _, ...rest } = search.best
    yield* attempt(rest)
  }
  for (const { id } of search.best.tariffs ?? []) {
    const { tariffs = [], ...rest } = search.best
    const left = tariffs.filter((it) => it.id !== id)
    yield* attempt({ ...rest, ...(left.length === 0 ? {} : { tariffs: left }) })
  }
  for (const { id } of search.best.stations.filter(({ site }) => site !== undefined)) {
    const { best } = search
    const nowhere = ({ site: _, ...station }: StoryStation): StoryStation => station
    yield* attempt({ ...best, stations: best.stations.map((it) => (it.id === id ? nowhere(it) : it)) })
  }
})

/** A station that says what it is tells more than a kind of which one habit matters. */
const plainerStations = Effect.fnUntraced(function* (search: Search, attempt: Attempt) {
  for (const { id, dialect } of search.best.stations.filter((station) => "preset" in station)) {
    const { best } = search
    const plain = { id, hardware: "street22", dialect } as const
    yield* attempt({ ...best, stations: best.stations.map((station) => (station.id === id ? plain : station)) })
  }
})

/** A fault with its parameters as they are delivered. */
const plainerFaults = Effect.fnUntraced(function* (search: Search, attempt: Attempt) {
  for (let index = 0; index < search.best.steps.length; index++) {
    const { best } = search
    const step = best.steps[index]!
    if (step.do !== "fault" || Object.keys(step.parameters).length === 0) continue
    yield* attempt({ ...best, steps: best.steps.with(index, { ...step, parameters: {} }) })
  }
})

const plainerFirmware = Effect.fnUntraced(function* (search: Search, attempt: Attempt) {
  for (const key of Object.keys(search.best.firmware)) {
    const { best } = search
    const rest = Object.fromEntries(Object.entries(best.firmware).filter(([name]) => name !== key)) as Firmware
    yield* attempt({ ...best, firmware: rest })
  }
})

/** Round instants are easier to read, and short waits easier to see through. */
const shorterTimes = Effect.fnUntraced(function* (search: Search, attempt: Attempt) {
  for (let index = 0; index < search.best.steps.length; index++) {
    for (const gap of [0, 1, 60, 600]) {
      const { best } = search
      const before = index === 0 ? 60 : best.steps[index - 1]!.at
      const surplus = best.steps[index]!.at - before - gap
      if (surplus <= 0) break
      const steps = best.steps.map((step, at): Step => (at < index ? step : { ...step, at: step.at - surplus }))
      if (yield* attempt({ ...best, steps })) break
    }
  }
})
