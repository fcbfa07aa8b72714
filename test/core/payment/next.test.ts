import { assert, describe, it } from "@effect/vitest"
import { type Answer, decide } from "#core/payment/decide.ts"
import { next, type Step, standardPolicy } from "#core/payment/next.ts"
import type { Payment, PaymentFact } from "#core/payment/Payment.ts"
import { entriesOf } from "#core/payment/post.ts"
import { amountsOf, stateOf } from "#core/payment/state.ts"
import {
  attempted,
  authorized,
  began,
  captured,
  fold,
  intent,
  nextAt,
  observed,
  owed,
  paid,
  payment,
  paymentId,
  purposeOf,
  t0
} from "./makers.ts"

const minute = 60_000

const answer = (of: Payment, step: Step, told: Answer, atMs = t0): Payment => {
  assert.strictEqual(step._tag, "Call")
  if (step._tag !== "Call") return of
  const sent = fold(of, [{ _tag: "Attempted", attempt: step.attempt }])
  const decision = decide(sent, { _tag: "Answer", attempt: step.attempt, answer: told }, atMs)
  assert.strictEqual(decision._tag, "Decided")
  return decision._tag === "Decided" ? fold(sent, decision.facts) : sent
}

const bookedIn = (of: Payment, account: string): bigint =>
  entriesOf(of)
    .flatMap(({ postings }) => postings)
    .reduce((sum, it) => (it.account === account ? sum + it.amountMinor : sum), 0n)

const receivableIn = (of: Payment): bigint => bookedIn(of, "receivable:token:PAY0001")
const goodwillIn = (of: Payment): bigint => bookedIn(of, "goodwill")

