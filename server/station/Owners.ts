import { Clock, Context, Effect, Layer } from "effect"
import { Ids } from "#core/Ids.ts"
import type { Station } from "#core/station/Station.ts"
import { isBounded, isOpen, type Transaction } from "#core/transaction/Transaction.ts"
import { LiveEvents } from "../api/Events.ts"
import { Billing } from "../billing/Billing.ts"
import { Directory } from "../directory/Directory.ts"
import { Journal } from "../record/Journal.ts"
import { Recorder } from "../record/Recorder.ts"
import { Funds } from "../wallet/Funds.ts"
import { ActiveTokens } from "./ActiveTokens.ts"
import { announcer } from "./announcer.ts"
import { Clocks } from "./Clocks.ts"
import { Numbers } from "./Numbers.ts"
import type { OwnerServices, ShowCost } from "./OwnerServices.ts"
import { patiently } from "./patiently.ts"
import { StationOwner } from "./StationOwner.ts"

/** Who owns which station on this node. */
export class Owners extends Context.Service<
  Owners,
  {
    /** Claims a station and loads it; whoever owned it before is fenced. Does not put it on the register. */
    readonly open: (station: Station, dialect: OwnerServices["dialect"]) => Effect.Effect<StationOwner>
    readonly current: (stationId: string) => StationOwner | undefined
    /** Who may write of a station: its owner here, or else a claim of ours. Undefined: there is no such station. */
    readonly writer: (stationId: string, dialect: OwnerServices["dialect"]) => Effect.Effect<StationOwner | undefined>
    /** An open transaction of a station that is in touch. */
    readonly transaction: (transactionId: string) => Transaction | undefined
    /** What the clock of a transaction's station shows at an instant of ours, as far as its messages told. */
    readonly shown: (transaction: Transaction, nowMs: number) => number
    readonly put: (owner: StationOwner) => void
    /** Called with what was committed at stations that show costs; one listener (the displays). */
    readonly onCost: (listener: ShowCost) => void
    /** Takes `owner` off the register, unless a newer one stands there. */
    readonly remove: (owner: StationOwner) => void
  }
>()("server/station/Owners") {
  static readonly layer = Layer.effect(
    Owners,
    Effect.gen(function* () {
      const recorder = yield* Recorder
      const events = yield* LiveEvents
      const clock = yield* Clock.Clock
      const billing = yield* Billing
      let showCost: ShowCost = () => {}
      const funds = yield* Funds
      const clocks = new Clocks()
      const common = {
        recorder,
        journal: yield* Journal,
        directory: yield* Directory,
        active: yield* ActiveTokens,
        ids: yield* Ids,
        numbers: yield* Numbers,
        tariffs: billing,
        settler: billing,
        pricer: billing,
        showCost: (...committed: Parameters<ShowCost>) => showCost(...committed),
        funds,
        announce: announcer(events, () => clock.currentTimeMillisUnsafe()),
        clocks
      }
      const byDialect: Record<OwnerServices["dialect"], OwnerServices> = {
        "1.6": { ...common, dialect: "1.6" },
        "2.0.1": { ...common, dialect: "2.0.1" },
        "2.1": { ...common, dialect: "2.1" }
      }
      const owners = new Map<string, StationOwner>()
      const open = (station: Station, dialect: OwnerServices["dialect"]) =>
        Effect.map(recorder.claim(station.id), (claim) => {
          for (const transaction of claim.snapshot.transactions) if (isBounded(transaction)) funds.follow(transaction)
          return new StationOwner(station, claim, byDialect[dialect])
        })
      return Owners.of({
        open,
        current: (stationId) => owners.get(stationId),
        writer: Effect.fnUntraced(function* (stationId, dialect) {
          const current = owners.get(stationId)
          if (current !== undefined) return current
          const station = yield* patiently(common.directory.station(stationId))
          return station === undefined ? undefined : yield* open(station, dialect)
        }),
        transaction: (transactionId) => {
          for (const { holdings } of owners.values()) {
            const transaction = holdings.byId(transactionId)
            if (transaction !== undefined && isOpen(transaction)) return transaction
          }
          return undefined
        },
        shown: ({ stationId, started }, nowMs) => clocks.shown(stationId, nowMs, started),
        put: (owner) => {
          owners.set(owner.station.id, owner)
        },
        onCost: (listener) => {
          showCost = listener
        },
        remove: (owner) => {
          if (owners.get(owner.station.id) === owner) owners.delete(owner.station.id)
        }
      })
    })
  )
}
