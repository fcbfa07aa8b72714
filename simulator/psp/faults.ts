import { define, type Entry, millis, oneOf, ratio, whole } from "../faults/Entry.ts"
import type { Fault, Parameters } from "../faults/Fault.ts"
import type { Stream } from "../Stream.ts"
import type { TimersApi } from "../time/Timers.ts"
import { declined } from "./cards.ts"
import type { Fate } from "./Luck.ts"
import { forgeries } from "./Notifier.ts"
import type { Provider } from "./Provider.ts"

/** What a fault of payments acts on. */
export interface PaymentTarget {
  readonly provider: Provider
  readonly timers: TimersApi
}

export type PaymentFault = Fault<PaymentTarget>

/** Declines after which the same card may do: money comes in, a limit is a day's. */
export const softDeclines = [
  "insufficient_funds",
  "card_velocity_exceeded",
  "processing_error",
  "try_again_later"
] as const

/** Declines after which the same card must not be tried again. */
export const hardDeclines = ["lost_card", "stolen_card", "fraudulent", "expired_card", "pickup_card"] as const

const declines = (name: string, about: string, owes: string, codes: ReadonlyArray<string>) =>
  define({
    name,
    about,
    owes,
    family: "payment",
    fields: { ratio: ratio(0.3), code: oneOf(["any", ...codes], "any") },
    draw: (stream) => ({ ratio: stream.between(0.05, 0.5), code: stream.pick(["any", ...codes]) }),
    strike: ({ provider }: PaymentTarget, parameters, stream) =>
      provider.luck.add(name, {
        word: () => {
          if (!stream.chance(parameters.ratio)) return undefined
          return declined(parameters.code === "any" ? stream.pick(codes) : parameters.code)
        }
      })
  })

export const softDecline = declines(
  "soft-decline",
  "A bank that will not pay now: too little on the account, a limit reached, a system that is down.",
  "no charging on what is not held; another try later, under a key of its own",
  softDeclines
)

export const hardDecline = declines(
  "hard-decline",
  "A bank that will never pay by this card: lost, stolen, expired.",
  "no second try with the same card",
  hardDeclines
)

export const absentDeclined = define({
  name: "off-session-decline",
  about: "A bank that pays for a driver who stands at the charger, and not for one who has left.",
  owes: "the rest asked for as a debt: reminders, and a way to pay it",
  family: "payment",
  fields: { ratio: ratio(0.3), code: oneOf(["any", ...softDeclines, ...hardDeclines], "any") },
  draw: (stream) => ({ ratio: stream.between(0.1, 0.6), code: "any" as const }),
  strike: ({ provider }: PaymentTarget, { ratio, code }, stream) =>
    provider.luck.add("off-session-decline", {
      word: ({ offSession }) => {
        if (!offSession || !stream.chance(ratio)) return undefined
        return declined(code === "any" ? stream.pick([...softDeclines, ...hardDeclines]) : code)
      }
    })
})

/** A fault that strikes some of the requests that do something. */
const requests = (name: string, about: string, owes: string, fate: Fate) =>
  define({
    name,
    about,
    owes,
    family: "payment",
    fields: { ratio: ratio(0.2) },
    draw: (stream) => ({ ratio: stream.between(0.05, 0.4) }),
    strike: ({ provider }: PaymentTarget, parameters, stream) =>
      provider.luck.add(name, {
        receive: ({ method }) => (method === "POST" && stream.chance(parameters.ratio) ? fate : undefined)
      })
  })

export const silentAndMade = requests(
  "timeout-made",
  "A gateway that gives up while the bank says yes: the money moved, and the answer never comes.",
  "neither a second charge nor a lost one: unknown until looked up",
  { _tag: "Silent", made: true }
)

export const silentAndNothing = requests(
  "timeout-nothing",
  "A request that is lost on its way.",
  "the same request again, under the same key",
  { _tag: "Silent", made: false }
)

export const brokenAndMade = requests(
  "error-made",
  "A server error after the money moved. The same key gets the same error for a day.",
  "a look at the object itself before anything is done again",
  { _tag: "Broken", made: true }
)

export const brokenAndNothing = requests(
  "error-nothing",
  "A server error before anything was done, kept under the key for a day.",
  "a look-up, and then another try under another key",
  { _tag: "Broken", made: false }
)

export const rateLimit = requests(
  "rate-limit",
  "A provider that hears more requests a second than it allows.",
  "patience, and the same key again",
  { _tag: "Busy" }
)

