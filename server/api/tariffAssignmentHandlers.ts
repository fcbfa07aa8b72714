import { Clock, Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "#core/api/Api.ts"
import { Unprocessable } from "#core/api/Problems.ts"
import { groupsAt, type Membership } from "#core/driver/Group.ts"
import * as Instant from "#core/Instant.ts"
import { network, type Slot, slotFault } from "#core/tariff/assign/Assignment.ts"
import { explainLadder, rungsAt } from "#core/tariff/assign/ladder.ts"
import type { TariffVersion } from "#core/tariff/life.ts"
import { canonicalUid } from "#core/token/Token.ts"
import { assignmentsFor } from "../billing/freeze.ts"
import { Directory } from "../directory/Directory.ts"
import { found, unavailable } from "./failures.ts"
import { inBody } from "./faults.ts"
import { pageRequest, pageView } from "./paging.ts"
import { assignmentView, stepView } from "./tariffViews.ts"

const refused = (pointer: string, message: string) =>
  Effect.fail(
    new Unprocessable({ detail: "The tariff cannot be assigned like this.", errors: inBody(pointer, message) })
  )

export const tariffAssignmentHandlers = HttpApiBuilder.group(
  Api,
  "tariffAssignments",
  Effect.fn(function* (handlers) {
    const directory = yield* Directory

    /** Who pays: by driver, by token, or nobody in particular. */
    const payerOf = Effect.fnUntraced(function* (query: {
      readonly driverId?: string
      readonly tokenUid?: string
      readonly partnerId?: string
    }) {
      const { driverId, tokenUid, partnerId = null } = query
      if (tokenUid !== undefined) {
        const uid = canonicalUid(tokenUid)
        const token = yield* directory.token(uid).pipe(found("token", uid), unavailable)
        return { driverId: token.driverId, partnerId: partnerId ?? token.partnerId, memberships: token.memberships }
      }
      if (driverId === undefined) {
        const memberships: ReadonlyArray<Membership> = []
        return { driverId: null, partnerId, memberships }
      }
      yield* directory.driver(driverId).pipe(found("driver", driverId), unavailable)
      return { driverId, partnerId, memberships: yield* directory.memberships(driverId).pipe(unavailable) }
    })

    return handlers.handleAll({
      list: Effect.fnUntraced(function* ({ query: { tariffId, ...query } }) {
        const page = yield* pageRequest(query)
        const filter = tariffId === undefined ? page : { ...page, tariffId }
        return pageView(assignmentView)(yield* directory.assigned(filter).pipe(unavailable))
      }),
      assign: Effect.fnUntraced(function* ({ payload: { tariffId, ...given } }) {
        const slot: Slot = { ...network, ...given }
        const fault = slotFault(slot)
        if (fault !== null) return yield* refused(`/${fault.field}`, fault.message)
        const assignment = { slot, tariffId, sinceMs: yield* Clock.currentTimeMillis }
        yield* directory.assign(assignment).pipe(
          Effect.catchTag("NotFound", ({ kind }) => refused(`/${kind}Id`, `Expected a ${kind} that exists`)),
          unavailable
        )
        return assignmentView(assignment)
      }),
      ladder: Effect.fnUntraced(function* ({ params: { stationId }, query }) {
        const station = yield* directory.station(stationId).pipe(found("station", stationId), unavailable)
        const payer = yield* payerOf(query)
        const atMs = query.at === undefined ? yield* Clock.currentTimeMillis : Instant.parse(query.at)!
        const groups = groupsAt(payer.memberships, atMs)
        const spot = { stationId: station.id, evseId: query.evseId ?? 1, siteId: station.siteId }
        const who = { groups, partnerId: payer.partnerId }
        const assignments = yield* assignmentsFor(directory, station)
        const versions = new Map<string, ReadonlyArray<TariffVersion>>()
        for (const { tariffId } of rungsAt(who, spot, assignments, atMs))
          versions.set(tariffId, yield* directory.tariff(tariffId).pipe(unavailable))
        const { chosen, steps } = explainLadder(who, spot, assignments, (id) => versions.get(id) ?? [], atMs)
        return {
          at: Instant.format(atMs),
          ...spot,
          timeZone: station.timeZone,
          driverId: payer.driverId,
          groups,
          partnerId: payer.partnerId,
          tariff: chosen === null ? null : { id: chosen.id, version: chosen.version },
          steps: steps.map(stepView)
        }
      })
    })
  })
)