describe("the next step of a payment", () => {
  it("holds first, starts the station only once the hold stands, and captures what the bill says", () => {
    assert.strictEqual(purposeOf(nextAt(payment())), "authorize 3000")
    const asked = answer(payment(), nextAt(payment()), { _tag: "Done", intent: intent() })
    assert.strictEqual(stateOf(asked), "REQUIRES_ACTION")
    assert.deepStrictEqual(nextAt(asked), { _tag: "Wait", untilMs: t0 + standardPolicy.confirmWithinMs })
    assert.strictEqual(nextAt(authorized())._tag, "Start")
    const charging = fold(authorized(), [{ _tag: "StartAsked", atMs: t0 }, began])
    assert.strictEqual(nextAt(charging, 60 * minute)._tag, "Rest")
    assert.strictEqual(purposeOf(nextAt(fold(charging, [owed(2_000n)]))), "capture 2000")
  })

  it("takes no answer for unknown, looks for what became of it and sends it again under the same key", () => {
    const step = nextAt(payment())
    const silent = answer(payment(), step, { _tag: "Unknown", code: "timeout" })
    assert.strictEqual(stateOf(silent), "UNKNOWN")
    assert.strictEqual(nextAt(silent)._tag, "Wait")
    const look = nextAt(silent, 10_000)
    assert.strictEqual(look._tag, "LookUp")
    if (look._tag !== "LookUp") return
    const absent = decide(silent, { _tag: "Answer", attempt: look.attempt, answer: { _tag: "Absent" } }, t0 + 10_000)
    const resend = next(fold(silent, absent._tag === "Decided" ? absent.facts : []), t0 + 10_000, standardPolicy)
    assert.strictEqual(resend._tag, "Call")
    if (resend._tag !== "Call" || step._tag !== "Call") return
    assert.strictEqual(resend.attempt.key, step.attempt.key)
    assert.strictEqual(resend.attempt.tries, 2)
  })

  it("knows from a webhook alone how a call ended that was never answered", () => {
    const silent = answer(payment(), nextAt(payment()), { _tag: "Unknown", code: "timeout" })
    const told = fold(silent, [observed(intent({ status: "Authorized", authorizedMinor: 3_000n }))])
    assert.strictEqual(stateOf(told), "AUTHORIZED")
    assert.strictEqual(nextAt(told)._tag, "Start")
  })

  it("sends what an error answered under another key, and a hold for a driver who has left not at all", () => {
    const absentAfter = (code: string) => fold(payment(), [attempted({ status: "Absent", code })])
    const erred = nextAt(absentAfter("provider-error"))
    assert.strictEqual(erred._tag, "Note")
    assert.strictEqual(stateOf(fold(payment(), erred._tag === "Note" ? [erred.fact] : [])), "FAILED")
    assert.strictEqual(purposeOf(nextAt(absentAfter("timeout"))), "authorize 3000")
    const late = nextAt(absentAfter("timeout"), standardPolicy.confirmWithinMs)
    const gone = fold(absentAfter("timeout"), late._tag === "Note" ? [late.fact] : [])
    const then = nextAt(gone, standardPolicy.confirmWithinMs)
    assert.strictEqual(then._tag === "Note" ? then.fact._tag : then._tag, "Abandoned")
  })

  it("starts no station for a driver who wanted it too long ago: it lets go of his hold", () => {
    const { confirmWithinMs } = standardPolicy
    assert.strictEqual(nextAt(authorized(), confirmWithinMs - 1)._tag, "Start")
    const late = nextAt(authorized(), confirmWithinMs)
    assert.strictEqual(late._tag === "Note" ? late.fact._tag : late._tag, "Abandoned")
    const given = fold(authorized(), late._tag === "Note" ? [late.fact] : [])
    assert.strictEqual(purposeOf(nextAt(given, confirmWithinMs)), "void 0")
  })

  it("looks for a call that a server died over instead of making another", () => {
    const step = nextAt(payment())
    const dead = fold(payment(), step._tag === "Call" ? [{ _tag: "Attempted", attempt: step.attempt }] : [])
    assert.strictEqual(nextAt(dead, 1_000)._tag, "Wait")
    assert.strictEqual(nextAt(dead, standardPolicy.staleAfterMs)._tag, "LookUp")
  })

  it("lets go of the hold when nobody confirms, when nothing begins, and when nothing worth taking is owed", () => {
    const open = fold(payment(), [attempted({ status: "Done" }), observed(intent())])
    const late = nextAt(open, standardPolicy.confirmWithinMs)
    assert.strictEqual(late._tag === "Note" ? late.fact._tag : late._tag, "Abandoned")
    const started = fold(authorized(), [{ _tag: "StartAsked", atMs: t0 }])
    const stood = nextAt(started, standardPolicy.beginWithinMs)
    assert.strictEqual(stood._tag === "Note" ? stood.fact._tag : stood._tag, "Abandoned")
    const given = fold(started, stood._tag === "Note" ? [stood.fact] : [])
    assert.strictEqual(purposeOf(nextAt(given)), "void 0")
    assert.strictEqual(purposeOf(nextAt(fold(authorized(), [began, owed(0n)]))), "void 0")
    assert.strictEqual(purposeOf(nextAt(fold(authorized(), [began, owed(49n)]))), "void 0")
  })

  it("writes off what is less than a payment may be", () => {
    const small = fold(authorized(), [began, owed(49n), observed(intent({ status: "Canceled" }))])
    const step = nextAt(small)
    assert.strictEqual(step._tag, "Note")
    const done = fold(small, step._tag === "Note" ? [step.fact] : [])
    assert.strictEqual(amountsOf(done).residualMinor, 0n)
    assert.strictEqual(nextAt(done)._tag, "Rest")
  })

  it("charges the card for what a hold did not cover, and leaves it due where there is no card", () => {
    const over = (of: Payment) => fold(of, [began, owed(4_000n), observed(captured(3_000n))])
    assert.strictEqual(stateOf(over(authorized())), "RESIDUAL_DUE")
    assert.strictEqual(nextAt(over(authorized()))._tag, "Rest")
    assert.strictEqual(purposeOf(nextAt(over(authorized({ methodId: "pm_1" })))), "charge 1000")
  })

  it("tries a charge again after what may pass, three times, and never after a hard decline", () => {
    let due = fold(authorized({ methodId: "pm_1" }), [began, owed(4_000n), observed(captured(3_000n))])
    const waits: Array<number> = []
    let atMs = t0
    for (let tries = 0; tries < 4; tries++) {
      due = answer(due, next(due, atMs, standardPolicy), declined("insufficient_funds"), atMs)
      const wait = next(due, atMs, standardPolicy)
      if (wait._tag !== "Wait") break
      waits.push(wait.untilMs - atMs)
      atMs = wait.untilMs
    }
    assert.deepStrictEqual(waits, [...standardPolicy.retryDelaysMs])
    assert.strictEqual(next(due, atMs + 1_000 * 3_600_000, standardPolicy)._tag, "Rest")
    const fresh = fold(authorized({ methodId: "pm_1" }), [began, owed(4_000n), observed(captured(3_000n))])
    const stolen = answer(fresh, nextAt(fresh), declined("stolen_card"))
    assert.strictEqual(nextAt(stolen, 1_000 * 3_600_000)._tag, "Rest")
    const other = fold(stolen, [{ _tag: "RetryAsked", atMs: t0 + 1, id: "r1", methodId: "pm_2" }])
    assert.strictEqual(purposeOf(nextAt(other, 2)), "charge 1000")
  })

  it("asks again soon where the provider failed, and lets that use up none of the card's tries", () => {
    let due = fold(authorized({ methodId: "pm_1" }), [began, owed(4_000n), observed(captured(3_000n))])
    const hour = 60 * minute
    let atMs = t0
    const waitAfter = (told: Answer): number | null => {
      due = answer(due, next(due, atMs, standardPolicy), told, atMs)
      const wait = next(due, atMs, standardPolicy)
      if (wait._tag !== "Wait") return null
      const waited = wait.untilMs - atMs
      atMs = wait.untilMs
      return waited / hour
    }
    const failed: Answer = { _tag: "Refused", code: "provider-error" }
    const poor = declined("insufficient_funds")
    const told = [failed, failed, poor, failed, poor, failed, failed, failed, poor, poor]
    assert.deepStrictEqual(told.map(waitAfter), [1, 1, 1, 1, 24, 1, 1, 2, 72, null])
    let down = fold(authorized({ methodId: "pm_1" }), [began, owed(4_000n), observed(captured(3_000n))])
    let errors = 0
    for (let step = next(down, atMs, standardPolicy); step._tag !== "Rest"; errors++) {
      if (step._tag === "Wait") atMs = step.untilMs
      down = answer(down, next(down, atMs, standardPolicy), failed, atMs)
      step = next(down, atMs, standardPolicy)
    }
    assert.strictEqual(errors, standardPolicy.errorDelaysMs.length + 1)
  })

  it("gives back what a lower bill leaves over, once", () => {
    const lower = fold(paid(), [owed(1_500n, 3)])
    assert.strictEqual(purposeOf(nextAt(lower)), "refund 500")
    const refund = { id: "re_1", key: `${paymentId}/refund/1`, amountMinor: 500n, goodwill: false }
    const back = fold(lower, [observed(captured(2_000n, { refunds: [{ ...refund, status: "Succeeded" }] }))])
    assert.strictEqual(stateOf(back), "PARTIALLY_REFUNDED")
    assert.strictEqual(nextAt(back)._tag, "Rest")
    // An older bill that comes late changes nothing.
    assert.strictEqual(nextAt(fold(back, [owed(900n, 2)]))._tag, "Rest")
  })

  it("gives goodwill once per request, and no more than was paid", () => {
    const ask = (of: Payment, id: string, amountMinor: bigint) =>
      decide(of, { _tag: "Refund", id, amountMinor, reason: "slow" }, t0)
    const asked = ask(paid(), "g1", 1_200n)
    assert.strictEqual(asked._tag, "Decided")
    const open = fold(paid(), asked._tag === "Decided" ? asked.facts : [])
    assert.strictEqual(purposeOf(nextAt(open)), "refund 1200")
    assert.deepStrictEqual(ask(open, "g1", 1_200n), { _tag: "Decided", facts: [] })
    assert.strictEqual(ask(open, "g1", 1_300n)._tag, "Refused")
    assert.strictEqual(ask(open, "g2", 801n)._tag, "Refused")
    const refund = { id: "re_1", key: `${paymentId}/refund/1`, amountMinor: 1_200n, goodwill: true }
    const given = answer(open, nextAt(open), {
      _tag: "Done",
      intent: captured(2_000n, { refunds: [{ ...refund, status: "Succeeded" }] })
    })
    assert.strictEqual(nextAt(given)._tag, "Rest")
    assert.strictEqual(amountsOf(given).residualMinor, 0n)
    assert.strictEqual(ask(given, "g2", 800n)._tag, "Decided")
  })

  it("takes goodwill for what is given back of a bill that comes to less than is left, and for goodwill again when it rises", () => {
    const given = { id: "re_1", key: "k1", amountMinor: 500n, status: "Succeeded", goodwill: true } as const
    const asked: PaymentFact = { _tag: "GoodwillAsked", atMs: t0, id: "g1", amountMinor: 500n, reason: "slow" }
    const done = attempted({ key: "k1", purpose: "refund", intentId: "pi_1", goodwillId: "g1", status: "Done" })
    let now = fold(paid(), [asked, done, observed(captured(2_000n, { refunds: [given] }))])
    const open = () => (now.owed?.amountMinor ?? 0n) + receivableIn(now)
    const settle = () => {
      const steps: Array<string> = []
      for (let step = nextAt(now); step._tag !== "Rest"; step = nextAt(now)) {
        if (step._tag === "Note") {
          steps.push(step.fact._tag)
          now = fold(now, [step.fact])
          continue
        }
        steps.push(purposeOf(step))
        if (step._tag !== "Call" || step.attempt.purpose !== "refund") break
        const { key, amountMinor } = step.attempt
        const [from] = now.intents
        const made = { id: `re_${key}`, key, amountMinor, status: "Succeeded", goodwill: false } as const
        now = answer(now, step, { _tag: "Done", intent: { ...from!, refunds: [...from!.refunds, made] } })
      }
      return steps
    }
    assert.deepStrictEqual([settle(), open()], [[], 0n])
    // Less, and still more than was left: on top of the goodwill.
    now = fold(now, [owed(1_800n, 2)])
    assert.deepStrictEqual([settle(), open()], [["refund 200"], 0n])
    now = fold(now, [owed(300n, 3)])
    assert.deepStrictEqual([settle(), open(), goodwillIn(now)], [["SetOff", "refund 1300"], 0n, 300n])
    now = fold(now, [owed(0n, 4)])
    assert.deepStrictEqual([settle(), open(), goodwillIn(now)], [["SetOff"], 0n, 0n])
    now = fold(now, [owed(400n, 5)])
    assert.deepStrictEqual([settle(), open(), goodwillIn(now)], [["SetOff"], 0n, 400n])
    now = fold(now, [owed(900n, 6)])
    assert.deepStrictEqual([settle(), open(), goodwillIn(now)], [["SetOff"], 400n, 500n])
    assert.strictEqual(amountsOf(now).residualMinor, 400n)
  })

  it("takes what a bank took back for good for what is given back of a bill that comes to less", () => {
    const disputed = (status: "Open" | "Lost" | "Won") =>
      fold(paid(), [
        observed(captured(2_000n, { disputes: [{ id: "dp_1", amountMinor: 2_000n, status, feeMinor: null }] })),
        owed(700n, 3)
      ])
    const noted = (of: Payment) => {
      const step = nextAt(of)
      return step._tag === "Note" ? fold(of, [step.fact]) : of
    }
    assert.strictEqual(nextAt(disputed("Open"))._tag, "Rest")
    assert.strictEqual(purposeOf(nextAt(disputed("Won"))), "refund 1300")
    const lost = noted(disputed("Lost"))
    assert.strictEqual(nextAt(lost)._tag, "Rest")
    assert.strictEqual(700n + receivableIn(lost), 0n)
    assert.strictEqual(amountsOf(lost).paidMinor, 700n)
  })

  it("gives back from every intent that paid, the bill's difference as well as goodwill", () => {
    const residual = intent({ ...captured(700n, { authorizedMinor: 700n }), id: "pi_2", key: `${paymentId}/charge/1` })
    const byTwo = fold(paid(), [owed(2_700n, 3), observed(residual)])
    const refunds = (of: Payment) => {
      const given: Array<string> = []
      for (let now = of, step = nextAt(now); step._tag === "Call"; step = nextAt(now)) {
        const { key, intentId, amountMinor, goodwillId } = step.attempt
        given.push(`${amountMinor} of ${intentId}`)
        const from = now.intents.find(({ id }) => id === intentId)!
        const made = { id: `re_${key}`, key, amountMinor, status: "Succeeded", goodwill: goodwillId !== null } as const
        now = answer(now, step, { _tag: "Done", intent: { ...from, refunds: [...from.refunds, made] } })
      }
      return given
    }
    assert.deepStrictEqual(refunds(fold(byTwo, [owed(0n, 4)])), ["2000 of pi_1", "700 of pi_2"])
    const goodwill: PaymentFact = { _tag: "GoodwillAsked", atMs: t0, id: "g1", amountMinor: 2_300n, reason: "slow" }
    assert.deepStrictEqual(refunds(fold(byTwo, [goodwill])), ["2000 of pi_1", "300 of pi_2"])
  })

  it("gives nothing back that the bank has taken back, and all of it once a dispute was won", () => {
    const disputed = (status: "Inquiry" | "Open" | "Lost" | "Won") => {
      const dispute = { id: "dp_1", amountMinor: 2_000n, status, feeMinor: 1_500n }
      return fold(paid(), [observed(captured(2_000n, { disputes: [dispute] })), owed(0n, 3)])
    }
    for (const status of ["Open", "Lost"] as const) assert.strictEqual(amountsOf(disputed(status)).refundDueMinor, 0n)
    assert.strictEqual(nextAt(disputed("Open"))._tag, "Rest")
    for (const status of ["Inquiry", "Won"] as const)
      assert.strictEqual(purposeOf(nextAt(disputed(status))), "refund 2000")
  })

  it("takes back what it wrote off when the bill comes to less, and gives the driver none of it", () => {
    const noted = (of: Payment): Payment => {
      const step = nextAt(of)
      return step._tag === "Note" ? noted(fold(of, [step.fact])) : of
    }
    const small = noted(fold(paid(), [owed(2_030n, 3)]))
    assert.strictEqual(amountsOf(small).writtenOffMinor, 30n)
    const lower = noted(fold(small, [owed(2_000n, 5)]))
    assert.deepInclude(amountsOf(lower), { writtenOffMinor: 0n, refundDueMinor: 0n, residualMinor: 0n })
    assert.strictEqual(nextAt(lower)._tag, "Rest")
    const entries = entriesOf(lower).filter(({ source }) => source.kind === "adjustment")
    assert.deepStrictEqual(
      entries.map(({ postings }) => postings.map((it) => `${it.account} ${it.amountMinor}`)),
      [
        ["bad_debt 30", "receivable:token:PAY0001 -30"],
        ["bad_debt -30", "receivable:token:PAY0001 30"]
      ]
    )
    assert.strictEqual(purposeOf(nextAt(noted(fold(small, [owed(1_500n, 5)])))), "refund 500")
  })

  it("never lets two holds stand for one charge", () => {
    const refused = fold(payment(), [attempted({ status: "Declined", code: "card_declined" })])
    const retry: PaymentFact = { _tag: "RetryAsked", atMs: t0, id: "r1", methodId: "pm_2" }
    const second = fold(refused, [retry])
    const step = nextAt(second)
    assert.strictEqual(step._tag === "Call" ? step.attempt.key : "", `${paymentId}/authorize/2`)
    const held = { status: "Authorized", authorizedMinor: 3_000n } as const
    const both = fold(second, [
      attempted({ key: `${paymentId}/authorize/2`, generation: 2, status: "Done" }),
      observed(intent(held)),
      observed(intent({ ...held, id: "pi_2", key: `${paymentId}/authorize/2` }))
    ])
    const stray = nextAt(both)
    assert.strictEqual(stray._tag === "Call" ? `${stray.attempt.purpose} ${stray.attempt.intentId}` : "", "void pi_1")
  })

  it("counts what was captured, is due and was written off as what was billed, to the cent", () => {
    for (const bill of [0n, 49n, 2_000n, 3_000n, 4_000n]) {
      const taken = bill < 3_000n ? bill : 3_000n
      const of = fold(authorized(), [began, owed(bill), observed(captured(taken))])
      const { capturedMinor, residualMinor, writtenOffMinor } = amountsOf(of)
      assert.strictEqual(capturedMinor + residualMinor + writtenOffMinor, bill)
    }
  })
})

const declined = (code: string): Answer => ({ _tag: "Declined", code, intent: null })
