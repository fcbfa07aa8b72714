import { assert, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import * as Instant from "#core/Instant.ts"
import { actions } from "#core/ocpp/v16/generated/actions.ts"
import { Directory } from "#server/directory/Directory.ts"
import { lived, noonMs, station } from "../payments/world.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

const card = Effect.fnUntraced(function* (uid: string, expiresAtMs: number) {
  const plain = { groupId: null, driverId: null, partnerId: null, blockedAtMs: null, concurrencyLimit: null }
  const token = { uid, type: "ISO14443", ...plain, allowedStations: null, expiresAtMs, createdAtMs: noonMs } as const
  yield* Effect.orDie((yield* Directory).createToken(token))
})

/** A 1.6 station that told of two statuses by a clock that is off, and starts ten minutes after noon. */
const answered = (
  aheadMs: number,
  expiresAtMs: number,
  start: { readonly waitedMs?: number; readonly isHeard?: boolean } = {}
) =>
  lived(() =>
    Effect.gen(function* () {
      yield* card("CARD", expiresAtMs)
      const charger = yield* station(11_000, aheadMs)
      const shown = Effect.map(Clock.currentTimeMillis, (nowMs) => nowMs + aheadMs)
      for (const status of ["Available", "Preparing"] as const) {
        yield* Effect.sleep("1 minute")
        const told = { connectorId: 1, errorCode: "NoError", status, timestamp: Instant.format(yield* shown) } as const
        if (start.isHeard !== false) yield* charger.peer.call(actions.StatusNotification, told)
      }
      yield* Effect.sleep("8 minutes")
      const timestamp = Instant.format((yield* shown) - (start.waitedMs ?? 0))
      const request = { connectorId: 1, idTag: "CARD", meterStart: 0, timestamp }
      const { idTagInfo } = yield* charger.peer.call(actions.StartTransaction, request)
      answer = idTagInfo.status
    })
  )
let answer = ""

const expects = (title: string, expected: string, run: () => ReturnType<typeof answered>): void => {
  it.live(
    title,
    Effect.fnUntraced(function* () {
      yield* run()
      assert.strictEqual(answer, expected)
    })
  )
}

expects("a token that is good charges at a station whose clock has it expired", "Accepted", () =>
  answered(2 * hourMs, noonMs + hourMs)
)
expects("also where nothing was heard of that clock before", "Accepted", () =>
  answered(2 * hourMs, noonMs + hourMs, { isHeard: false })
)
expects("a token that has expired charges at no station whose clock is behind", "Expired", () =>
  answered(-2 * hourMs, noonMs + 5 * minuteMs)
)
expects("a start that waited is judged by when it was made, though the clock is off", "Accepted", () =>
  answered(-2 * hourMs, noonMs + 5 * minuteMs, { waitedMs: 6 * minuteMs })
)
expects("and refused where the token had expired by then, though by that clock it had not", "Expired", () =>
  answered(-2 * hourMs, noonMs + 3 * minuteMs, { waitedMs: 6 * minuteMs })
)
expects("a start that waited at a station whose clock is right is judged by its own word", "Accepted", () =>
  answered(0, noonMs + 5 * minuteMs, { waitedMs: 6 * minuteMs })
)
