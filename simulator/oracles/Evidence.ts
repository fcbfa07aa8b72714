import type { AuditResult } from "#core/audit/Audit.ts"
import type { CostRow } from "#core/transaction/localCost.ts"

/**
 * What an oracle may see of a CMS, as plain data: ours out of its books, another's out of whatever it lets us look into.
 * A part that is null cannot be seen; what depends on it is then NOT VERIFIABLE, never assumed.
 */
export interface Evidence {
  readonly transactions: ReadonlyArray<BookedTransaction> | null
  /** Those of one transaction in the order in which they were issued. */
  readonly cdrs: ReadonlyArray<BookedCdr> | null
  readonly entries: ReadonlyArray<BookedEntry> | null
  readonly connectors: ReadonlyArray<BookedConnector> | null
  /** Absent where the CMS takes no payments. */
  readonly payments?: ReadonlyArray<BookedPayment> | null
  /** Absent where the CMS keeps none. */
  readonly wallets?: ReadonlyArray<BookedWallet> | null
  /** Documents, by number; absent where the CMS issues none. */
  readonly invoices?: ReadonlyArray<BookedInvoice> | null
  /** What is asked of documents that are to be paid; absent where the CMS asks nothing. */
  readonly debts?: ReadonlyArray<BookedDebt> | null
  /** What is asked of charges short of their bill and of wallets in arrears; absent where the CMS asks nothing. */
  readonly owing?: ReadonlyArray<BookedOwing> | null
  /** What the CMS's own audit of its books says; absent where it has none. */
  readonly audit?: ReadonlyArray<AuditResult>
}

/** A transaction as the CMS has it. Instants are the station's own, as reported. */
export interface BookedTransaction {
  readonly id: string
  readonly stationId: string
  /** The id on the wire. */
  readonly ocppId: string
  /** Null where the CMS does not tell. */
  readonly evseId: number | null
  readonly connectorId: number | null
  readonly status: "Open" | "Ended" | "Closed"
  readonly startedAtMs: number | null
  readonly endedAtMs: number | null
  readonly tokenUid: string | null
  /** The CMS's answer to the token, by the names of 2.x; null when none was presented. */
  readonly authorization: string | null
  /** Null where the CMS tells none, or in words of its own. */
  readonly findings: ReadonlyArray<string> | null
  /** What the CMS says of a station's own cost that is not the bill; absent where it says nothing of the sort. */
  readonly costMismatch?: { readonly text: string; readonly costs: ReadonlyArray<CostRow> }
  /** True once it will not be priced any more: a CDR was issued, or nothing is owed. */
  readonly settled: boolean
  readonly readings: BookedReadings | null
}

/** The readings kept of a transaction. */
export interface BookedReadings {
  readonly count: number
  /** Whole Wh; null when no reading carried a register. */
  readonly lowestWh: number | null
  readonly highestWh: number | null
}

/** A CDR; of a credit the money is negative and the quantities are those of the CDR it takes back. */
export interface BookedCdr {
  readonly id: string
  readonly transactionId: string
  readonly stationId: string
  readonly startAtMs: number
  readonly endAtMs: number
  readonly currency: string
  readonly energyWh: number
  readonly durationMs: number
  readonly parkingMs: number
  /** Minor units. */
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly grossMinor: bigint
  readonly credit: boolean
  /** What a subscription takes off; absent where none does. */
  readonly included?: { readonly subscriptionId: string; readonly energyMilliWh: number; readonly chargingMs: number }
  /** Absent where the CMS does not tell. */
  readonly issuedAtMs?: number
}

/** A booking in the ledger; debits positive, minor units. */
export interface BookedEntry {
  readonly id: string
  /** What kind of document it was made for; a CDR when not given. */
  readonly sourceKind?: string
  /** The document it was made for. */
  readonly sourceId: string
  readonly currency: string
  readonly postings: ReadonlyArray<{ readonly account: string; readonly amountMinor: bigint }>
}

