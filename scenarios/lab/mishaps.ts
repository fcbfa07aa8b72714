import { Effect } from "effect"
import { type ResolutionAction, subjectOf, type Unmatched } from "#core/payment/Unmatched.ts"
import type { PaymentStore } from "#server/payments/PaymentStore.ts"
import type { MishapRecord, TrueItemDecision, TrueMishap } from "#simulator/oracles/mishaps.ts"
import type { Hooks } from "#simulator/psp/Luck.ts"
import type { PaymentIntent } from "#simulator/psp/objects.ts"
import type { Provider } from "#simulator/psp/Provider.ts"
import * as Stream from "#simulator/Stream.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import type { Within } from "./phone.ts"
import { askToResolve, lookAtItems, lookEveryMs, type Told } from "./unmatchedDesk.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const roundMs = 20 * minuteMs

/** Nothing is begun that people could not see, and decide, before the run is over. */
const lostUntilMs = 18 * hourMs
const awayUntilMs = 13 * hourMs
const silentUntilMs = 10 * hourMs
const overturnedUntilMs = 38 * hourMs

/** Longer than from one reconciliation to the next: it comes before the desk, and is found again after that. */
const awayForMs = 9 * hourMs
/** Until a call about it is stuck, and has been seen to be. */
const silentForMs = 36 * hourMs
/** Money that was taken just now is spoken of still. */
const quietForMs = 20 * minuteMs

const overturnedShare = 0.5

interface Options {
  readonly seed: string
  readonly timers: TimersApi
  readonly within: Within
  readonly provider: Provider
}

const actions: Readonly<Record<Unmatched["kind"], ResolutionAction>> = {
  "unknown-intent": "refund",
  "missing-intent": "write-off",
  amounts: "write-off",
  unbooked: "book",
  stuck: "write-off"
}

/**
 * What goes wrong behind the CMS's back: the provider loses an intent that was paid, for good or for a while, and will say
 * nothing of another for a day and a half; a bank gives back what it had kept; a database loses an entry of the ledger. The
 * desk finds each among what could not be matched, and decides.
 */
export class Mishaps {
  private readonly options: Options
  private readonly stream: Stream.Stream
  private readonly happened: Array<TrueMishap> = []
  private readonly decisions: Array<TrueItemDecision> = []
  /** Items about which the desk is asking, or was told that nothing can be decided. */
  private readonly asking = new Set<string>()
  private readonly judged = new Set<string>()
  private readonly due: Readonly<Record<"lost" | "away" | "silent" | "entry", number>>
  private beganAtMs = Number.POSITIVE_INFINITY

  constructor(options: Options) {
    this.options = options
    this.stream = Stream.make(options.seed, "mishaps")
    const within = (name: string, fromH: number, toH: number) =>
      this.stream.split(name).int(fromH * hourMs, toH * hourMs)
    this.due = {
      lost: within("lost", 9, 14),
      away: within("away", 8, 11),
      silent: within("silent", 6, 8),
      entry: within("entry", 8, 16)
    }
  }

  /** For the oracle. What happened is on the desk's list within that. */
  record(shownWithinMs: number): MishapRecord {
    return { mishaps: this.happened, decisions: this.decisions, shownWithinMs }
  }

  begin(): void {
    this.beganAtMs = this.options.timers.nowAtMs()
    this.rounds()
    this.look()
  }

  /** The store's commit of a database that loses one row of the ledger. */
  losing(commit: PaymentStore["Service"]["commit"]): PaymentStore["Service"]["commit"] {
    return (change) =>
      Effect.suspend(() => {
        const entry = change.entries.at(-1)
        if (entry === undefined || this.elapsedMs < this.due.entry || this.has("entry")) return commit(change)
        return Effect.tap(commit({ ...change, entries: change.entries.slice(0, -1) }), (outcome) =>
          Effect.sync(() => {
            if (outcome === "Committed") this.note("entry", entry.id)
          })
        )
      })
  }

  private get elapsedMs(): number {
    return this.options.timers.nowAtMs() - this.beganAtMs
  }

  private has(kind: TrueMishap["kind"]): boolean {
    return this.happened.some((it) => it.kind === kind)
  }

  private note(kind: TrueMishap["kind"], subject: string, amountMinor = 0n): TrueMishap {
    const mishap: TrueMishap = {
      kind,
      subject,
      amountMinor,
      atMs: this.options.timers.nowAtMs(),
      endedAtMs: null,
      failedAtMs: null
    }
    this.happened.push(mishap)
    return mishap
  }

