import type { Cdr } from "#core/billing/Cdr.ts"
import type { Entry } from "#core/billing/Ledger.ts"
import type { Driver } from "#core/driver/Driver.ts"
import type { DriverGroup, Membership } from "#core/driver/Group.ts"
import type { Site } from "#core/site/Site.ts"
import type { AnsweredBoot, Connector, Presence, Station, Variable } from "#core/station/Station.ts"
import type { Assignment } from "#core/tariff/assign/Assignment.ts"
import type { TariffVersion } from "#core/tariff/life.ts"
import type { Token } from "#core/token/Token.ts"
import type { ChargeOrder } from "#core/transaction/ChargeOrder.ts"
import type { ApiKey, TariffDraft } from "../directory/Directory.ts"
import type { LabRunRecord } from "../lab/LabRunStore.ts"
import type { OperationRecord } from "../operations/Operation.ts"
import type { StoredFact, TransactionRow } from "../record/Unit.ts"
import { CorrectionShelf } from "./corrections.ts"
import { CredentialShelf } from "./credentials.ts"
import { DebtShelf } from "./debts.ts"
import { InvoiceShelf } from "./InvoiceShelf.ts"
import { PaymentShelf } from "./PaymentShelf.ts"
import { SampleColumn } from "./SampleColumn.ts"
import { SortedKeys } from "./SortedKeys.ts"
import { SubscriptionShelf } from "./subscriptions.ts"
import { WalletShelf } from "./WalletShelf.ts"

/** A transaction as the memory store keeps it. */
export class TransactionShelf {
  row: TransactionRow
  /** Sorted by `seq`. */
  readonly facts: Array<StoredFact> = []
  readonly samples = new SampleColumn()

  constructor(row: TransactionRow) {
    this.row = row
  }
}

/** What the memory store keeps of one station. */
export class StationShelf {
  boot: AnsweredBoot | null = null
  presence: Presence | null = null
  lastSeenAtMs: number | null = null
  readonly connectors = new Map<string, Connector>()
  readonly variables = new Map<string, Variable>()
  /** Ids of its transactions: all, those open or unsettled, and all by EVSE. */
  readonly transactionIds = new SortedKeys()
  readonly live = new Set<string>()
  readonly byEvse = new Map<number, SortedKeys>()
  readonly cdrIds = new SortedKeys()
  /** By EVSE and token. */
  readonly orders = new Map<string, ChargeOrder>()
}

/** A balance in the making. */
export interface Balance {
  readonly account: string
  readonly currency: string
  amountMinor: bigint
}

/**
 * Everything the memory adapters keep. It plays the disk: a simulated server that is restarted gets new layers over the
 * same state, and finds what it had committed.
 */
export class MemoryState {
  readonly epochs = new Map<string, number>()
  readonly stationShelves = new Map<string, StationShelf>()
  readonly transactions = new Map<string, TransactionShelf>()
  readonly transactionIds = new SortedKeys()
  /** Our ids by natural key, see {@link keyOf}. */
  readonly byOcppId = new Map<string, string>()
  readonly byStartKey = new Map<string, string>()
  /** Ids of open transactions by the token they are charged on. */
  readonly openByToken = new Map<string, Set<string>>()
  readonly unsettled = new Set<string>()
  readonly cdrs = new Map<string, Cdr>()
  readonly cdrIds = new SortedKeys()
  /** Credit CDRs by the CDR they take back. */
  readonly credits = new Map<string, string>()
  readonly entries = new Map<string, Entry>()
  readonly entryIds = new SortedKeys()
  /** Entries by what they book. */
  readonly bookedSources = new Map<string, string>()
  readonly balances = new Map<string, Balance>()
  nextNumber = 1

  readonly stations = new Map<string, Station>()
  readonly stationIds = new SortedKeys()
  readonly drivers = new Map<string, Driver>()
  readonly driverIds = new SortedKeys()
  readonly groups = new Map<string, DriverGroup>()
  readonly groupIds = new SortedKeys()
  /** By driver. */
  readonly memberships = new Map<string, ReadonlyArray<Membership>>()
  readonly tokens = new Map<string, Token>()
  readonly tokenUids = new SortedKeys()
  readonly sites = new Map<string, Site>()
  readonly siteIds = new SortedKeys()
  readonly tariffs = new Map<string, Array<TariffVersion>>()
  readonly tariffIds = new SortedKeys()
  readonly tariffDrafts = new Map<string, TariffDraft>()
  readonly tariffDraftIds = new SortedKeys()
  /** By slot, in the order of their instants. */
  readonly assignments = new Map<string, ReadonlyArray<Assignment>>()
  readonly slotKeys = new SortedKeys()
  /** Slots by station, by site, and those of the network. */
  readonly slotsAt = new Map<string, SortedKeys>()
  readonly apiKeys = new Map<string, ApiKey>()

  readonly paymentShelf = new PaymentShelf()
  readonly credentialShelf = new CredentialShelf()
  readonly subscriptionShelf = new SubscriptionShelf()
  readonly debtShelf = new DebtShelf()

  readonly walletShelf = new WalletShelf()

  readonly operations = new Map<string, OperationRecord>()
  readonly operationIds = new Map<string, SortedKeys>()
  readonly undone = new Set<string>()

  readonly invoicing = new InvoiceShelf()
  readonly correctionShelf = new CorrectionShelf()

  readonly labRuns = new Map<string, { readonly run: LabRunRecord; readonly leaseUntilMs: number }>()
  readonly labRunIds = new SortedKeys()
  readonly labReports = new Map<string, string>()

  private lastId = ""
  private lastShelf: TransactionShelf | undefined

  /** A transaction's shelf. A commit asks for one and the same again and again. */
  transaction(id: string): TransactionShelf | undefined {
    if (this.lastShelf !== undefined && this.lastId === id) return this.lastShelf
    const shelf = this.transactions.get(id)
    this.lastId = id
    this.lastShelf = shelf
    return shelf
  }

  /** The station's shelf, made when there is none. */
  shelfOf(stationId: string): StationShelf {
    let shelf = this.stationShelves.get(stationId)
    if (shelf === undefined) {
      shelf = new StationShelf()
      this.stationShelves.set(stationId, shelf)
    }
    return shelf
  }
}

/** One key of a station's own id for something; no id holds a NUL. */
export const keyOf = (stationId: string, key: string): string => `${stationId}\0${key}`
