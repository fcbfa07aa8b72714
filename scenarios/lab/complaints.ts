import { Effect, Result } from "effect"
import { Tariff } from "#core/tariff/Tariff.ts"
import { Books } from "#server/books/Books.ts"
import type { CorrectionRecord } from "#server/corrections/CorrectionStore.ts"
import { Corrections } from "#server/corrections/Corrections.ts"
import { Directory } from "#server/directory/Directory.ts"
import { InvoiceStore } from "#server/invoices/InvoiceStore.ts"
import { Invoicing } from "#server/invoices/Invoicing.ts"
import type { TransactionRow } from "#server/record/Unit.ts"
import { patiently } from "#server/station/patiently.ts"
import { CorrectionBook, type TrueCorrection } from "#simulator/oracles/CorrectionBook.ts"
import { versionAt } from "#simulator/oracles/SlowRater.ts"
import * as Stream from "#simulator/Stream.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import type { CorrectionPlan } from "../Scenario.ts"
import type { Within } from "./phone.ts"
import { seller } from "./seller.ts"

const minuteMs = 60_000
/** How often the desk looks for bills that somebody complains of. */
const lookEveryMs = 20 * minuteMs
/** Nobody complains earlier of a bill, and whoever does so again waits as long. */
const patienceMs = 60 * minuteMs
/** Before the end, so that a reconciliation finds what the provider did of it and did not tell. */
const reconciledMs = 48 * 60 * minuteMs
/** More than a run of this kind has. */
const listed = 1_000

interface Options {
  readonly plan: CorrectionPlan
  readonly seed: string
  readonly within: Within
  /** Nobody complains any more. */
  readonly untilMs: number
}

/** A bill of which somebody complains: what it is to be priced by, one after the other. */
interface Complaint {
  readonly row: TransactionRow
  readonly prices: ReadonlyArray<string | null>
  readonly luck: Stream.Stream
  /** How many of the prices were asked for, and when the next may be. */
  step: number
  dueAtMs: number
  isAsking: boolean
}

/** The desk that takes complaints: makes out receipts, corrects bills, and asks again whenever it was told nothing. */
export class Complaints {
  readonly book = new CorrectionBook()
  private readonly options: Options
  private timers!: TimersApi
  private readonly stream: Stream.Stream
  private readonly complaints = new Map<string, Complaint>()
  private readonly receipts = new Set<string>()

  constructor(options: Options) {
    this.options = options
    this.stream = Stream.make(options.seed, "complaints")
  }

  /** Enters who issues documents, and the prices that bills may be corrected to. */
  readonly provision = Effect.suspend(() => {
    const { tariffs } = this.options.plan
    return Effect.gen(function* () {
      yield* (yield* InvoiceStore).saveSeller(seller)
      const directory = yield* Directory
      for (const version of tariffs) yield* directory.publishTariff(Result.getOrThrow(Tariff.parse(version)))
    })
  })

  /** From here on people complain, and what they were promised is seen to until it is done. */
  begin(timers: TimersApi): void {
    const { within } = this.options
    this.timers = timers
    timers.after(lookEveryMs, () => {
      let rows: ReadonlyArray<TransactionRow> = []
      const looking = Effect.gen(function* () {
        const { items } = yield* patiently((yield* Books).transactions({ limit: listed }))
        rows = items.toReversed()
        return true
      })
      within(looking, () => this.work(rows))
      this.begin(timers)
    })
  }

  private work(rows: ReadonlyArray<TransactionRow>): void {
    const { untilMs } = this.options
    const nowMs = this.timers.nowAtMs()
    if (nowMs < untilMs) for (const row of rows) this.hear(row, nowMs)
    for (const complaint of this.complaints.values())
      if (!complaint.isAsking && complaint.step < complaint.prices.length && complaint.dueAtMs <= nowMs)
        this.correct(complaint)
  }

