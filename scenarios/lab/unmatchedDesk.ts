import { Effect } from "effect"
import type { Unmatched } from "#core/payment/Unmatched.ts"
import { PaymentDesk } from "#server/payments/Desk.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import type { Wish } from "#server/payments/resolve.ts"
import type { Within } from "./phone.ts"

/** How often the desk looks at what could not be matched. */
export const lookEveryMs = 45 * 60_000
/** More than a run of this kind has. */
const listed = 500

/** What the desk was told of a decision; nothing when nobody answered. */
export type Told =
  | { readonly _tag: "Done"; readonly resolutions: string }
  | { readonly _tag: "Refused"; readonly why: string }
  | undefined

/** Tells what stands on the list; nothing of it while nobody answers. */
export const lookAtItems = (within: Within, answer: (items: ReadonlyArray<Unmatched>) => void): void => {
  let found: ReadonlyArray<Unmatched> = []
  const looking = Effect.gen(function* () {
    found = yield* (yield* PaymentStore).unmatched(listed)
    return true
  }).pipe(Effect.catchTag("StoreUnavailable", () => Effect.succeed(false)))
  within(looking, (isTold) => answer(isTold ? found : []))
}

/** Has an item resolved as the desk decided. */
export const askToResolve = (
  within: Within,
  itemId: string,
  { action, paymentId }: Pick<Wish, "action" | "paymentId">,
  answer: (told: Told) => void
): void => {
  let told: Told
  within(
    Effect.gen(function* () {
      const { open } = yield* PaymentDesk
      if (open === undefined) return false
      told = yield* open.resolve(itemId, { action, paymentId, reason: "as the file says", by: "desk" }).pipe(
        Effect.map(({ resolutions }): Told => ({ _tag: "Done", resolutions: textOf(resolutions) })),
        Effect.catchTags({
          NotResolvable: ({ why }) => Effect.succeed<Told>({ _tag: "Refused", why }),
          NotFound: () => Effect.succeed<Told>({ _tag: "Refused", why: "not found" })
        })
      )
      return true
    }).pipe(Effect.catch(() => Effect.succeed(false))),
    () => answer(told)
  )
}

const textOf = (data: unknown): string =>
  JSON.stringify(data, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value))
