import { Clock, Context, Data, Effect, FiberSet, Layer, Semaphore } from "effect"
import { Ids } from "#core/Ids.ts"
import { type Command, decide } from "#core/payment/decide.ts"
import { next, type Policy, standardPolicy } from "#core/payment/next.ts"
import { evolve, type Payment, type PaymentFact, type Terms } from "#core/payment/Payment.ts"
import { isAtLeast } from "#core/payment/ProviderView.ts"
import { newEntries } from "#core/payment/post.ts"
import { holdOf } from "#core/payment/state.ts"
import { newWalletMoves } from "#core/payment/topUp.ts"
import type { LiveView } from "../api/Live.ts"
import type { Billing } from "../billing/Billing.ts"
import type { Books } from "../books/Books.ts"
import { type Directory, NotFound } from "../directory/Directory.ts"
import type { StoreUnavailable } from "../record/Journal.ts"
import type { Owners } from "../station/Owners.ts"
import { patiently } from "../station/patiently.ts"
import { type ChargingPolicy, makeCharging, standardCharging, tokenUidOf } from "./Charging.ts"
import { type PaymentRecord, PaymentStore } from "./PaymentStore.ts"
import { PaymentProvider } from "./Provider.ts"
import { lookUp, perform } from "./perform.ts"

/** How often a payment is looked at while nothing tells of it. */
export interface Pace {
  /** While its charge is under way. */
  readonly watchEveryMs: number
  /** While its driver has not confirmed it: webhooks may be late, lost, or not set up. */
  readonly askEveryMs: number
  /** Once it is over, for bills that come late: at first, and later and later. */
  readonly restMs: number
}

export const standardPace: Pace = { watchEveryMs: 15_000, askEveryMs: 15_000, restMs: 10 * 60_000 }

export interface PaymentsOptions {
  readonly policy?: Policy
  readonly charging?: ChargingPolicy
  readonly pace?: Pace
}

/** A payment cannot do what was asked of it as it stands. */
export class PaymentRefused extends Data.TaggedError("PaymentRefused")<{ readonly why: string }> {}

/** Steps of one payment in a row before it waits for its next turn: more would be a loop. */
const stepsPerTurn = 50
/** Tries at a decision that others' writes overtook. */
const maxStale = 20
/** When a payment whose station another process holds is put back for it. */
const elsewhereMs = 2_000
/** For how long after its last fact a payment is looked at for bills that come late. */
const lateBillsMs = 35 * 24 * 3_600_000
const dayMs = 24 * 3_600_000

/** Payments: opened, moved on step by step, and changed by people's wishes. Every step is written before it is taken. */
export class Payments extends Context.Service<
  Payments,
  {
    /**
     * Opens a payment; its name, which is its id unless one is given, also names the token that will charge. A payment of that
     * id or name that is there already is left as it is, and returned.
     */
    readonly open: (
      terms: Omit<Terms, "tokenUid" | "provider">,
      given?: { readonly id?: string; readonly name?: string }
    ) => Effect.Effect<PaymentRecord, StoreUnavailable>
    /** Takes every step that is due and returns the payment as it stands then. */
    readonly advance: (id: string) => Effect.Effect<PaymentRecord, NotFound>
    /** Takes a wish in; what follows from it comes with `advance`. */
    readonly command: (id: string, command: Command) => Effect.Effect<PaymentRecord, NotFound | PaymentRefused>
    /** Takes in what the provider says of an intent, and ends the webhook that told of it. */
    readonly observe: (
      id: string,
      intentId: string,
      eventId: string | null
    ) => Effect.Effect<"Taken" | "Missing" | "Away">
  }
>()("server/payments/Payments") {
  static readonly layer = (
    options: PaymentsOptions = {}
  ): Layer.Layer<
    Payments,
    never,
    PaymentStore | PaymentProvider | Books | Directory | LiveView | Owners | Billing | Ids
  > => Layer.effect(Payments, make(options))
}

/** Whether a hold waits for its driver. */
const isUnconfirmed = (payment: Payment): boolean => {
  const hold = holdOf(payment)
  return payment.abandoned === null && hold !== undefined && !isAtLeast(hold, "Authorized")
}

