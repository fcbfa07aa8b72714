import { Clock, Effect, Result } from "effect"
import { everMs, network } from "#core/tariff/assign/Assignment.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { drafts } from "#server/api/tariffDrafts.ts"
import { retireVersion } from "#server/api/tariffRetirement.ts"
import { Directory } from "#server/directory/Directory.ts"
import { patiently } from "#server/station/patiently.ts"
import { type Meant, PriceBook } from "#simulator/oracles/PriceBook.ts"
import type { OcpiTariff } from "#simulator/oracles/SlowRater.ts"
import type { PriceAct, PricePlan } from "../Scenario.ts"
import type { Within } from "./phone.ts"

const againAfterMs = 30_000

const groupOf = (act: PriceAct): string | null =>
  act.do === "assign" ? (act.to.groupId ?? null) : "groupId" in act ? act.groupId : null

/**
 * Whoever decides about prices in a scenario: enters sites, groups and partners beforehand, and does the plan's acts through
 * what the API's own handlers do. What took effect is written into a book of its own, which the oracles judge by.
 */
export class PriceOffice {
  readonly book = new PriceBook()
  private readonly plan: PricePlan
  private readonly startAtMs: number
  private readonly within: Within
  private stationIds: ReadonlyArray<string> = []
  /** Cards that have a driver, by place in the deck. */
  private readonly drivers: Array<{ readonly uid: string; readonly driverId: string }> = []

  constructor(plan: PricePlan, startAtMs: number, within: Within) {
    this.plan = plan
    this.startAtMs = startAtMs
    this.within = within
  }

  /** Enters what is there before the first station is switched on, beside what `provision` entered. */
  readonly found = Effect.fnUntraced(
    { self: this },
    function* (
      this: PriceOffice,
      stationIds: ReadonlyArray<string>,
      tokenUids: ReadonlyArray<string>,
      standing: ReadonlyArray<OcpiTariff>
    ) {
      const { book, plan, startAtMs } = this
      const directory = yield* Directory
      this.stationIds = stationIds
      for (const tariff of standing) {
        book.publish(tariff, tariff.start_date_time === undefined ? everMs : Date.parse(tariff.start_date_time))
        book.assign({}, everMs, tariff.id)
      }
      for (const site of new Map(plan.sites.map((site) => [site?.id, site])).values())
        if (site !== null) yield* directory.createSite({ ...site, name: site.id, createdAtMs: startAtMs })
      for (const [index, stationId] of stationIds.entries()) {
        const site = plan.sites[index % plan.sites.length] ?? null
        const station = yield* directory.station(stationId)
        if (site === null || station === undefined) continue
        yield* directory.updateStation({ ...station, siteId: site.id, timeZone: site.timeZone })
        book.sites.set(stationId, site)
      }
      const groups = new Set([...plan.groups, ...plan.acts.map(groupOf)])
      for (const id of groups) if (id !== null) yield* directory.createGroup({ id, name: id, createdAtMs: startAtMs })
      let strangers = 0
      for (const uid of tokenUids) {
        const token = yield* directory.token(uid)
        if (token === undefined) continue
        const { driverId } = token
        if (driverId === null) {
          const partnerId = plan.partners[strangers++ % Math.max(1, plan.partners.length)] ?? null
          if (partnerId === null) continue
          yield* directory.updateToken({ ...token, partnerId })
          book.partners.set(uid, partnerId)
        } else {
          const groupId = plan.groups[this.drivers.length % Math.max(1, plan.groups.length)] ?? null
          this.drivers.push({ uid, driverId })
          if (groupId === null) continue
          yield* directory.joinGroup({ driverId, groupId, atMs: startAtMs })
          book.join(uid, groupId, startAtMs)
        }
      }
    }
  )

  /** Does every act at its instant, one after the other; one that finds no server is tried again. */
  readonly work: Effect.Effect<void> = Effect.suspend(() =>
    Effect.forEach(
      this.plan.acts,
      (act) =>
        Effect.gen({ self: this }, function* () {
          const nowMs = yield* Clock.currentTimeMillis
          yield* Effect.sleep(Math.max(0, this.startAtMs + act.afterMs - nowMs))
          while (!(yield* this.done(act))) yield* Effect.sleep(againAfterMs)
        }),
      { discard: true }
    )
  )

  private done(act: PriceAct): Effect.Effect<boolean> {
    return Effect.callback<boolean>((resume) => {
      const effect = Effect.as(Effect.orDie(this.act(act)), true)
      this.within(effect, (isDone) => resume(Effect.succeed(isDone)))
    })
  }

  private readonly act = Effect.fnUntraced({ self: this }, function* (this: PriceOffice, act: PriceAct) {
    const { book } = this
    const directory = yield* Directory
    const nowMs = yield* Clock.currentTimeMillis
    book.turnsAtMs.push(nowMs)
    switch (act.do) {
      case "publish":
        yield* this.publish(act.tariff, act.fromAfterMs, nowMs)
        return
      case "retire": {
        const { tariffId, version } = act
        const { retired_at } = yield* retireVersion(directory, { id: tariffId, version, isConfirmed: true })
        book.retire(tariffId, version, Date.parse(retired_at))
        return
      }
      case "assign": {
        const { station, ...to } = act.to
        const where: Meant = station === undefined ? to : { ...to, stationId: this.stationIds[station]! }
        yield* patiently(directory.assign({ slot: { ...network, ...where }, sinceMs: nowMs, tariffId: act.tariffId }))
        book.assign(where, nowMs, act.tariffId)
        return
      }
      default:
        for (const { uid, driverId } of this.membersOf(act.who)) {
          const change = { driverId, groupId: act.groupId, atMs: nowMs }
          if (act.do === "join") {
            yield* patiently(directory.joinGroup(change))
            book.join(uid, act.groupId, nowMs)
          } else {
            yield* Effect.catchTag(patiently(directory.leaveGroup(change)), "NotFound", () => Effect.void)
            book.leave(uid, act.groupId, nowMs)
          }
        }
    }
  })

  /** The next version by our own count: a server that died behind it, and did not say so, has published it. */
  private readonly publish = Effect.fnUntraced(
    { self: this },
    function* (this: PriceOffice, tariff: OcpiTariff, fromAfterMs: number | undefined, nowMs: number) {
      const { book } = this
      const directory = yield* Directory
      const there = (yield* patiently(directory.tariff(tariff.id)))[book.countOf(tariff.id)]
      if (there !== undefined) return book.publish(tariff, there.startAtMs ?? everMs)
      const desk = drafts(directory)
      yield* desk.save(tariff.id, Tariff.encode(Result.getOrThrow(Tariff.parse(tariff))))
      const fromMs = fromAfterMs === undefined ? null : this.startAtMs + fromAfterMs
      // Whoever comes too late with what was to be scheduled has it hold at once.
      const { start_date_time: start } = yield* desk.publish(
        tariff.id,
        true,
        fromMs === null || fromMs < nowMs ? null : fromMs
      )
      book.publish(tariff, typeof start === "string" ? Date.parse(start) : everMs)
    }
  )

  private membersOf(who: Extract<PriceAct, { readonly do: "join" | "leave" }>["who"]): PriceOffice["drivers"] {
    return this.drivers.filter((it, index) => ("every" in who ? index % who.every === 0 : it.driverId === who.driverId))
  }
}