export const slowAnswers = define({
  name: "slow-provider",
  about: "A provider in trouble: each answer takes long, and a retry meets the request that is still under way.",
  owes: "the same key again after a conflict, and no second charge",
  family: "payment",
  fields: { ratio: ratio(0.3), forMs: millis(45_000) },
  draw: (stream) => ({ ratio: stream.between(0.1, 0.6), forMs: stream.int(5_000, 120_000) }),
  strike: ({ provider }: PaymentTarget, { ratio, forMs }, stream) =>
    provider.luck.add("slow-provider", {
      receive: () => (stream.chance(ratio) ? { _tag: "Slow", forMs: stream.int(0, forMs) } : undefined)
    })
})

/** 3-D Secure. */
const challenges = (name: string, about: string, owes: string, passed: boolean, isAnswered: boolean) =>
  define({
    name,
    about,
    owes,
    family: "payment",
    fields: { ratio: ratio(0.3), afterMs: millis(300_000) },
    draw: (stream) => ({ ratio: stream.between(0.1, 0.6), afterMs: stream.int(20_000, 1_800_000) }),
    strike: ({ provider }: PaymentTarget, { ratio, afterMs }, stream) =>
      provider.luck.add(name, {
        challenge: () => {
          if (!stream.chance(ratio)) return undefined
          return { passed, afterMs: isAnswered ? stream.int(0, afterMs) : undefined }
        }
      })
  })

export const challengeLeftOpen = challenges(
  "challenge-left-open",
  "A driver who closes the page on which the bank asks for proof.",
  "an end to the attempt after a while, and nothing held",
  false,
  false
)

export const challengeLate = challenges(
  "challenge-late",
  "A driver who looks for his phone and proves to be there minutes later.",
  "nothing held that nobody waits for any more: started, or let go",
  true,
  true
)

export const challengeFailed = challenges(
  "challenge-failed",
  "A driver who cannot prove to be who the bank wants.",
  "no start, and another try with another card",
  false,
  true
)

export const incrementRefused = define({
  name: "increment-refused",
  about: "A bank that holds no more than it holds.",
  owes: "an end to the charge before what is held is used up",
  family: "payment",
  fields: { ratio: ratio(0.5) },
  draw: (stream) => ({ ratio: stream.between(0.2, 1) }),
  strike: ({ provider }: PaymentTarget, parameters, stream) =>
    provider.luck.add("increment-refused", {
      increment: () => (stream.chance(parameters.ratio) ? declined("insufficient_funds") : undefined)
    })
})

export const incrementUnanswered = define({
  name: "increment-timeout",
  about: "A bank that is asked to hold more and says nothing, for as long as anybody asks.",
  owes: "no charging on what was asked for and is not held",
  family: "payment",
  fields: { ratio: ratio(0.5) },
  draw: (stream) => ({ ratio: stream.between(0.2, 1) }),
  strike: ({ provider }: PaymentTarget, parameters, stream) =>
    provider.luck.add("increment-timeout", {
      receive: ({ path }) =>
        path.endsWith("/increment_authorization") && stream.chance(parameters.ratio)
          ? { _tag: "Silent", made: false }
          : undefined
    })
})

export const partialAuthorization = define({
  name: "partial-authorization",
  about: "A prepaid card with less on it than was asked for, whose bank holds what there is.",
  owes: "a charge that ends before the part is used up, or none",
  family: "payment",
  fields: { ratio: ratio(0.5), percent: whole(40, 1, 99) },
  draw: (stream) => ({ ratio: stream.between(0.2, 1), percent: stream.int(5, 95) }),
  strike: ({ provider }: PaymentTarget, { ratio, percent }, stream) =>
    provider.luck.add("partial-authorization", {
      part: (amount) => (stream.chance(ratio) ? Math.max(1, Math.floor((amount * percent) / 100)) : undefined)
    })
})

export const shortAuthorization = define({
  name: "expiring-authorization",
  about: "A card whose bank lets go of what it holds long before a week is over.",
  owes: "a capture before it expires, else another way to what is owed",
  family: "payment",
  fields: { ratio: ratio(0.5), afterMs: millis(1_800_000) },
  draw: (stream) => ({ ratio: stream.between(0.2, 1), afterMs: stream.int(60_000, 14_400_000) }),
  strike: ({ provider }: PaymentTarget, { ratio, afterMs }, stream) =>
    provider.luck.add("expiring-authorization", {
      lifetimeMs: () => (stream.chance(ratio) ? afterMs : undefined)
    })
})