  /** Somebody wants a receipt, or complains. */
  private hear(row: TransactionRow, nowMs: number): void {
    const { id, stationId, ocppId, status, settleAtMs, cdrId, endedAtMs } = row
    if (status === "Open" || settleAtMs !== null || cdrId === null || endedAtMs === null) return
    const { plan, within, untilMs } = this.options
    const luck = this.stream.split(`${stationId}/${ocppId}`)
    if (!this.receipts.has(id) && luck.split("receipt").chance(plan.receipts))
      within(receiptOf(id), (isMade) => {
        if (isMade) this.receipts.add(id)
      })
    if (this.complaints.has(id) || nowMs < endedAtMs + patienceMs || !luck.chance(plan.share)) return
    const first = luck.pick(plan.prices)
    const others = plan.prices.filter((price) => price !== first)
    const prices = luck.chance(plan.again) && others.length > 0 ? [first, luck.pick(others)] : [first]
    const { share = 0, afterMs = 0 } = plan.late ?? {}
    const lateAtMs = endedAtMs + afterMs
    const dueAtMs = luck.split("late").chance(share) && lateAtMs < untilMs - reconciledMs ? lateAtMs : nowMs
    this.complaints.set(id, { row, prices, luck, step: 0, dueAtMs, isAsking: false })
  }

  private correct(complaint: Complaint): void {
    const { plan } = this.options
    const { row, prices, step } = complaint
    const price = prices[step] ?? null
    const versions = plan.tariffs.filter(({ id }) => id === price)
    const tariff = price === null ? null : (versionAt(versions, row.startedAtMs ?? 0) ?? null)
    const { id: transactionId } = row
    const correction: TrueCorrection = {
      requestId: `case-${step + 1}`,
      transactionId,
      tariff,
      askedAtMs: this.timers.nowAtMs(),
      doneAtMs: null,
      refused: null,
      toldOtherwise: null
    }
    this.book.ask(row, correction)
    complaint.isAsking = true
    this.ask(complaint, correction)
  }

  /** Until it is done: what was asked twice is done once. */
  private ask(complaint: Complaint, correction: TrueCorrection): void {
    const { timers } = this
    this.asked(correction, (told) => {
      if (told === undefined || told.status === "Waiting") {
        timers.after(minuteMs, () => this.ask(complaint, correction))
        return
      }
      if (told.status === "Refused") correction.refused = told.why
      else correction.doneAtMs = timers.nowAtMs()
      complaint.step++
      complaint.dueAtMs = timers.nowAtMs() + patienceMs
      complaint.isAsking = false
      if (told.status === "Done" && complaint.luck.split("again").chance(0.5))
        timers.after(minuteMs, () => this.asked(correction, (again) => compare(correction, told, again)))
    })
  }

  private asked({ transactionId, requestId, tariff }: TrueCorrection, answer: (told: Told | undefined) => void): void {
    let told: Told | undefined
    const wanted = tariff === null ? null : { id: tariff.id, version: tariff.version ?? 1 }
    const request = { transactionId, requestId, tariff: wanted, reason: "as complained", requestedBy: "desk" }
    this.options.within(
      Effect.gen(function* () {
        const corrections = yield* Corrections
        told = yield* corrections.ask(request).pipe(
          Effect.map(({ status, why, outcome }) => ({ status, why, outcome: JSON.stringify(outcome) })),
          Effect.catchTags({
            NotPossible: ({ why }) => Effect.succeed({ status: "Refused" as const, why, outcome: "" }),
            AskedOtherwise: () => Effect.succeed({ status: "Refused" as const, why: "asked otherwise", outcome: "" })
          })
        )
        return true
      }).pipe(Effect.catchTag("StoreUnavailable", () => Effect.succeed(false))),
      () => answer(told)
    )
  }
}

/** What the desk was told of a correction. */
interface Told extends Pick<CorrectionRecord, "status" | "why"> {
  readonly outcome: string
}

/** Whoever asks for the same again is told the same; no answer says nothing. */
const compare = (correction: TrueCorrection, told: Told, again: Told | undefined): void => {
  if (again === undefined || (again.status === told.status && again.outcome === told.outcome)) return
  correction.toldOtherwise = `${again.status} ${again.why ?? again.outcome}`
}

const receiptOf = (transactionId: string) =>
  Effect.gen(function* () {
    const invoicing = yield* Invoicing
    yield* invoicing.receipt(transactionId)
    return true
  }).pipe(
    Effect.provide(Invoicing.layer),
    // Of what came to nothing no receipt is made out.
    Effect.catchTags({
      CannotInvoice: () => Effect.succeed(true),
      NotFound: () => Effect.succeed(true),
      NotOpen: () => Effect.succeed(false),
      NoSeller: Effect.die,
      StoreUnavailable: () => Effect.succeed(false)
    })
  )
