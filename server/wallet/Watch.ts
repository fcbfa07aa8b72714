import { Clock, Effect, FiberSet, Layer } from "effect"
import { type HardState, sometimes } from "#core/Sometimes.ts"
import { beginAtMs } from "#core/transaction/assess.ts"
import { goesOn } from "#core/transaction/closeByHand.ts"
import { isLimiting, isOpen, type Transaction } from "#core/transaction/Transaction.ts"
import type { Charge } from "#core/wallet/Charge.ts"
import type { Share } from "#core/wallet/reserve.ts"
import { Billing } from "../billing/Billing.ts"
import { costAt, energyAt } from "../payments/exposure.ts"
import { Owners } from "../station/Owners.ts"
import { patiently } from "../station/patiently.ts"
import { makeStops, type StopPace } from "../station/Stops.ts"
import { Funds } from "./Funds.ts"
import { WalletStore } from "./WalletStore.ts"

export interface WatchPolicy {
  /** Until a stop asked for now has taken effect and the next reading has come: no wallet is used up in between. */
  readonly stopLatencyMs: number
  /** The same for what a driver wants it to stop at, where a little more does no harm. */
  readonly wishLatencyMs: number
  /** How far beyond a limit that its station keeps by itself a charge must be until it is stopped all the same. */
  readonly keptGraceMs: number
  /** How often charges are looked at when no reading comes. */
  readonly lookEveryMs: number
  /** How often a station is asked to stop a charge that goes on. */
  readonly stopPace: StopPace
  /** By how much more is set aside at a time. */
  readonly step: Share
  /** What was set aside for a start that is not in the books after that while is let go. */
  readonly releaseAfterMs: number
}

export const standardWatch: WatchPolicy = {
  stopLatencyMs: 90_000,
  wishLatencyMs: 15_000,
  keptGraceMs: 60_000,
  lookEveryMs: 15_000,
  stopPace: { againMs: 60_000, mostMs: 16 * 60_000, unansweredMs: 60_000 },
  step: { minor: 500n, wh: 5_000 },
  releaseAfterMs: 15 * 60_000
}

/** Let go per round; the rest at the next. */
const releaseLimit = 200
/** Looks between two rounds of letting go. */
const looksPerRelease = 20

/** A charge that something bounds, on a station of this node. */
interface Watched {
  readonly stationId: string
  /** As last seen in the store; undefined until it was asked. */
  charge: Charge | undefined
  isLooking: boolean
  /** Something was heard while it was looked at. */
  isNews: boolean
}

/**
 * Looks after the charges that a wallet, a budget or their driver's own wish bounds: at every reading, and every few
 * seconds, what each will have cost and taken by the time a stop asked for now has taken effect. While there is more to
 * be had more is set aside; else the station is asked to stop. So is one that goes on with
 * a charge that an operator closed.
 */