export const disputes = define({
  name: "dispute",
  about: "A holder who tells the bank that this was not him; the bank decides weeks later.",
  owes: "the loss in its own account, the fee too, and no refund beside it",
  family: "payment",
  fields: { ratio: ratio(0.2), afterMs: millis(3_600_000), decidedAfterMs: millis(7_200_000), won: ratio(0.3) },
  draw: (stream) => ({
    ratio: stream.between(0.05, 0.5),
    afterMs: stream.int(60_000, 14_400_000),
    decidedAfterMs: stream.int(60_000, 14_400_000),
    won: stream.next()
  }),
  strike: ({ provider }: PaymentTarget, { ratio, afterMs, decidedAfterMs, won }, stream) =>
    provider.luck.add("dispute", {
      quarrel: () => (stream.chance(ratio) ? { afterMs, decidedAfterMs, won: stream.chance(won) } : undefined)
    })
})

/** A fault of notifications: when the copies of one go out. */
const notices = (
  name: string,
  about: string,
  owes: string,
  copies: (withinMs: number, stream: Stream) => ReadonlyArray<number>
) =>
  define({
    name,
    about,
    owes,
    family: "payment",
    fields: { ratio: ratio(0.3), withinMs: millis(600_000) },
    draw: (stream) => ({ ratio: stream.between(0.1, 1), withinMs: stream.int(1_000, 7_200_000) }),
    strike: ({ provider }: PaymentTarget, { ratio, withinMs }, stream) =>
      provider.luck.add(name, {
        send: () => (stream.chance(ratio) ? copies(withinMs, stream) : undefined)
      })
  })

const twiceWithin = (withinMs: number, stream: Stream) => [stream.int(0, 1_000), stream.int(0, withinMs)]

export const duplicatedNotices = notices(
  "webhook-duplicated",
  "At least once is what is promised.",
  "the effect of one",
  twiceWithin
)

export const lateNotices = notices(
  "webhook-late",
  "A queue at the provider that is behind by an hour.",
  "no step back in a payment that went on since",
  (withinMs, stream) => [stream.int(Math.floor(withinMs / 2), withinMs)]
)

export const reorderedNotices = notices(
  "webhook-reordered",
  "Notifications of one object that overtake each other.",
  "the same end in whatever order they come",
  (withinMs, stream) => [stream.int(0, Math.min(withinMs, 30_000))]
)

export const lostNotices = notices(
  "webhook-lost",
  "An endpoint that was switched off in the dashboard.",
  "the truth by asking for it",
  () => []
)

export const forgedNotices = define({
  name: "webhook-forged",
  about: "Whoever knows the address and would like to charge for nothing.",
  owes: "a refusal, and no effect at all",
  family: "payment",
  fields: { everyMs: millis(60_000), how: oneOf(["any", ...forgeries], "any") },
  draw: (stream) => ({ everyMs: stream.int(1_000, 600_000), how: stream.pick(["any", ...forgeries] as const) }),
  strike: ({ provider, timers }: PaymentTarget, { everyMs, how }, stream) => {
    let stop = (): void => {}
    const next = (): void => {
      stop = timers.after(1 + stream.exponential(everyMs), () => {
        const kind = forgeries.find((one) => one === how) ?? stream.pick(forgeries)
        if (provider.forge(kind, (count) => stream.int(0, Math.max(0, count - 1)))) {
          provider.luck.count("webhook-forged")
        }
        next()
      })
    }
    next()
    return () => stop()
  }
})

export const slowSearch = define({
  name: "slow-search",
  about: "A search whose index is behind: what was just made is not found.",
  owes: "no second charge because the first was not found",
  family: "payment",
  fields: { afterMs: millis(600_000) },
  draw: (stream) => ({ afterMs: stream.int(10_000, 3_600_000) }),
  strike: ({ provider }: PaymentTarget, { afterMs }) =>
    provider.luck.add("slow-search", { indexedAfterMs: () => afterMs })
})

/** Every fault of payments, to be given its parameters. */
export const paymentFaults = Object.freeze({
  softDecline,
  hardDecline,
  absentDeclined,
  silentAndMade,
  silentAndNothing,
  brokenAndMade,
  brokenAndNothing,
  rateLimit,
  slowAnswers,
  challengeLeftOpen,
  challengeLate,
  challengeFailed,
  incrementRefused,
  incrementUnanswered,
  partialAuthorization,
  shortAuthorization,
  disputes,
  duplicatedNotices,
  lateNotices,
  reorderedNotices,
  lostNotices,
  forgedNotices,
  slowSearch
})

/** The same in the order of their names. */
export const paymentCatalogue: ReadonlyArray<Entry<Parameters, PaymentTarget>> = Object.freeze(
  (Object.values(paymentFaults) as unknown as Array<Entry<Parameters, PaymentTarget>>).sort((a, b) =>
    a.name < b.name ? -1 : 1
  )
)
