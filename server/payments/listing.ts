import { Effect } from "effect"
import { type ListedIntent, type PaymentProvider, type Rejected, Unanswered, type Window } from "./Provider.ts"

/** Pages of a provider's list read at the most: of Stripe's, a million intents. */
export const maxListedPages = 10_000

/**
 * Tells every intent that the provider lists of a time, page by page, each once, in whatever order they come. Fails where
 * it does not answer for all of it: what is beyond the bound, or a list that goes round, is never passed over in silence.
 */
export const eachListed = Effect.fnUntraced(function* <R>(
  provider: PaymentProvider["Service"],
  { createdFromMs, createdBeforeMs }: Window,
  tell: (item: ListedIntent) => Effect.Effect<void, never, R>
): Effect.fn.Return<void, Rejected | Unanswered, R> {
  const seen = new Set<string>()
  let cursor: string | undefined
  for (let pages = 0; pages < maxListedPages; pages++) {
    const page = yield* provider.list({ createdFromMs, createdBeforeMs, ...(cursor !== undefined && { cursor }) })
    const fresh = page.items.filter(({ intent }) => !seen.has(intent.id))
    for (const item of fresh) {
      seen.add(item.intent.id)
      yield* tell(item)
    }
    if (page.next === undefined) return
    if (fresh.length === 0) return yield* endless(`page ${pages + 1} has nothing new`)
    cursor = page.next
  }
  return yield* endless(`it has more than ${maxListedPages} pages`)
})

const endless = (what: string) => new Unanswered({ why: "provider-error", message: `the list of intents: ${what}` })