const make = Effect.fnUntraced(function* (options: PaymentsOptions) {
  const policy = options.policy ?? standardPolicy
  const pace = options.pace ?? standardPace
  const store = yield* PaymentStore
  const provider = yield* PaymentProvider
  const ids = yield* Ids
  const charging = yield* makeCharging(options.charging ?? standardCharging)
  const fork = yield* FiberSet.makeRuntime<never>()
  /** One at a time for each payment of this process; other processes are told apart by the version. */
  const turns = new Map<string, { readonly semaphore: Semaphore.Semaphore; waiting: number }>()

  const alone =
    (id: string) =>
    <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      Effect.suspend(() => {
        const turn = turns.get(id) ?? { semaphore: Semaphore.makeUnsafe(1), waiting: 0 }
        turns.set(id, turn)
        turn.waiting++
        return Effect.ensuring(
          turn.semaphore.withPermit(work),
          Effect.sync(() => {
            turn.waiting--
            if (turn.waiting === 0) turns.delete(id)
          })
        )
      })

  const load = (id: string): Effect.Effect<PaymentRecord, NotFound> =>
    Effect.flatMap(patiently(store.get(id)), (record) =>
      record === undefined ? Effect.fail(new NotFound({ kind: "payment", id })) : Effect.succeed(record)
    )

  /** Writes facts and what they book; undefined when somebody else has written meanwhile. */
  const write = Effect.fnUntraced(function* (
    record: PaymentRecord,
    facts: ReadonlyArray<PaymentFact>,
    dueAtMs: number | null,
    eventIds: ReadonlyArray<string> = []
  ) {
    const atMs = yield* Clock.currentTimeMillis
    let payment = record.payment
    for (const fact of facts) payment = evolve(payment, fact)
    const entries = newEntries(record.payment, payment, atMs)
    const walletMoves = newWalletMoves(record.payment, payment)
    const change = { payment, version: record.version, facts, entries, walletMoves, dueAtMs, eventIds, atMs }
    const outcome = yield* patiently(store.commit(change))
    return outcome === "Stale" ? undefined : { payment, version: record.version + facts.length, dueAtMs }
  })

  /** Decides on the payment as it stands and writes it; again when overtaken. */
  const apply = Effect.fnUntraced(function* (
    id: string,
    command: Command,
    eventIds: ReadonlyArray<string> = []
  ): Effect.fn.Return<PaymentRecord, NotFound | PaymentRefused> {
    for (let tries = 0; tries < maxStale; tries++) {
      const record = yield* load(id)
      const atMs = yield* Clock.currentTimeMillis
      const decision = decide(record.payment, command, atMs)
      if (decision._tag === "Refused") return yield* new PaymentRefused({ why: decision.why })
      if (decision.facts.length === 0 && eventIds.length === 0) return record
      // Whoever takes the next step is due at once, this process or another.
      const written = yield* write(record, decision.facts, atMs, eventIds)
      if (written !== undefined) return written
    }
    return yield* Effect.die(new Error(`payment ${id} was overtaken ${maxStale} times`))
  })

  /** A decision that nobody may refuse. */
  const must = (id: string, command: Command): Effect.Effect<PaymentRecord, NotFound> =>
    Effect.catchTag(apply(id, command), "PaymentRefused", (refused) => Effect.die(refused))

  const call = Effect.fnUntraced(function* (id: string, attempt: Extract<Command, { _tag: "Send" }>["attempt"]) {
    const { payment } = yield* must(id, { _tag: "Send", attempt })
    const answer = yield* perform(provider, payment, attempt)
    yield* must(id, { _tag: "Answer", attempt, answer })
    // Mostly the intent is not what we took it for: expired, cancelled or captured by somebody else.
    if (answer._tag === "Refused" && attempt.intentId !== null) yield* observe(id, attempt.intentId, null)
  })

  const begin = Effect.fnUntraced(function* (payment: Payment) {
    yield* charging.admit(payment)
    yield* must(payment.id, { _tag: "AskStart" })
    fork(
      Effect.gen(function* () {
        if (!(yield* charging.start(payment))) return
        yield* charging.retire(payment)
        yield* must(payment.id, { _tag: "Abandon", why: "The station did not start." })
        yield* advance(payment.id)
      }).pipe(Effect.catchTag("NotFound", Effect.die))
    )
  })

  const watch = Effect.fnUntraced(function* (payment: Payment) {
    const decision = yield* charging.watch(payment)
    if (decision._tag === "Stop") fork(charging.stop(payment))
    if (decision._tag !== "Increment") return
    const raised = yield* Effect.result(apply(payment.id, { _tag: "Increment", toMinor: decision.toMinor }))
    if (raised._tag === "Failure") return
    const attempt = raised.success.payment.attempts.findLast((it) => it.purpose === "increment" && it.status === "Sent")
    // The answer may take as long as it likes: the watch goes on meanwhile, and stops the charge without it.
    if (attempt !== undefined)
      fork(
        Effect.gen(function* () {
          const answer = yield* perform(provider, raised.success.payment, attempt)
          yield* must(payment.id, { _tag: "Answer", attempt, answer })
        }).pipe(Effect.catchTag("NotFound", Effect.die))
      )
  })

  const settleDue = Effect.fnUntraced(function* (record: PaymentRecord, dueAtMs: number | null) {
    if (record.dueAtMs !== dueAtMs) yield* write(record, [], dueAtMs)
    return { ...record, dueAtMs }
  })

  /** When a payment at rest is looked at again: soon while a charge is under way, later and later for late bills. */
  const restUntil = (payment: Payment, nowMs: number): number | null => {
    const { owed, startAsked, abandoned } = payment
    if (isUnconfirmed(payment)) return nowMs + pace.askEveryMs
    if (startAsked === null) return null
    const sinceMs = owed?.atMs ?? abandoned?.atMs
    if (sinceMs === undefined) return nowMs + pace.watchEveryMs
    const ageMs = nowMs - sinceMs
    return ageMs > lateBillsMs ? null : nowMs + Math.min(dayMs, Math.max(pace.restMs, ageMs))
  }

  /** Whether the driver has confirmed: webhooks may be late, lost, or not set up. */
  const askUnconfirmed = Effect.fnUntraced(function* (record: PaymentRecord) {
    const hold = isUnconfirmed(record.payment) ? holdOf(record.payment) : undefined
    if (hold === undefined) return record
    yield* observe(record.payment.id, hold.id, null)
    return yield* load(record.payment.id)
  })

  const observe: Payments["Service"]["observe"] = Effect.fnUntraced(function* (id, intentId, eventId) {
    const held = yield* Effect.result(provider.lookUp(intentId))
    if (held._tag === "Failure") return "Away" as const
    if (held.success === undefined) return "Missing" as const
    yield* apply(id, { _tag: "Observe", intent: held.success.intent }, eventId === null ? [] : [eventId]).pipe(
      Effect.catchTags({ NotFound: Effect.die, PaymentRefused: Effect.die })
    )
    return "Taken" as const
  })

  const turn = Effect.fnUntraced(function* (id: string): Effect.fn.Return<PaymentRecord, NotFound> {
    let record = yield* askUnconfirmed(yield* load(id))
    for (let steps = 0; steps < stepsPerTurn; steps++) {
      for (const command of yield* charging.observe(record.payment)) {
        if (command._tag === "Owe") yield* charging.retire(record.payment)
        record = yield* must(id, command)
      }
      yield* watch(record.payment)
      record = yield* load(id)
      const nowMs = yield* Clock.currentTimeMillis
      const step = next(record.payment, nowMs, policy)
      switch (step._tag) {
        case "Call":
          yield* call(id, step.attempt)
          break
        case "LookUp": {
          const answer = yield* lookUp(provider, record.payment, step.attempt, nowMs)
          yield* must(id, { _tag: "Answer", attempt: step.attempt, answer })
          break
        }
        case "Start":
          if (!(yield* charging.canAsk(record.payment))) {
            if (nowMs >= record.payment.createdAtMs + policy.confirmWithinMs + policy.beginWithinMs) {
              yield* must(id, { _tag: "Abandon", why: "The station could not be asked to start." })
              break
            }
            return yield* settleDue(record, nowMs + elsewhereMs)
          }
          yield* begin(record.payment)
          break
        case "Note":
          if (step.fact._tag === "Abandoned") yield* charging.retire(record.payment)
          yield* write(record, [step.fact], nowMs)
          break
        case "Wait": {
          const rest = restUntil(record.payment, nowMs)
          return yield* settleDue(record, rest === null ? step.untilMs : Math.min(rest, step.untilMs))
        }
        case "Rest":
          return yield* settleDue(record, restUntil(record.payment, nowMs))
      }
      record = yield* load(id)
    }
    return record
  })

  const advance = (id: string): Effect.Effect<PaymentRecord, NotFound> => alone(id)(turn(id))

  return Payments.of({
    open: Effect.fnUntraced(function* (terms, given) {
      const createdAtMs = yield* Clock.currentTimeMillis
      const id = given?.id ?? ids.uuid(createdAtMs)
      const tokenUid = tokenUidOf(given?.name ?? id)
      yield* store.open(id, createdAtMs, { ...terms, provider: provider.name, tokenUid }, createdAtMs)
      return yield* Effect.catchTag(load((yield* store.ofToken(tokenUid)) ?? id), "NotFound", Effect.die)
    }),
    advance,
    command: apply,
    observe
  })
})
