import { Effect } from "effect"
import { canonicalUid } from "#core/token/Token.ts"
import { LiveView } from "#server/api/Live.ts"
import { Journal } from "#server/record/Journal.ts"
import { patiently } from "#server/station/patiently.ts"
import type { App } from "#simulator/fleet/Phone.ts"
import type { TrueLimit, TrueWish, WishRecord } from "#simulator/oracles/wishes.ts"
import * as Stream from "#simulator/Stream.ts"
import type { Truth } from "#simulator/Truth.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import type { WishPlan } from "../Scenario.ts"
import type { Within } from "./phone.ts"

const none: TrueLimit = { maxWh: null, maxMs: null, maxMinor: null }
const minuteMs = 60_000

type Ordered = Pick<TrueWish, "stationId" | "evseId" | "orderedAtMs">

/** What drivers want their charges to stop at: written down as they say it, whatever the CMS makes of it. */
export class WishBook {
  private readonly wishes: Array<TrueWish> = []
  private readonly timers: TimersApi
  private readonly truth: Truth
  private readonly within: Within

  constructor(timers: TimersApi, truth: Truth, within: Within) {
    this.timers = timers
    this.truth = truth
    this.within = within
  }

  /** `withinMs`: until the next reading, the stop, and its answer; `downMs`: the longest that the CMS is away. */
  record(withinMs: WishRecord["withinMs"], downMs: number): WishRecord {
    return { wishes: this.wishes, withinMs, downMs, assumedPowerW: 22_000 }
  }

  /** The same phone, whose orders are written down; those without a limit are filled in by `drawn`. */
  through(app: App, drawn: (place: Ordered) => TrueLimit | undefined = () => undefined): App {
    return {
      start: (order, answer) => {
        const { stationId, evseId, token } = order
        const place = { stationId, evseId, orderedAtMs: this.timers.nowAtMs() }
        const limit = order.limit ?? drawn(place)
        const wish: TrueWish = {
          ...place,
          tokenUid: canonicalUid(token.uid),
          limit: limit ?? none,
          accepted: null,
          changes: [],
          isStopAsked: false
        }
        this.wishes.push(wish)
        app.start({ ...order, ...(limit === undefined ? {} : { limit }) }, (accepted) => {
          wish.accepted = accepted
          answer(accepted)
        })
      },
      stop: (order, answer) => {
        const { stationId, evseId } = order
        for (const wish of this.wishes)
          if (wish.stationId === stationId && wish.evseId === evseId) wish.isStopAsked = true
        app.stop(order, answer)
      }
    }
  }

  /** The driver of the charge that runs there says what it is to stop at from now on; nothing where none runs. */
  change(stationId: string, evseId: number, limit: TrueLimit): void {
    const session = this.truth.sessions.findLast((it) => it.stationId === stationId && it.evseId === evseId)
    if (session === undefined || session.endedAtMs !== null || session.ocppTransactionId === null) return
    const { tokenUid, ocppTransactionId: ocppId } = session
    const wish = this.wishes.findLast(
      (it) => it.stationId === stationId && it.evseId === evseId && it.tokenUid === tokenUid
    )
    const change: TrueWish["changes"][number] = { limit, askedAtMs: this.timers.nowAtMs(), accepted: null }
    wish?.changes.push(change)
    this.within(
      Effect.gen(function* () {
        const journal = yield* Journal
        const live = yield* LiveView
        const found = yield* patiently(journal.transaction({ stationId, ocppId }))
        return found === undefined ? false : yield* live.limit(found.id, limit)
      }),
      (accepted) => {
        change.accepted = accepted
      }
    )
  }
}

/** People of a scenario who want their charges to stop somewhere, and some who change their mind. */
export const wishful = (book: WishBook, app: App, plan: WishPlan, seed: string, timers: TimersApi): App => {
  const root = Stream.make(seed, "wishes")
  return book.through(app, ({ stationId, evseId, orderedAtMs }) => {
    const luck = root.split(`${stationId}/${evseId}/${orderedAtMs}`)
    if (!luck.chance(plan.share)) return undefined
    const limitOf = (stream: Stream.Stream): TrueLimit => {
      const kind = stream.pick(["energy", "time", "money", "all"] as const)
      const has = (it: string) => kind === it || kind === "all"
      return {
        maxWh: has("energy") ? stream.int(...plan.wh) : null,
        maxMs: has("time") ? stream.int(...plan.minutes) * minuteMs : null,
        maxMinor: has("money") ? stream.int(...plan.minor) : null
      }
    }
    const afterMs = luck.int(3, 25) * minuteMs
    const other = limitOf(luck.split("other"))
    if (luck.chance(plan.changes)) timers.after(afterMs, () => book.change(stationId, evseId, other))
    return limitOf(luck)
  })
}