  private rounds(): void {
    this.options.timers.after(roundMs, () => {
      const { elapsedMs, due } = this
      if (elapsedMs >= due.silent && elapsedMs < silentUntilMs && !this.has("silent")) this.silence()
      if (elapsedMs >= due.away && elapsedMs < awayUntilMs && !this.has("away")) this.lose("away")
      if (elapsedMs >= due.lost && elapsedMs < lostUntilMs && !this.has("lost")) this.lose("lost")
      if (elapsedMs >= overturnedUntilMs) return
      this.overturn()
      this.rounds()
    })
  }

  /** One of our payments' intents that stand so, and of which nothing has happened yet. */
  private pick(status: PaymentIntent["status"]): PaymentIntent | undefined {
    const { timers, provider } = this.options
    const taken = new Map(provider.truth.map(({ id, capturedAtMs }) => [id, capturedAtMs]))
    const all = [...provider.objects.intents.values()].filter(
      ({ id, metadata, status: stands }) =>
        stands === status &&
        metadata["by_hand"] === undefined &&
        this.happened.every(({ subject }) => subject !== id) &&
        (taken.get(id) ?? 0) + quietForMs <= timers.nowAtMs()
    )
    return all.length === 0 ? undefined : this.stream.split(`${status}/${this.happened.length}`).pick(all)
  }

  private lose(kind: "lost" | "away"): void {
    const { timers, provider } = this.options
    const intent = this.pick("succeeded")
    const restore = intent && provider.forget(intent.id)
    if (intent === undefined || restore === undefined) return
    const mishap = this.note(kind, intent.id)
    if (kind === "lost") return
    timers.after(awayForMs, () => {
      restore()
      mishap.endedAtMs = timers.nowAtMs()
    })
  }

  /** The provider fails whoever asks about one intent that holds money. */
  private silence(): void {
    const { timers, provider } = this.options
    const intent = this.pick("requires_capture")
    if (intent === undefined) return
    const mishap = this.note("silent", intent.id)
    const receive: Hooks["receive"] = ({ method, path }) => {
      if (!path.includes(intent.id)) return undefined
      if (method === "POST") mishap.failedAtMs ??= timers.nowAtMs()
      return { _tag: "Broken", made: false }
    }
    const end = provider.luck.add("silent-intent", { receive }, true)
    timers.after(silentForMs, () => {
      end()
      mishap.endedAtMs = timers.nowAtMs()
    })
  }

  /** Of what banks have kept, some give it back an hour later. */
  private overturn(): void {
    const { timers, provider } = this.options
    for (const { id, status, payment_intent: intentId, amount } of provider.objects.disputes.values()) {
      const isOurs = provider.objects.intents.get(intentId)?.metadata["by_hand"] === undefined
      if (status !== "lost" || !isOurs || this.judged.has(id)) continue
      this.judged.add(id)
      if (!this.stream.split(id).chance(overturnedShare)) continue
      timers.after(hourMs, () => {
        if (provider.overturn(id)) this.note("overturned", intentId, BigInt(amount))
      })
    }
  }

  /** The desk never ends its rounds. Money of no payment has a desk of its own. */
  private look(): void {
    const { timers, within } = this.options
    timers.after(lookEveryMs, () => {
      lookAtItems(within, (items) => {
        for (const item of items) if (item.kind !== "unknown-intent" && !this.asking.has(item.id)) this.decide(item)
      })
      this.look()
    })
  }

  private decide({ id, kind }: Unmatched): void {
    const { timers, within } = this.options
    this.asking.add(id)
    const subject = subjectOf({ id, kind })
    const decision: TrueItemDecision = { kind, subject, doneAtMs: null, refused: null, toldOtherwise: null }
    const own = this.stream.split(`${id}/${this.decisions.length}`)
    this.decisions.push(decision)
    const wish = { action: actions[kind], paymentId: null }
    const ask = (): void =>
      askToResolve(within, id, wish, (told) => {
        if (told === undefined) {
          timers.after(minuteMs, ask)
          return
        }
        if (told._tag === "Refused") {
          decision.refused = told.why
          if (kind !== "stuck") this.asking.delete(id)
          return
        }
        this.asking.delete(id)
        decision.doneAtMs = timers.nowAtMs()
        if (own.chance(0.5)) timers.after(minuteMs, () => this.compare(decision, id, wish, told))
      })
    ask()
  }

  /** Whoever asks for the same again is told the same; no answer says nothing. */
  private compare(
    decision: TrueItemDecision,
    id: string,
    wish: Parameters<typeof askToResolve>[2],
    told: NonNullable<Told>
  ): void {
    askToResolve(this.options.within, id, wish, (again) => {
      if (again !== undefined && JSON.stringify(again) !== JSON.stringify(told))
        decision.toldOtherwise = JSON.stringify(again)
    })
  }
}
