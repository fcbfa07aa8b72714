import { Context, type Effect } from "effect"
import type { Budget, BudgetPeriod, BudgetState } from "#core/wallet/Budget.ts"
import type { Charge } from "#core/wallet/Charge.ts"
import type { Claim } from "#core/wallet/Claim.ts"
import type { Reservation, ReservePolicy, Share, Start } from "#core/wallet/reserve.ts"
import type { Cause, Movement, Wallet } from "#core/wallet/Wallet.ts"
import type { Page, PageRequest } from "../books/Page.ts"
import type { AlreadyExists, NotFound } from "../directory/Directory.ts"
import type { StoreUnavailable } from "../record/Journal.ts"

/** What was decided of a start, and what is kept of it. */
export interface Reserved {
  readonly charge: Charge
  /** Why it was refused; null when it was not. */
  readonly why: string | null
}

/**
 * How a movement ended. `Repeated`: the same was moved before, and nothing more happens. `Short`: it would take more than
 * is free. `Contradicted`: another was moved under that name.
 */
export type Moved = "Moved" | "Repeated" | "Short" | "Contradicted"

/**
 * Wallets, budgets and the charges bounded by them. Each decision is one transaction over the rows that bound it: two
 * starts on one wallet, on whatever nodes, never set aside the same money. The bills of charges come with the journal's
 * commit (`Unit.debits`).
 */
export class WalletStore extends Context.Service<
  WalletStore,
  {
    /** A new wallet, empty. */
    readonly open: (
      terms: Pick<Wallet, "driverId" | "currency" | "creditLineMinor" | "openedAtMs">
    ) => Effect.Effect<void, AlreadyExists | NotFound | StoreUnavailable>
    /** False: what is used of the credit, or held, does not allow it. What it makes free pays arrears. */
    readonly setCreditLine: (
      driverId: string,
      creditLineMinor: bigint,
      atMs: number
    ) => Effect.Effect<boolean, NotFound | StoreUnavailable>
    readonly get: (driverId: string) => Effect.Effect<Wallet | undefined, StoreUnavailable>
    /** By driver. */
    readonly list: (page: PageRequest) => Effect.Effect<Page<Wallet>, StoreUnavailable>
    /** Newest first; the cursor is a movement's number. */
    readonly movements: (driverId: string, page: PageRequest) => Effect.Effect<Page<Movement>, StoreUnavailable>
    /**
     * Money in or out that no charge asks for, booked in the same transaction; what comes in pays arrears first. `provider`
     * is who took a top-up.
     */
    readonly move: (
      driverId: string,
      cause: Cause,
      provider: string | null
    ) => Effect.Effect<Moved, NotFound | StoreUnavailable>

    /** What the driver owes beside his charges: paid from what is free, and the rest is arrears. Once for each source. */
    readonly claim: (
      driverId: string,
      claim: Pick<Claim, "sourceId" | "owedMinor" | "reason" | "atMs">
    ) => Effect.Effect<void, StoreUnavailable>
    /** What would be answered to a start now; sets nothing aside. */
    readonly peek: (
      start: Pick<Start, "tokenUid" | "driverId" | "currency" | "startedAtMs">,
      policy: ReservePolicy
    ) => Effect.Effect<Reservation, StoreUnavailable>
    /** Decides a start and sets aside what it may use; told again it is what it was. */
    readonly reserve: (start: Start, policy: ReservePolicy, atMs: number) => Effect.Effect<Reserved, StoreUnavailable>
    /** Sets more aside for a charge that runs, as much as there is; undefined when it does not run. */
    readonly raise: (key: string, wanted: Share, atMs: number) => Effect.Effect<Charge | undefined, StoreUnavailable>
    readonly charge: (key: string) => Effect.Effect<Charge | undefined, StoreUnavailable>
    /** All of a token that began in that while, by start and key. */
    readonly charges: (
      tokenUid: string,
      fromMs: number,
      untilMs: number
    ) => Effect.Effect<ReadonlyArray<Charge>, StoreUnavailable>
    /**
     * Lets go what was set aside before that instant for starts of which the books know nothing, since the server died
     * between the two, or for charges that are over: told late, to a node that was fenced off. How many. What is free then
     * pays arrears.
     */
    readonly release: (beforeMs: number, limit: number) => Effect.Effect<number, StoreUnavailable>
    /** Whether any charge runs for which something is set aside. */
    readonly isInUse: Effect.Effect<boolean, StoreUnavailable>

    /** Replaces the token's budget of that period. */
    readonly putBudget: (budget: Budget) => Effect.Effect<void, NotFound | StoreUnavailable>
    readonly removeBudget: (tokenUid: string, period: BudgetPeriod) => Effect.Effect<void, NotFound | StoreUnavailable>
    /** A token's budgets with their use at an instant, by period. */
    readonly budgets: (tokenUid: string, atMs: number) => Effect.Effect<ReadonlyArray<BudgetState>, StoreUnavailable>
  }
>()("server/wallet/WalletStore") {}