export const watch = (policy: WatchPolicy = standardWatch) =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const funds = yield* Funds
      const store = yield* WalletStore
      const owners = yield* Owners
      const billing = yield* Billing
      const stops = yield* makeStops(policy.stopPace)
      const fork = yield* FiberSet.makeRuntime<never>()
      const watched = new Map<string, Watched>()
      let isGoing = false

      const forget = (transactionId: string): void => {
        watched.delete(transactionId)
        stops.forget(transactionId)
      }

      /** `atMs` by the station's clock, which its readings are dated by and which may be hours off. */
      const projected = (transaction: Transaction, atMs: number): Effect.Effect<Share> =>
        Effect.map(costAt(billing, transaction, atMs), (minor) => ({ minor, wh: energyAt(transaction, atMs) }))

      /** What it had come to by an instant that is past, as told: nothing is carried on. */
      const told = (transaction: Transaction, atMs: number): Effect.Effect<Share> => {
        const past = { ...transaction, samples: transaction.samples.filter((sample) => sample.atMs <= atMs) }
        return projected(past, past.samples.at(-1)?.atMs ?? beginAtMs(past))
      }

      /**
       * Whether the driver's wish is as good as reached; where its station sees to it, whether it was passed long enough ago,
       * by what the station itself told.
       */
      const hasItsWish = Effect.fnUntraced(function* (transaction: Transaction, nowMs: number) {
        const { limit, started } = transaction
        if (limit === null || !isLimiting(limit)) return false
        const { maxWh, maxMs, maxMinor } = limit
        const isKept = limit.keptByStation === true
        const leadMs = isKept ? -policy.keptGraceMs : policy.wishLatencyMs
        const byMs = owners.shown(transaction, nowMs) + leadMs
        if (maxMs !== null && started !== null) {
          // A start told at once is timed by our clock, whatever became of the station's since.
          const lastedMs = started.offline ? byMs - started.atMs : nowMs + leadMs - started.receivedAtMs
          if (lastedMs > maxMs) return true
        }
        if (maxWh === null && maxMinor === null) return false
        const then = isKept ? yield* told(transaction, byMs) : yield* projected(transaction, byMs)
        return (maxWh !== null && then.wh >= maxWh) || (maxMinor !== null && then.minor >= BigInt(maxMinor))
      })

      /** Whether nothing more can be set aside for it, though it will soon be needed. */
      const isAtItsEnd = Effect.fnUntraced(function* (transaction: Transaction, it: Watched, nowMs: number) {
        if (transaction.authorized?.limited !== true) return false
        const then = yield* projected(transaction, owners.shown(transaction, nowMs) + policy.stopLatencyMs)
        const isShort = ({ heldMinor, heldWh }: Charge) => then.minor >= heldMinor || then.wh >= heldWh
        it.charge ??= yield* funds.held(transaction, nowMs)
        if (it.charge === undefined || !isShort(it.charge)) return false
        const wanted = { minor: then.minor + policy.step.minor, wh: then.wh + policy.step.wh }
        it.charge =
          (yield* patiently(store.raise(it.charge.key, wanted, nowMs))) ?? (yield* funds.held(transaction, nowMs))
        return it.charge !== undefined && isShort(it.charge)
      })

      const stop = (transaction: Transaction, nowMs: number, why: HardState): void => {
        const question = stops.due(transaction, nowMs)
        if (question === undefined) return
        sometimes(why)
        fork(question)
      }

      const look = Effect.fnUntraced(function* (transactionId: string, it: Watched) {
        const owner = owners.current(it.stationId)
        if (owner === undefined) return
        const transaction = owner.holdings.byId(transactionId)
        if (transaction === undefined || !isOpen(transaction)) {
          forget(transactionId)
          return
        }
        const nowMs = yield* Clock.currentTimeMillis
        if (yield* hasItsWish(transaction, nowMs))
          stop(transaction, nowMs, "a charge was stopped where its driver wanted it to")
        else if (yield* isAtItsEnd(transaction, it, nowMs))
          stop(transaction, nowMs, "a charge was stopped before its wallet was empty")
      })

      /** One look at a time; what was heard meanwhile makes another. */
      const lookSoon = (transactionId: string, it: Watched): void => {
        it.isNews = true
        if (it.isLooking) return
        it.isLooking = true
        it.isNews = false
        fork(
          look(transactionId, it).pipe(
            Effect.catchCause((cause) =>
              Effect.logError("a charge could not be looked after", { transactionId }, cause)
            ),
            Effect.ensuring(
              Effect.sync(() => {
                it.isLooking = false
                if (it.isNews && watched.get(transactionId) === it) lookSoon(transactionId, it)
              })
            )
          )
        )
      }

      const release = Effect.fnUntraced(function* () {
        const nowMs = yield* Clock.currentTimeMillis
        const released = yield* patiently(store.release(nowMs - policy.releaseAfterMs, releaseLimit))
        if (released > 0) sometimes("money was let go that a dead server had set aside")
        return watched.size > 0 || (yield* patiently(store.isInUse))
      })

      const rounds = Effect.gen(function* () {
        for (let looks = 1; ; looks++) {
          yield* Effect.sleep(policy.lookEveryMs)
          for (const [transactionId, it] of watched) lookSoon(transactionId, it)
          if (looks % looksPerRelease === 0 && !(yield* release())) break
        }
        isGoing = false
        if (watched.size > 0) go()
      })

      /** Where nothing is bounded nothing goes round. */
      const go = (): void => {
        if (isGoing) return
        isGoing = true
        fork(rounds)
      }

      funds.listen((transaction) => {
        const { id, stationId } = transaction
        if (goesOn(transaction)) {
          fork(
            Effect.map(Clock.currentTimeMillis, (nowMs) =>
              stop(transaction, nowMs, "a charge that was closed by hand went on")
            )
          )
          return
        }
        if (!isOpen(transaction)) {
          forget(id)
          return
        }
        const it = watched.get(id) ?? {
          stationId,
          charge: undefined,
          isLooking: false,
          isNews: false
        }
        watched.set(id, it)
        go()
        lookSoon(id, it)
      }, go)
      fork(
        Effect.map(patiently(store.isInUse), (isInUse) => {
          if (isInUse) go()
        })
      )
    })
  )