/** A payment as the CMS has it: one per session and payer. Money in minor units, none of it negative. */
export interface BookedPayment {
  readonly id: string
  /** The session that it pays for; null where none began. */
  readonly transactionId: string | null
  /** The document that it pays for, instead of a session. */
  readonly invoiceId?: string
  readonly currency: string
  /** Where it stands, in the CMS's own word. */
  readonly state: string
  /** False while the end of a call is not known, or one is under way. */
  readonly isAtRest: boolean
  /** What the session comes to; null while nobody knows. */
  readonly owedMinor: bigint | null
  readonly writtenOffMinor: bigint
  /** Still to be had from the driver. */
  readonly residualMinor: bigint
  /** Given back out of goodwill. */
  readonly goodwillMinor: bigint
  /** Of it, and of what a bank took back, what is no longer owed. None when not told. */
  readonly setOffMinor?: bigint
  /** Of reminders, owed beside what the session comes to; and what came, and was given up, elsewhere. None when not told. */
  readonly feesMinor?: bigint
  readonly elsewhereMinor?: bigint
  readonly givenUpMinor?: bigint
  /** Whether its payer is known by name. */
  readonly hasDriver?: boolean
  /** Of one into a wallet: whose, and how much was wanted; absent of others. */
  readonly topUp?: { readonly driverId: string; readonly askedMinor: bigint }
  readonly intents: ReadonlyArray<BookedIntent>
}

/** Money that a driver paid ahead, as the CMS has it; minor units. */
export interface BookedWallet {
  readonly driverId: string
  readonly currency: string
  readonly balanceMinor: bigint
  /** Set aside for charges that run. */
  readonly heldMinor: bigint
  /** Billed, and not paid yet. */
  readonly arrearsMinor: bigint
  /** In the order in which they happened. */
  readonly movements: ReadonlyArray<{
    readonly kind: string
    /** In positive, out negative. */
    readonly amountMinor: bigint
    readonly balanceMinor: bigint
    readonly sourceId: string
    /** The charge that it pays for; null of what people move. */
    readonly transactionId: string | null
  }>
}

/** A document as it was issued. Money in minor units; that of a credit note is given back. */
export interface BookedInvoice {
  readonly id: string
  readonly kind: "invoice" | "receipt" | "credit-note"
  readonly series: string
  /** Within its series. */
  readonly sequence: number
  readonly issuedAtMs: number
  /** Local days. */
  readonly issueDate: string
  readonly dueDate: string | null
  readonly driverId: string | null
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly payableMinor: bigint
  /** The document that it takes back. */
  readonly creditsId: string | null
  /** The bills of sessions on it; of a credit note those that it takes back. */
  readonly cdrIds: ReadonlyArray<string>
  readonly taxes: ReadonlyArray<{
    readonly ratePercent: string
    readonly netMinor: bigint
    readonly taxMinor: bigint
  }>
  /** Of the fees on it; sessions are not among them. */
  readonly fees: ReadonlyArray<{
    /** Of which subscription, as far as its number tells. */
    readonly itemId: string
    readonly text: string
    /** Both inclusive. */
    readonly fromDay: string
    readonly toDay: string
    /** Tax included, in major units, as it is printed. */
    readonly price: string
    readonly netMinor: bigint
    readonly ratePercent: string
  }>
}

/** What is asked of a document, and what became of it; minor units. */
export interface BookedDebt {
  readonly invoiceId: string
  readonly driverId: string
  readonly amountMinor: bigint
  readonly dueDate: string
  /** What the CMS knows of. */
  readonly paidByCardMinor: bigint
  readonly transferredMinor: bigint
  readonly writtenOffMinor: bigint
  readonly openMinor: bigint
  readonly isCredited: boolean
  /** In the order in which they were taken. */
  readonly steps: ReadonlyArray<{
    readonly do: "reminder" | "suspension" | "collection"
    /** Of a reminder, from 1; 0 else. */
    readonly level: number
    readonly feeMinor: bigint
    /** When the fee was taken back; absent: never. */
    readonly waivedAtMs?: number
    readonly atMs: number
  }>
}

/** The same of what a charge or a wallet owes, under an id of its own. */
export interface BookedOwing extends BookedDebt {
  /** A payment by its id, or a wallet by its driver. */
  readonly of: { readonly kind: "charge" | "wallet"; readonly id: string }
  /** When the CMS last learnt of money for it; 0: never. */
  readonly toldAtMs: number
}

/** What the CMS believes of one of the provider's intents. */
export interface BookedIntent {
  readonly id: string
  readonly authorizedMinor: bigint
  /** Before refunds. */
  readonly capturedMinor: bigint
  readonly refundedMinor: bigint
  /** Lost to disputes that were not won. */
  readonly disputedMinor: bigint
  /** Of it, what a bank has not decided yet. None when not told. */
  readonly undecidedMinor?: bigint
}

/** A connector's status as the CMS shows it. 1.6 connector n is EVSE n, connector 1. */
export interface BookedConnector {
  readonly stationId: string
  readonly evseId: number
  readonly connectorId: number
  readonly status: string
}

/** A CMS that cannot be looked into. */
export const nothingVisible: Evidence = { transactions: null, cdrs: null, entries: null, connectors: null }
