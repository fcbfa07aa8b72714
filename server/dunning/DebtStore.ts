import { Context, type Effect } from "effect"
import type { Entry } from "#core/billing/Ledger.ts"
import type { Debt, DebtFact, DebtState, DebtTerms } from "#core/dunning/Debt.ts"
import type { DunningPolicy } from "#core/dunning/next.ts"
import type { Invoice } from "#core/invoice/Invoice.ts"
import type { Page, PageRequest } from "../books/Page.ts"
import type { StoreUnavailable } from "../record/Journal.ts"

/** A debt as the store holds it. */
export interface DebtRecord {
  readonly debt: Debt
  /** Facts written so far: who writes the next says how many he has seen. */
  readonly version: number
  /** When somebody must look at it again; null: when something happens. */
  readonly dueAtMs: number | null
  /** Of a charge: which version of its payment it has heard of. */
  readonly toldVersion: number
}

/** Something that is owed: of a payment, or of a driver's wallet. */
export type Owing = Pick<NonNullable<DebtTerms["of"]>, "kind" | "id">

/** What one decision changes: written as a whole or not at all. */
export interface DebtChange {
  /** As it was decided on. */
  readonly record: DebtRecord
  readonly facts: ReadonlyArray<DebtFact>
  readonly entries: ReadonlyArray<Entry>
  readonly dueAtMs: number | null
  /** As before when not given. */
  readonly toldVersion?: number
}

/** What is to be paid, and what became of it. */
export class DebtStore extends Context.Service<
  DebtStore,
  {
    /** The rules; undefined until somebody sets them. */
    readonly policy: Effect.Effect<DunningPolicy | undefined, StoreUnavailable>
    readonly savePolicy: (policy: DunningPolicy) => Effect.Effect<void, StoreUnavailable>
    /** Invoices to drivers that nobody watches yet and that stand, by number. */
    readonly unwatched: (limit: number) => Effect.Effect<ReadonlyArray<Invoice>, StoreUnavailable>
    /** Debts whose invoice was taken back and that do not know it, by number. */
    readonly takenBack: (limit: number) => Effect.Effect<ReadonlyArray<string>, StoreUnavailable>
    /**
     * What drivers owe that no document asks for and that nobody watches yet: charges whose payment is short of their bill, by
     * the payment, and wallets in arrears, by the driver.
     */
    readonly owing: (limit: number) => Effect.Effect<ReadonlyArray<Owing>, StoreUnavailable>
    /** Debts of charges whose payment has changed since they heard of it, and of wallets that owe another amount, by id. */
    readonly moved: (limit: number) => Effect.Effect<ReadonlyArray<string>, StoreUnavailable>
    /** Watches something; what is watched already stays as it is. Of a wallet there is one debt at a time. */
    readonly open: (id: string, terms: DebtTerms, dueAtMs: number) => Effect.Effect<void, StoreUnavailable>
    readonly get: (id: string) => Effect.Effect<DebtRecord | undefined, StoreUnavailable>
    readonly facts: (id: string) => Effect.Effect<ReadonlyArray<DebtFact>, StoreUnavailable>
    /** By id, the last first. */
    readonly list: (
      filter: PageRequest & { readonly driverId?: string; readonly state?: DebtState }
    ) => Effect.Effect<Page<DebtRecord>, StoreUnavailable>
    /** Stale: somebody else has written meanwhile, and nothing of this was. */
    readonly commit: (change: DebtChange) => Effect.Effect<DebtRecord | "Stale", StoreUnavailable>
    /** Debts due, oldest first, each given to one caller alone until `leaseUntilMs`. */
    readonly claim: (
      nowMs: number,
      leaseUntilMs: number,
      limit: number
    ) => Effect.Effect<ReadonlyArray<string>, StoreUnavailable>
  }
>()("server/dunning/DebtStore") {}
